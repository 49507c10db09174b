"""Publishing, in a project or with an address that is not as it should be."""

import contextlib
import errno
import io
import json
import os
import shutil
import signal
import subprocess
from unittest import mock

import nbformat

from faults import Fault
from helpers.authoring import execute, normal_form, publish
from helpers.files import replace_file

ADDRESS = "https://github.com/one-school/when-to-stop"
GO_BACK = "git checkout -- README.md notebooks"
NO_ADDRESS = "is no address of a repository: give one like https://github.com/OWNER/NAME"
NO_BRANCH = "is no name of a branch: give one like main"
LESSONS = ["notebooks/00_one.ipynb", "notebooks/01_two.ipynb"]
README = "Clone the project.\n" + "".join(f"[lesson]({name})\n" for name in LESSONS)


# --- a small project ----------------------------------------------------------------------------


def lesson(*cells):
    """The file of a lesson with these cells, each a pair of id and source."""
    made = [nbformat.v4.new_code_cell(source, id=cell_id) for cell_id, source in cells]
    if made and made[0]["id"] == "title":
        made[0] = nbformat.v4.new_markdown_cell(made[0].source, id="title")
    notebook = nbformat.v4.new_notebook(cells=made)
    return normal_form.to_text(normal_form.stored_form(notebook, execute.ROOT))


GOOD = lesson(("title", "# 00 · One\n\nText."), ("set-up", publish.set_up_source()))


def git(root, *arguments):
    name = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "state")


def project(place):
    root = place / "the project"
    (root / "notebooks").mkdir(parents=True)
    for name in LESSONS:
        (root / name).write_text(GOOD, "utf-8")
    (root / "README.md").write_text(README, "utf-8")
    git(root, "init", "-q")
    return root


