"""Build the course as a web site to read, search, print or project, with all outputs.

    python -m helpers.authoring.pages              run the lessons, then build into pages/
    python -m helpers.authoring.pages --slides     and a deck of slides for each, in pages/slides/
    python -m helpers.authoring.pages 03 04        some lessons alone, to try them

The site needs no internet. Set-up and check cells are folded, sliders are still pictures, and each
lesson's page offers its notebook for download.
"""

import argparse
import copy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nbformat import NotebookNode

from .decks import write_decks
from .execute import (
    ROOT,
    LessonFailed,
    chosen_lessons,
    lessons,
    read_notebook,
    read_text,
    run_cells,
)
from .normal_form import as_it_ran, to_text
from .publish import BADGE
from .readers import for_readers

OTHER_PAGES = ("notebooks/README.md", "data/*/README.md")
OTHER_FILES = ("LICENSE", "data/*/LICENSE", "data/pictures/*.png")
TITLE = "# @title "
CONFIGURATION = {
    "project": "When is a network trained enough?",
    "author": "",
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


def run(path: Path, root: Path) -> NotebookNode:
    """Run a lesson; return it as it is read where no kernel is. Its file stays as it is.

    Raises:
        LessonFailed: the lesson can't be read, or did not run to its end.
    """
    notebook = as_it_ran(run_cells(read_notebook(read_text(path)), path.parent)[0], root)
    for_readers(notebook)
    return notebook


def folded(notebook: NotebookNode) -> NotebookNode:
    """Return a copy in which set-up and checks are folded, each under its own title."""
    page = copy.deepcopy(notebook)
    for cell in page.cells:
        title, _, rest = cell.source.partition("\n")
        if cell.metadata.get("cellView") == "form" and title.startswith(TITLE):
            prompt = title.removeprefix(TITLE)
            cell.source = rest
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-cell"]
            cell.metadata["mystnb"] = {"code_prompt_show": prompt, "code_prompt_hide": prompt}
    return page


def write_sources(folder: Path, root: Path, notebooks: dict[Path, NotebookNode]) -> None:
    """Write what the site is built from: README with a table of contents, and all it links to."""
    others = [path for pattern in OTHER_PAGES for path in sorted(root.glob(pattern))]
    files = [path for pattern in OTHER_FILES for path in root.glob(pattern)]
    for path in (*others, *files):
        shutil.copy(path, place(folder, path, root))
    for path, notebook in notebooks.items():
        place(folder, path, root).write_text(to_text(folded(notebook)), "utf-8")
    readme = BADGE.sub("", (root / "README.md").read_text("utf-8"))
    contents = contents_of("Lessons", list(notebooks), root)
    contents += contents_of("Around them", others, root)
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


def build(sources: Path, target: Path, is_whole: bool) -> str:
    """Build the site with Sphinx, in a process of its own; return what it complains of.

    Args:
        sources: a folder from `write_sources`.
        target: where the site goes.
        is_whole: no lesson is left out, so each link must lead somewhere.
    """
    ignored = [] if is_whole else ["myst.xref_missing"]
    configuration = CONFIGURATION | {"suppress_warnings": ignored}
    lines = [f"{name} = {value!r}\n" for name, value in configuration.items()]
    (sources / "conf.py").write_text("".join(lines), "utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "sphinx", "--quiet", "--no-color"]
    with tempfile.TemporaryDirectory() as kept:
        done = subprocess.run(
            [*command, "-d", kept, sources, target], capture_output=True, text=True, check=False
        )
    told = done.stderr.replace(f"{sources.resolve()}/", "").strip()
    if done.returncode and not told:
        return f"Sphinx ended with {done.returncode} and said nothing"
    return told


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Returns:
        0, 1 if a lesson failed or the site is not as it should be, 2 if a lesson is unknown.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lesson", nargs="*", help="a number or a stem; none means all")
    parser.add_argument("--slides", action="store_true", help="make decks of slides, too")
    parser.add_argument("--to", type=Path, default=root / "pages", help="the folder to write into")
    options = parser.parse_args(arguments)
    chosen, known = chosen_lessons(options.lesson, root), lessons(root)
    for path in set(chosen) - set(known):
        print(f"{path} does not lie in {root / 'notebooks'}.", file=sys.stderr)
    if not chosen or not set(chosen) <= set(known):
        return 2
    notebooks = {}
    try:
        for path in sorted(chosen):
            print(path.stem, flush=True)
            notebooks[path] = run(path, root)
        with tempfile.TemporaryDirectory() as folder:
            write_sources(Path(folder), root, notebooks)
            complaints = build(Path(folder), options.to, set(chosen) == set(known))
        if complaints:
            print(f"The pages can't be built as they should be:\n{complaints}", file=sys.stderr)
            return 1
        for path in notebooks:  # what a learner downloads is the lesson, not its page's source
            shutil.copy(path, options.to / "_sources" / path.relative_to(root))
        if options.slides:
            decks = {path.stem: notebook for path, notebook in notebooks.items()}
            write_decks(decks, options.to / "slides")
    except LessonFailed as error:
        print(f"The pages can't be built: {path.name}: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        reason = error.strerror or "a file could not be copied"
        print(f"The pages can't be written into {options.to}: {reason}", file=sys.stderr)
        return 1
    print(f"Open {options.to / 'README.html'}")
    if options.slides:
        print(f"and the decks in {options.to / 'slides'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
