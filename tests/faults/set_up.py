"""The set-up cell, where the course is missing, damaged or another's."""

import contextlib
import errno
import io
import os
import shutil
import signal
import sys
import tempfile
import traceback
import zipfile
from pathlib import Path
from unittest import mock

from IPython.core.error import UsageError

from faults import Fault
from helpers.authoring import publish

MARK = Path(publish.__file__).parents[2] / publish.MARK
UPLOAD = "Upload the course's own course.zip, whole, and run again."
FOUND = "The course is in the folder course"
MOVED = "What was named course is now named course-old-1"
BAD_ZIP = "course.zip is damaged, or it is not this course's"
NOT_PUT = "The course can't be put into"
COURSE = {
    "LICENSE": b"free\n",
    publish.MARK: MARK.read_bytes(),
    "helpers/__init__.py": b"",
    "helpers/models.py": b"LAYERS = 3  # " + 50 * b"the same line, ",
}
OTHER = {"README.md": b"mine\n", "helpers/models.py": b"mine = True\n"}
OLDER = {**COURSE, "helpers/models.py": b"LAYERS = 2\n"}


# --- what stands in the folder ------------------------------------------------------------------


def zipped(files, inside=""):
    """The bytes of a zip with these files in the folder `inside`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(inside + name, content)
    return buffer.getvalue()


GOOD = zipped(COURSE)
NOTHING_IN_IT = zipped({})
HALF = GOOD[: len(GOOD) // 2]


def with_bad_byte(marker, beyond):
    """The good zip with one byte changed, so far beyond the last such marker."""
    content = bytearray(GOOD)
    content[content.rindex(marker) + beyond] ^= 0xFF
    return bytes(content)


BAD_MODULE = with_bad_byte(b"PK\x03\x04", 30 + len("helpers/models.py") + 5)
BAD_LIST = with_bad_byte(b"PK\x01\x02", 1)
ENCRYPTED = GOOD.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01").replace(
    b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
)


def fill(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def held(folder):
    """All that is in a folder: each file's content, each link's target."""
    return {
        path.relative_to(folder).as_posix(): os.readlink(path)
        if path.is_symlink()
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def new_folder(place, name="content"):
    folder = place / name
    folder.mkdir()
    return folder


# --- what a learner does ------------------------------------------------------------------------


def run_cell(folder, address="", branch="main"):
    """Run the cell in a folder; return what is read below it."""
    path = list(sys.path)
    scratch = folder.parent / "tmp"
    scratch.mkdir(exist_ok=True)
    shown = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(shown),
        mock.patch.object(tempfile, "tempdir", str(scratch)),
    ):
        try:
            exec(publish.set_up_source(address, branch), {})
        except BaseException as error:
            alone = isinstance(error, UsageError) or hasattr(error, "_render_traceback_")
            shown.write(str(error) if alone else traceback.format_exc())
        finally:
            sys.path[:] = path
    return shown.getvalue()


def killed_in(function, folder):
    """Run the cell in a process that dies at its first call of this function."""
    child = os.fork()
    if child == 0:
        with mock.patch(function, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)):
            run_cell(folder)
        os._exit(1)  # it was never called
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it was not killed"


def fails_below(folder, function, number):
    """A system call that fails, as on a full disk or without permission, but only in a folder."""
    module, _, name = function.rpartition(".")
    real = getattr(sys.modules[module], name)

    def call(*arguments, **keywords):
        if any(str(part).startswith(str(folder)) for part in arguments[:2]):
            raise OSError(number, os.strerror(number))
        return real(*arguments, **keywords)

    return mock.patch(function, call)


def assert_course(folder):
    """The folder holds the whole course, and nothing half done stands beside it."""
    assert {name: held(folder / "course").get(name) for name in COURSE} == COURSE
    assert not list(folder.glob("course-[!o]*"))


# --- kinds of faults ----------------------------------------------------------------------------


def only(files, address="", branch="main"):
    """Only these files are there. Nothing is changed, and a good zip helps."""

    def happens(place):
        folder = new_folder(place)
        fill(folder, files)
        before = held(folder)
        text = run_cell(folder, address, branch)
        assert held(folder) == before
        if (folder / "course.zip").is_dir():
            shutil.rmtree(folder / "course.zip")
        fill(folder, {"course.zip": GOOD})
        assert FOUND in run_cell(folder, address, branch)
        assert_course(folder)
        return text

    return happens


def no_git(place):
    with mock.patch.dict(os.environ, PATH=str(place)):
        return only({}, "https://github.com/one/two")(place)


def course_beside(make, content=GOOD):
    """`course` is something else, and the zip is good: it is put aside and kept."""

    def happens(place):
        folder = new_folder(place)
        fill(folder, {"course.zip": content})
        make(folder)
        before = set(held(folder).values())
        text = run_cell(folder)
        assert before <= set(held(folder).values())
        assert_course(folder)
        return text

    return happens


def holds(files):
    return lambda folder: fill(folder / "course", files)


def without(name):
    return {other: content for other, content in COURSE.items() if other != name}


def link(target):
    return lambda folder: (folder / "course").symlink_to(target)


def old_names_taken(folder):
    fill(folder, {"course": b"new", "course-old-1": b"old"})


def course_and(content, files=COURSE):
    """There is a course, and the zip is bad: the course stays, and works without the zip."""

    def happens(place):
        folder = new_folder(place)
        fill(folder / "course", files)
        fill(folder, {"course.zip": content})
        before = held(folder)
        text = run_cell(folder)
        assert held(folder) == before
        (folder / "course.zip").unlink()
        assert FOUND in run_cell(folder)
        return text

    return happens


def named(name):
    """The lesson lies in a folder of this name."""

    def happens(place):
        folder = new_folder(place, name)
        fill(folder, {"course.zip": GOOD})
        text = run_cell(folder)
        assert_course(folder)
        assert not list(place.rglob("ran"))
        return text

    return happens


def below(files, deeper="a/b"):
    """The lesson lies deep in a folder with these files."""

    def happens(place):
        fill(place, files)
        folder = place / deeper
        folder.mkdir(parents=True)
        text = run_cell(folder)
        assert files.items() <= held(place).items()
        return text

    return happens


def packed(content):
    """The zip is packed in another way, and is taken."""

    def happens(place):
        folder = new_folder(place)
        fill(folder, {"course.zip": content})
        text = run_cell(folder)
        assert_course(folder)
        return text

    return happens


def again(place):
    folder = new_folder(place)
    fill(folder, {"course.zip": GOOD})
    run_cell(folder)
    before = (folder / "course").stat().st_ino
    text = run_cell(folder)
    assert (folder / "course").stat().st_ino == before, "it was unpacked again"
    return text


def killed(function, before=None):
    """The first run is killed; the next one is well."""

    def happens(place):
        folder = new_folder(place)
        fill(folder, {"course.zip": GOOD})
        if before:
            fill(folder / "course", before)
        killed_in(function, folder)
        text = run_cell(folder)
        assert {name: held(folder / "course").get(name) for name in COURSE} == COURSE
        return text

    return happens


def not_writable(function, number, before=None):
    """The course can't be put there; what was there stays."""

    def happens(place):
        folder = new_folder(place)
        fill(folder, {"course.zip": GOOD})
        if before:
            fill(folder / "course", before)
        all_before = held(folder)
        with fails_below(folder, function, number):
            text = run_cell(folder)
        assert held(folder) == all_before
        assert FOUND in run_cell(folder)
        return text

    return happens


