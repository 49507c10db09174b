"""Lessons as slides and as a printed page."""

import re
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter, SlidesExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from helpers.authoring import execute
from helpers.authoring.slides import LINES, set_slide_types, slide_types, wrong_slide_types
from helpers.explorers.still import SENTENCE

ROOT = Path(__file__).resolve().parent.parent
LESSONS = execute.lessons(ROOT)
PICTURE = new_output("display_data", data={"image/png": "iVBORw0KGgo="})


def code(cell_id, lines=1, *outputs, tags=()):
    source = "\n".join(["x = 1"] * lines)
    metadata = {"tags": list(tags)}
    return new_code_cell(source, id=cell_id, outputs=list(outputs), metadata=metadata)


def text(cell_id, source="Some words."):
    return new_markdown_cell(source, id=cell_id)


def test_a_heading_begins_a_slide():
    cells = [text("title", "# 01 · A title"), text("a", "## One"), text("b"), text("c", "## Two")]
    assert slide_types(cells) == ["slide", "slide", "-", "slide"]
    assert slide_types([*cells, text("d", "### Part")])[-1] == "subslide"


def test_what_no_longer_fits_goes_on_below():
    cells = [text("a", "## One"), code("b", LINES - 1), code("c"), code("d", LINES + 9), code("e")]
    assert slide_types(cells) == ["slide", "-", "subslide", "subslide", "subslide"]


def test_pictures_and_tables_take_room():
    table = new_output("execute_result", data={"text/html": "<tr>" * 20, "text/plain": "x"})
    cells = [text("a", "## One"), code("b", 4, PICTURE), code("c", 4, PICTURE), code("d", 5, table)]
    assert slide_types(cells) == ["slide", "-", "subslide", "subslide"]


def test_what_serves_only_a_run_is_left_out():
    cells = [
        text("title", "# 01 · A title"),
        code("set-up"),
        code("imports"),
        code("check-a", tags=["claim"]),
        code("dropout-explorer"),
        code("shown"),
        text("next", "Next: 02"),
    ]
    assert slide_types(cells) == ["slide", *["skip"] * 4, "-", "skip"]


def test_slide_types_are_stored_and_wrong_ones_are_named():
    cells = [text("title", "# 01 · A title"), code("a"), code("b")]
    assert wrong_slide_types(cells) == [
        f"slide type of cell {name}" for name in ("title", "a", "b")
    ]
    set_slide_types(cells)
    assert [cell.metadata.slideshow.slide_type for cell in cells] == slide_types(cells)
    assert wrong_slide_types(cells) == []
    cells[1].metadata.slideshow.slide_type = "slide"
    assert wrong_slide_types(cells) == ["slide type of cell a"]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_lesson_has_its_slides_stored(path):
    assert wrong_slide_types(nbformat.read(path, 4).cells) == []


def outputs(notebook, left_out=()):
    return [
        output.get("data", {})
        for cell in notebook.cells
        if cell.metadata.slideshow.slide_type not in left_out
        for output in cell.get("outputs", [])
    ]


def pictures(notebook, left_out=()):
    """How many pictures its outputs hold: plots, and the stills that stand in for sliders."""
    return sum(
        ("image/png" in data) + data.get("text/html", "").count("<img ")
        for data in outputs(notebook, left_out)
    )


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    ("exporter", "left_out"),
    [(HTMLExporter, ()), (SlidesExporter, ("skip",))],
    ids=["page", "deck"],
)
def test_every_picture_is_shown(path, exporter, left_out):
    notebook = nbformat.read(path, 4)
    page, _ = exporter().from_notebook_node(notebook)
    shown = re.findall(r'<img[^>]*src="data:image/png;base64,[A-Za-z0-9+/=\s]{100,}"', page)
    assert len(shown) == pictures(notebook, left_out)


def test_every_lesson_has_a_picture():
    assert all(pictures(nbformat.read(path, 4)) for path in LESSONS)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_printed_page_shows_each_slider_as_a_still_picture(path):
    notebook = nbformat.read(path, 4)
    explorers = [cell for cell in notebook.cells if "-explorer" in cell["id"]]
    page, _ = HTMLExporter().from_notebook_node(notebook)
    stills = re.findall(
        rf'<p>{re.escape(SENTENCE)}</p><img alt="[^"]{{40,}}" '
        r'src="data:image/png;base64,[A-Za-z0-9+/=]{1000,}"',
        page,
    )
    assert len(stills) == len(explorers)
    assert "Explorer(children=" not in page


def test_a_deck_leaves_the_sliders_out():
    for path in LESSONS:
        deck, _ = SlidesExporter().from_notebook_node(nbformat.read(path, 4))
        assert SENTENCE not in deck


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_deck_has_slides_of_one_idea(path):
    notebook = nbformat.read(path, 4)
    deck, _ = SlidesExporter().from_notebook_node(notebook)
    headings = sum(cell.source.startswith(("# ", "## ")) for cell in notebook.cells)
    types = [cell.metadata.slideshow.slide_type for cell in notebook.cells]
    assert deck.count("<section>") == 2 * headings + types.count("subslide")
    assert types[0] == "slide"
    assert "getstatusoutput" not in deck and "sys.path" not in deck
