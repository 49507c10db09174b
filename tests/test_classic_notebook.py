"""The sliders in the classic Notebook, whose ipywidgets 7 is the one that Colab has."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from test_browser import CHROMIUM, FLAGS, copy_course

EXPLORERS = {
    "patience": 'PatienceExplorer(load_recording("clothes_dropout_0.3"))',
    "dropout": "DropoutExplorer(data)",
    "neurons": "NeuronExplorer(None, data.val_scaled[:9])",
    "learning-rate": "LearningRateExplorer()",
}
SET_UP = """
import sys
sys.path.insert(0, "..")
from helpers import (
    DropoutExplorer, LearningRateExplorer, NeuronExplorer, PatienceExplorer,
    load_fashion_mnist, load_recording,
)
data = load_fashion_mnist()
"""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
CONNECTED = """() => window.Jupyter && Jupyter.notebook && Jupyter.notebook.kernel
    && Jupyter.notebook.kernel.is_connected()"""
SHOWN = """count => document.querySelectorAll('.widget-image').length === count
    && !document.querySelector('.cell.running')"""
CHANGED = """([cell, before]) => {
    const words = Array.from(cell.querySelectorAll('.widget-html-content'));
    return cell.querySelector('img.widget-image').src !== before[0]
        && words.map(part => part.textContent).join(' ') !== before[1];
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A classic Notebook that serves the course and a notebook with every explorer."""
    root = tmp_path_factory.mktemp("classic") / "a course"
    copy_course(root)
    cells = [new_code_cell(source) for source in (SET_UP, *EXPLORERS.values())]
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, root / "notebooks" / "explorers.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "notebook", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={port}", "--NotebookApp.token="),
            f"--notebook-dir={root}",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=1)
                break
            except (OSError, urllib.error.URLError):
                time.sleep(0.5)
        yield f"http://127.0.0.1:{port}/notebooks/notebooks/explorers.ipynb"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def page(address):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1200})
        page.goto(address)
        page.wait_for_function(CONNECTED, timeout=120_000)
        page.wait_for_timeout(2000)  # the widgets' part of the page loads after the kernel
        page.evaluate("Jupyter.notebook.execute_all_cells()")
        page.wait_for_function(SHOWN, arg=len(EXPLORERS), timeout=240_000)
        page.wait_for_timeout(2000)
        yield page
        browser.close()


def cell_of(page, name):
    return page.locator(".cell").nth(1 + list(EXPLORERS).index(name))


def seen(cell):
    words = cell.locator(".widget-html-content").all_text_contents()
    return [cell.locator("img.widget-image").get_attribute("src"), " ".join(words)]


@pytest.mark.parametrize("name", EXPLORERS)
def test_a_key_moves_picture_and_words(page, name):
    cell = cell_of(page, name)
    before = seen(cell)
    handle = cell.locator(".ui-slider-handle").first
    handle.scroll_into_view_if_needed()
    handle.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(CHANGED, arg=[cell.element_handle(), before], timeout=60_000)
    assert cell.locator("img.widget-image").count() == 1
    assert cell.locator("[role=alert]").count() == 0
    folder = os.environ.get("COURSE_ARTEFACTS")
    if folder:
        cell.screenshot(path=Path(folder) / f"classic-{name}.png")


def test_the_button_trains(page):
    cell = cell_of(page, "dropout")
    cell.get_by_label("epochs").select_option("5")
    cell.get_by_label("training images").select_option("1,000")
    cell.get_by_role("button", name="Train it here").click()
    cell.get_by_text("Trained 5 of 5 epochs").wait_for(timeout=120_000)
