from pathlib import Path

import pytest

from helpers import scratch_folder


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """A notebook's folder to stand in, and a home."""
    here, home = tmp_path / "an install", tmp_path / "home"
    for folder in (here, home):
        folder.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(Path, "home", lambda: home)
    return here, home


def test_it_lies_beside_the_notebook_and_is_not_there_yet(capsys):
    folder = scratch_folder("04_save_and_load")
    assert folder == Path("scratch/04_save_and_load")
    assert folder.parent.is_dir() and not folder.exists()
    assert capsys.readouterr().out == ("The files of this lesson go to scratch/04_save_and_load\n")


def test_an_earlier_runs_files_go_and_other_lessons_stay():
    for name in ("04_save_and_load", "05_callbacks"):
        folder = scratch_folder(name)
        folder.mkdir()
        (folder / "old.keras").write_text("old")
    scratch_folder("05_callbacks")
    assert not Path("scratch/05_callbacks").exists()
    assert Path("scratch/04_save_and_load/old.keras").exists()


def test_where_nothing_can_be_written_it_lies_in_the_home(places, capsys):
    here, home = places
    (here / "scratch").write_text("not a folder: nothing can be written in it")
    folder = scratch_folder("05_callbacks")
    assert folder == home / "course-scratch" / "05_callbacks"
    assert folder.as_posix() in capsys.readouterr().out
    folder.mkdir()


def test_no_place_at_all_is_told(places):
    here, home = places
    (here / "scratch").write_text("")
    (home / "course-scratch").write_text("")
    with pytest.raises(PermissionError, match="nothing can be written in .*an install"):
        scratch_folder("05_callbacks")


@pytest.mark.parametrize("name", ["", ".", "..", "../notebooks", "a/b", None, 4])
def test_a_name_that_is_no_name_is_refused(name):
    with pytest.raises(ValueError, match="lesson must be a name"):
        scratch_folder(name)
