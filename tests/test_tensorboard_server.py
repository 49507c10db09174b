"""TensorBoard's server: seen from this machine alone, by its own path, and gone with its kernel."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from helpers import tensorboard_server
from helpers.tensorboard_server import TensorBoardServer

ROOT = Path(__file__).resolve().parent.parent
on_posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def write_run(folder):
    """Write a run of one number into this folder."""
    writer = EventFileWriter(str(folder))
    value = Summary.Value(tag="loss", simple_value=1.0)
    writer.add_event(Event(step=0, summary=Summary(value=[value])))
    writer.close()


def get(address):
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.read()


def runs(server):
    """The runs that a server has found, after the first look at its folder."""
    for _ in range(100):
        if found := json.loads(get(f"{server.address}data/runs")):
            return found
        time.sleep(0.1)
    return []


def is_gone(pid):
    for _ in range(100):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = TensorBoardServer(tmp_path_factory.mktemp("logs"))
    yield server
    server.close()


def test_it_listens_on_loopback_alone(server):
    connections = psutil.Process(server.process.pid).net_connections("inet")
    listening = [c.laddr for c in connections if c.status == psutil.CONN_LISTEN]
    assert [tuple(address) for address in listening] == [("127.0.0.1", server.port)]
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", server.port)) != 0
    assert not psutil.Process(server.process.pid).children()


def test_its_pages_are_under_a_path_that_cannot_be_guessed(server):
    assert b"TensorBoard" in get(server.address)
    assert len(server.path) > 30
    assert server.path not in str(psutil.Process(server.process.pid).cmdline()), "nor listed"
    for path in ("/", "/data/runs", f"{server.path[:-1]}/"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            get(f"http://127.0.0.1:{server.port}{path}")


def test_it_is_in_no_list_from_which_others_take_servers(server):
    listed = Path(tempfile.gettempdir(), ".tensorboard-info")
    assert not (listed / f"pid-{server.process.pid}.info").exists()


def test_it_has_a_sign_that_pages_of_all_places_may_read(server):
    with urllib.request.urlopen(f"{server.address}sign", timeout=20) as answer:
        assert answer.read().decode() == server.sign
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert len(server.sign) > 30 and server.sign not in server.address


def test_it_can_be_closed_twice(tmp_path):
    server = TensorBoardServer(tmp_path, hidden=False)
    assert server.path == "" and server.runs() and get(f"http://127.0.0.1:{server.port}/")
    server.close()
    server.close()
    assert not server.runs()


def test_eight_on_one_machine_do_not_meet(tmp_path, monkeypatch):
    courses = [tmp_path / f"learner {number}" for number in range(8)]
    for number, course in enumerate(courses):
        write_run(course / "logs" / f"run_of_{number}")
    servers = []
    try:
        for course in courses:
            monkeypatch.chdir(course)
            servers.append(TensorBoardServer("logs"))  # all name their folder alike
        assert len({server.port for server in servers}) == 8
        with ThreadPoolExecutor() as pool:
            assert list(pool.map(runs, servers)) == [[f"run_of_{number}"] for number in range(8)]
        for other in servers[1:]:
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(f"http://127.0.0.1:{servers[0].port}{other.path}/")
    finally:
        for server in servers:
            server.close()


START = """
import os, signal, sys, time
from helpers.tensorboard_server import TensorBoardServer
server = TensorBoardServer({folder!r})
print(server.process.pid, server.address, flush=True)
sys.stdin.readline()
{end}
"""


def process_with_server(folder, end):
    """A process that has a server, and ends so when a line is sent to it; the server's pid."""
    process = subprocess.Popen(
        [sys.executable, "-c", START.format(folder=str(folder), end=end)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    pid, address = process.stdout.readline().split()
    return process, int(pid), address


def end_group(number):
    """End the child that such a process may have left behind."""
    if os.name != "nt":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(number, signal.SIGKILL)


ENDS = {
    "at its end": "",
    "by an error": "1 / 0",
    "at once": "os._exit(1)",
    "killed": "os.kill(os.getpid(), getattr(signal, 'SIGKILL', signal.SIGTERM))",
}


if hasattr(os, "fork"):
    ENDS["with a child left behind"] = "if not os.fork(): os.close(1), time.sleep(60)\nos._exit(1)"


def test_it_ends_with_the_process_that_made_it_however_that_ends(tmp_path):
    made = [process_with_server(tmp_path, end) for end in ENDS.values()]
    for (process, pid, address), how in zip(made, ENDS, strict=True):
        assert get(address)
        process.communicate("go\n", timeout=30)
        try:
            assert is_gone(pid), how
        finally:
            end_group(process.pid)


@on_posix
def test_an_interrupt_of_the_kernel_leaves_it_alone(tmp_path):
    process, pid, address = process_with_server(
        tmp_path, "\ntry:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    time.sleep(60)"
    )
    process.stdin.write("go\n")
    process.stdin.flush()
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGINT)  # as Jupyter interrupts a kernel
    time.sleep(0.5)
    assert process.poll() is None and get(address)
    process.kill()
    assert is_gone(pid)
    process.communicate()


INTERRUPTED = """
import time
from helpers.tensorboard_server import TensorBoardServer
print(flush=True)
try:
    TensorBoardServer(".")
except KeyboardInterrupt as error:
    kept = error  # and with it the server, as a kernel keeps its last error
    print("interrupted", flush=True)
    time.sleep(60)
"""


@on_posix
def test_an_interrupt_while_it_starts_leaves_none():
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            process.stdout.readline()
            server = starting_server(process.pid)
            process.send_signal(signal.SIGINT)
            assert process.stdout.readline() == "interrupted\n"
            assert is_gone(server.pid)
            assert process.poll() is None, "gone by itself, and not with the process that made it"
        finally:
            process.kill()


def starting_server(maker):
    """The server that this process has just started: it is a program already, and has no port."""
    for _ in range(200):
        for child in psutil.Process(maker).children():
            if "tensorboard_server" in " ".join(child.cmdline()):
                time.sleep(0.1)  # until it is waited for
                return child
        time.sleep(0.01)
    raise AssertionError("no server has started")


def test_why_it_does_not_start_is_told(tmp_path, monkeypatch):
    broken = tmp_path / "tensorboard"
    broken.mkdir()
    code = "print('hello from a package')\nraise ImportError('half of it\\nis missing')"
    (broken / "__init__.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(OSError, match="doesn't start: ImportError: half of it is missing"):
        TensorBoardServer(tmp_path)


def test_it_starts_whatever_plug_ins_of_other_packages_do(tmp_path, monkeypatch):
    other = tmp_path / "other-1.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n")
    (other / "entry_points.txt").write_text("[tensorboard_plugins]\nother = other\n")
    (tmp_path / "other.py").write_text("print('hello from a plug-in')\nimport tensorflow.data")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    server = TensorBoardServer(tmp_path)
    assert get(server.address)
    server.close()


def test_it_ends_if_it_cannot_say_why_it_does_not_start(tmp_path):
    (tmp_path / "tensorboard.py").write_text("raise ImportError('caf\\xe9')")
    told = {"PYTHONPATH": str(tmp_path), "PYTHONIOENCODING": "ascii:strict"}
    with subprocess.Popen(
        [sys.executable, "-P", tensorboard_server.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | told,
    ) as process:
        process.stdin.write(b'{"folder": ".", "path": "", "sign": ""}\n')
        process.stdin.flush()
        try:
            process.wait(timeout=20)
            assert process.stdout.read().decode() == "ImportError: caf\xe9\n"
        finally:
            process.kill()
