"""The command that runs lessons and stores them."""

import re
import sys
from pathlib import Path

import pytest
import zmq
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.authoring import execute, normal_form


def write_notebook(path, *sources):
    """Write a notebook whose code cells hold the sources, not yet run, each to be stored whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tagged = {"tags": [normal_form.STORED]}
    cells = [
        new_code_cell(source, id=f"code-{i}", metadata=tagged) for i, source in enumerate(sources)
    ]
    path.write_text(normal_form.to_text(new_notebook(cells=cells)), encoding="utf-8")
    return path


@pytest.fixture
def course(tmp_path):
    """A project's root with two lessons and files that are none."""
    for name in ("01_curves.ipynb", "00_start.ipynb", "ko/00_start.ipynb", ".02_x.ipynb"):
        write_notebook(tmp_path / "notebooks" / name, "print(1)")
    (tmp_path / "notebooks" / "notes.md").write_text("notes")
    return tmp_path


def test_lessons_are_listed_in_order(course):
    assert [path.name for path in execute.lessons(course)] == ["00_start.ipynb", "01_curves.ipynb"]
    assert execute.lessons(course / "empty") == []


@pytest.mark.parametrize(
    "name", ["01", "1", "01_curves", "01_curves.ipynb", "notebooks/01_curves.ipynb"]
)
def test_a_lesson_is_found_by_each_of_its_names(course, name):
    assert execute.find_lesson(name, course) == course / "notebooks" / "01_curves.ipynb"


def test_a_lesson_is_found_by_a_path_outside_the_list(course):
    path = course / "notebooks" / "ko" / "00_start.ipynb"
    assert execute.find_lesson(str(path), course) == path


def test_a_link_to_a_lesson_is_not_followed(course):
    """The lesson runs where the link lies, and the link stays."""
    link = course / "notebooks" / "02_link.ipynb"
    link.symlink_to(course / "notebooks" / "ko" / "00_start.ipynb")
    assert execute.find_lesson("2", course) == execute.find_lesson(str(link), course) == link


@pytest.mark.parametrize("name", ["2", "curves", "", "notes.md", "notebooks/02_none.ipynb"])
def test_an_unknown_lesson_ends_with_a_list_of_those_there_are(course, name, capsys):
    assert execute.main([name, "01"], course) == 2
    message = capsys.readouterr().err
    assert repr(name) in message
    assert "00_start, 01_curves" in message


def test_no_lessons_at_all_is_an_error(tmp_path, capsys):
    assert execute.main([], tmp_path) == 2
    assert execute.main(["--check"], tmp_path) == 2
    assert "none" in capsys.readouterr().err


def test_check_reports_each_lesson_and_changes_none(course, capsys):
    first, second = execute.lessons(course)
    text = second.read_text().replace('"tags"', '"toc": 1,\n    "tags"')
    second.write_text(text)
    stored = normal_form.stored_form(normal_form.parse(text), course)
    first.write_text(normal_form.to_text(stored))
    before = second.read_bytes()
    assert execute.main(["--check"], course) == 1
    said = capsys.readouterr()
    assert "00_start.ipynb: in normal form" in said.out
    assert "01_curves.ipynb: not in normal form: metadata of the notebook; metadata" in said.err
    assert second.read_bytes() == before
    assert execute.main(["--check", "00"], course) == 0


# --- running ---------------------------------------------------------------------------------


