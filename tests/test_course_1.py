"""The course's mark, which the set-up cell runs; `faults/set_up.py` has what may go wrong."""

import ast
import sys
from pathlib import Path

import pytest

from helpers import course_1
from helpers.authoring import publish

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def path(monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    return sys.path


def test_it_is_what_the_set_up_cell_looks_for():
    assert (ROOT / course_1.MARK).read_bytes() == Path(course_1.__file__).read_bytes()
    assert f'"{course_1.MARK}"' in publish.set_up_source()


def test_it_runs_before_anything_is_unpacked_so_it_needs_the_standard_library_only():
    tree = ast.parse(Path(course_1.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {
        name.partition(".")[0]
        for node in imports
        for name in (
            [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert names and names <= sys.stdlib_module_names


def test_python_finds_the_course_from_then_on(tmp_path, monkeypatch, path, capsys):
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    for _ in range(2):
        course_1.main(tmp_path)
    assert path[0] == str(tmp_path) and path.count(str(tmp_path)) == 1
    assert capsys.readouterr().out == 2 * "The course is in the folder ..\n"


def test_what_is_told_passes_the_set_up_cell_and_has_no_traceback():
    """IPython asks an error for its own text by this name."""
    told = course_1.Told("A sentence.")
    assert not isinstance(told, Exception)
    assert told._render_traceback_() == ["A sentence."]
