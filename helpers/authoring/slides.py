"""Which cells of a lesson begin a slide, as nbconvert and JupyterLab understand it.

A heading begins a slide; what no longer fits goes on below it, and a cell's code and picture stay
together. A question ends its slide, so that its answer is never beside it. What serves only who
runs the lesson is left out: set-up, checks, and sliders, which need a kernel.
"""

import re

from nbformat import NotebookNode

from .cells import is_explorer, is_folded, is_question

LINES = 20  # that a slide holds
WIDTH = 75  # characters in a line
PICTURE = 15  # lines high
SKETCHES = 7


def slide_types(cells: list[NotebookNode]) -> list[str]:
    """The slide type of each cell of a lesson that was run: slide, subslide, - or skip."""
    types, room = [], 0
    for cell in cells:
        if _serves_only_a_run(cell):
            types.append("skip")
            continue
        height = _height(cell)
        if cell.cell_type == "markdown" and cell.source.startswith(("# ", "## ")):
            types.append("slide")
            room = LINES - height
        elif height <= room and not cell.source.startswith("### "):
            types.append("-")
            room -= height
        else:
            types.append("subslide")
            room = LINES - height
        if is_question(cell):
            room = -1  # nothing goes beside a question
    return types


def _serves_only_a_run(cell: NotebookNode) -> bool:
    if cell.cell_type != "code":
        return cell.get("id") == "next"
    return is_folded(cell) or is_explorer(cell) or cell.get("id") == "imports"


def _height(cell: NotebookNode) -> int:
    """About how many lines a cell takes on a slide."""
    texts = [] if is_question(cell) else [cell.source]
    pictures = 0
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if "image/png" in data:
            pictures += 1
        elif "text/html" in data:
            texts.append("\n" * _lines_of(data["text/html"]))
        else:
            texts.append(output.get("text") or data.get("text/plain", ""))
    lines = [line for text in texts for line in text.splitlines()]
    return pictures * PICTURE + sum(1 + len(line) // WIDTH for line in lines)


def _lines_of(html: str) -> int:
    """About how many lines a table takes on a slide, or what is told of a prediction."""
    if rows := html.count("<tr"):
        return rows
    words = re.sub(r"<[^>]*>", "", html)
    return 1 + len(words) // WIDTH + html.count("<li") + SKETCHES * html.count("<img")
