import errno
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers import scratch_folder

COURSE = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """A notebook's folder to stand in, and a home."""
    here, home = tmp_path / "an install", tmp_path / "home"
    for folder in (here, home):
        folder.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(Path, "home", lambda: home)
    return here, home


@contextmanager
def another_kernel(lesson):
    """A process that asks for the lesson's folder and writes a file there; gives the folder."""
    code = (
        f"from helpers import scratch_folder; folder = scratch_folder({lesson!r}); folder.mkdir();"
        "(folder / 'best.keras').write_text('theirs'); print(folder, flush=True); input()"
    )
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(COURSE)}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            process.stdout.readline()
            yield Path(process.stdout.readline().strip())
        finally:
            process.kill()


def test_it_lies_beside_the_notebook_and_is_not_there_yet(capsys):
    folder = scratch_folder("05_save_and_load")
    assert folder == Path("scratch/05_save_and_load/files")
    assert folder.parent.is_dir() and not folder.exists()
    assert capsys.readouterr().out == (
        "The files of this lesson go to scratch/05_save_and_load/files\n"
    )


def test_an_earlier_runs_files_go_and_other_lessons_stay():
    for name in ("05_save_and_load", "06_callbacks"):
        folder = scratch_folder(name)
        folder.mkdir()
        (folder / "old.keras").write_text("old")
    assert scratch_folder("06_callbacks") == folder
    assert not folder.exists()
    assert Path("scratch/05_save_and_load/files/old.keras").exists()


def test_each_kernel_has_its_own_and_those_of_kernels_that_ended_are_used_again():
    with another_kernel("06_callbacks") as first:
        with another_kernel("06_callbacks") as second:
            mine = scratch_folder("06_callbacks")
            mine.mkdir()
            assert len({first, second, mine}) == 3
            assert scratch_folder("06_callbacks") == mine, "it keeps what it has"
            mine.mkdir()
        with another_kernel("06_callbacks") as third:
            assert third == second
            assert (first / "best.keras").read_text() == "theirs"
    assert mine.is_dir()


def test_a_new_kernel_tidies_what_others_left():
    with another_kernel("06_callbacks") as first, another_kernel("06_callbacks") as second:
        pass
    with another_kernel("06_callbacks") as third:
        assert third == first
        assert not second.exists()


def test_a_kernel_whose_folder_was_deleted_gets_a_new_one():
    folder = scratch_folder("06_callbacks")
    (folder.parent / "about-this-folder.txt").unlink()
    folder.parent.rmdir()
    assert scratch_folder("06_callbacks") == folder
    assert folder.parent.is_dir()


def test_where_nothing_can_be_locked_no_folder_is_taken_over(monkeypatch):
    fcntl = pytest.importorskip("fcntl")
    with another_kernel("06_callbacks") as first:
        pass

    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    mine = scratch_folder("06_callbacks")
    assert mine != first and (first / "best.keras").exists()
    assert scratch_folder("06_callbacks") == mine


def test_where_nothing_can_be_written_it_lies_in_the_home(places, capsys):
    here, home = places
    (here / "scratch").write_text("not a folder: nothing can be written in it")
    folder = scratch_folder("06_callbacks")
    assert folder == home / "course-scratch" / "06_callbacks" / "files"
    assert folder.as_posix() in capsys.readouterr().out
    folder.mkdir()


def test_no_place_at_all_is_told(places):
    here, home = places
    (here / "scratch").write_text("")
    (home / "course-scratch").write_text("")
    with pytest.raises(OSError, match="written nowhere: .*has that name.*that name"):
        scratch_folder("a_lesson_that_has_none_yet")


@pytest.mark.parametrize("name", ["", ".", "..", "../notebooks", "a/b", "a-2", "a\0", "a" * 51, 4])
def test_a_name_that_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="lesson must be a name"):
        scratch_folder(name)
