"""What makes a folder this course. The set-up cell of each lesson looks for this file and runs it.

It looks in the folders above, in `course`, in course.zip and in a clone. The number in the name is
the course's version: rename the file, in what imports it too, when lessons need a newer course
than those that are out there. A lesson takes only a course of its own number. This file needs the
standard library only.
"""

import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

MARK = "helpers/" + Path(__file__).name


class Told(BaseException):
    """What went wrong, for a learner, in a sentence that IPython shows without a traceback.

    It is no Exception, so that the set-up cell lets it pass.
    """

    def _render_traceback_(self):
        return [str(self)]


def main(root: Path) -> None:
    """Let Python find the course that was found at `root`.

    One that was just fetched, or a course.zip that is not what `course` holds, goes to `course`.

    Raises:
        Told: course.zip is no course, or `course` can't be written.
    """
    course, zipped = Path("course").absolute(), Path("course.zip").absolute()
    if root not in (course, *course.parents):
        put(root, course)
        root = course
    elif root == course and zipped.is_file():
        bring_up_to_date(course, zipped)
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    print("The course is in the folder", os.path.relpath(root))


def bring_up_to_date(course: Path, zipped: Path) -> None:
    """Replace the folder where a file of the zip is missing in it or is another.

    Raises:
        Told: the zip is damaged or no course, or the folder can't be written.
    """
    try:
        with zipfile.ZipFile(zipped) as archive, tempfile.TemporaryDirectory() as new:
            if differs(course, archive):
                archive.extractall(new)
                put(Path(new, folder_in(archive)), course)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, StopIteration):
        raise Told(
            "course.zip is damaged, or it is not this course's: upload it again, or delete it to "
            "go on with the folder course. Then run this cell again."
        ) from None
    except OSError as error:
        raise not_put(course, error) from None


def folder_in(archive: zipfile.ZipFile) -> str:
    """The folder in which the course lies: "" or, in GitHub's zip, such as "when-to-stop-main/"."""
    return next(n for n in archive.namelist() if n.endswith(MARK)).removesuffix(MARK)


def differs(course: Path, archive: zipfile.ZipFile) -> bool:
    """Whether a file of the zip is missing in the folder or is another there."""
    inner = folder_in(archive)
    return any(
        checksum(course / entry.filename.removeprefix(inner)) != entry.CRC
        for entry in archive.infolist()
        if not entry.is_dir()
    )


def checksum(path: Path) -> int | None:
    """A file's checksum as a zip has it; None where there is no file."""
    return zlib.crc32(path.read_bytes()) if path.is_file() else None


def put(root: Path, course: Path) -> None:
    """Copy the course to the folder `course` in one step. What stood there gets another name.

    Raises:
        Told: that failed; then all is as it was.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="course-", dir=course.parent) as beside:
            new = Path(beside, "course")
            shutil.copytree(root, new, ignore=shutil.ignore_patterns(".git"))
            new.chmod(0o755)  # a temporary folder is its owner's alone
            aside = move_aside(course) if os.path.lexists(course) else None
            try:
                new.rename(course)
            except OSError:
                if aside:
                    aside.rename(course)
                raise
    except (OSError, shutil.Error) as error:
        raise not_put(course, error) from None
    if aside:
        print(f"What was named course is now named {aside.name}")
        if "helpers" in sys.modules:
            print("Restart the kernel and run the lesson from the top: it still has the old one.")


def move_aside(path: Path) -> Path:
    """Give a file or folder the first free name, such as course-old-1; return it."""
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}-old-{number}")):
        number += 1
    return path.rename(aside)


def not_put(course: Path, error: OSError) -> Told:
    """The sentence for a folder that can't be written."""
    reason = error.strerror or "a file could not be copied"
    return Told(
        f"The course can't be put into {course} ({reason}). Free some space or open the lesson in "
        "a folder of your own, then run this cell again."
    )


if __name__ == "__main__":
    try:
        main(Path(__file__).parents[1])
    finally:
        shutil.rmtree(globals()["to"], ignore_errors=True)  # which the set-up cell made
