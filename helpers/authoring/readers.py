"""What becomes of a lesson that was run, for those who read it where no kernel is."""

import re

from nbformat import NotebookNode

from ..explorers.still import SENTENCE as STALE
from ..practice.questions import as_html, read_words
from .alt_text import alternative_text, without_alternative_text
from .cells import is_question
from .publish import without_badge

STILL = "A still picture. In the notebook this is a slider that moves."
HIDES_A_STILL = re.compile(r"<style>@keyframes course-appear .*?</style>", re.DOTALL)


def for_readers(notebook: NotebookNode) -> None:
    """Make a page of a lesson that was run, in place.

    Pictures get their alternative text, questions lose the code that asks them, and sliders are
    called still pictures. Nobody is told that nothing was predicted. The badge goes, as its picture
    is in the internet.
    """
    without_badge(notebook)
    nothing_said = f"{as_html(read_words().phrases['nothing_said'])}<br>"
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if text := alternative_text(cell.source):
            cell.metadata["mystnb"] = {"image": {"alt": text}}
            cell.source = without_alternative_text(cell.source)
        if is_question(cell):
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
        for output in cell.outputs:
            html = output.get("data", {}).get("text/html", "")
            if html:
                shown = HIDES_A_STILL.sub("", html)  # until the widget is there, which is never
                output.data["text/html"] = shown.replace(STALE, STILL).replace(nothing_said, "")
