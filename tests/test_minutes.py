"""How long lessons take: one formula, told the same everywhere."""

import re

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.authoring import execute, minutes, publish

ROOT = execute.ROOT
BADGE = "[![Open in Colab](https://x.org/a-badge.svg)](https://x.org/one/two/three.ipynb)"
MEASURED = {path: minutes.measure(nbformat.read(path, 4)) for path in execute.lessons()}


def made_up(words=600, lines=60, predictions=2):
    """A lesson with an appendix, folded code, comments and empty lines, which take no time."""
    claim = {"tags": ["claim"]}
    return new_notebook(
        cells=[
            new_markdown_cell("# 01 · Title\n\nAbout 99 minutes. word", id="title"),
            new_code_cell("print(1)\n" * 50, id="set-up"),
            new_code_cell("# picture: a plot\n\n" + "x = 1\n" * lines, id="work"),
            *(new_code_cell("a = predict('a')\na", id=f"predict-{i}") for i in range(predictions)),
            new_code_cell("assert True, 'yes'\n" * 50, id="check", metadata=claim),
            new_markdown_cell("word " * (words - 6), id="recap"),
            new_markdown_cell("word " * 1000, id="appendix"),
            new_code_cell("x = 1\n" * 1000, id="more"),
        ]
    )


def test_what_takes_time_is_counted():
    assert minutes.measure(made_up()) == (600, 60, 2)


@pytest.mark.parametrize(
    ("words", "lines", "predictions", "expected"),
    [(0, 0, 0, 5), (480, 0, 0, 5), (481, 0, 0, 10), (0, 30, 0, 5), (0, 31, 0, 10), (0, 0, 8, 15)],
)
def test_the_formula(words, lines, predictions, expected):
    assert minutes.Lesson(words, lines, predictions).minutes == expected


@pytest.mark.parametrize("path", MEASURED, ids=lambda path: path.stem)
def test_a_lesson_is_one_class_hour(path):
    assert MEASURED[path].minutes <= minutes.MOST


@pytest.mark.parametrize("path", MEASURED, ids=lambda path: path.stem)
def test_a_title_tells_the_minutes(path):
    title = nbformat.read(path, 4).cells[0].source
    assert re.findall(r"About (\d+) minutes\.", title) == [str(MEASURED[path].minutes)]


@pytest.mark.parametrize("page", ["README.md", "notebooks/README.md"])
def test_a_table_of_lessons_tells_the_minutes(page):
    text = (ROOT / page).read_text("utf-8")
    assert minutes.in_table(text, {p.name: m.minutes for p, m in MEASURED.items()}) == text


@pytest.fixture
def course(tmp_path):
    """A folder with one lesson and two pages that list it."""
    (tmp_path / "notebooks").mkdir()
    nbformat.write(made_up(), tmp_path / "notebooks" / "01_a.ipynb")
    (tmp_path / "README.md").write_text("| [01](notebooks/01_a.ipynb) | b | 5 |\n")
    (tmp_path / "notebooks" / "README.md").write_text("x\n\n| [01](01_a.ipynb) | 5 |\n")
    return tmp_path


def test_the_minutes_are_written_where_they_are_told(course, capsys):
    before = (course / "notebooks" / "01_a.ipynb").read_bytes()
    assert minutes.main([], course) == 0
    assert capsys.readouterr().out == (
        "01_a: 20 minutes (600 words, 60 lines of code, 2 predictions)\n"
    )
    assert (course / "notebooks" / "01_a.ipynb").read_bytes() == before
    assert minutes.main(["--write"], course) == 0
    written = nbformat.read(course / "notebooks" / "01_a.ipynb", 4)
    assert "About 20 minutes." in written.cells[0].source
    assert (course / "README.md").read_text() == "| [01](notebooks/01_a.ipynb) | b | 20 |\n"
    assert (course / "notebooks" / "README.md").read_text() == "x\n\n| [01](01_a.ipynb) | 20 |\n"


def test_publishing_takes_no_time():
    for path, measured in MEASURED.items():
        notebook = nbformat.read(path, 4)
        title = notebook.cells[0]
        title.source = title.source.replace("\n", f" {BADGE}\n", 1)
        assert publish.BADGE.search(title.source)
        assert minutes.measure(notebook) == measured


def test_a_title_without_a_place_is_told(course, capsys):
    notebook = made_up()
    notebook.cells[0].source = "# 01 · Title"
    nbformat.write(notebook, course / "notebooks" / "01_a.ipynb")
    assert minutes.main(["--write"], course) == 1
    assert "'# 01 · Title' has no line" in capsys.readouterr().err


def test_a_lesson_without_a_row_is_told(course, capsys):
    (course / "README.md").write_text("nothing\n")
    assert minutes.main(["--write"], course) == 1
    assert "no row of a table leads to 01_a.ipynb" in capsys.readouterr().err


def test_a_lesson_that_takes_too_long_is_told(course, capsys):
    nbformat.write(made_up(words=6000), course / "notebooks" / "01_a.ipynb")
    assert minutes.main([], course) == 1
    assert "01_a.ipynb takes more than 45 minutes: split it" in capsys.readouterr().err