@pytest.fixture
def stray_kernelspec(tmp_path, monkeypatch):
    """A user's kernelspec named python3 that starts nothing useful."""
    folder = tmp_path / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text('{"argv": ["false"], "display_name": "stray"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))


def test_no_output_is_dropped_because_many_wait():
    """A socket with a limit loses lines without a word, of 20,000 about 3,000."""
    manager = execute.NativeKernelManager()
    socket = manager.context.socket(zmq.SUB)
    try:
        assert socket.get(zmq.RCVHWM) == 0, "no limit"
    finally:
        socket.close()
        manager.context.term()


def test_running_twice_stores_the_same_bytes(tmp_path, capsys, stray_kernelspec):
    path = write_notebook(
        tmp_path / "notebooks" / "00_tiny.ipynb",
        "import os, sys\nprint(object())\nprint(os.getcwd(), end='')\nprint(' is here')",
        "import warnings\nwarnings.warn('careful')\nhandle = display('a', display_id='one')\n"
        "handle.update('b')\nos.path.basename(sys.prefix)",
    )
    path.chmod(0o644)
    assert execute.main([], tmp_path) == 0
    assert re.search(r"00_tiny.ipynb: \d+\.\d s, at most [1-9]\d* MB", capsys.readouterr().out)
    once = path.read_bytes()
    assert execute.main(["0"], tmp_path) == 0
    assert path.read_bytes() == once
    assert execute.main(["--check"], tmp_path) == 0
    assert [p.name for p in path.parent.iterdir()] == [path.name], "no other file is left"
    assert path.stat().st_mode & 0o777 == 0o644

    first, second = normal_form.parse(once.decode()).cells
    assert first.outputs == [
        new_output("stream", name="stdout", text="<object object at 0x...>\nnotebooks is here\n")
    ]
    warning, shown, value = second.outputs
    assert warning.text.startswith("cell.py:2: UserWarning: careful")
    assert shown.data == {"text/plain": "'b'"}
    assert value.execution_count is None
    assert Path(sys.prefix).name in value.data["text/plain"]


def test_only_what_is_tagged_is_stored_of_what_is_shown(tmp_path):
    cells = [
        new_code_cell("print('the answer')", id="said"),
        new_code_cell("print(2)", id="kept", metadata={"tags": [normal_form.STORED]}),
        new_code_cell("assert 2 > 1", id="check-it", metadata={"tags": ["claim"]}),
    ]
    path = tmp_path / "notebooks" / "00_secret.ipynb"
    path.parent.mkdir()
    path.write_text(normal_form.to_text(new_notebook(cells=cells)), encoding="utf-8")
    assert execute.main([], tmp_path) == 0
    said, kept, check = normal_form.parse(path.read_text(encoding="utf-8")).cells
    assert (said.outputs, check.outputs) == ([], [])
    assert kept.outputs == [new_output("stream", name="stdout", text="2\n")]
    assert check.metadata.cellView == "form" and check.metadata.jupyter.source_hidden


def test_widgets_run_and_leave_nothing_stored(tmp_path):
    path = write_notebook(
        tmp_path / "notebooks" / "00_widgets.ipynb",
        "import ipywidgets\nbox = ipywidgets.Output()\nwith box:\n    print('inside')\nbox",
        "display(ipywidgets.IntSlider())\nprint('beside')",
    )
    assert execute.main([], tmp_path) == 0
    notebook = normal_form.parse(path.read_text(encoding="utf-8"))
    assert [cell.outputs for cell in notebook.cells] == [
        [],
        [new_output("stream", name="stdout", text="beside\n")],
    ]
    assert notebook.metadata == normal_form.NOTEBOOK_METADATA


def test_a_failing_cell_leaves_the_file_as_it_was(tmp_path, capsys):
    path = write_notebook(tmp_path / "notebooks" / "00_fails.ipynb", "print(1)", "1 / 0")
    write_notebook(tmp_path / "notebooks" / "01_later.ipynb", "1")
    before = path.read_bytes()
    assert execute.main([], tmp_path) == 1
    assert path.read_bytes() == before
    said = capsys.readouterr()
    assert "00_fails.ipynb: cell code-1: ZeroDivisionError: division by zero" in said.err
    assert "01_later" not in said.out + said.err, "the lessons after it do not run"


def test_a_dying_kernel_leaves_the_file_as_it_was(tmp_path, capsys):
    path = write_notebook(tmp_path / "notebooks" / "00_dies.ipynb", "import os\nos._exit(1)")
    before = path.read_bytes()
    assert execute.main([str(path)], tmp_path) == 1
    assert path.read_bytes() == before
    assert "00_dies.ipynb: cell code-0: " in capsys.readouterr().err


def test_a_file_edited_meanwhile_is_not_overwritten(tmp_path, capsys):
    path = write_notebook(
        tmp_path / "notebooks" / "00_edited.ipynb",
        "with open('00_edited.ipynb', 'a') as file:\n    print(file=file)",
    )
    before = path.read_bytes()
    assert execute.main([], tmp_path) == 1
    assert path.read_bytes() == before + b"\n"
    assert "changed while its cells ran" in capsys.readouterr().err


def test_a_broken_file_is_reported(tmp_path, capsys):
    path = write_notebook(tmp_path / "notebooks" / "00_broken.ipynb", "1")
    path.write_text(path.read_text() + "<<<<<<< ours")
    assert execute.main([], tmp_path) == 1
    assert "not a valid notebook" in capsys.readouterr().err
