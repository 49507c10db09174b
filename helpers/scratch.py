"""A place for the files that a lesson writes, for each kernel its own."""

import itertools
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

NOTE = "about-this-folder.txt"
TEXT = (
    b"The course made this folder for the files that a lesson writes.\n"
    b"The kernel that uses it keeps this note locked. Once no kernel does,\n"
    b"a new run of the lesson removes what lies in the folder 'files' here.\n"
)
FILES = "files"

_held = {}  # by the lesson: this kernel's folder for it, and the folder's note, open and locked


def scratch_folder(lesson):
    """Name a folder for a lesson's files, and say where it is. What an earlier run left is removed.

    It is `scratch/<lesson>/files` beside the notebook. While another kernel has that, it is
    `scratch/<lesson>-2/files`, and so on. A kernel that asks again gets the same one, emptied.
    Where nothing can be written there, as in a course that a class shares, it lies in
    `course-scratch` in the learner's home.

    Nothing is removed but a `files` beside the course's own note, which no living kernel holds.

    Args:
        lesson: the lesson's name, such as "05_save_and_load".

    Returns:
        The `pathlib.Path`; the folder is not there yet, the one above it is.

    Raises:
        ValueError: `lesson` is not a plain name.
        OSError: neither place can be written.
    """
    if not isinstance(lesson, str) or not re.fullmatch(r"\w{1,50}", lesson):
        raise ValueError(
            "lesson must be a name of at most 50 letters, digits and _, such as "
            f"'05_save_and_load', not {lesson!r}"
        )
    folder = (_the_same(lesson) or _a_new_one(lesson)) / FILES
    print(f"The files of this lesson go to {folder.as_posix()}")
    return folder


def _the_same(lesson):
    """The folder that this kernel has for the lesson, emptied; None if it has none, or lost it."""
    if lesson not in _held:
        return None
    folder, note = _held[lesson]
    with suppress(OSError):
        if _is_at(note, folder / NOTE):
            _empty(folder)
            return folder
    del _held[lesson]
    note.close()
    return None


def _a_new_one(lesson):
    reasons = []
    for find_place in (_beside_the_notebook, _in_the_home):
        try:
            _held[lesson] = _first_free(find_place(), lesson)
            return _held[lesson][0]
        except OSError as error:
            reasons.append(error.strerror or error)
    raise OSError(
        f"the files of lesson {lesson} can be written nowhere: neither in scratch beside this "
        f"notebook ({reasons[0]}) nor in course-scratch in your home ({reasons[1]}). Free some "
        "space or open the course in a folder of your own, then run this cell again"
    )


def _beside_the_notebook():
    return Path("scratch")


def _in_the_home():
    try:
        return Path.home() / "course-scratch"
    except RuntimeError:  # HOME is not set, and the user has no name
        raise OSError("it is not known where that is") from None


def _first_free(place, lesson):
    """Take the first folder that no living kernel has; empty the others that none has."""
    try:
        place.mkdir(exist_ok=True)
    except FileExistsError:
        raise OSError("a file has that name") from None
    mine = None
    for number in itertools.count(1):
        folder = place / (lesson if number == 1 else f"{lesson}-{number}")
        if mine and not os.path.lexists(folder):
            return mine
        note = _take(folder)
        if note and mine:
            note.close()
        elif note:
            mine = folder, note


def _take(folder):
    """Make the folder or take it over; return its note, locked, or None if it is not to be had."""
    try:
        folder.mkdir()
    except FileExistsError:
        return _take_over(folder)
    try:
        return _new_note(folder / NOTE)
    except OSError:
        folder.rmdir()
        raise


def _new_note(path):
    note = open(path, "xb", buffering=0)
    try:
        with suppress(OSError):  # where nothing can be locked, nobody takes over a folder either
            _lock(note)
        note.write(TEXT)  # after the lock: nobody takes over a folder whose note is empty
    except OSError:
        note.close()
        path.unlink()
        raise
    return note


def _take_over(folder):
    """Empty a folder that a kernel left; return its note, locked, or None if it is no such one."""
    path = folder / NOTE
    if folder.is_symlink() or path.is_symlink() or not path.is_file():
        return None
    with suppress(OSError):
        note = open(path, "r+b", buffering=0)
        try:
            if note.read(len(TEXT) + 1) == TEXT:
                _lock(note)
                _empty(folder)
                return note
        except OSError:  # another kernel has it, or its files can't be removed
            pass
        note.close()
    return None


def _empty(folder):
    """Remove what a lesson left, or raise OSError. That `files` is a link is such an error."""
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / FILES)


def _is_at(note, path):
    return os.path.samestat(os.fstat(note.fileno()), os.lstat(path))


def _lock(note):
    """Lock the note until it is closed or this process ends. Raise OSError if that can't be."""
    if os.name == "nt":
        import msvcrt

        note.seek(1_000_000)  # behind the text: on Windows nobody can read what is locked
        msvcrt.locking(note.fileno(), msvcrt.LK_NBLCK, 1)
        note.seek(0)
    else:
        import fcntl

        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
