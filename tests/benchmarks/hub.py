"""What a class costs on one server: a real JupyterHub, and learners who run lessons at once.

    python tests/benchmarks/hub.py [--learners 1 2 4 8] [--lessons 01 05] [--user nobody]

It needs an environment with requirements.txt and jupyterhub, and configurable-http-proxy (npm) on
the PATH. For each number of learners it starts a hub on this machine, logs the learners in, and
lets each run the lessons one after the other, all learners at the same time, as they would: the
kernels stay open, as learners leave them. The course is one folder for all. With `--user`, as root,
the hub runs as that user, who can't write there.

It prints for each number of learners the time from the first to the last, as against one learner
alone, the memory at the worst moment (proportional set size: what processes share is divided among
them), and what failed. Where a lesson has opened TensorBoard, each learner's page must show that
learner's own folder. It is a script, and no test.
"""

import argparse
import contextlib
import http.cookiejar
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil
import websocket
from front_ends import copy_course

CONFIG = """
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub_port}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{home}/{{username}}"
c.Spawner.cmd = [{python!r}, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.notebook_dir = {course!r}
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
c.JupyterHub.services = [{{"name": "load", "api_token": {token!r}}}]
c.JupyterHub.load_roles = [{{
    "name": "load",
    "scopes": ["admin:users", "admin:servers", "access:servers"],
    "services": ["load"],
}}]
"""

