"""Data files that are missing, damaged, changed or unreadable, and bad arguments of the loaders."""

import errno
import io
import os
import shutil
import sys
from contextlib import ExitStack, nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch
from warnings import catch_warnings

import numpy as np

from helpers import data_files, datasets
from helpers.data_files import SUMS
from helpers.datasets import load_fashion_mnist, load_mnist_small, load_wine

from . import Fault

FOLDER_OF = {
    load_wine: "wine",
    load_mnist_small: "mnist_small",
    load_fashion_mnist: "fashion_mnist",
}


def said(call) -> str:
    """What a learner reads of the error that a call ends in."""
    try:
        call()
    except Exception as error:
        return str(error)
    raise AssertionError("nothing was said")


def in_a_course(load, spoil, place, came_as="a zip"):
    """Spoil a data folder in a course of its own, and load the data.

    Args:
        spoil: what to do to the data folder; it may return a context that makes the fault last.
        came_as: "a zip" or "a clone".
    """
    folder = place / "data" / FOLDER_OF[load]
    shutil.copytree(datasets.DATA_DIR / folder.name, folder)
    if came_as == "a clone":
        (place / ".git").mkdir()
    with ExitStack() as stack:
        stack.enter_context(patch.object(data_files, "ROOT", place))
        stack.enter_context(patch.object(datasets, "DATA_DIR", place / "data"))
        stack.enter_context(catch_warnings(action="ignore"))
        return spoilt(spoil, folder, load)


def spoilt(spoil, folder, call):
    """What a call says once a folder is spoilt. Whatever is in the course then, stays there."""
    lasting = spoil(folder) or nullcontext()
    course = folder.parent.parent
    before = contents(course)
    with lasting:
        text = said(call)
    assert contents(course) == before
    return text


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- ways to spoil a data folder ----------------------------------------------------------------


def without(name, folder):
    (folder / name).unlink()


def without_any(folder):
    shutil.rmtree(folder)


def holding(name, content, folder):
    (folder / name).write_bytes(content)


def cut_off(name, folder):
    path = folder / name
    path.write_bytes(path.read_bytes()[:1000])


def a_value_altered(name, folder):
    path = folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def with_other_line_ends(name, folder):
    path = folder / name
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


def swapped(one, other, folder):
    one, other = folder / one, folder / other
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def a_folder_instead_of(name, folder):
    (folder / name).unlink()
    (folder / name).mkdir()
    (folder / name / "notes.txt").write_text("the learner's own")


def a_file_instead_of_the_folder(folder):
    shutil.rmtree(folder)
    folder.write_text("the learner's own")


def a_link_into_nowhere(name, folder):
    (folder / name).unlink()
    (folder / name).symlink_to(folder / "gone")


def unreadable(name, error, folder):
    """The file can't be opened: made in the system call, as permissions don't bind root."""
    really_open = io.open

    def fails(path, *arguments, **more):
        if Path(path).name == name:
            raise error
        return really_open(path, *arguments, **more)

    return patch("io.open", fails)


def changed_after_loading(folder):
    """Its size and its time stay as they were."""
    path = folder / "wine.csv"
    load_wine()
    before = path.stat()
    a_value_altered("wine.csv", folder)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def and_keras(spoil, answer, folder):
    """Keras is asked for Fashion-MNIST then, and raises or returns the answer."""
    spoil(folder)

    def load_data():
        if isinstance(answer, Exception):
            raise answer
        return answer

    keras = SimpleNamespace(
        datasets=SimpleNamespace(fashion_mnist=SimpleNamespace(load_data=load_data))
    )
    return patch.dict(sys.modules, keras=keras)


def inside_another_repository(folder):
    """The course is an unpacked zip; the folder above it is somebody's clone of something else."""
    without("wine.csv", folder)
    outer = folder.parent.parent
    (outer / ".git").mkdir()
    (outer / "course").mkdir()
    return patch.object(data_files, "ROOT", outer / "course")


NO_INTERNET = OSError("URL fetch failure on https://storage...: None -- [Errno -3] Temporary fail")
OTHER_PICTURES = ((np.zeros((1, 28, 28), np.uint8), np.zeros(1, np.uint8)),) * 2
WINE, PICTURES = "wine.csv", "train-images-idx3-ubyte"

