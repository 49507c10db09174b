"""Recordings that are missing, damaged or unreadable, and names and seeds that there are not."""

import errno
import json
import shutil
from functools import partial
from unittest.mock import patch

import numpy as np

from helpers import data_files, load_recording, recordings

from . import Fault
from .datasets import (
    a_file_instead_of_the_folder,
    a_folder_instead_of,
    a_link_into_nowhere,
    cut_off,
    holding,
    said,
    spoilt,
    swapped,
    unreadable,
    without,
    without_any,
)

NAME, SEED = "digits_patience_0", 42
FILE = f"{NAME}_seed{SEED}.json"


def in_a_course(spoil, place):
    """Spoil the folder of recordings in a course of its own, and load one of them."""
    folder = place / "data" / "recordings"
    folder.mkdir(parents=True)
    for path in recordings.FOLDER.glob(f"{NAME}_seed*"):
        shutil.copy(path, folder)
    with patch.object(data_files, "ROOT", place), patch.object(recordings, "FOLDER", folder):
        return spoilt(spoil, folder, partial(load_recording, NAME, SEED))


def altered(change, folder):
    path = folder / FILE
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def asked_for(name, seed, place):
    return said(partial(load_recording, name, seed))


DAMAGED = f"{FILE} is damaged: its content does not match its checksum. To restore it, unpack"

FAULTS = [
    Fault(what, partial(in_a_course, spoil), sees)
    for what, spoil, sees in (
        ("all recordings are gone", without_any, "there are: none. To restore it, unpack course"),
        (
            "a file is in the folder's place",
            a_file_instead_of_the_folder,
            "none. To restore it, unpack",
        ),
        ("one seed's recording is gone", partial(without, FILE), "there are: 43, 44"),
        ("it was cut off", partial(cut_off, FILE), DAMAGED),
        ("it is empty", partial(holding, FILE, b""), DAMAGED),
        ("it is null", partial(holding, FILE, b"null"), DAMAGED),
        ("it is a list", partial(holding, FILE, b"[]"), DAMAGED),
        ("it is nested without end", partial(holding, FILE, b"[" * 100_000), DAMAGED),
        ("it has a number of 5,000 digits", partial(holding, FILE, b"1" * 5_000), DAMAGED),
        ("it is no text", partial(holding, FILE, bytes(range(256))), DAMAGED),
        ("its checksum is gone", partial(altered, lambda c: c.pop("sha256")), DAMAGED),
        ("its day was altered", partial(altered, lambda c: c.update(date="1999-12-31")), DAMAGED),
        ("it has a field too many", partial(altered, lambda c: c.update(grade=1)), DAMAGED),
        ("it has no history", partial(altered, lambda c: c.update(history=None)), DAMAGED),
        (
            "two recordings changed places",
            partial(swapped, FILE, f"{NAME}_seed43.json"),
            f"it holds '{NAME}' with the seed 43",
        ),
        (
            "a folder is in its place",
            partial(a_folder_instead_of, FILE),
            "must be a file, and a fo",
        ),
        ("a link leads nowhere", partial(a_link_into_nowhere, FILE), "Missing: "),
        (
            "it may not be read",
            partial(unreadable, FILE, PermissionError(errno.EACCES, "Permission denied")),
            f"{FILE} can't be read (Permission denied)",
        ),
    )
]
FAULTS += [
    Fault(what, partial(asked_for, name, seed), sees)
    for what, name, seed, sees in (
        ("a name with a letter out of place", "clothes_adma", 42, "there are: clothes_adam, "),
        ("the name of a file", FILE, 42, f"there are: {NAME}, "),
        (
            "a path out of the folder",
            f"../recordings/{NAME}",
            42,
            "there is no recording named '..",
        ),
        ("a name of 5,000 letters", "x" * 5_000, 42, "there is no recording named 'xxx"),
        ("no name", None, 42, "there is no recording named None in "),
        ("a class for a name", str, 42, "there is no recording named the class str in "),
        ("several names", [NAME, "wine"], 42, f"named ['{NAME}', 'wine'] in "),
        ("an array for a seed", NAME, np.arange(3), "the seed [0, 1, 2]; there are: 42, 43, 44"),
        ("a seed that is not recorded", NAME, 1, "with the seed 1; there are: 42, 43, 44"),
        ("a seed of 5,000 digits", NAME, 10**5_000, "the seed an int; there are: 42, 43, 44"),
    )
]
