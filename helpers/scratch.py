"""A place for the files that a lesson writes."""

import shutil
import tempfile
from pathlib import Path


def scratch_folder(lesson):
    """Name a folder for a lesson's files, and say where it is. What an earlier run left is removed.

    It is `scratch/<lesson>` beside the notebook. Where nothing can be written there, as in a course
    that a class shares, it is `course-scratch/<lesson>` in the learner's home.

    Args:
        lesson: the lesson's name, such as "04_save_and_load".

    Returns:
        The `pathlib.Path`; the folder is not there yet, the one above it is.

    Raises:
        ValueError: `lesson` is not a plain name.
        PermissionError: neither place can be written.
    """
    if not isinstance(lesson, str) or lesson in ("", ".", "..") or Path(lesson).name != lesson:
        raise ValueError(f"lesson must be a name such as '04_save_and_load', not {lesson!r}")
    places = (Path("scratch"), Path.home() / "course-scratch")
    for place in places:
        if _can_be_written(place):
            folder = place / lesson
            shutil.rmtree(folder, ignore_errors=True)
            print(f"The files of this lesson go to {folder.as_posix()}")
            return folder
    raise PermissionError(
        f"nothing can be written in {places[0].resolve()} nor in {places[1]}: free some space or "
        "open the course in a folder of your own, then run this cell again"
    )


def _can_be_written(folder):
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
