"""Lessons opened as in Colab: in an empty folder that holds nothing but the notebook.

By default lesson 00 is played. With COURSE_PLAY=all it is every lesson, which is meant for an
environment with Colab's versions (tests/colab-requirements.txt); .ci/run makes one.
"""

import copy
import os
import shutil
import subprocess
from pathlib import Path

import nbformat
import pytest
from front_ends import copy_course
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from helpers.authoring import bundle, execute, normal_form, publish

ROOT = Path(__file__).resolve().parent.parent
LESSONS = execute.lessons(ROOT)
PLAYED = LESSONS if os.environ.get("COURSE_PLAY") == "all" else LESSONS[:1]
NOBODY_LISTENS = "http://127.0.0.1:9"
SENTENCE = "Upload the course's own course.zip, whole, and run again."


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a repository that holds the project as it stands here."""
    root = tmp_path_factory.mktemp("origin") / "project"
    copy_course(root)
    name = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *name, *arguments], cwd=root, check=True)
    return root.as_uri()


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    target = tmp_path_factory.mktemp("zip") / "course.zip"
    bundle.write(target)
    return target


@pytest.fixture
def content(tmp_path, monkeypatch):
    """A new runtime's folder: empty, with Colab's module and no way to the internet."""
    module = tmp_path / "packages" / "google" / "colab"
    module.mkdir(parents=True)
    (module / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, NOBODY_LISTENS)
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


def opened(path, address):
    """A lesson as it is when published at this address."""
    notebook = normal_form.parse(path.read_text("utf-8"))
    cells = {cell["id"]: cell for cell in notebook.cells}
    cells["set-up"].source = publish.set_up_source(address)
    return notebook


def play(notebook, folder):
    """Run a notebook from top to bottom; return what its set-up cell printed."""
    executed, _ = execute.run_cells(notebook, folder)
    return printed(next(cell for cell in executed.cells if cell["id"] == "set-up"))


def printed(cell):
    """All that is read below a cell."""
    lines = [output.get("traceback") or [output.text] for output in cell.outputs]
    return "\n".join(line for output in lines for line in output)


def only_set_up(path, address):
    notebook = opened(path, address)
    notebook.cells = [cell for cell in notebook.cells if cell["id"] == "set-up"]
    return notebook


@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.stem)
def test_a_lesson_runs_with_git(path, content, address):
    assert play(opened(path, address), content) == "The course is in the folder course\n"
    assert (content / "course" / "helpers" / "models.py").is_file()


@pytest.mark.parametrize("path", PLAYED, ids=lambda path: path.stem)
def test_a_lesson_runs_with_the_zip(path, content, zipped):
    shutil.copy(zipped, content)
    said = play(opened(path, f"{NOBODY_LISTENS}/one/two"), content)
    assert said == "The course is in the folder course\n"


def refused(folder, address=""):
    """Run the set-up cell, which fails, and a cell after it; return what is read below the first.

    As in a front end, which shows what the kernel sends, and runs no further cell.
    """
    notebook = only_set_up(LESSONS[0], address)
    notebook.cells.append(nbformat.v4.new_code_cell("print('went on')", id="after"))
    client = NotebookClient(
        notebook,
        kernel_manager_class=execute.NativeKernelManager,
        iopub_timeout=60,
        resources={"metadata": {"path": str(folder)}},
    )
    with pytest.raises(CellExecutionError):
        client.execute()
    assert notebook.cells[1].outputs == []
    return printed(notebook.cells[0])


@pytest.mark.parametrize(
    "wrong", [f"{NOBODY_LISTENS}/one/two", "file:///no/such/place", ""], ids=["net", "path", "none"]
)
def test_without_a_way_it_says_one_sentence_and_the_zip_helps(wrong, content, zipped):
    assert refused(content, wrong) == f"UsageError: {SENTENCE}\n"
    assert not list(content.iterdir()), "nothing half done is left"
    (content / "course.zip").write_bytes(zipped.read_bytes()[:1_000_000])
    assert refused(content, wrong) == f"UsageError: {SENTENCE}\n", "it is still being uploaded"
    shutil.copy(zipped, content)
    assert play(only_set_up(LESSONS[0], wrong), content)


def test_what_the_course_itself_tells_is_one_sentence_too(content, zipped):
    shutil.copy(zipped, content)
    play(only_set_up(LESSONS[0], ""), content)
    (content / "course.zip").write_bytes(zipped.read_bytes()[:1_000_000])
    said = refused(content)
    assert said.startswith("course.zip is damaged") and "\n" not in said


def test_a_runtime_fetches_once(content, address):
    notebook = only_set_up(LESSONS[0], address)
    again = copy.deepcopy(notebook.cells[0])
    again.source, again["id"] = publish.set_up_source("file:///no/such/place"), "again"
    notebook.cells.append(again)
    assert play(notebook, content)


def test_a_folder_that_is_no_course_is_put_aside(content, zipped):
    (content / "course" / "data").mkdir(parents=True)  # an unpacking that was interrupted
    assert SENTENCE in refused(content)
    shutil.copy(zipped, content)
    said = play(opened(LESSONS[0], "file:///no/such/place"), content)
    assert said.endswith("The course is in the folder course\n")
    assert (content / "course-old-1" / "data").is_dir()


def test_where_the_course_is_nothing_is_fetched(tmp_path):
    folder = tmp_path / "한국어 수업" / "notebooks"
    (folder.parent / "helpers").mkdir(parents=True)
    shutil.copy(ROOT / publish.MARK, folder.parent / "helpers")
    folder.mkdir()
    said = play(only_set_up(LESSONS[0], "file:///no/such/place"), folder)
    assert said == "The course is in the folder ..\n"
    assert not list(folder.iterdir())
