"""Write lessons as decks of slides for the browser, which need no internet.

    python -m helpers.authoring.decks              every lesson, into decks/
    python -m helpers.authoring.decks 03 04        some; a number, a stem or a path names a lesson

Pictures and numbers are those stored in the lessons. Which cells begin a slide is told in
`slides.py`; one that is taller than the screen is shown smaller, as a whole.
"""

import argparse
import shutil
import sys
from pathlib import Path

import sphinx_revealjs
from nbconvert import SlidesExporter

from ..files import replace_file
from .execute import ROOT, LessonFailed, chosen_lessons, read_notebook, read_text
from .publish import without_badge

REVEAL = Path(sphinx_revealjs.__file__).parent / "_static" / "revealjs" / "dist"
TEMPLATE = """\
{%- extends "index.html.j2" -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block footer -%}
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


def deck(path: Path) -> str:
    """Return the page that shows a lesson as slides; a folder reveal.js must lie beside it.

    Raises:
        LessonFailed: the lesson can't be read.
    """
    notebook = read_notebook(read_text(path))
    without_badge(notebook)
    exporter = SlidesExporter(
        raw_template=TEMPLATE, reveal_url_prefix="reveal.js", reveal_theme="white"
    )
    page, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": path.stem}})
    return page


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return 0, 1 if a deck can't be written, 2 if a lesson is unknown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lesson", nargs="*", help="a number, a stem or a path; none means all")
    parser.add_argument("--to", type=Path, default=root / "decks", help="the folder to write into")
    options = parser.parse_args(arguments)
    paths = chosen_lessons(options.lesson, root)
    if not paths:
        return 2
    try:
        shutil.copytree(REVEAL, options.to / "reveal.js" / "dist", dirs_exist_ok=True)
        for path in paths:
            target = options.to / f"{path.stem}.html"
            replace_file(target, deck(path))
            print(target)
    except LessonFailed as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = error.strerror or "a file could not be copied"
        print(f"The decks can't be written into {options.to}: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