FAULTS = [
    Fault(what, partial(in_a_course, load, spoil), sees)
    for what, load, spoil, sees in (
        (
            "the wine is gone, in an unpacked zip",
            load_wine,
            partial(without, WINE),
            "unpack course",
        ),
        ("the whole folder is gone", load_mnist_small, without_any, f"{PICTURES[:5]}-labels"),
        ("a file was cut off", load_wine, partial(cut_off, WINE), "damaged or was altered"),
        ("a file is empty", load_wine, partial(holding, WINE, b""), "wine.csv is damaged"),
        ("one value was altered", load_wine, partial(a_value_altered, WINE), "wine.csv is damaged"),
        (
            "a file changed in place after it was loaded",
            load_wine,
            changed_after_loading,
            "wine.csv is damaged or was altered",
        ),
        (
            "an editor changed the line ends",
            load_wine,
            partial(with_other_line_ends, WINE),
            "wine.csv is damaged or was altered",
        ),
        (
            "two files changed places",
            load_mnist_small,
            partial(swapped, "train-labels-idx1-ubyte", "validation-labels-idx1-ubyte"),
            "train-labels-idx1-ubyte is damaged",
        ),
        (
            "a picture file was cut off",
            load_fashion_mnist,
            partial(cut_off, f"{PICTURES}.gz"),
            f"{PICTURES}.gz is damaged",
        ),
        (
            "a folder is in a file's place",
            load_wine,
            partial(a_folder_instead_of, WINE),
            "wine.csv must be a file, and a folder or something else is in its place",
        ),
        (
            "a folder is in a picture file's place",
            load_fashion_mnist,
            partial(a_folder_instead_of, f"{PICTURES}.gz"),
            "Move that away first",
        ),
        ("a file is in the folder's place", load_wine, a_file_instead_of_the_folder, "Missing: "),
        ("a link leads nowhere", load_wine, partial(a_link_into_nowhere, WINE), "Missing: "),
        (
            "a file may not be read",
            load_wine,
            partial(unreadable, WINE, PermissionError(errno.EACCES, "Permission denied")),
            "wine.csv can't be read (Permission denied)",
        ),
        (
            "the disk fails",
            load_mnist_small,
            partial(unreadable, PICTURES, OSError(errno.EIO, "Input/output error")),
            "can't be read (Input/output error). Try again",
        ),
        ("SHA256SUMS is gone", load_wine, partial(without, SUMS), f"wine/{SUMS}.\nTo restore"),
        ("SHA256SUMS is empty", load_wine, partial(holding, SUMS, b""), "has no line for wine.csv"),
        (
            "SHA256SUMS has a merge's marks",
            load_wine,
            partial(holding, SUMS, b"<<<<<<< HEAD\n"),
            "SHA256SUMS is damaged: line 1 is not a checksum and a file's name",
        ),
        (
            "the pictures are gone, and so is the internet",
            load_fashion_mnist,
            partial(and_keras, without_any, NO_INTERNET),
            "it needs Keras, and the internet or an earlier download",
        ),
        (
            "a picture file is gone, and Keras has other pictures",
            load_fashion_mnist,
            partial(and_keras, partial(without, f"{PICTURES}.gz"), OTHER_PICTURES),
            f"keras.datasets gave other content for {PICTURES}",
        ),
        (
            "the wine is gone, in a zip inside another repository",
            load_wine,
            inside_another_repository,
            "unpack course.zip again into ",
        ),
    )
]
FAULTS += [
    Fault(
        "the wine is gone, in a clone",
        partial(in_a_course, load_wine, partial(without, WINE), came_as="a clone"),
        "run `git checkout -- data/wine` in ",
    ),
    *(
        Fault(what, lambda place, call=call: said(call), sees)
        for what, call, sees in (
            ("val_fraction in per cent", partial(load_fashion_mnist, 20), "excluded, not 20"),
            ("val_fraction as a text", partial(load_fashion_mnist, "0.2"), "not '0.2'"),
            ("val_fraction not a number", partial(load_fashion_mnist, float("nan")), "not nan"),
            ("val_fraction None", partial(load_fashion_mnist, None), "excluded, not None"),
            ("a seed below zero", partial(load_fashion_mnist, seed=-1), "2**32 - 1, not -1"),
            ("several seeds", partial(load_fashion_mnist, seed=np.arange(3)), "not [0, 1, 2]"),
            ("deduplicate as a text", partial(load_wine, "no"), "True or False, not 'no'"),
        )
    ),
]
