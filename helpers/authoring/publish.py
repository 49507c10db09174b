"""Write the address of the project's repository into lessons and README.

    python -m helpers.authoring.publish https://github.com/OWNER/NAME [--branch main]

Each lesson gets a badge that opens it in Colab, and a set-up cell that fetches the course there.
The README gets the same badges and the line that clones the project. Running it again, also with
another address, replaces what was there.
"""

import argparse
import re
import sys
from pathlib import Path

from nbformat import NotebookNode

from ..course_1 import MARK
from ..files import replace_file
from . import git, normal_form
from .execute import ROOT, lessons

SET_UP = """\
# @title Set-up: run this first
import os, pathlib, runpy, shutil, subprocess, tempfile, IPython.core.error as told
get, to = "clone --depth 1ADDRESS", tempfile.mkdtemp()
at = [f for p in pathlib.Path("course/x").absolute().parents for f in p.glob("MARK")]
try:  # Finds the course. Where it is missing, gets it from course.zip, or else with git.
    if not at and os.path.exists("course.zip"): shutil.unpack_archive("course.zip", to)
    elif not at: subprocess.run(["git", *get.split(), to], check=True, capture_output=True)
    runpy.run_path([*at, *pathlib.Path(to).rglob("MARK")][0], {"to": to}, "__main__")
except Exception: raise told.UsageError("Upload the course's own course.zip, whole, and run again.")
"""
GO_BACK = "go back with: git checkout -- README.md notebooks"
COLAB = "https://colab.research.google.com"
BADGE = re.compile(r" ?\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)")
CLONE = re.compile(r"Clone the project(?: \(`git clone [^`]*`\))?")
LESSON_LINK = re.compile(r"\[[^]]*\]\((notebooks/[^)]*\.ipynb)\)")


def repository(address: str) -> str:
    """The address of a GitHub repository in its plain form.

    Raises:
        ValueError: it is something else. Colab opens notebooks of GitHub only.
    """
    pattern = r"https://github\.com/([a-z0-9]+(?:-+[a-z0-9]+)*)/(\w[\w.-]*?|\.[\w.-]+?)(?:\.git)?/?"
    match = re.fullmatch(pattern, address, re.ASCII | re.IGNORECASE)
    if match is None or match[2] in (".", "..", ".git"):
        raise ValueError(
            f"{address!r} is no address of a repository: give one like "
            "https://github.com/OWNER/NAME"
        )
    return f"https://github.com/{match[1]}/{match[2]}"


def checked_branch(name: str) -> str:
    """The name of a branch.

    Raises:
        ValueError: git allows no such name, or an address can't hold it as it is.
    """
    part = r"\w(?:[\w.-]*[\w-])?(?<!\.lock)"
    if not re.fullmatch(rf"{part}(?:/{part})*", name, re.ASCII) or ".." in name or name == "HEAD":
        raise ValueError(f"{name!r} is no name of a branch: give one like main")
    return name


def set_up_source(address: str = "", branch: str = "main") -> str:
    """The source of the set-up cell that fetches the course from an address git can clone."""
    options = f" -b {branch} {address}" if address else ""
    return SET_UP.strip().replace("ADDRESS", options).replace("MARK", MARK)


def badge(address: str, branch: str, path: str) -> str:
    """A picture in Markdown that opens the notebook at `path` in Colab."""
    owner_and_name = address.removeprefix("https://github.com/")
    target = f"{COLAB}/github/{owner_and_name}/blob/{branch}/{path}"
    return f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({target})"


