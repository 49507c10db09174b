"""The normal form of stored lessons."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import normal_form

ROOT = Path("/srv/course")
WIDGET = {normal_form.WIDGET_VIEW: {"model_id": "abc", "version_major": 2, "version_minor": 0}}


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def display(**data):
    return new_output("display_data", data={key.replace("_", "/"): v for key, v in data.items()})


def normal_outputs(*outputs):
    """Return what becomes of the outputs of one cell."""
    cell = new_code_cell("1", id="a-cell", outputs=list(outputs))
    return normal_form.as_it_ran(new_notebook(cells=[cell]), ROOT).cells[0].outputs


def normal_text(text, name="stdout"):
    """Return what becomes of one printed text."""
    return "".join(output.text for output in normal_outputs(stream(text, name)))


def test_notebook_metadata_is_fixed():
    info = {"name": "python", "version": "3.11.2"}
    notebook = new_notebook(metadata={"widgets": {"state": {}}, "language_info": info})
    notebook.nbformat_minor = 4
    result = normal_form.stored_form(notebook, ROOT)
    assert result.metadata == normal_form.NOTEBOOK_METADATA
    assert (result.nbformat, result.nbformat_minor) == (4, 5)
    assert "widgets" in notebook.metadata, "the notebook given must stay as it was"


@pytest.mark.parametrize("form", [normal_form.stored_form, normal_form.as_it_ran])
def test_cell_metadata_is_tags_alone_and_what_need_not_be_read_is_folded(form):
    others = {"slideshow": {"slide_type": "slide"}, "execution": {}, "x": 1}
    unfolded = {"jupyter": {"source_hidden": False}, "collapsed": True}
    cells = [
        new_code_cell("1", id="set-up", metadata=unfolded),
        new_code_cell("1", id="check-one", metadata={"tags": ["claim"], **others}),
        new_code_cell("1", id="one", metadata={"tags": ["x"], **others, **normal_form.FOLDED}),
        new_markdown_cell("two", id="two", metadata={"tags": [], **others}),
    ]
    notebook = form(new_notebook(cells=cells), ROOT)
    assert [cell.metadata for cell in notebook.cells] == [
        normal_form.FOLDED,
        {"tags": ["claim"], **normal_form.FOLDED},
        {"tags": ["x"]},
        {},
    ]
    nbformat.validate(notebook)


def test_outputs_of_tagged_cells_alone_are_stored_and_no_counts():
    result = new_output("execute_result", data={"text/plain": "2"}, execution_count=9)
    tagged = {"tags": [normal_form.STORED]}
    cells = [
        new_code_cell("1", id="one", execution_count=7, outputs=[stream("secret")]),
        new_markdown_cell("text", id="text", metadata=tagged),
        new_code_cell(" \n", id="empty", outputs=[stream("old")], metadata=tagged),
        new_code_cell("2", id="two", execution_count=9, outputs=[result], metadata=tagged),
    ]
    stored = normal_form.stored_form(new_notebook(cells=cells), ROOT)
    one, _, empty, two = stored.cells
    assert [cell.execution_count for cell in (one, empty, two)] == [None] * 3
    assert (one.outputs, empty.outputs) == ([], [])
    assert two.outputs == [{**result, "execution_count": None}]
    nbformat.validate(stored)

    one, _, empty, two = normal_form.as_it_ran(new_notebook(cells=cells), ROOT).cells
    assert [cell.execution_count for cell in (one, empty, two)] == [None] * 3
    assert (one.outputs, empty.outputs) == ([stream("secret")], [])


def test_thousands_of_printed_lines_are_no_trouble():
    """A rule that joins each to all before it would copy a hundred thousand million characters."""
    line = "x" * 999 + "\n"
    notebook = new_notebook(cells=[new_code_cell("1", id="a-cell")])
    printed = stream(line)
    notebook.cells[0].outputs = [printed.copy() for _ in range(20_000)]
    (output,) = normal_form.as_it_ran(notebook, ROOT).cells[0].outputs
    assert output.text == line * len(notebook.cells[0].outputs)


def test_neighbouring_streams_of_one_name_are_merged():
    outputs = normal_outputs(
        stream("a"), stream("b\n"), stream("w", "stderr"), stream(""), stream("x", "stderr")
    )
    assert outputs == [stream("ab\n"), stream("wx", "stderr")]


def test_a_broken_notebook_is_told_in_one_sentence():
    picture = new_output("display_data", data={"image/png": "A" * 10_000})
    notebook = new_notebook(cells=[new_code_cell("1", id="one", outputs=[picture, stream("x")])])
    notebook.cells[0].outputs[1].text = 5
    (found,) = normal_form.differences(normal_form.to_text(notebook), ROOT)
    assert found == (
        "not a valid notebook: 5 is not valid under any of the given schemas "
        "(in ['cells'][0]['outputs'][1]['text'])"
    )


def test_streams_meet_when_what_stood_between_them_is_dropped():
    outputs = normal_outputs(stream("a"), display(**WIDGET), stream("b"))
    assert [output.text for output in outputs] == ["ab"]


@pytest.mark.parametrize(
    "line",
    [
        "2025-01-31 10:11:12.123456: I tensorflow/core/util/port.cc:153] oneDNN is on.\n",
        "2025-01-31 10:11:12.123456: W external/local_xla/xla/tsl/x.cc:84] Allocation of 5\n",
        "I0000 00:00:1738316472.123456   12345 gpu_device.cc:2020] Created device\n",
        "W0131 10:11:12.123456   12345 cuda_executor.cc:12] no driver\n",
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
        "To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow\n",
        "Skipping registering GPU devices...\n",
    ],
)
def test_log_lines_of_tensorflow_are_dropped_from_stderr(line):
    assert normal_text(line, "stderr") == ""
    assert normal_text("before\n" + line + "after\n", "stderr") == "before\nafter\n"
    assert normal_text(line) == line, "what a lesson prints itself must stay"


def test_warnings_stay_on_stderr():
    text = "WARNING:tensorflow:5 out of the last 5 calls triggered retracing\n"
    assert normal_text(text, "stderr") == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("1/2 ==  \r2/2 ====  \nend\n", "2/2 ====\nend\n"),
        ("1/2 ==\b\b\b\b\b\b\r2/2\n", "2/2\n"),
        ("done\r\nend", "done\nend"),
        ("done\r", "done"),
        ("\r", ""),
        ("abd\bc", "abc"),
        ("\b\bx", "x"),
        ("  indented  \n", "  indented  \n"),
    ],
)
def test_progress_bars_are_stored_as_they_ended(text, left):
    assert normal_text(text) == left


@pytest.mark.parametrize("text", ["x", "a/", "\b", "a\b", "1/2\r", "C:\\", "12 "])
def test_millions_of_characters_in_one_line_are_no_trouble(text):
    """A rule that looks again from each character on would take hours for a picture."""
    assert normal_text(text * 1_000_000 + "<p>0x7f0011223344").endswith("<p>0x...")


def test_memory_addresses_are_replaced():
    assert normal_text("<History at 0x7f12ab34cd56>") == "<History at 0x...>"
    assert normal_text("a figure of 640x480, flags 0x1F") == "a figure of 640x480, flags 0x1F"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("in /srv/course/data/wine/wine.csv", "in data/wine/wine.csv"),
        ("in /srv/course, here", "in ., here"),
        ("PosixPath('/srv/course')", "PosixPath('.')"),
        ("\x1b[31m/srv/course/notebooks\x1b[0m", "\x1b[31mnotebooks\x1b[0m"),
        ("/srv/course-two/x", "/srv/course-two/x"),
        ("/srv/course/.venv/lib/python3.11/site-packages/keras/a.py:5: Warn", "keras/a.py:5: Warn"),
        ("/opt/py/lib/python3.12/dist-packages/keras/a.py", "keras/a.py"),
        (
            "saved to scratch/05_callbacks-2/files/best.keras",
            "saved to scratch/05_callbacks/files/best.keras",
        ),
        ("the range scratch/05-2", "the range scratch/05-2"),
        ("/var/tmp/ipykernel_1234/987654.py:3: UserWarning: x", "cell.py:3: UserWarning: x"),
    ],
)
def test_paths_of_the_machine_are_replaced(text, left):
    assert normal_text(text) == left
    assert normal_text(text, "stderr") == left
    data = normal_outputs(display(text_plain=text, text_html=text))[0].data
    assert data == {"text/plain": left, "text/html": left}


def test_windows_paths_are_replaced(monkeypatch):
    monkeypatch.setattr(normal_form, "_spellings", lambda path: {"D:\\course", "D:\\\\course"})
    assert (
        normal_form.clean_text(r"D:\course\data and 'D:\\course\\data'", ROOT) == "data and 'data'"
    )


def test_pictures_are_left_alone():
    picture = "iVBORw0KGgo0xabcdef12/srv/course/"
    output = normal_outputs(display(image_png=picture, text_plain="<Figure>"))[0]
    assert output.data == {"image/png": picture, "text/plain": "<Figure>"}


def test_outputs_that_are_a_widget_view_are_dropped():
    assert normal_outputs(display(**WIDGET)) == []
    assert normal_outputs(display(**WIDGET, text_plain="VBox(children=())")) == []


def test_what_stands_beside_a_widget_view_is_kept():
    (output,) = normal_outputs(display(**WIDGET, text_html="<b>hi</b>", text_plain="hi"))
    assert output.data == {"text/html": "<b>hi</b>", "text/plain": "hi"}


def test_transient_display_ids_are_dropped():
    cell = new_code_cell("1", id="a-cell", outputs=[display(text_plain="x")])
    cell.outputs[0]["transient"] = {"display_id": "1"}
    notebook = new_notebook()
    notebook.cells.append(cell)
    assert normal_form.as_it_ran(notebook, ROOT).cells[0].outputs == [display(text_plain="x")]


def made_up_notebook(*tags):
    """A notebook with something for each rule to do."""
    outputs = [
        stream("1/2\r"),
        stream("2026-01-31 10:11:12.1: I a/b.cc:1] hello\n", "stderr"),
        stream("2/2 0x7f12ab34cd56 /srv/course/data\n"),
        display(**WIDGET, text_plain="IntSlider()"),
        stream("end\n"),
    ]
    metadata = {"tags": list(tags), "x": 1}
    code = new_code_cell("1\n2", id="code", outputs=outputs, metadata=metadata, execution_count=1)
    return new_notebook(cells=[new_markdown_cell("# Grüße", id="title"), code])


@pytest.mark.parametrize("form", [normal_form.stored_form, normal_form.as_it_ran])
def test_normalising_twice_is_normalising_once(form):
    once = form(made_up_notebook(normal_form.STORED), ROOT)
    assert form(once, ROOT) == once
    assert once.cells[1].outputs == [stream("2/2 0x... data\nend\n")]
    nbformat.validate(once)


def test_text_is_laid_out_as_nbformat_does_it(tmp_path):
    notebook = normal_form.stored_form(made_up_notebook(), ROOT)
    path = tmp_path / "one.ipynb"
    nbformat.write(notebook, path)
    assert normal_form.to_text(notebook) == path.read_text(encoding="utf-8")
    assert '\n   "source": [\n    "1\\n",\n    "2"\n   ]' in normal_form.to_text(notebook)
    assert "Grüße" in normal_form.to_text(notebook)


def test_differences_name_what_is_not_normal():
    notebook = made_up_notebook()
    found = normal_form.differences(normal_form.to_text(notebook), ROOT)
    assert found == [
        "metadata of the notebook",
        "metadata of cell code",
        "execution_count of cell code",
        "outputs of cell code",
    ]
    text = normal_form.to_text(normal_form.as_it_ran(notebook, ROOT))
    assert normal_form.differences(text, ROOT) == ["outputs of cell code"]
    text = normal_form.to_text(normal_form.stored_form(notebook, ROOT))
    assert normal_form.differences(text, ROOT) == []
    assert "layout" in normal_form.differences(text.rstrip("\n"), ROOT)[0]
    assert "not a valid notebook" in normal_form.differences("{", ROOT)[0]
    assert (
        "not a valid notebook"
        in normal_form.differences(text.replace('"code"', '"title"'), ROOT)[0]
    )
