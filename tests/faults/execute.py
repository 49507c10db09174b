"""What befalls the command that runs lessons and stores them.

Where a disk is full or read-only, the one system call that would fail is made to: root, as whom
these may run, is refused nothing.
"""

import codecs
import errno
import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import psutil
from nbformat.v4 import new_code_cell, new_notebook

from helpers.authoring import execute, normal_form

from . import Fault
from .scratch import fails, refused

Happening = Callable[[Path], str]


def a_lesson(place: Path, source: str = "print(1)") -> Path:
    """The only lesson of a course, in normal form but not yet run."""
    path = place / "notebooks" / "00_start.ipynb"
    path.parent.mkdir()
    stored = {"tags": [normal_form.STORED]}
    notebook = new_notebook(cells=[new_code_cell(source, id="a-cell", metadata=stored)])
    text = normal_form.to_text(normal_form.stored_form(notebook, place))
    path.write_text(text.replace("\ud800", r"\ud800"), encoding="utf-8")
    return path


def reads(place: Path, *arguments: str, fails_with: int = 1) -> str:
    """All that the command says when it runs with the arguments."""
    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        assert execute.main(list(arguments), place) == fails_with
    return said.getvalue()


# --- a file that holds no lesson -------------------------------------------------------------


def holds(data: bytes) -> Happening:
    """The lesson's file holds the bytes. Running it and looking at it say the same."""

    def happens(place: Path) -> str:
        path = a_lesson(place)
        path.write_bytes(data)
        said = reads(place)
        assert reads(place, "--check") == said
        assert path.read_bytes() == data
        return said

    return happens


def with_change(change: Callable[[dict], object]) -> Happening:
    """The lesson's file holds a notebook in which something is wrong."""
    notebook = json.loads(
        normal_form.to_text(new_notebook(cells=[new_code_cell("1", id="a-cell")]))
    )
    change(notebook)
    return holds(json.dumps(notebook).encode())


def first_cell(**wrong: object) -> Happening:
    return with_change(lambda notebook: notebook["cells"][0].update(wrong))


def begins_with_a_byte_order_mark(place: Path) -> str:
    path = a_lesson(place)
    marked = codecs.BOM_UTF8 + path.read_bytes()
    path.write_bytes(marked)
    said = reads(place, "--check")
    assert path.read_bytes() == marked
    return said


def is_run_with_a_byte_order_mark(place: Path) -> str:
    path = a_lesson(place)
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    reads(place, fails_with=0)
    return reads(place, "--check", fails_with=0)


def is_of_format_4_4(place: Path) -> str:
    """Its cells have no ids; they get some."""
    path = a_lesson(place)
    notebook = json.loads(path.read_text())
    del notebook["cells"][0]["id"]
    path.write_text(json.dumps({**notebook, "nbformat_minor": 4}))
    reads(place, fails_with=0)
    return reads(place, "--check", fails_with=0)


def is_a_folder(place: Path) -> str:
    a_lesson(place).unlink()
    (place / "notebooks" / "00_start.ipynb").mkdir()
    return reads(place)


def is_a_link_to_nothing(place: Path) -> str:
    path = a_lesson(place)
    path.rename(place / "elsewhere.ipynb")
    path.symlink_to(place / "gone.ipynb")
    return reads(place)


def cant_be_read(place: Path) -> str:
    a_lesson(place)
    with fails("io.open", refused(errno.EACCES), lambda path, *_: Path(path).suffix == ".ipynb"):
        return reads(place)


def is_none(name: str) -> Happening:
    def happens(place: Path) -> str:
        a_lesson(place)
        return reads(place, name, fails_with=2)

    return happens


def no_lessons(place: Path) -> str:
    return reads(place, fails_with=2)


# --- while the cells run ---------------------------------------------------------------------


def runs(source: str, fails_with: int = 1, fault: Callable = nullcontext) -> Happening:
    """The lesson runs this source under a fault; its file stays as it was."""

    def happens(place: Path) -> str:
        path = a_lesson(place, source)
        before = path.read_bytes()
        with fault():
            said = reads(place, fails_with=fails_with)
        assert path.read_bytes() == before
        assert [file.name for file in path.parent.iterdir()] == [path.name]
        assert not psutil.Process().children(), "the kernel is gone"
        return said

    return happens


def removes(source: str, gone: str) -> Happening:
    """The lesson deletes `gone`; what it did not delete stays."""

    def happens(place: Path) -> str:
        a_lesson(place, f"import os, shutil\n{source}")
        (place / "data.csv").write_text("1")
        said = reads(place)
        assert not (place / gone).exists() and (place / "data.csv").read_text() == "1"
        return said

    return happens


def changes_its_file(place: Path) -> str:
    path = a_lesson(place, "with open('00_start.ipynb', 'a') as file:\n    print(file=file)")
    before = path.read_bytes()
    said = reads(place)
    assert path.read_bytes() == before + b"\n"
    return said


