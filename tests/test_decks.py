"""Decks of slides, in a browser that has no internet."""

import base64
import io

import pytest
from front_ends import CHROMIUM
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from walking import walk

from helpers.authoring.decks import write_decks

ASKED = "<b>Predict.</b> Will it rise?<ul><li>It rises</li><li>It falls</li></ul>"
TOLD = "<b>It came out: It rises.</b>"

in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


def picture():
    file = io.BytesIO()
    Figure(figsize=(9, 7)).savefig(file, format="png")
    png = base64.b64encode(file.getvalue()).decode()
    return new_output("display_data", data={"image/png": png})


def shown(html):
    return new_output("display_data", data={"text/html": html, "text/plain": "plain"})


def code(cell_id, source, *outputs, **metadata):
    return new_code_cell(source, id=cell_id, outputs=list(outputs), metadata=metadata)


def text(cell_id, source):
    return new_markdown_cell(source, id=cell_id)


def lesson():
    """A lesson as it is after a run."""
    return new_notebook(
        cells=[
            text("title", "# 01 · A title"),
            code("set-up", "import os", shown("the set-up")),
            code("check-it", "assert True, 'it'", tags=["claim"]),
            text("rising", "## Rising"),
            code("predict-rise", "rise = predict('rise')", shown(ASKED), tags=["remove-input"]),
            code("draw", "plt.plot(x)", picture(), mystnb={"image": {"alt": 'one < "two"'}}),
            code("reveal-rise", "rise.reveal('rises')", shown(TOLD)),
            text("long", "## Long\n\n" + "\n".join(f"- point {i}" for i in range(40))),
            code("wide", f"x = '{'long ' * 40}'"),
            code("rise-explorer", "RiseExplorer()", shown("a slider")),
            text("next", "Next"),
        ]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    written = tmp_path_factory.mktemp("decks") / "for a class"
    write_decks({"01_a_title": lesson()}, written)
    return written


@in_a_browser
def test_a_picture_keeps_its_words(folder, browser):
    page = browser.new_page()
    page.goto((folder / "01_a_title.html").as_uri())
    words = "pictures => pictures.map(picture => picture.alt)"
    assert page.locator("img").evaluate_all(words) == ['one < "two"']
    page.close()


@in_a_browser
def test_a_slide_fits_and_a_question_stands_without_its_answer(folder, browser):
    seen = [slide["words"] for slide in walk(browser, folder / "01_a_title.html")]
    assert len(seen) == 5
    (asked,) = (words for words in seen if "Will it rise?" in words)
    assert "Rising" in asked.title() and "It falls" in asked
    assert "came out" not in asked and "predict(" not in asked
    (told,) = (words for words in seen if "It came out" in words)
    assert seen.index(asked) < seen.index(told)
    assert "point 39" in seen[3] and "long long" in seen[4]


@in_a_browser
def test_what_serves_only_a_run_is_left_out(folder, browser):
    seen = "".join(slide["words"] for slide in walk(browser, folder / "01_a_title.html"))
    assert not [words for words in ("set-up", "assert", "slider", "Next") if words in seen]
