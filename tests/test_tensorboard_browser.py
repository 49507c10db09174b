"""The real TensorBoard page, in a real JupyterLab in a real browser, without the internet."""

import contextlib
import http.server
import json
import socket
import threading
import types
from urllib.parse import urlsplit

import nbformat
import playwright.sync_api as playwright
import pytest
from front_ends import CHROMIUM, ROOT, JupyterLab, copy_course, write_notebook

from helpers import tensorboard_page
from helpers.authoring import execute
from helpers.tensorboard_page import show_tensorboard

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")

# The lesson's cells that train and show the page; the trainings are shortened.
CELLS = {
    "set-up": {},
    "imports": {},
    "few-pictures": {},
    "make-folder": {},
    "train-first": {"epochs=20": "epochs=2"},
    "show-page": {},
    "train-second": {},
}
RUNS = [f"rate_{rate}/{part}" for rate in ("0.001", "0.01") for part in ("train", "validation")]
FRAME = "iframe[title=TensorBoard]"


def sources():
    (lesson,) = [path for path in execute.lessons(ROOT) if path.name.startswith("10")]
    found = {cell.id: cell.source for cell in nbformat.read(lesson, 4).cells}
    for cell_id, changes in CELLS.items():
        source = found[cell_id]
        for before, after in changes.items():
            assert before in source
            source = source.replace(before, after)
        yield source


