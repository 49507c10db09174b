"""The command that writes the repository's address into lessons and README."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from helpers.authoring import execute, normal_form, publish

ROOT = Path(__file__).resolve().parent.parent
FIRST, SECOND = "https://github.com/one-school/when-to-stop", "https://github.com/two/net.2"


def git(root, *arguments):
    name = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", "state")


def texts(root):
    return {path.name: path.read_text("utf-8") for path in [root / "README.md", *lessons(root)]}


def lessons(root):
    return execute.lessons(root)


@pytest.fixture
def project(tmp_path):
    """A clone of the project's lessons and README, in a folder with a space."""
    root = tmp_path / "the project"
    (root / "notebooks").mkdir(parents=True)
    for path in [ROOT / "README.md", *execute.lessons(ROOT)]:
        shutil.copy(path, root / path.relative_to(ROOT))
    git(root, "init", "-q")
    commit(root)
    return root


def run(root, *arguments):
    assert publish.main(list(arguments), root) == 0
    commit(root)
    return texts(root)


def test_each_lesson_gets_badge_and_address(project, capsys):
    published = run(project, FIRST, "--branch", "class-2026")
    told = capsys.readouterr().out
    for path in lessons(project):
        cells = {cell["id"]: cell for cell in normal_form.parse(published[path.name]).cells}
        target = (
            f"{publish.COLAB}/github/one-school/when-to-stop/blob/class-2026/notebooks/{path.name}"
        )
        assert f"({target})" in cells["title"].source
        assert cells["title"].source.count("Open in Colab") == 1
        assert f'-b class-2026 {FIRST}"' in cells["set-up"].source
        assert f"({target})" in published["README.md"]
        assert f"changed notebooks/{path.name}" in told
        assert normal_form.differences(published[path.name], project) == []
    assert published["README.md"].count("Open in Colab") == len(lessons(project))
    assert f"git clone {FIRST}" in published["README.md"]
    assert "changed README.md" in told


def test_stored_outputs_stay(project):
    before = texts(project)
    published = run(project, FIRST)
    for path in lessons(project):
        outputs = [
            [cell.get("outputs") for cell in normal_form.parse(text[path.name]).cells]
            for text in (before, published)
        ]
        assert outputs[0] == outputs[1]


def test_the_second_time_nothing_changes(project, capsys):
    published = run(project, FIRST)
    capsys.readouterr()
    assert run(project, FIRST + ".git/") == published
    assert "0 files changed" in capsys.readouterr().out


def test_from_one_address_to_another_leaves_nothing_of_the_first(project, tmp_path):
    run(project, FIRST, "--branch", "class-2026")
    changed = run(project, SECOND)
    assert not any("one-school" in text or "class-2026" in text for text in changed.values())
    shutil.rmtree(project / ".git")
    for path in [ROOT / "README.md", *execute.lessons(ROOT)]:
        shutil.copy(path, project / path.relative_to(ROOT))
    git(project, "init", "-q")
    commit(project)
    assert run(project, SECOND) == changed, "the way there must not show"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "when-to-stop",
        "github.com/one/two",
        "http://github.com/one/two",
        "https://github.com/one",
        "https://github.com/one/two/tree/main",
        "https://github.com/one/..",
        "https://github.com/one/two three",
        'https://github.com/one/two"; rm',
        "https://github.com/one/-n",
        "https://github.com/one/.git",
        "https://github.com/one-/two",
        "https://example.org/one/two",
        "https://colab.research.google.com/github/one/two",
    ],
)
def test_an_address_that_is_no_repositorys_is_refused(project, address, capsys):
    before = texts(project)
    assert publish.main([address], project) == 1
    message = capsys.readouterr().err
    assert repr(address) in message and "https://github.com/OWNER/NAME" in message
    assert texts(project) == before


@pytest.mark.parametrize(
    "branch",
    ["", "a b", "a..b", "-b", "-n", "x;y", "a/", 'a"', "main.lock", "a.lock/b", "a.", "HEAD"],
)
def test_a_name_that_is_no_branchs_is_refused(project, branch, capsys):
    assert publish.main([FIRST, f"--branch={branch}"], project) == 1
    assert repr(branch) in capsys.readouterr().err


@pytest.mark.parametrize("name", ["git", ".github", "net.2", "a_b", "1-2"])
def test_an_address_that_is_a_repositorys_is_taken(name):
    address = f"https://github.com/one-school/{name}"
    assert publish.repository(address) == publish.repository(f"{address}.git/") == address


@pytest.mark.parametrize("branch", ["main", "class-2026", "a/b", "v1.2", "locks", "_x"])
def test_a_name_that_is_a_branchs_is_taken(branch):
    assert publish.checked_branch(branch) == branch


def test_a_tree_with_changes_is_refused(project, capsys):
    (project / "README.md").write_text("mine\n")
    assert publish.main([FIRST], project) == 1
    message = capsys.readouterr().err
    assert "README.md" in message and "commit them" in message
    assert (project / "README.md").read_text() == "mine\n"


def test_what_is_no_repository_is_refused(project, capsys):
    shutil.rmtree(project / ".git")
    assert publish.main([FIRST], project) == 1
    assert "no git repository" in capsys.readouterr().err


def test_the_projects_own_lessons_have_the_cell_of_their_address():
    """Unpublished lessons have no badge; published ones all have the same address."""
    found = set()
    for path in execute.lessons(ROOT):
        cells = {cell["id"]: cell for cell in normal_form.parse(path.read_text("utf-8")).cells}
        source = cells["set-up"].source
        branch, address = re.search(r'"clone --depth 1(?: -b (\S+) (\S+))?"', source).groups()
        found.add((address, branch))
        assert source == publish.set_up_source(address or "", branch)
        assert ("Open in Colab" in cells["title"].source) == bool(address)
    assert len(found) == 1
    assert ("Open in Colab" in (ROOT / "README.md").read_text("utf-8")) == bool(found.pop()[0])


def test_the_set_up_cell_has_a_title_for_colab_and_short_lines():
    lines = publish.set_up_source(FIRST).splitlines()
    assert lines[0].startswith("# @title ")
    assert len(lines) <= 9
    assert max(map(len, lines)) <= 100
