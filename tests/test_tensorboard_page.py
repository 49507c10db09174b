"""What shows TensorBoard's page: one server for a kernel, and words where no page can be shown."""

import importlib
import json
import re
import sys
import types
import urllib.request
from pathlib import Path

import numpy as np
import psutil
import pytest
from running_kernel import RunningKernel

from helpers import tensorboard_page
from helpers.tensorboard_page import close_tensorboard, show_tensorboard

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shown(monkeypatch):
    """What has been displayed."""
    outputs = []
    monkeypatch.setattr(tensorboard_page, "display", lambda data, raw: outputs.append(data))
    yield outputs
    close_tensorboard()


@pytest.fixture
def never(monkeypatch):
    """No server may be closed or started."""
    monkeypatch.setattr(tensorboard_page, "_server", types.SimpleNamespace())
    monkeypatch.setattr(tensorboard_page, "TensorBoardServer", None)


def test_twice_leaves_one_server_that_shows_the_second_folder(shown, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    show_tensorboard(tmp_path / "first")
    first = tensorboard_page._server
    show_tensorboard("~/second", height=np.int64(500))
    second = tensorboard_page._server
    assert not first.runs() and second.runs()
    with urllib.request.urlopen(f"{second.address}data/environment", timeout=20) as answer:
        assert json.load(answer)["data_location"] == str(tmp_path / "second")
    for server, data in zip((first, second), shown, strict=True):
        assert data["text/plain"] == f"TensorBoard: {server.address}"
        assert server.path in data["text/html"] and "is not shown here" in data["text/html"]
    assert '"height": 500' in shown[1]["text/html"]
    close_tensorboard()
    close_tensorboard()
    assert not second.runs() and tensorboard_page._server is None


@pytest.mark.parametrize("folder", [None, b"x", 7, "", "~nobody-of-this-name/logs"])
def test_what_is_no_folder_is_told_before_anything_starts(never, folder):
    with pytest.raises(ValueError, match=f"folder must .*{re.escape(repr(folder))}"):
        show_tensorboard(folder)


@pytest.mark.parametrize("height", [None, "800", 500.0, 0, True])
def test_what_is_no_height_is_told_before_anything_starts(never, height):
    with pytest.raises(ValueError, match=f"height must .*{re.escape(repr(height))}"):
        show_tensorboard("logs", height=height)


def test_where_no_server_starts_one_sentence_says_so(shown, tmp_path, monkeypatch, capsys):
    broken = tmp_path / "tensorboard.py"
    broken.write_text("raise ImportError('no pkg_resources')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    show_tensorboard(tmp_path)
    told = capsys.readouterr().out
    assert "doesn't start: ImportError: no pkg_resources. The lesson goes on" in told
    assert not shown and tensorboard_page._server is None


def test_in_colab_tensorboards_own_function_shows_it(shown, tmp_path, monkeypatch, capsys):
    in_colab(monkeypatch, shell="google.colab._shell", release="release-colab_1")
    asked = []
    notebook = importlib.import_module("tensorboard.notebook")
    monkeypatch.setattr(notebook, "display", lambda port, height: asked.append((port, height)))
    show_tensorboard(tmp_path, height=500)
    server = tensorboard_page._server
    assert asked == [(server.port, 500)] and server.path == "" and not shown
    assert "appears below" in capsys.readouterr().out


def in_colab(monkeypatch, shell, release):
    """As if in a place where Colab's package can be imported."""
    for name in ("google.colab", "google"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    kind = type("Shell", (), {"__module__": shell})
    monkeypatch.setattr("IPython.get_ipython", kind)
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    if release:
        monkeypatch.setenv("COLAB_RELEASE_TAG", release)


@pytest.mark.parametrize(
    ("shell", "release"),
    [
        ("ipykernel.zmqshell", None),  # a hub with the package
        ("ipykernel.zmqshell", "release-colab_1"),  # one whose image is built on Colab's
        ("google.colab._shell", None),
    ],
)
def test_where_colabs_package_is_and_not_colab_it_stays_hidden(
    shown, tmp_path, monkeypatch, shell, release
):
    in_colab(monkeypatch, shell, release)
    server = types.SimpleNamespace(port=1, path="/a", sign="b", address="c", close=lambda: None)
    asked = []
    monkeypatch.setattr(
        tensorboard_page,
        "TensorBoardServer",
        lambda folder, hidden: asked.append(hidden) or server,
    )
    show_tensorboard(tmp_path)
    assert asked == [True] and len(shown) == 1


def test_the_server_lives_as_long_as_its_kernel_and_no_longer(tmp_path):
    show = f"from helpers import show_tensorboard; show_tensorboard({str(tmp_path)!r})"
    see = "from helpers import tensorboard_page as page; print(page._server.process.pid)"
    with RunningKernel() as kernel:

        def server():
            return psutil.Process(int(kernel.run(see)[0]))

        kernel.run(f"import sys; sys.path.insert(0, {str(ROOT)!r})")
        _, (page,) = kernel.run(show)
        assert "text/html" in page
        assert not kernel.value("[name for name in sys.modules if name.startswith('tensorboard')]")
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


def test_where_no_script_runs_words_and_the_address_are_shown_and_no_frame():
    address = "http://127.0.0.1:1234/abc/"
    server = types.SimpleNamespace(port=1234, path="/abc", sign="def", address=address)
    source = tensorboard_page._page(server, 300)["text/html"]
    seen, _, script = source.partition("<script>")
    assert "is not shown here" in seen and "open it by hand" in seen
    assert f'href="{address}"' in seen and f">{address}</a>" in seen
    assert "<iframe" not in source
    (box,) = set(re.findall("course-tensorboard-[0-9a-f]+", source))
    assert f'id="{box}"' in seen and f'"{box}"' in script