def test_the_lessons_page_shows_both_runs_and_a_histogram(browser, tmp_path):
    copy, settings, asked = tmp_path / "한국어 수업", tmp_path / "settings", []
    settings.mkdir()
    copy_course(copy)
    write_notebook(copy / "notebooks" / "lesson.ipynb", sources())
    with JupyterLab(browser).serving(copy, settings) as lab:
        lab.open("notebooks/lesson.ipynb", viewport={"width": 1400, "height": 1200})
        lab.page.on("request", lambda request: asked.append(urlsplit(request.url)))
        lab.run_all()
        cell = lab.cell(list(CELLS).index("show-page"))
        frame = cell.frame_locator(FRAME)
        address = cell.get_by_role("link", name="TensorBoard").get_attribute("href")
        assert urlsplit(address).hostname == "127.0.0.1" and len(urlsplit(address).path) > 30
        for run in RUNS:
            named = frame.get_by_text(run, exact=True).first
            for _ in range(30):  # the server reads the files every two seconds
                frame.locator("button.reload-button").click(timeout=60_000)
                with contextlib.suppress(playwright.TimeoutError):
                    named.wait_for(timeout=2_000)
                    break
            assert named.is_visible(), f"{run} is not in the list"
        frame.get_by_role("tab", name="Histograms").click()
        drawn = frame.locator("vz-histogram-timeseries .histogram path")
        drawn.first.wait_for(state="attached", timeout=60_000)
        hosts = {url.hostname for url in asked if url.scheme.startswith("http")}
        assert hosts == {"127.0.0.1"}, "nothing is asked of the internet"
        lab.page.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A server, and the HTML that a cell shows for it."""
    outputs = []
    with pytest.MonkeyPatch.context() as patch:
        page = "helpers.tensorboard_page"
        patch.setattr(f"{page}.display", lambda data, raw: outputs.append(data["text/html"]))
        patch.setattr(f"{page}._server", None)
        show_tensorboard(tmp_path_factory.mktemp("logs"))
        server = tensorboard_page._server
    yield types.SimpleNamespace(server=server, html=outputs[0])
    server.close()


def opened(browser, made, host, base, proxied):
    """A page at this host that shows the cell, and what it asked for.

    The page's server has the folder `base`, and hands on to TensorBoard if `proxied`, as a hub with
    jupyter-server-proxy does.
    """
    settings = json.dumps({"baseUrl": base})
    page, asked = browser.new_page(), []
    proxy = f"http://{host}{base}proxy/{made.server.port}"

    def answer(route):
        url = route.request.url
        asked.append(url)
        if url == f"http://{host}/lesson":
            config = f'<script id="jupyter-config-data" type="application/json">{settings}</script>'
            route.fulfill(content_type="text/html", body=config + made.html)
        elif proxied and url.startswith(proxy):
            to = url.replace(proxy, f"http://127.0.0.1:{made.server.port}")
            route.fulfill(response=route.fetch(url=to))
        else:
            route.fulfill(status=404)

    page.route(f"http://{host}/**", answer)
    page.goto(f"http://{host}/lesson")
    return page, asked


def stays_without_a_frame(page, made):
    page.wait_for_timeout(500)
    assert page.locator("iframe").count() == 0
    assert "is not shown here" in page.inner_text("body")
    assert page.get_by_role("link").get_attribute("href") == made.server.address


def test_a_hub_without_a_proxy_shows_words_and_no_frame(browser, made):
    page, asked = opened(browser, made, "hub.example", "/user/one/", proxied=False)
    page.wait_for_function("() => performance.getEntriesByType('resource').length > 0")
    stays_without_a_frame(page, made)
    assert {urlsplit(url).hostname for url in asked} == {"hub.example"}
    page.close()


def test_a_hub_with_a_proxy_shows_the_page(browser, made):
    page, _ = opened(browser, made, "hub.example", "/user/one/", proxied=True)
    frame = page.frame_locator(FRAME)
    frame.get_by_text("TensorBoard", exact=True).first.wait_for(timeout=60_000)
    link = page.get_by_role("link", name="TensorBoard").get_attribute("href")
    assert link.startswith(f"http://hub.example/user/one/proxy/{made.server.port}/")
    page.close()


@contextlib.contextmanager
def serving(answer):
    """A server on this machine, which answers a path with a status and HTML; what it is asked."""
    asked = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, source = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(source.encode())

        def log_message(self, *_anything):
            pass

    local = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=local.serve_forever, daemon=True).start()
    try:
        yield local.server_port, asked
    finally:
        local.shutdown()
        local.server_close()


@contextlib.contextmanager
def local_page(browser, html):
    """A page at localhost that shows this: only such a page may ask other local ports."""
    with serving(lambda path: (200, html) if path == "/" else (404, "")) as (port, _):
        page = browser.new_page()
        page.goto(f"http://localhost:{port}/")
        yield page
        page.close()


def test_a_page_at_localhost_finds_it_and_says_what_to_do_if_it_stays_empty(browser, made):
    with local_page(browser, made.html) as page:
        frame = page.frame_locator(FRAME)
        frame.get_by_text("TensorBoard", exact=True).first.wait_for(timeout=60_000)
        address = f"http://localhost:{made.server.port}{made.server.path}/"
        beside = page.locator("p").filter(has_text=tensorboard_page.BESIDE)
        assert beside.get_by_role("link").get_attribute("href") == address
        assert page.locator(FRAME).get_attribute("src") == address
        assert "is not shown here" not in page.inner_text("body")


@pytest.mark.parametrize("status", [200, 404])
def test_a_page_whose_port_another_program_has_by_now_never_frames_that(browser, made, status):
    with serving(lambda path: (status, "<p>another program</p>")) as (port, asked):
        with local_page(browser, made.html.replace(str(made.server.port), str(port))) as page:
            for _ in range(100):
                if asked:
                    break
                page.wait_for_timeout(50)
            assert asked and all(path.startswith(made.server.path) for path in asked)
            page.wait_for_timeout(500)
            assert page.locator("iframe").count() == 0
            assert "is not shown here" in page.inner_text("body")


def test_a_saved_page_whose_server_is_gone_shows_words(browser, made):
    with socket.socket() as nobody:  # who listens
        nobody.bind(("127.0.0.1", 0))
        port = str(nobody.getsockname()[1])
        with local_page(browser, made.html.replace(str(made.server.port), port)) as page:
            page.wait_for_timeout(1000)
            assert page.locator("iframe").count() == 0
            assert "is not shown here" in page.inner_text("body")
