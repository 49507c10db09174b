"""Notebooks in real front ends in a real browser, for tests and benchmarks.

Which front ends there are depends on what is installed: JupyterLab and Notebook 7, or the classic
Notebook with the ipywidgets 7 and ipykernel 6 that Colab has.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
SMALL = {"width": 1280, "height": 800}


def copy_course(target):
    """Copy the course to the folder `target`, without what is not part of it."""
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", "scratch", "course.zip")
    shutil.copytree(ROOT, target, ignore=ignored)


# What an explorer shows: its words, and its pictures' addresses, which are new with each picture.
SEEN = """cell => {
    const all = selector => Array.from(cell.querySelectorAll(selector));
    const pictures = all('img.widget-image');
    return {
        count: pictures.length,
        drawn: pictures.every(picture => picture.complete && picture.naturalWidth > 0),
        pictures: pictures.map(picture => picture.src).join(' '),
        words: all('.widget-html-content').map(words => words.textContent).join(' '),
        busy: all('button.mod-primary:disabled').length > 0,
    };
}"""


def write_notebook(path, sources):
    """Write a notebook with a code cell for each of these sources."""
    cells = [new_code_cell(source.strip()) for source in sources]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


@contextlib.contextmanager
def server(*command, **environment):
    """Start a Jupyter server on a free port; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", *command, "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={port}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=1)
                break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # a kernel that trains on may keep it
            process.kill()


class JupyterLab:
    """JupyterLab, as a learner uses it.

    A subclass is another front end. `page` is its page in the browser, once a notebook is open.
    """

    module, path = "jupyterlab", "lab/tree/{}?reset"
    settings = {
        "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
        "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
    }
    cells, outputs, handle = ".jp-Notebook .jp-Cell", ".jp-OutputArea-output", ".noUi-handle"
    subshells = True
    arrows_reach_handles = True

    def __init__(self, browser):
        self.browser, self.page = browser, None

    @contextlib.contextmanager
    def serving(self, root, folder):
        """Serve the folder `root`. The empty folder `folder` takes the settings."""
        for name, content in self.settings.items():
            file = folder / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))
        with server(
            self.module,
            "--IdentityProvider.token=",
            f"--ServerApp.root_dir={root}",
            f"--LabApp.user_settings_dir={folder}",
            f"--JupyterNotebookApp.user_settings_dir={folder}",
            JUPYTER_CONFIG_DIR=str(folder),
        ) as self.address:
            yield self

    def open(self, notebook, viewport=SMALL):
        """Open a notebook in a new page, with a kernel."""
        before = len(self._kernels())
        self.page = self.browser.new_page(viewport=viewport)
        self.page.goto(f"{self.address}/{self.path.format(notebook)}")
        self.page.wait_for_selector(".jp-Notebook", timeout=120_000)
        for _ in range(600):
            states = [kernel["execution_state"] for kernel in self._kernels()]
            if len(states) > before and set(states) == {"idle"}:
                break
            self.page.wait_for_timeout(200)
        self.page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=120_000
        )

    def _kernels(self):
        address = f"{self.address}/api/kernels"
        for attempt in range(10):
            try:
                with urllib.request.urlopen(address, timeout=60) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError:  # a kernel that just begins or ends can't be listed
                if attempt == 9:
                    raise
                time.sleep(0.5)

    def choose(self, menu, entry):
        self.page.get_by_role("menuitem", name=menu, exact=True).click()
        self.page.get_by_text(entry, exact=True).click()

    def run_all(self):
        """Run all cells, and wait until they have run."""
        self.choose("Run", "Run All Cells")
        self.page.wait_for_function(ALL_CELLS_RAN, timeout=300_000)

    def run(self, number):
        """Begin to run one cell."""
        self.cell(number).locator(".jp-InputArea-prompt").first.click()
        self.page.keyboard.press("Control+Enter")

    def cell(self, number):
        return self.page.locator(self.cells).nth(number)

    def interrupt(self):
        self.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()

    def interrupts(self):
        """All ways to interrupt the kernel."""
        return [self.interrupt, self._interrupt_by_menu, self._interrupt_by_keys]

    def _interrupt_by_menu(self):
        self.choose("Kernel", "Interrupt Kernel")

    def _interrupt_by_keys(self):
        self.cell(0).locator(".jp-InputArea-prompt").first.click()
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")

    def restart(self):
        self.choose("Kernel", "Restart Kernel…")
        self.page.locator(".jp-Dialog .jp-mod-accept").click()