def is_a_link(place: Path) -> str:
    path = a_lesson(place, "import os\nprint(os.path.islink('00_start.ipynb'))")
    target = place / "elsewhere.ipynb"
    path.rename(target)
    path.symlink_to(target)
    said = reads(place, str(path), fails_with=0)
    assert path.is_symlink() and '"True\\n"' in json.dumps(json.loads(target.read_text()))
    return said


def no_python() -> AbstractContextManager:
    return patch.object(sys, "executable", "/nowhere/python")


def full_when_made() -> AbstractContextManager:
    return fails("os.mkdir", refused(errno.ENOSPC))


def when_stored(name: str, number: int) -> Callable[[], AbstractContextManager]:
    def is_new(path, *_):
        return str(path).endswith(".tmp")

    return lambda: fails(name, refused(number), is_new)


END = "import os, signal, time\nos.kill(os.getppid(), signal.{})\ntime.sleep(600)"
NOT_JSON = "does not appear to be JSON"
NO_NOTEBOOK = "it is JSON, but not that of a notebook"
AS_IT_WAS = "The file is as it was"
FAULTS = [
    Fault("the file is empty", holds(b""), NOT_JSON),
    Fault("the file is half written", holds(b'{"cells": [{'), NOT_JSON),
    Fault("git left its marks", holds(b'{\n<<<<<<< HEAD\n "cells": []\n=======\n'), NOT_JSON),
    Fault("the file holds null", holds(b"null"), NO_NOTEBOOK),
    Fault("the file holds a list", holds(b"[1]"), NO_NOTEBOOK),
    Fault("the file is nested without end", holds(b"[" * 100_000), NO_NOTEBOOK),
    Fault("the file is in Latin-1", holds(b'{"cells": ["\xe9"]}'), "(byte 13 is 0xE9)"),
    Fault("the file is in UTF-16", holds("{}".encode("utf-16")), "not in UTF-8 (byte 1 is 0xFF)"),
    Fault("a byte order mark is seen", begins_with_a_byte_order_mark, "layout of the file"),
    Fault("a byte order mark goes", is_run_with_a_byte_order_mark, "in normal form"),
    Fault("the format is 4.4", is_of_format_4_4, "in normal form"),
    Fault("the format is of the future", with_change(lambda nb: nb.update(nbformat=99)), "99"),
    Fault("no cells", with_change(lambda nb: nb.pop("cells")), "missing an expected key: cells"),
    Fault(
        "two cells with one id", with_change(lambda nb: nb.update(cells=nb["cells"] * 2)), "id 'a-"
    ),
    Fault(
        "a cell without an id", with_change(lambda nb: nb["cells"][0].pop("id")), "missing an id"
    ),
    Fault("a source that is a number", first_cell(source=5), "['cells'][0]['source']"),
    Fault("outputs that are null", first_cell(outputs=None), NO_NOTEBOOK),
    Fault("an unknown kind of cell", first_cell(cell_type="sum"), "(in ['cells'][0])"),
    Fault("the lesson is a folder", is_a_folder, "can't be read: Is a directory"),
    Fault("the lesson is a link to nothing", is_a_link_to_nothing, "its file is gone"),
    Fault("the lesson can't be read", cant_be_read, "can't be read: Permission denied"),
    Fault("no such lesson", is_none("07"), "There is no lesson '07'"),
    Fault("a NUL in a lesson's name", is_none("0\0"), "There is no lesson '0\\x00'"),
    Fault("a lesson's name too long", is_none("9" * 5_000), "There is no lesson '999"),
    Fault("no lessons", no_lessons, "none in "),
    Fault("Ctrl-C", runs(END.format("SIGINT"), 130), "stopped; its file is as it was"),
    Fault("SIGTERM", runs(END.format("SIGTERM"), 143), "stopped; its file is as it was"),
    Fault("the kernel dies", runs("import os\nos._exit(1)"), "cell a-cell: Kernel died"),
    Fault("no Python for a kernel", runs("1", fault=no_python), "No such file or directory"),
    Fault("the disk is full at first", runs("1", fault=full_when_made), "No space left on device"),
    Fault(
        "the disk is full at last", runs("1", fault=when_stored("io.open", errno.ENOSPC)), AS_IT_WAS
    ),
    Fault("a read-only folder", runs("1", fault=when_stored("io.open", errno.EROFS)), "Read-only"),
    Fault(
        "no permission at last", runs("1", fault=when_stored("os.replace", errno.EACCES)), AS_IT_WAS
    ),
    Fault(
        "an output of a wrong kind", runs("display({'text/plain': 5}, raw=True)"), "be stored: 5"
    ),
    Fault("half a character in a source", runs("a = '\ud800'"), "cell a-cell: 'utf-8' codec can't"),
    Fault(
        "the lesson deletes itself",
        removes("os.remove('00_start.ipynb')", "notebooks/00_start.ipynb"),
        "is gone",
    ),
    Fault(
        "the lesson deletes its folder",
        removes("shutil.rmtree('../notebooks')", "notebooks"),
        "is gone",
    ),
    Fault("the lesson changes its file", changes_its_file, "changed while its cells ran"),
    Fault("the lesson is a link", is_a_link, "00_start.ipynb: "),
]
