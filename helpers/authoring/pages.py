"""Build the course as a web site to read, search, print or project, with all outputs.

    python -m helpers.authoring.pages              run the lessons, then build into pages/
    python -m helpers.authoring.pages --stored     run nothing: take the outputs that are stored

The site needs no internet. Set-up and check cells are folded, sliders are still pictures, and each
lesson's page offers its notebook for download.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nbformat import NotebookNode

from ..explorers.still import SENTENCE as STALE
from .execute import (
    ROOT,
    LessonFailed,
    lessons,
    read_notebook,
    read_text,
    run_cells,
    stored_form,
)
from .normal_form import to_text
from .publish import BADGE, without_badge

OTHER_PAGES = ("notebooks/README.md", "data/*/README.md")
OTHER_FILES = ("LICENSE", "data/*/LICENSE", "data/pictures/*.png")
STILL = "A still picture. In the notebook this is a slider that moves."
CONFIGURATION = {
    "project": "When is a network trained enough?",
    "extensions": ["myst_nb"],
    "root_doc": "README",
    "html_title": "When is a network trained enough?",
    "html_theme": "sphinx_book_theme",
    "html_theme_options": {"use_download_button": True, "show_toc_level": 2},
    "html_copy_source": True,
    "myst_heading_anchors": 3,
    "nb_execution_mode": "off",
    "nb_ipywidgets_js": {},  # they would come from the internet, and no slider is alive
}


def for_a_page(notebook: NotebookNode) -> NotebookNode:
    """Fold what serves only a run, call sliders pictures, and drop the badge; in place."""
    without_badge(notebook)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and ("claim" in tags or cell.id in ("set-up", "imports")):
            cell.metadata["tags"] = [*tags, "hide-cell"]
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            if STALE in html:
                output.data["text/html"] = html.replace(STALE, STILL)
    return notebook


def with_outputs(path: Path, root: Path, stored: bool) -> NotebookNode:
    """Return a lesson with all its outputs.

    Args:
        path: its file, which stays as it is.
        root: the project's folder, which no output names.
        stored: take the outputs that the file holds, and run nothing.

    Raises:
        LessonFailed: the lesson can't be read, or did not run to its end.
    """
    notebook = read_notebook(read_text(path))
    return notebook if stored else stored_form(run_cells(notebook, path.parent)[0], root)


def write_sources(folder: Path, root: Path, stored: bool) -> None:
    """Write what the site is built from: the README with a table of contents, and all it links to.

    Raises:
        LessonFailed: a lesson can't be read, or did not run to its end.
    """
    paths = lessons(root)
    others = [path for pattern in OTHER_PAGES for path in sorted(root.glob(pattern))]
    for path in (*others, *(path for pattern in OTHER_FILES for path in root.glob(pattern))):
        shutil.copy(path, place(folder, path, root))
    for path in paths:
        print(path.stem, flush=True)
        text = to_text(for_a_page(with_outputs(path, root, stored)))
        place(folder, path, root).write_text(text, "utf-8")
    readme = BADGE.sub("", (root / "README.md").read_text("utf-8"))
    contents = contents_of("Lessons", paths, root) + contents_of("Around them", others, root)
    (folder / "README.md").write_text(readme + contents, "utf-8")


def place(folder: Path, path: Path, root: Path) -> Path:
    """Where a file of the project goes; the folders above it are made."""
    copy = folder / path.relative_to(root)
    copy.parent.mkdir(parents=True, exist_ok=True)
    return copy


def contents_of(caption: str, paths: list[Path], root: Path) -> str:
    """A part of the table of contents, which stands in the margin, in MyST's Markdown."""
    names = [path.relative_to(root).with_suffix("").as_posix() for path in paths]
    return "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", *names, "```", ""])


def build(sources: Path, target: Path) -> str:
    """Build the site with Sphinx, in a process of its own; return what it complains of."""
    lines = [f"{name} = {value!r}\n" for name, value in CONFIGURATION.items()]
    (sources / "conf.py").write_text("".join(lines), "utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "sphinx", "--quiet", "--no-color"]
    with tempfile.TemporaryDirectory() as kept:
        done = subprocess.run(
            [*command, "-d", kept, sources, target], capture_output=True, text=True, check=False
        )
    return done.stderr.replace(f"{sources.resolve()}/", "").strip()


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return 0, or 1 if a lesson failed or the site is not as it should be."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stored", action="store_true", help="run nothing")
    parser.add_argument("--to", type=Path, default=root / "pages", help="the folder to write into")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as folder:
            write_sources(Path(folder), root, options.stored)
            complaints = build(Path(folder), options.to)
        if complaints:
            print(f"The pages can't be built as they should be:\n{complaints}", file=sys.stderr)
            return 1
        for path in lessons(root):  # what a learner downloads is the lesson, not its page's source
            shutil.copy(path, options.to / "_sources" / path.relative_to(root))
    except LessonFailed as error:
        print(f"The pages can't be built: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = error.strerror or "a file could not be copied"
        print(f"The pages can't be written into {options.to}: {reason}", file=sys.stderr)
        return 1
    print(f"Open {options.to / 'README.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