FAULTS = [
    Fault("there is no zip and no address", only({}), UPLOAD),
    *(
        Fault(f"course.zip is {what}", only({"course.zip": content}), UPLOAD)
        for what, content in {
            "an empty file": b"",
            "without entries": NOTHING_IN_IT,
            "of another project": zipped(OTHER),
            "of another project, one folder deeper": zipped(OTHER, "other-main/"),
            "half uploaded": HALF,
            "without its first half": GOOD[len(GOOD) // 2 :],
            "bad by one byte in a module": BAD_MODULE,
            "bad by one byte in its list of files": BAD_LIST,
            "a folder with lessons": zipped({"notebooks/00_start_here.ipynb": b"{}"}),
            "a web page": b"<!DOCTYPE html><title>Sign in</title>",
            "locked with a password": ENCRYPTED,
            "an older course, which this lesson can't use": zipped(without(publish.MARK)),
            "a zip of the zip": zipped({"course.zip": GOOD}),
        }.items()
    ),
    Fault("course.zip is a folder", only({"course.zip/LICENSE": b"free\n"}), UPLOAD),
    *(
        Fault(f"the zip is named {name}", only({name: GOOD}), UPLOAD)
        for name in ("course (1).zip", "course.zip.zip", "COURSE.ZIP", "when-to-stop-main.zip")
    ),
    Fault("the address is nowhere", only({}, "file:///no/such/place"), UPLOAD),
    Fault("there is no internet", only({}, "http://127.0.0.1:9/one/two"), UPLOAD),
    Fault("there is no git", no_git, UPLOAD),
    Fault("an address holds a command", only({}, "file:///$(touch${IFS}ran)"), UPLOAD),
    Fault("a branch holds a command", only({}, "file:///no/place", "v$(touch${IFS}ran)"), UPLOAD),
    *(
        Fault(f"course is {what}", course_beside(make), MOVED)
        for what, make in {
            "a file": lambda folder: fill(folder, {"course": b"mine"}),
            "a link to nowhere": link("no/such/place"),
            "a link to itself": link("course"),
            "an empty folder": lambda folder: (folder / "course").mkdir(),
            "another project's folder": holds(OTHER),
            "half unpacked, without its mark": holds({"LICENSE": b"free\n"}),
            "an older course than the zip": holds(OLDER),
            "without a module": holds(without("helpers/models.py")),
            "bad by one byte in a module": holds({**COURSE, "helpers/models.py": BAD_MODULE}),
            "full of the learner's own changes": holds({**OLDER, "mine.txt": b"mine"}),
        }.items()
    ),
    Fault("course and course-old-1 are files", course_beside(old_names_taken), "course-old-2"),
    *(
        Fault(f"course is there, and course.zip {what}", course_and(content, files), BAD_ZIP)
        for what, content, files in (
            ("is another project's", zipped(OTHER), COURSE),
            ("is half uploaded", HALF, COURSE),
            ("has no entries", NOTHING_IN_IT, COURSE),
            ("is newer and bad by one byte", BAD_MODULE, OLDER),
        )
    ),
    *(
        Fault(f"the folder's name is {name!r}", named(name), FOUND)
        for name in ("my course", "it's", 'a "b"', "$(touch ran)", "Übung ß", "a\nb", "-n", "수업")
    ),
    Fault("a folder above is another project's with helpers", below(OTHER), UPLOAD),
    Fault("a folder above is an older course", below(without(publish.MARK)), UPLOAD),
    Fault("a lesson was copied deep into the course", below(COURSE), "in the folder ../.."),
    Fault(
        "course.zip is GitHub's", packed(zipped({"": b"", **COURSE}, "when-to-stop-main/")), FOUND
    ),
    Fault("course.zip was packed again by hand", packed(zipped(COURSE, "my course/")), FOUND),
    Fault("the cell is run again", again, FOUND),
    Fault("killed while it unpacks", killed("shutil.copyfileobj"), FOUND),
    Fault("killed while it copies", killed("shutil.copyfile"), FOUND),
    Fault("killed before it renames", killed("os.rename"), FOUND),
    Fault("killed while it replaces an older one", killed("shutil.copyfile", OLDER), FOUND),
    Fault("the folder may not be written", not_writable("os.mkdir", errno.EACCES), NOT_PUT),
    Fault("the folder is read-only", not_writable("os.mkdir", errno.EROFS), "Read-only file"),
    Fault("the disk is full", not_writable("os.mkdir", errno.ENOSPC), "No space left"),
    Fault("the disk gets full", not_writable("shutil.copyfile", errno.ENOSPC, OLDER), NOT_PUT),
    Fault("course can't be renamed", not_writable("os.rename", errno.EACCES, OLDER), NOT_PUT),
]
