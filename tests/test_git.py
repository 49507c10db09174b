"""What git says, told in sentences."""

import subprocess

import pytest

from helpers.authoring import git


def test_what_a_command_prints(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "ü \n").write_text("")
    assert git.output(tmp_path, "ls-files", "-z", "--others") == "ü \n\0"


def test_no_git(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match="git is needed and not installed"):
        git.output(tmp_path, "status")


def test_no_repository(tmp_path):
    with pytest.raises(ValueError, match="is no git repository: work in a clone"):
        git.output(tmp_path, "status")


def test_a_repository_of_another_user(tmp_path, monkeypatch):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(ValueError, match="belongs to another user.*safe.directory"):
        git.output(tmp_path, "status")


def test_anything_else_is_told_as_git_tells_it(tmp_path):
    with pytest.raises(ValueError, match="git wobble failed in .*'wobble' is not a git command"):
        git.output(tmp_path, "wobble")


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="there is no folder .*none"):
        git.output(tmp_path / "none", "status")
