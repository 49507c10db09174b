"""Which cells of a lesson begin a slide."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from helpers.authoring.slides import LINES, slide_types

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


def test_a_question_ends_its_slide():
    cells = [
        text("a", "## One"),
        code("predict-rise"),
        code("predict-fall"),
        code("check-a", tags=["claim"]),
        code("train"),
        code("reveal-rise"),
        code("predict-last"),
        text("look"),
    ]
    shown = ["slide", "-", "subslide", "skip", "subslide", "-", "-", "subslide"]
    assert slide_types(cells) == shown


def test_what_serves_only_a_run_is_left_out():
    cells = [
        text("title", "# 01 · A title"),
        code("set-up"),
        code("imports"),
        code("check-a", tags=["claim"]),
        code("dropout-explorer"),
        code("predict-dropout-explorer"),
        text("next", "Next: 02"),
    ]
    assert slide_types(cells) == ["slide", *["skip"] * 4, "-", "skip"]
