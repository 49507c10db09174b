"""The real TensorBoard page, in a real JupyterLab in a real browser, without the internet."""

import types
import urllib.request
from urllib.parse import urlsplit

import nbformat
import pytest
from front_ends import CHROMIUM, ROOT, JupyterLab, copy_course, write_notebook

from helpers.authoring import execute
from helpers.tensorboard_page import _page
from helpers.tensorboard_server import TensorBoardServer

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")

CELLS = {
    "set-up": {},
    "imports": {},
    "few-pictures": {},
    "make-folder": {},
    "train-first": {"epochs=20": "epochs=2"},
    "show-page": {},
    "train-second": {"epochs=20": "epochs=2"},
}
RUNS = [f"rate_{rate}/{part}" for rate in ("0.001", "0.01") for part in ("train", "validation")]


def sources():
    (lesson,) = [path for path in execute.lessons(ROOT) if path.name.startswith("10")]
    found = {cell.id: cell.source for cell in nbformat.read(lesson, 4).cells}
    for cell_id, changes in CELLS.items():
        source = found[cell_id]
        for before, after in changes.items():
            assert before in source
            source = source.replace(before, after)
        yield source


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """JupyterLab, in which the lesson's page and both trainings have run; and what it asked for."""
    copy = tmp_path_factory.mktemp("a course") / "course"
    copy_course(copy)
    write_notebook(copy / "notebooks" / "lesson.ipynb", sources())
    asked = []
    with JupyterLab(browser).serving(copy, tmp_path_factory.mktemp("settings")) as front_end:
        front_end.open("notebooks/lesson.ipynb", viewport={"width": 1400, "height": 1200})
        front_end.page.on("request", lambda request: asked.append(request.url))
        front_end.run_all()
        yield front_end, asked


def test_the_page_shows_both_runs_and_a_histogram(lab, tmp_path):
    front_end, asked = lab
    page = front_end.page
    cell = front_end.cell(list(CELLS).index("show-page"))
    cell.scroll_into_view_if_needed()
    frame = cell.frame_locator("iframe[title=TensorBoard]")
    assert cell.get_by_role("link", name="TensorBoard").get_attribute("href").startswith("http")
    frame.get_by_role("tab", name="Time Series").wait_for(timeout=60_000)
    frame.locator("button[title='Reload data']").or_(
        frame.get_by_role("button", name="Reload data")
    ).first.click()
    for run in RUNS:
        frame.get_by_text(run).first.wait_for(timeout=60_000)
    frame.get_by_text("epoch_loss").first.wait_for(timeout=60_000)
    frame.get_by_text("bias/histogram").first.wait_for(timeout=60_000)
    cell.screenshot(path=tmp_path / "page.png")
    other = [url for url in asked if urlsplit(url).hostname not in ("127.0.0.1", "localhost", None)]
    assert not other, "nothing is asked of the internet"
    assert any("histogram" in url for url in asked)
    print(tmp_path)
    page.wait_for_timeout(100)