def published_lesson(text: str, path: str, address: str, branch: str) -> str:
    """A lesson's file with the address in its title and set-up cells.

    Args:
        text: the file as it is.
        path: its path in the project, with slashes.
        address: of the repository, from `repository`.
        branch: of the repository, from `checked_branch`.

    Raises:
        ValueError: it is no notebook, or it lacks one of the two cells.
    """
    notebook = normal_form.parse(text)
    cells = {cell["id"]: cell for cell in notebook.cells}
    for cell_id in ("title", "set-up"):
        if cell_id not in cells:
            raise ValueError(
                f"it has no cell with the id {cell_id!r}: take the one of another lesson, or keep "
                "the notebook in another folder"
            )
    heading, _, rest = cells["title"].source.partition("\n")
    rest = BADGE.sub("", rest).lstrip("\n")
    cells["title"].source = f"{heading}\n\n{badge(address, branch, path)}\n\n{rest}"
    cells["set-up"].source = set_up_source(address, branch)
    return normal_form.to_text(normal_form.stored_form(notebook, ROOT))


def published_readme(text: str, address: str, branch: str) -> str:
    """The README with a badge behind each lesson's link, and the command that clones.

    Raises:
        ValueError: it has no place for one of them.
    """
    text, clones = CLONE.subn(f"Clone the project (`git clone {address}`)", BADGE.sub("", text))
    if not clones:
        raise ValueError("it has no place for the address: write the words 'Clone the project'")
    text, links = LESSON_LINK.subn(
        lambda link: f"{link[0]} {badge(address, branch, link[1])}", text
    )
    if not links:
        raise ValueError("it links to no lesson: write links such as [00](notebooks/00_one.ipynb)")
    return text


def without_badge(notebook: NotebookNode) -> None:
    """Take the badge, a picture from the internet, out of a lesson that is read elsewhere."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = BADGE.sub("", cell.source)


def changed_files(address: str, branch: str, root: Path) -> dict[Path, tuple[str, str]]:
    """The files that don't carry this address yet, each with its old and its new text.

    Raises:
        ValueError: one is missing or is not what it should be; the message begins with its name.
    """
    found = {}
    for path in [*lessons(root), root / "README.md"]:
        name = path.relative_to(root).as_posix()
        try:
            old = path.read_bytes().decode()
            if path.suffix == ".ipynb":
                new = published_lesson(old, name, address, branch)
            else:
                new = published_readme(old, address, branch)
        except UnicodeDecodeError as error:
            raise ValueError(f"{name}: it is no text in UTF-8: save it as UTF-8") from error
        except OSError as error:
            raise ValueError(f"{name}: it can't be read ({error.strerror})") from error
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from error
        if old != new:
            found[path] = old, new
    return found


def check_committed(root: Path) -> None:
    """Make sure that git can bring back all there is.

    Raises:
        ValueError: something in the folder is not committed, or git can't tell.
    """
    dirty = git.output(root, "status", "--porcelain").rstrip("\n")
    if dirty:
        raise ValueError(
            "the tree has changes that are not committed: commit them or put them away with "
            f"git stash, then run this again:\n{dirty}\n"
            f"If an earlier run of this was stopped and nothing else is yours, {GO_BACK}"
        )


def replace_all(changed: dict[Path, tuple[str, str]]) -> None:
    """Give all files their new texts, or none.

    Raises:
        OSError: a file could not be written; all have their old texts.
    """
    done = []
    try:
        for path, (_, new) in changed.items():
            done.append(path)
            replace_file(path, new)
    except BaseException:  # Ctrl-C too
        for path in done:
            replace_file(path, changed[path][0])
        raise


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="such as https://github.com/OWNER/NAME")
    parser.add_argument("--branch", default="main", help="the branch that Colab is to open")
    options = parser.parse_args(arguments)
    try:
        address, branch = repository(options.address), checked_branch(options.branch)
        check_committed(root)
        changed = changed_files(address, branch, root)
        replace_all(changed)
    except ValueError as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"A file can't be written ({error.strerror}). To be sure, {GO_BACK}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Nothing was changed: it was stopped. Run it again to publish", file=sys.stderr)
        return 1
    for path in changed:
        print("changed", path.relative_to(root).as_posix())
    print(f"{len(changed)} files changed: they carry {address}, branch {branch}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
