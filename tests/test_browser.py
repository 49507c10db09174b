"""The lessons and their sliders in a real JupyterLab in a real browser.

A screenshot of each explorer is kept in the folder COURSE_ARTEFACTS, by default in pytest's own.
"""

import functools
import json
import os
import re
from pathlib import Path

import nbformat
import pytest
from front_ends import CHROMIUM, FLAGS, ROOT, JupyterLab, copy_course

from helpers.authoring import execute

LESSONS = ["01_loss_curves", "03_dropout", "05_callbacks"]

# What an explorer shows: its words, and its pictures' addresses, which are new with each picture.
SEEN = """cell => {
    const all = selector => Array.from(cell.querySelectorAll(selector));
    const pictures = all('img.widget-image');
    return {
        count: pictures.length,
        drawn: pictures.every(picture => picture.complete && picture.naturalWidth > 0),
        pictures: pictures.map(picture => picture.src).join(' '),
        words: all('.widget-html-content').map(words => words.textContent).join(' '),
        busy: all('button.mod-primary:disabled').length > 0,
    };
}"""
COUNT_PICTURES = """cell => {
    window.pictures = 0;
    new MutationObserver(changes => { window.pictures += changes.length; })
        .observe(cell, {subtree: true, attributeFilter: ['src']});
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


def run_all(browser, lab, lesson):
    """The lesson's page after Run All."""
    front_end = JupyterLab(browser)
    front_end.address = lab
    front_end.open(f"notebooks/{lesson}.ipynb", viewport={"width": 1400, "height": 1200})
    front_end.run_all()
    return front_end.page


def cell_of(page, lesson, cell_id):
    """The cell of a lesson's page that has this id in the lesson's file."""
    notebook = json.loads((ROOT / "notebooks" / f"{lesson}.ipynb").read_text())
    ids = [cell["id"] for cell in notebook["cells"]]
    return page.locator(".jp-Notebook .jp-Cell").nth(ids.index(cell_id))


def focus_slider(explorer):
    """Give an explorer's first slider the keyboard."""
    handle = explorer.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    handle.focus()


def come_to_rest(page, explorer):
    """Wait until an explorer shows the same for half a second; return what is seen."""
    seen = None
    while seen != (now := explorer.evaluate(SEEN)) or now["busy"]:
        seen = now
        page.wait_for_timeout(500)
    return seen


def wait_for_news(page, explorer, before):
    """Wait until picture and words differ from `before` and come to rest; return what is seen."""
    differs = f"""([cell, before]) => {{
        const now = ({SEEN})(cell);
        return now.drawn && !now.busy
            && now.pictures !== before.pictures && now.words !== before.words;
    }}"""
    page.wait_for_function(differs, arg=[explorer.element_handle(), before], timeout=120_000)
    return come_to_rest(page, explorer)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that serves a copy of the course, in a folder "a lesson"."""
    copy = tmp_path_factory.mktemp("a course") / "한국어 수업"
    copy_course(copy)
    with JupyterLab(None).serving(copy, tmp_path_factory.mktemp("settings")) as front_end:
        yield front_end.address


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lesson(browser, lab):
    """A function from a lesson's name to its page after Run All; each lesson runs once."""
    return functools.cache(lambda name: run_all(browser, lab, name))


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory):
    folder = Path(os.environ.get("COURSE_ARTEFACTS") or tmp_path_factory.mktemp("artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs(lesson, name):
    page = lesson(name)
    errors = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    assert errors.count() == 0, errors.first.text_content()
    red = page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
    assert red.count() == 0, red.first.text_content()
    assert page.locator(".jp-OutputArea-output img").count() >= 3


def test_a_live_plot_is_one_picture(lesson):
    page = lesson("01_loss_curves")
    cell = page.locator(".jp-CodeCell").filter(has_text="callbacks=[LivePlot()]")
    assert cell.count() == 1
    assert cell.locator(".jp-OutputArea-output img").count() == 1


def menu_entries():
    """What lessons and the page for teachers call **Menu → Entry**, or deeper."""
    texts = [(ROOT / "notebooks" / "README.md").read_text("utf-8")]
    for path in execute.lessons(ROOT):
        notebook = nbformat.read(path, 4)
        texts += [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    found = {way for text in texts for way in re.findall(r"\*\*(\w+ → [^*]+)\*\*", text)}
    return sorted(tuple(way.split(" → ")) for way in found)


@pytest.mark.parametrize("way", menu_entries(), ids=" → ".join)
def test_a_menu_that_is_named_is_there(lesson, way):
    page = lesson("01_loss_curves")
    menu, *entries = way
    page.get_by_role("menuitem", name=menu, exact=True).click()
    for entry in entries:
        begins_so = re.compile(rf"^{re.escape(entry)}")
        page.locator(".lm-Menu-itemLabel").filter(has_text=begins_so).first.hover(timeout=10_000)
    for _ in way:
        page.keyboard.press("Escape")


ARROWS = ("ArrowRight", "ArrowLeft", "ArrowRight")
ENDS = ("End", "Home", "End")  # of a run so long that one epoch is less than a pixel


@pytest.mark.parametrize(
    ("name", "cell_id", "keys"),
    [
        ("01_loss_curves", "learning-rate-explorer", ARROWS),
        ("03_dropout", "dropout-explorer", ARROWS),
        ("03_dropout", "neuron-explorer", ARROWS),
        ("05_callbacks", "patience-explorer", ARROWS),
        ("05_callbacks", "patience-explorer-small", ENDS),
        ("05_callbacks", "patience-explorer-wine", ENDS),
    ],
)
def test_a_key_moves_picture_and_words(lesson, artefacts, name, cell_id, keys):
    page = lesson(name)
    explorer = cell_of(page, name, cell_id)
    seen = [explorer.evaluate(SEEN)]
    assert seen[0]["count"] > 0, "there is no picture"
    for key in keys:
        focus_slider(explorer)
        page.keyboard.press(key)
        seen.append(wait_for_news(page, explorer, seen[-1]))
    assert seen[3]["words"] == seen[1]["words"], "the same place must say the same"
    assert seen[3]["count"] == seen[0]["count"], "pictures must not pile up"
    assert explorer.locator("[role=alert]").count() == 0
    explorer.screenshot(path=artefacts / f"{cell_id}.png")


@pytest.mark.parametrize(
    ("name", "cell_id"),
    [("01_loss_curves", "learning-rate-explorer"), ("03_dropout", "dropout-explorer")],
)
def test_the_button_trains_and_draws_epoch_by_epoch(lesson, artefacts, name, cell_id):
    page = lesson(name)
    explorer = cell_of(page, name, cell_id)
    if cell_id == "dropout-explorer":
        explorer.get_by_label("epochs").select_option("5")
        explorer.get_by_label("training images").select_option("1,000")
    before = come_to_rest(page, explorer)
    explorer.evaluate(COUNT_PICTURES)
    explorer.get_by_role("button", name="Train").click()
    page.wait_for_function("window.pictures >= 5", timeout=120_000)
    after = come_to_rest(page, explorer)
    assert after["words"].strip() and after["count"] == before["count"]
    assert explorer.locator("[role=alert]").count() == 0
    explorer.screenshot(path=artefacts / f"{cell_id}-trained.png")