OWN_PAGE = """
import json, os, urllib.request
from helpers import tensorboard_page
with urllib.request.urlopen(f"{tensorboard_page._server.address}data/environment") as answer:
    assert json.load(answer)["data_location"] == os.path.abspath(logs), "not the learner's own"
"""


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Hub:
    """A running JupyterHub."""

    def __init__(self, folder, course, user=None):
        self.address = f"http://127.0.0.1:{free_port()}"
        self.token = secrets.token_hex(16)
        config = folder / "jupyterhub_config.py"
        (folder / "home").mkdir()
        config.write_text(
            CONFIG.format(
                port=self.address.rpartition(":")[2],
                hub_port=free_port(),
                proxy_port=free_port(),
                home=folder / "home",
                python=sys.executable,
                course=str(course),
                token=self.token,
            )
        )
        if user:
            for path in (folder, folder / "home"):
                shutil.chown(path, user)
        self.log = open(folder.parent / "hub.log", "ab")  # noqa: SIM115  (closed with the hub)
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(config)],
            cwd=folder,
            stdout=self.log,
            stderr=self.log,
            env={**os.environ, "PATH": path, "HOME": str(folder / "home")},
            user=user,
            group=None if user is None else _group_of(user),
            extra_groups=None if user is None else [],
        )
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.address}/hub/api/", timeout=1)
                return
            time.sleep(0.5)
        raise RuntimeError("the hub did not start: see hub.log")

    def ask(self, path, data=None, method=None):
        """Ask the hub or a learner's server; return the answer and its status."""
        request = urllib.request.Request(
            f"{self.address}{path}",
            data=None if data is None else json.dumps(data).encode(),
            headers={"Authorization": f"token {self.token}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.loads(answer.read() or "null"), answer.status

    def log_in(self, name):
        """Fill in the login form as a learner does."""
        jar = http.cookiejar.CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        browser.open(f"{self.address}/hub/login", timeout=60).read()
        crumb = next(cookie.value for cookie in jar if cookie.name == "_xsrf")
        form = urllib.parse.urlencode({"username": name, "password": "", "_xsrf": crumb}).encode()
        page = browser.open(f"{self.address}/hub/login?next=/hub/home", form, timeout=60)
        if not page.geturl().endswith("/hub/home"):
            raise RuntimeError(f"{name} could not log in: {page.geturl()}")

    def start_server(self, name):
        self.ask(f"/hub/api/users/{name}/server", {}, "POST")
        while not self.ask(f"/hub/api/users/{name}")[0]["servers"].get("", {}).get("ready"):
            time.sleep(0.5)

    def close(self):
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.log.close()


def _group_of(user):
    import pwd

    return pwd.getpwnam(user).pw_gid


def run_lesson(hub, name, lesson):
    """Run a lesson's cells in a new kernel, which stays open; return what failed, or None."""
    api = f"/user/{name}/api"
    opened, _ = hub.ask(
        f"{api}/sessions",
        {
            "path": f"notebooks/{lesson.name}",
            "name": "",
            "type": "notebook",
            "kernel": {"name": "python3"},
        },
        "POST",
    )
    address = hub.address.replace("http", "ws", 1)
    channel = websocket.create_connection(
        f"{address}{api}/kernels/{opened['kernel']['id']}/channels",
        header=[f"Authorization: token {hub.token}"],
        timeout=600,
    )
    try:
        for cell in json.loads(lesson.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                failed = run_cell(channel, source)
                if not failed and source.startswith("show_tensorboard("):
                    failed = run_cell(channel, OWN_PAGE)
                if failed:
                    return f"{name}, {lesson.stem}, cell {cell['id']}: {failed}"
    finally:
        channel.close()
    return None


def run_cell(channel, source):
    """Execute a cell; return its error, or None."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "version": "5.3"}
    header |= {"session": "load", "username": "load", "date": "2026-01-01T00:00:00Z"}
    content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
    channel.send(
        json.dumps(
            {
                "header": header,
                "parent_header": {},
                "metadata": {},
                "content": {**content, "stop_on_error": True, "user_expressions": {}},
                "channel": "shell",
            }
        )
    )
    while True:
        received = channel.recv()
        if not isinstance(received, str):
            continue  # a widget's picture
        message = json.loads(received)
        if (
            message["channel"] == "shell"
            and message["parent_header"].get("msg_id") == header["msg_id"]
        ):
            answer = message["content"]
            return None if answer["status"] == "ok" else f"{answer['ename']}: {answer['evalue']}"


class Memory(threading.Thread):
    """Watches what all processes under the hub take, in MB."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.hub, self.peak, self.over = psutil.Process(pid), 0.0, threading.Event()

    def run(self):
        while not self.over.wait(1):
            total = 0
            for process in self.hub.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    total += process.memory_full_info().pss
            self.peak = max(self.peak, total / 2**20)


def measure(learners, lessons, course, folder, user):
    """Seconds, MB for all learners, and what failed."""
    folder.mkdir()
    hub = Hub(folder, course, user)
    try:
        names = [f"learner{number}" for number in range(learners)]

        def sit_down(name):
            hub.log_in(name)
            hub.start_server(name)

        def work(name):
            try:
                return [run_lesson(hub, name, course / "notebooks" / path) for path in lessons]
            except Exception as error:  # the table tells it
                return [f"{name}: {type(error).__name__}: {error}"]

        memory = Memory(hub.process.pid)
        memory.start()
        with ThreadPoolExecutor(learners) as room:
            list(room.map(sit_down, names))
            begun = time.monotonic()
            told = [failed for failures in room.map(work, names) for failed in failures]
            seconds = time.monotonic() - begun
        memory.over.set()
        memory.join()
        return seconds, memory.peak, [failed for failed in told if failed]
    finally:
        hub.close()


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--learners", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--lessons", nargs="+", default=["01", "05"])
    parser.add_argument("--user", help="run the hub as this user, who can't write to the course")
    options = parser.parse_args()
    if shutil.which("configurable-http-proxy") is None:
        sys.exit("configurable-http-proxy is not on the PATH: npm install configurable-http-proxy")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        course = folder / "course"
        copy_course(course)
        paths = [
            next((course / "notebooks").glob(f"{number}_*.ipynb")) for number in options.lessons
        ]
        print(f"lessons {' and '.join(options.lessons)}; {os.cpu_count()} cores")
        print("learners  seconds  as against one  MB in all  MB a learner  failures")
        alone = None
        for learners in options.learners:
            seconds, peak, failures = measure(
                learners,
                [path.name for path in paths],
                course,
                folder / f"{learners}",
                options.user,
            )
            alone = alone or seconds
            print(
                f"{learners:8}  {seconds:7.0f}  {seconds / alone:13.1f}x  {peak:9.0f}  "
                f"{peak / learners:12.0f}  {len(failures):8}",
                flush=True,
            )
            for failed in failures:
                print("   ", failed)
            if failures:
                print((folder / "hub.log").read_text(errors="replace")[-3000:])


if __name__ == "__main__":
    main()
