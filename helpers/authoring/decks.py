"""Make decks of slides for the browser, which need no internet, of lessons that were run.

Which cells begin a slide is told in `slides.py`; one that is taller than the screen is shown
smaller, as a whole.
"""

import copy
import shutil
from pathlib import Path

import sphinx_revealjs
from nbconvert import SlidesExporter
from nbformat import NotebookNode

from ..files import replace_file
from .slides import slide_types

REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs" / "dist"
TEMPLATE = """\
{%- extends "index.html.j2" -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block data_png scoped -%}
{%- set words = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "") -%}
{{ super() | replace("<img ", '<img alt="' ~ words | escape_html ~ '" ') }}
{%- endblock -%}
{%- block footer -%}
<style>
    .reveal ul, .reveal ol {display: block}
    .reveal pre {white-space: pre-wrap}
</style>
<script src="reveal.js/dist/reveal.js"></script>
<script>
    function fit() {
        const slide = Reveal.getCurrentSlide(), cells = slide.querySelectorAll(".jp-Cell");
        const bottom = place => place.getBoundingClientRect().bottom;
        const room = bottom(slide.closest(".slides"));
        for (let zoom = 1; zoom > 0.1; zoom -= 0.02) {
            slide.style.zoom = zoom;
            if (Math.max(...Array.from(cells, bottom)) <= room) break;
        }
    }
    Reveal.on("ready", fit);
    Reveal.on("slidechanged", fit);
    const size = {width: 1280, height: 720, margin: 0.02, center: false};
    Reveal.initialize({...size, history: true, transition: "none", backgroundTransition: "none"});
</script>
</html>
{%- endblock -%}
"""


def write_decks(notebooks: dict[str, NotebookNode], folder: Path) -> None:
    """Write a deck for each lesson, and beside them what moves their slides.

    Args:
        notebooks: the lessons by name, as `readers.for_readers` leaves them.
        folder: it is made where it is missing.
    """
    shutil.copytree(REVEAL, folder / "reveal.js" / "dist", dirs_exist_ok=True)
    for name, notebook in notebooks.items():
        replace_file(folder / f"{name}.html", deck(notebook, name))


def deck(notebook: NotebookNode, name: str) -> str:
    """Return the page that shows a lesson as slides; a folder reveal.js must lie beside it."""
    shown = copy.deepcopy(notebook)
    for cell, slide_type in zip(shown.cells, slide_types(shown.cells), strict=True):
        cell.metadata["slideshow"] = {"slide_type": slide_type}
        if "remove-input" in cell.metadata.get("tags", []):
            cell.metadata["transient"] = {"remove_source": True}
    exporter = SlidesExporter(
        raw_template=TEMPLATE,
        reveal_url_prefix="reveal.js",
        reveal_theme="white",
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    page, _ = exporter.from_notebook_node(shown, {"metadata": {"name": name}})
    return page
