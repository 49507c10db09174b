"""Write the address of the project's repository into lessons and README.

    python -m helpers.authoring.publish https://github.com/OWNER/NAME [--branch main]

Each lesson gets a badge that opens it in Colab, and a set-up cell that fetches the course there.
The README gets the same badges and the line that clones the project. Running it again, also with
another address, replaces what was there.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from ..files import replace_file
from . import normal_form
from .execute import ROOT, lessons, stored_form

SET_UP = """\
import os, pathlib, subprocess, sys  # Finds the course. Where it is missing, fetches it.
class Missing(Exception): _render_traceback_ = lambda error: [str(error)]  # a sentence is enough
address, course = "ADDRESS", pathlib.Path("course").resolve()
course = next((p for p in course.parents if (p / "helpers/models.py").exists()), course)
get = f'"{sys.executable}" -m zipfile -e course.zip course || git clone --depth 1 {address} course'
if not (course / "helpers").exists() and subprocess.getstatusoutput(get)[0]:
    raise Missing("The course can't be fetched: upload course.zip here, then run this cell again.")
sys.path.insert(0, str(course)); print("The course is in the folder", os.path.relpath(course))"""
COLAB = "https://colab.research.google.com"
BADGE = re.compile(r" ?\[!\[Open in Colab\]\([^)]*\)\]\([^)]*\)")
CLONE = re.compile(r"Clone the project(?: \(`git clone [^`]*`\))?")
LESSON_LINK = re.compile(r"\[[^]]*\]\((notebooks/[^)]*\.ipynb)\)")


def repository(address: str) -> str:
    """The address of a GitHub repository in its plain form.

    Raises:
        ValueError: it is something else. Colab opens notebooks of GitHub only.
    """
    match = re.fullmatch(
        r"https://github\.com/([A-Za-z0-9][A-Za-z0-9-]*)/([\w.-]+?)(?:\.git)?/?", address
    )
    if match is None or match[2] in (".", ".."):
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
    if not re.fullmatch(r"\w[\w.-]*(?:/\w[\w.-]*)*", name, re.ASCII) or ".." in name:
        raise ValueError(f"{name!r} is no name of a branch: give one like main")
    return name


def set_up_source(address: str = "", branch: str = "main") -> str:
    """The source of the set-up cell that fetches the course from an address git can clone."""
    return SET_UP.replace("ADDRESS", f"{address} -b {branch}" if address else "")


def badge(address: str, branch: str, path: str) -> str:
    """A picture in Markdown that opens the notebook at `path` in Colab."""
    owner_and_name = address.removeprefix("https://github.com/")
    target = f"{COLAB}/github/{owner_and_name}/blob/{branch}/{path}"
    return f"[![Open in Colab]({COLAB}/assets/colab-badge.svg)]({target})"


def published_lesson(text: str, path: str, address: str, branch: str) -> str:
    """A lesson's file with the address in its title and set-up cells; `path` is in the project."""
    notebook = normal_form.parse(text)
    cells = {cell["id"]: cell for cell in notebook.cells}
    heading, _, rest = cells["title"].source.partition("\n")
    rest = BADGE.sub("", rest).lstrip("\n")
    cells["title"].source = f"{heading}\n\n{badge(address, branch, path)}\n\n{rest}"
    cells["set-up"].source = set_up_source(address, branch)
    return normal_form.to_text(stored_form(notebook))


def published_readme(text: str, address: str, branch: str) -> str:
    """The README with a badge behind each lesson's link, and the command that clones."""
    text = CLONE.sub(f"Clone the project (`git clone {address}`)", BADGE.sub("", text))
    return LESSON_LINK.sub(lambda link: f"{link[0]} {badge(address, branch, link[1])}", text)


def changed_files(address: str, branch: str, root: Path) -> dict[Path, str]:
    """The new texts of the files that don't carry this address yet."""
    texts = {
        path: published_lesson(
            path.read_text("utf-8"), path.relative_to(root).as_posix(), address, branch
        )
        for path in lessons(root)
    }
    readme = root / "README.md"
    texts[readme] = published_readme(readme.read_text("utf-8"), address, branch)
    return {path: text for path, text in texts.items() if text != path.read_text("utf-8")}


def uncommitted(root: Path) -> list[str]:
    """What git calls changed in the folder.

    Raises:
        ValueError: the folder is no git repository, or there is no git.
    """
    try:
        return subprocess.run(
            ["git", "status", "--porcelain"], cwd=root, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError) as error:
        raise ValueError(f"{root} is no git repository: work in a clone of the project") from error


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("address", help="such as https://github.com/OWNER/NAME")
    parser.add_argument("--branch", default="main", help="the branch that Colab is to open")
    options = parser.parse_args(arguments)
    try:
        address, branch = repository(options.address), checked_branch(options.branch)
        dirty = uncommitted(root)
        if dirty:
            raise ValueError(
                "the tree has changes that are not committed: commit them or put them away with "
                "git stash, then run this again:\n" + "\n".join(dirty)
            )
        changed = changed_files(address, branch, root)
    except ValueError as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)
        return 1
    for path, text in changed.items():
        replace_file(path, text)
        print("changed", path.relative_to(root).as_posix())
    print(f"{len(changed)} files changed: they carry {address}, branch {branch}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
