"""The lessons in a real JupyterLab in a real browser."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
NO_CELL_RUNS = """() => !Array.from(document.querySelectorAll('.jp-InputArea-prompt'))
    .some(prompt => prompt.textContent.includes('[*]'))"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab that serves a copy of the course, in a folder with a space."""
    copy = tmp_path_factory.mktemp("a course") / "with spaces"
    ignored = shutil.ignore_patterns(".git", ".venv", "__pycache__", "scratch")
    shutil.copytree(ROOT, copy, ignore=ignored)
    settings = tmp_path_factory.mktemp("settings")
    for name, content in {
        "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
        "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
    }.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="),
            *(f"--ServerApp.root_dir={copy}", f"--LabApp.user_settings_dir={settings}"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(settings)},
    )
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/api", timeout=1)
                break
            time.sleep(0.5)
        yield address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def run_all(browser, lab, lesson):
    """The lesson's page after Run All."""
    page = browser.new_page(viewport={"width": 1400, "height": 1200})
    page.goto(f"{lab}/lab/tree/notebooks/{lesson}.ipynb?reset")
    page.wait_for_selector(".jp-Notebook", timeout=120_000)
    page.wait_for_selector("text=/\\| Idle/", timeout=120_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.wait_for_function(f"() => !({NO_CELL_RUNS})()", timeout=60_000)
    page.wait_for_function(NO_CELL_RUNS, timeout=300_000)
    return page


def test_a_lesson_runs_and_its_live_plot_is_one_picture(browser, lab):
    page = run_all(browser, lab, "01_loss_curves")
    errors = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    assert errors.count() == 0, errors.first.text_content()
    red = page.locator("[data-mime-type='application/vnd.jupyter.stderr']")
    assert red.count() == 0, red.first.text_content()
    cell = page.locator(".jp-CodeCell").filter(has_text="callbacks=[LivePlot()]")
    assert cell.count() == 1
    assert cell.locator(".jp-OutputArea-output img").count() == 1
    assert page.locator(".jp-OutputArea-output img").count() >= 6
