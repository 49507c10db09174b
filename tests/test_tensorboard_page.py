"""What shows TensorBoard's page: one server for a kernel, and words where no page can be shown."""

import json
import sys
import types
import urllib.request
from pathlib import Path

import psutil
import pytest
from running_kernel import RunningKernel

from helpers import tensorboard_page
from helpers.tensorboard_page import show_tensorboard

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shown(monkeypatch):
    """What has been displayed."""
    outputs = []
    monkeypatch.setattr(tensorboard_page, "display", lambda data, raw: outputs.append(data))
    yield outputs
    if tensorboard_page._server is not None:
        tensorboard_page._server.close()
    tensorboard_page._server = None


def test_twice_leaves_one_server_that_shows_the_second_folder(shown, tmp_path):
    show_tensorboard(tmp_path / "first")
    first = tensorboard_page._server
    show_tensorboard(tmp_path / "second")
    second = tensorboard_page._server
    assert not first.runs() and second.runs()
    with urllib.request.urlopen(f"{second.address}data/environment", timeout=20) as answer:
        assert json.load(answer)["data_location"] == str(tmp_path / "second")
    for server, data in zip((first, second), shown, strict=True):
        assert data["text/plain"] == f"TensorBoard: {server.address}"
        assert server.path in data["text/html"] and "is not shown here" in data["text/html"]


def test_where_no_server_starts_one_sentence_says_so(shown, tmp_path, monkeypatch, capsys):
    broken = tmp_path / "tensorboard.py"
    broken.write_text("raise ImportError('no pkg_resources')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    show_tensorboard(tmp_path)
    told = capsys.readouterr().out
    assert "doesn't start: ImportError: no pkg_resources. The lesson goes on" in told
    assert not shown and tensorboard_page._server is None


def test_in_colab_tensorboards_own_function_shows_it(shown, tmp_path, monkeypatch, capsys):
    for name in ("google.colab", "google"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    asked = []
    own = types.SimpleNamespace(display=lambda port, height: asked.append((port, height)))
    monkeypatch.setattr(tensorboard_page, "notebook", own)
    show_tensorboard(tmp_path, height=500)
    server = tensorboard_page._server
    assert asked == [(server.port, 500)] and server.path == "" and not shown
    assert "appears below" in capsys.readouterr().out


def test_the_server_lives_as_long_as_its_kernel_and_no_longer(tmp_path):
    show = f"from helpers import show_tensorboard; show_tensorboard({str(tmp_path)!r})"
    see = "from helpers import tensorboard_page as page; print(page._server.process.pid)"
    with RunningKernel() as kernel:

        def server():
            return psutil.Process(int(kernel.run(see)[0]))

        kernel.run(f"import sys; sys.path.insert(0, {str(ROOT)!r})")
        _, (page,) = kernel.run(show)
        assert "text/html" in page
        first = server()
        with pytest.raises(AssertionError, match="ZeroDivisionError"):
            kernel.run("1 / 0")
        kernel.manager.interrupt_kernel()
        kernel.run("pass")
        assert server() == first and first.is_running()
        kernel.run(show)
        second = server()
        kernel.manager.shutdown_kernel(now=True)
    _gone, alive = psutil.wait_procs([first, second], timeout=10)
    assert not alive


def test_the_words_and_the_address_stand_beside_the_frame_and_not_in_place_of_it():
    server = types.SimpleNamespace(port=1234, path="/abc", address="http://127.0.0.1:1234/abc/")
    source = tensorboard_page._page(server, 300)["text/html"]
    assert "<iframe" not in source, "a page that runs no script shows words, and no empty frame"
    assert source.count("course-tensorboard-") == 2