class JupyterLabWithoutSubshells(JupyterLab):
    """JupyterLab whose widgets' messages go to the main thread, as they did before 4.4."""

    settings = {
        **JupyterLab.settings,
        "@jupyterlab/apputils-extension/kernels-settings": {"commsOverSubshells": "disabled"},
    }
    subshells = False


class Notebook7(JupyterLab):
    """Notebook 7, which keeps the right and the left arrow key for itself."""

    module, path = "notebook", "notebooks/{}"
    arrows_reach_handles = False


class ClassicNotebook(JupyterLab):
    """The classic Notebook, whose ipywidgets 7 is the one that Colab has."""

    cells, outputs, handle = ".cell", ".output_subarea", ".ui-slider-handle"
    subshells = False

    @contextlib.contextmanager
    def serving(self, root, folder):
        with server(
            "notebook",
            "--NotebookApp.token=",
            f"--notebook-dir={root}",
            JUPYTER_CONFIG_DIR=str(folder),
        ) as self.address:
            yield self

    def open(self, notebook, viewport=SMALL):
        self.page = self.browser.new_page(viewport=viewport)
        self.page.goto(f"{self.address}/notebooks/{notebook}")
        self.page.wait_for_function(CLASSIC_CONNECTED, timeout=120_000)
        self.page.wait_for_timeout(2000)  # the widgets' part of the page loads after the kernel

    def run_all(self):
        self.page.evaluate("Jupyter.notebook.execute_all_cells()")
        self.page.wait_for_function(CLASSIC_IDLE, timeout=300_000)
        self.page.wait_for_timeout(2000)

    def run(self, number):
        self.page.evaluate(f"Jupyter.notebook.execute_cells([{number}])")

    def interrupt(self):
        self.page.locator('[data-jupyter-action="jupyter-notebook:interrupt-kernel"]').click()

    def _interrupt_by_menu(self):
        self.page.locator("#kernellink").click()
        self.page.locator("#int_kernel a").click()

    def _interrupt_by_keys(self):
        self.cell(0).locator(".input_prompt").click()
        self.page.keyboard.press("i")
        self.page.keyboard.press("i")


ALL_CELLS_RAN = """() => Array.from(document.querySelectorAll('.jp-CodeCell .jp-InputArea-prompt'))
    .every(prompt => /\\[\\d+\\]/.test(prompt.textContent))"""
CLASSIC_CONNECTED = """() => window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel
    && Jupyter.notebook.kernel.is_connected()"""
CLASSIC_IDLE = """() => !document.querySelector('.cell.running')
    && !Array.from(document.querySelectorAll('.input_prompt'))
        .some(prompt => prompt.textContent.includes('[*]'))"""


def front_ends():
    """The front ends that this environment has."""
    if version("notebook").startswith("6."):
        return [ClassicNotebook]
    return [JupyterLab, JupyterLabWithoutSubshells, Notebook7]


def focus_slider(explorer):
    """Give an explorer's first slider the keyboard."""
    handle = explorer.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    handle.focus()


def come_to_rest(page, explorer):
    """Wait until an explorer shows the same for half a second; return what is seen."""
    seen = None
    while seen != (now := explorer.evaluate(SEEN)) or now["busy"]:
        seen = now
        page.wait_for_timeout(500)
    return seen


def wait_for_news(page, explorer, before):
    """Wait until picture and words differ from `before` and come to rest; return what is seen."""
    differs = f"""([cell, before]) => {{
        const now = ({SEEN})(cell);
        return now.drawn && !now.busy
            && now.pictures !== before.pictures && now.words !== before.words;
    }}"""
    page.wait_for_function(differs, arg=[explorer.element_handle(), before], timeout=120_000)
    return come_to_rest(page, explorer)