def held(root):
    paths = [path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def run(root, *arguments):
    """Run the command; return what is read."""
    shown = io.StringIO()
    with (
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(shown),
        contextlib.suppress(SystemExit),  # what the parser of arguments does
    ):
        publish.main([str(argument) for argument in arguments], root)
    return shown.getvalue()


# --- kinds of faults ----------------------------------------------------------------------------


def refused(change, *arguments, committed=True, **environment):
    """After this change nothing is published."""

    def happens(place):
        root = project(place)
        change(root)
        if committed:
            commit(root)
        before = held(root)
        with mock.patch.dict(os.environ, environment):
            text = run(root, *(arguments or [ADDRESS]))
        assert held(root) == before
        return text

    return happens


def nothing(root):
    """No change."""


def address(text):
    return refused(nothing, text)


def branch(name):
    return refused(nothing, ADDRESS, f"--branch={name}")


def removed(name):
    return lambda root: (root / name).unlink()


def holds(name, content):
    return lambda root: (root / name).write_bytes(content)


def folder_named(name):
    return lambda root: (removed(name)(root), holds_folder(root / name))


def holds_folder(path):
    path.mkdir()
    (path / "mine.txt").write_text("mine")


def without_repository(root):
    commit(root)
    shutil.rmtree(root / ".git")


def dirty(name):
    """A file that is not committed stays as it is."""

    def change(root):
        commit(root)
        (root / name).write_text("mine")

    return refused(change, committed=False)


def stops_at(number, error):
    """Writing the file of this number fails; nothing is changed then."""

    def happens(place):
        root = project(place)
        commit(root)
        before, written = held(root), []

        def write(path, text):
            written.append(path)
            if len(written) == number:
                raise error
            replace_file(path, text)

        with mock.patch.object(publish, "replace_file", write):
            text = run(root, ADDRESS)
        assert held(root) == before
        return text

    return happens


def killed(place):
    """The command dies between two files; the next run tells how to go back, and that helps."""
    root = project(place)
    commit(root)
    before = held(root)
    child = os.fork()
    if child == 0:

        def write(path, text):
            replace_file(path, text)
            os.kill(os.getpid(), signal.SIGKILL)

        with mock.patch.object(publish, "replace_file", write):
            run(root, ADDRESS)
        os._exit(1)  # it was never called
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it was not killed"
    assert held(root) != before
    text = run(root, ADDRESS)
    subprocess.run(GO_BACK.split(), cwd=root, check=True, capture_output=True)
    assert held(root) == before
    assert "3 files changed" in run(root, ADDRESS)
    return text


def full():
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def json_of(content):
    return json.dumps(content).encode()


TITLE, SET_UP = ("title", "# 00 · One"), ("set-up", "pass")
FAULTS = [
    *(
        Fault(f"a lesson of one's own {what}", refused(holds(LESSONS[1], content)), sees)
        for what, content, sees in (
            (
                "has no title",
                lesson(SET_UP).encode(),
                "01_two.ipynb: it has no cell with the id 'title'",
            ),
            ("has no set-up cell", lesson(TITLE).encode(), "it has no cell with the id 'set-up'"),
            ("has no cells", lesson().encode(), "it has no cell with the id 'title'"),
            ("is empty", b"", "01_two.ipynb: not a valid notebook"),
            ("is cut off", GOOD.encode()[:-20], "01_two.ipynb: not a valid notebook"),
            ("has no list of cells", json_of({"nbformat": 4, "nbformat_minor": 5}), "not a valid"),
            ("has one id twice", GOOD.replace("set-up", "title").encode(), "not a valid notebook"),
            ("is not in UTF-8", "# Übung".encode("latin-1"), "it is no text in UTF-8"),
        )
    ),
    Fault("a lesson is a folder", refused(folder_named(LESSONS[0])), "it can't be read"),
    Fault("there is no README", refused(removed("README.md")), "README.md: it can't be read"),
    Fault("README.md is a folder", refused(folder_named("README.md")), "README.md: it can't be"),
    *(
        Fault(f"the README {what}", refused(holds("README.md", content)), sees)
        for what, content, sees in (
            ("has no sentence for the address", README[5:].encode(), "write the words 'Clone the"),
            ("is empty", b"", "README.md: it has no place for the address"),
            ("links to no lesson", b"Clone the project.\n", "README.md: it links to no lesson"),
            ("is not in UTF-8", "Über".encode("latin-1"), "README.md: it is no text in UTF-8"),
        )
    ),
    Fault(
        "it is no clone",
        refused(without_repository, committed=False),
        "is no git repository: work in a clone",
    ),
    Fault("there is no git", refused(nothing, PATH=""), "git is needed and not installed"),
    Fault(
        "it is another user's clone",
        refused(nothing, GIT_TEST_ASSUME_DIFFERENT_OWNER="1"),
        "belongs to another user",
    ),
    Fault("the README is changed", dirty("README.md"), "changes that are not committed"),
    Fault("a lesson is changed", dirty(LESSONS[0]), LESSONS[0]),
    Fault("a lesson is new", dirty("notebooks/02_mine.ipynb"), "02_mine.ipynb"),
    *(
        Fault(f"the address is {text!r}", address(text), NO_ADDRESS)
        for text in (
            "",
            "https://github.com/one/-n",
            "https://github.com/one/.git",
            "https://github.com/one/..",
            "https://github.com/-n/one",
            "https://github.com/one-/two",
            "https://github.com/one/two#readme",
            "https://github.com/one/Übung",
            "https://github.com/one/two\n",
            "https://github.com/one/$(touch ran)",
            "git@github.com:one/two.git",
            "https://gitlab.com/one/two",
            "https://OWNER@github.com/one/two",
        )
    ),
    Fault("the address is -n", refused(nothing, "-n"), "required: address"),
    *(
        Fault(f"the branch is {name!r}", branch(name), NO_BRANCH)
        for name in (
            "",
            "-n",
            "main.lock",
            "main.lock/one",
            "main.",
            "a/.b",
            "a//b",
            "/a",
            "HEAD",
            "main\n",
            "Übung",
            "$(touch ran)",
            "v$(touch${IFS}ran)",
        )
    ),
    Fault("the disk is full at the first file", stops_at(1, full()), "No space left"),
    Fault("the disk is full at the last file", stops_at(3, full()), GO_BACK),
    Fault("Ctrl-C at the second file", stops_at(2, KeyboardInterrupt()), "it was stopped"),
    Fault("killed half-way", killed, GO_BACK),
]
