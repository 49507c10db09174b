"""The zip that brings the course to where git can't."""

import subprocess
import zipfile
from pathlib import Path

from helpers.authoring import bundle, publish

ROOT = Path(__file__).resolve().parent.parent


def test_it_holds_what_lessons_need_and_nothing_else(tmp_path, capsys):
    target = tmp_path / "course.zip"
    assert bundle.main([str(target)]) == 0
    names = zipfile.ZipFile(target).namelist()
    assert {"LICENSE", "helpers/__init__.py", "helpers/explorers/patience.py"} <= set(names)
    assert "data/recordings/clothes_adam_seed42.json" in names
    assert {name.split("/")[0] for name in names} == {"LICENSE", "helpers", "data"}
    assert not [name for name in names if "authoring" in name or "pictures" in name]
    assert not [name for name in names if "pycache" in name or name.endswith((".ipynb", ".zip"))]
    assert target.stat().st_size < 40_000_000
    assert str(target) in capsys.readouterr().out


def test_the_same_files_make_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        bundle.write(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_what_it_holds_is_what_git_tracks(tmp_path):
    bundle.write(tmp_path / "course.zip")
    archive = zipfile.ZipFile(tmp_path / "course.zip")
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    assert set(archive.namelist()) <= set(tracked)
    assert publish.MARK in archive.namelist()
    assert all(archive.read(name) == (ROOT / name).read_bytes() for name in archive.namelist())


def test_a_place_that_cant_be_written_is_told(tmp_path, capsys):
    assert bundle.main([str(tmp_path / "none" / "course.zip")]) == 1
    assert "there is no folder" in capsys.readouterr().err
