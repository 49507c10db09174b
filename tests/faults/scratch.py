"""What befalls the folder where a lesson keeps its files.

The folders of other kernels are made by real processes. Where a disk is full or files are another
user's, the one system call that would fail is made to: root, as whom these may run, is refused
nothing.
"""

import errno
import importlib
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import chdir, contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from unittest.mock import patch

from helpers import scratch_folder

from . import Fault

COURSE = Path(__file__).resolve().parents[2]
NUMBERS = itertools.count(1)
ANOTHER_KERNEL = """
import sys
from helpers import scratch_folder
folder = scratch_folder(sys.argv[1])
folder.mkdir()
(folder / "theirs.keras").write_text("theirs")
print(folder, flush=True)
input()
"""


class Learner:
    """A learner with a home, who stands in the folder of the notebooks."""

    def __init__(self, place: Path) -> None:
        self.notebooks, self.home = place / "notebooks", place / "home"
        self.lesson = f"lesson_{next(NUMBERS)}"  # not one for which this process has a folder
        self.scratch = self.notebooks / "scratch"
        self.folder = self.scratch / self.lesson
        for folder in (self.notebooks, self.home):
            folder.mkdir()

    def reads(self, lesson: object = ...) -> str:
        """What the lesson's cell says, be it an error; the lesson is called "lesson" there."""
        with chdir(self.notebooks):
            return self.reads_here(self.lesson if lesson is ... else lesson)

    def reads_here(self, lesson: object) -> str:
        said = StringIO()
        with patch.dict(os.environ, HOME=str(self.home)), redirect_stdout(said):
            if self.home is None:
                del os.environ["HOME"]
            try:
                scratch_folder(lesson)
            except Exception as error:
                print(f"{type(error).__name__}: {error}")
        return said.getvalue().replace(self.lesson, "lesson")

    @contextmanager
    def another_kernel(self):
        """Another kernel with the same lesson; gives its model's file."""
        process = subprocess.Popen(
            [sys.executable, "-c", ANOTHER_KERNEL, self.lesson],
            cwd=self.notebooks,
            env={**os.environ, "PYTHONPATH": str(COURSE), "HOME": str(self.home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                process.stdout.readline()
                yield self.notebooks / process.stdout.readline().strip() / "theirs.keras"
            finally:
                process.kill()


Happening = Callable[[Path], str]


def own_file(folder: Path) -> Path:
    """A file of the learner's own in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.keras").write_text("mine")
    return folder / "mine.keras"


def left_by_a_kernel(learner: Learner) -> Path:
    """The model that a kernel left which has ended."""
    with learner.another_kernel() as model:
        return model


# --- several kernels -------------------------------------------------------------------------


def beside_a_living_kernel(place: Path) -> str:
    learner = Learner(place)
    with learner.another_kernel() as model:
        said = learner.reads()
        assert model.read_text() == "theirs"
    return said


def tidies_up_beside_a_living_kernel(place: Path) -> str:
    learner = Learner(place)
    with learner.another_kernel() as model:
        said = learner.reads()
        folder = learner.notebooks / said.split()[-1].replace("lesson", learner.lesson, 1)
        folder.mkdir()
        shutil.rmtree(folder)
        assert model.read_text() == "theirs"
    return said


def after_kernels_that_ended(place: Path) -> str:
    learner = Learner(place)
    with learner.another_kernel() as first, learner.another_kernel() as second:
        pass
    said = learner.reads()
    assert not first.exists() and not second.exists()
    return said


def twice_in_one_kernel(place: Path) -> str:
    learner = Learner(place)
    folders = [learner.reads() for _ in range(2)]
    assert folders[0] == folders[1]
    return folders[1]


def deleted_between_two_runs(place: Path) -> str:
    learner = Learner(place)
    learner.reads()
    shutil.rmtree(learner.scratch)
    said = learner.reads()
    assert learner.folder.is_dir()
    return said


# --- what the course did not make ------------------------------------------------------------


def keeps(make: Callable[[Learner], Path]) -> Happening:
    """Make a file of the learner's own, run the lesson, and see that the file is kept."""

    def happens(place: Path) -> str:
        learner = Learner(place)
        mine = make(learner)
        said = learner.reads()
        assert mine.read_text() == "mine"
        return said

    return happens


def a_folder_of_that_name(learner: Learner) -> Path:
    return own_file(learner.folder / "files")


def a_file_of_that_name(learner: Learner) -> Path:
    return own_file(learner.scratch).rename(learner.folder)


def a_link_of_that_name(learner: Learner) -> Path:
    left_by_a_kernel(learner)
    models = learner.folder.rename(learner.home / "models")
    learner.folder.symlink_to(models)
    return own_file(models / "files")


def files_is_a_link(learner: Learner) -> Path:
    shutil.rmtree(left_by_a_kernel(learner).parent)
    (learner.folder / "files").symlink_to(learner.home)
    return own_file(learner.home)


def files_is_a_file(learner: Learner) -> Path:
    shutil.rmtree(left_by_a_kernel(learner).parent)
    return own_file(learner.scratch).rename(learner.folder / "files")


def a_note_of_ones_own(learner: Learner) -> Path:
    mine = own_file(left_by_a_kernel(learner).parent)
    (learner.folder / "about-this-folder.txt").write_text("Don't delete!")
    return mine


def a_note_that_is_a_link(learner: Learner) -> Path:
    mine = own_file(left_by_a_kernel(learner).parent)
    note = learner.folder / "about-this-folder.txt"
    note.symlink_to(note.rename(learner.home / "note.txt"))
    return mine


def a_note_that_is_a_folder(learner: Learner) -> Path:
    (learner.folder / "about-this-folder.txt").mkdir(parents=True)
    return own_file(learner.folder / "files")


def scratch_is_a_link_to_ones_own(learner: Learner) -> Path:
    learner.scratch.symlink_to(learner.home)
    return own_file(learner.home / learner.lesson / "files")


def scratch_is_a_file(learner: Learner) -> Path:
    return own_file(learner.notebooks).rename(learner.scratch)


def scratch_is_a_link_to_nothing(learner: Learner) -> Path:
    learner.scratch.symlink_to(learner.home / "gone")
    return own_file(learner.home)


# --- what the machine refuses ----------------------------------------------------------------


def fails(name: str, error: Exception, when: Callable[..., bool] = lambda *_: True):
    """Let the named function fail as the system would, for the arguments `when` says."""
    module, _, function = name.rpartition(".")
    real = getattr(importlib.import_module(module), function)

    def call(*arguments, **named):
        if when(*arguments):
            raise error
        return real(*arguments, **named)

    return patch(name, call)


def refused(number: int) -> OSError:
    return OSError(number, os.strerror(number))


def after_a_kernel(fault) -> Happening:
    """A kernel left a model, and taking over its folder fails: the model stays."""

    def happens(place: Path) -> str:
        learner = Learner(place)
        model = left_by_a_kernel(learner)
        with fault():
            said = learner.reads()
        assert model.read_text() == "theirs"
        return said

    return happens


def anothers_note():
    def is_old(path, mode="r", *_):
        return mode == "r+b"

    return fails("builtins.open", refused(errno.EACCES), is_old)


def files_that_stay():
    return fails("shutil.rmtree", refused(errno.EACCES))


def no_locks():
    return fails("fcntl.flock", refused(errno.ENOLCK))


def nothing_can_be_made(number: int) -> Happening:
    def happens(place: Path) -> str:
        learner = Learner(place)
        with fails("os.mkdir", refused(number)):
            said = learner.reads()
        assert not learner.scratch.exists()
        return said

    return happens


def nothing_can_be_written(place: Path) -> str:
    """No file may grow: that makes the note's write fail, after its folder was made."""
    import resource

    learner = Learner(place)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        said = learner.reads()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not learner.folder.exists(), "nothing half made is left"
    return said


def no_home_is_known(place: Path) -> str:
    """HOME is not set and the user has no name, as in some containers."""
    learner = Learner(place)
    mine = scratch_is_a_file(learner)
    learner.home = None
    with fails("pwd.getpwuid", KeyError("no such user")):
        said = learner.reads()
    assert mine.read_text() == "mine"
    return said


def home_is_not_there(place: Path) -> str:
    learner = Learner(place)
    mine = scratch_is_a_file(learner)
    learner.home.rmdir()
    said = learner.reads()
    assert mine.read_text() == "mine"
    return said


def both_names_are_taken(place: Path) -> str:
    learner = Learner(place)
    mine = (
        scratch_is_a_file(learner),
        own_file(learner.home).rename(learner.home / "course-scratch"),
    )
    said = learner.reads()
    assert all(file.read_text() == "mine" for file in mine)
    return said


def the_notebooks_are_gone(place: Path) -> str:
    """The folder in which the kernel runs was deleted, or moved to the bin."""
    learner = Learner(place)
    with chdir(learner.notebooks):
        learner.notebooks.rmdir()
        return learner.reads_here(learner.lesson)


def is_called(name: object) -> Happening:
    def happens(place: Path) -> str:
        learner = Learner(place)
        said = learner.reads(name)
        assert not learner.scratch.exists()
        return said

    return happens


OWN = "to scratch/lesson/files"
NEXT = "to scratch/lesson-2/files"
HOME = "/home/course-scratch/lesson/files"
FAULTS = [
    Fault("two kernels run one lesson", beside_a_living_kernel, NEXT),
    Fault("the second kernel tidies up", tidies_up_beside_a_living_kernel, NEXT),
    Fault("kernels ended and left their files", after_kernels_that_ended, OWN),
    Fault("the cell runs twice in one kernel", twice_in_one_kernel, OWN),
    Fault("scratch was deleted between two runs", deleted_between_two_runs, OWN),
    Fault("the learner has a folder of that name", keeps(a_folder_of_that_name), NEXT),
    Fault("the learner has a file of that name", keeps(a_file_of_that_name), NEXT),
    Fault("a link of that name leads to the learner's folder", keeps(a_link_of_that_name), NEXT),
    Fault("files is a link to the learner's folder", keeps(files_is_a_link), NEXT),
    Fault("files is a file of the learner's", keeps(files_is_a_file), NEXT),
    Fault("the note is the learner's own", keeps(a_note_of_ones_own), NEXT),
    Fault("the note is a link", keeps(a_note_that_is_a_link), NEXT),
    Fault("the note is a folder", keeps(a_note_that_is_a_folder), NEXT),
    Fault("scratch is a link to the learner's", keeps(scratch_is_a_link_to_ones_own), NEXT),
    Fault("scratch is a file", keeps(scratch_is_a_file), HOME),
    Fault("scratch is a link to nothing", keeps(scratch_is_a_link_to_nothing), HOME),
    Fault("what is left is another user's", after_a_kernel(anothers_note), NEXT),
    Fault("what is left can't be removed", after_a_kernel(files_that_stay), NEXT),
    Fault("nothing can be locked", after_a_kernel(no_locks), NEXT),
    Fault("the disk is full", nothing_can_be_made(errno.ENOSPC), "No space left on device"),
    Fault("the disk is read-only", nothing_can_be_made(errno.EROFS), "Read-only file system"),
    Fault("no permission", nothing_can_be_made(errno.EACCES), "Permission denied"),
    Fault("a note can't be written", nothing_can_be_written, "Free some space"),
    Fault("no home is known", no_home_is_known, "not known where that is"),
    Fault("the home is not there", home_is_not_there, "No such file or directory"),
    Fault("files have both names", both_names_are_taken, "a file has that name"),
    Fault("the folder of the notebooks is gone", the_notebooks_are_gone, HOME),
    Fault("the lesson's name leads elsewhere", is_called("../notebooks"), "not '../notebooks'"),
    Fault("the lesson's name is empty", is_called(""), "not ''"),
    Fault("the lesson's name holds a NUL", is_called("04\0"), "letters, digits and _"),
    Fault("the lesson's name is a number", is_called(4), "not 4"),
]
