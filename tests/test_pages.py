"""The course as a web site, in a browser that has no internet."""

import json

import nbformat
import pytest
from front_ends import CHROMIUM

from helpers.authoring import execute, pages, publish
from helpers.explorers.still import SENTENCE

LESSONS = execute.lessons()
NAMES = ["README", "notebooks/README", *(f"notebooks/{path.stem}" for path in LESSONS)]

in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


# --- a course of one lesson; these come first, as a browser has a loop of its own ---------------


def small_course(folder, source):
    """A course of one lesson."""
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# 00 · Small", id="title"),
            nbformat.v4.new_code_cell(source, id="say-it"),
        ]
    )
    (folder / "notebooks").mkdir()
    nbformat.write(notebook, folder / "notebooks" / "00_small.ipynb")
    (folder / "README.md").write_text("# Small\n\n[00](notebooks/00_small.ipynb)\n")
    return folder


def test_lessons_are_run_first_and_stay_as_they_are(tmp_path):
    root = small_course(tmp_path, "print('the number is', 6 * 7)")
    before = (root / "notebooks" / "00_small.ipynb").read_bytes()
    assert pages.main(["--to", str(root / "site")], root) == 0
    assert "the number is 42" in (root / "site" / "notebooks" / "00_small.html").read_text("utf-8")
    assert (root / "notebooks" / "00_small.ipynb").read_bytes() == before
    assert "outputs" in json.loads(before)["cells"][1]


def test_a_lesson_that_fails_is_told(tmp_path, capsys):
    root = small_course(tmp_path, "1 / 0")
    assert pages.main(["--to", str(root / "site")], root) == 1
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_badges_are_left_out(tmp_path):
    root = small_course(tmp_path, "1")
    badge = publish.badge("https://github.com/a/b", "main", "notebooks/00_small.ipynb")
    lesson = root / "notebooks" / "00_small.ipynb"
    lesson.write_text(lesson.read_text().replace("· Small", f"· Small {badge}"))
    (root / "README.md").write_text(f"# Small\n\n[00](notebooks/00_small.ipynb) {badge}\n")
    assert pages.main(["--to", str(root / "site")], root) == 0
    for name in ("README", "notebooks/00_small"):
        assert "colab-badge.svg" not in (root / "site" / f"{name}.html").read_text("utf-8")


def test_a_link_to_nowhere_is_told(tmp_path, capsys):
    root = small_course(tmp_path, "1")
    (root / "README.md").write_text("# Small\n\n[a page](notebooks/01_no_such.ipynb)\n")
    assert pages.main(["--stored", "--to", str(root / "site")], root) == 1
    assert "01_no_such" in capsys.readouterr().err


def test_a_folder_that_can_not_be_is_told(tmp_path, capsys):
    root = small_course(tmp_path, "1")
    assert pages.main(["--stored", "--to", str(root / "README.md")], root) == 1
    assert "is not a directory" in capsys.readouterr().err


# --- the course -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "for a class"
    assert pages.main(["--stored", "--to", str(folder)]) == 0
    return folder


@in_a_browser
@pytest.mark.parametrize("width", [1280, 390], ids=["desk", "phone"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_and_needs_no_internet(site, browser, name, width):
    context = browser.new_context(viewport={"width": width, "height": 800})
    context.set_offline(True)
    page, wanted = context.new_page(), []
    page.on("requestfailed", lambda request: wanted.append(request.url))
    page.on("pageerror", lambda error: wanted.append(str(error)))
    page.goto((site / f"{name}.html").as_uri(), wait_until="load")
    assert wanted == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = page.locator("main img")
    loaded = "pictures => pictures.filter(picture => picture.naturalWidth > 0).length"
    assert pictures.evaluate_all(loaded) == pictures.count()
    context.close()


@in_a_browser
def test_a_word_is_found(site, browser):
    page = browser.new_page()
    page.goto((site / "search.html").as_uri() + "?q=patience")
    page.wait_for_selector("#search-results li a[href*='05_callbacks']")
    page.close()


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_checks_are_folded_and_sliders_called_pictures(site, path):
    notebook = nbformat.read(path, 4)
    html = (site / "notebooks" / f"{path.stem}.html").read_text("utf-8")
    folded = [
        cell
        for cell in notebook.cells
        if "claim" in cell.metadata.get("tags", []) or cell.id in ("set-up", "imports")
    ]
    assert html.count('<details class="admonition hide') == len(folded) > 1
    sliders = sum("-explorer" in cell.id and cell.cell_type == "code" for cell in notebook.cells)
    assert html.count(pages.STILL) == sliders
    assert SENTENCE not in html


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_lessons_notebook_can_be_downloaded_as_it_is(site, path):
    html = (site / "notebooks" / f"{path.stem}.html").read_text("utf-8")
    assert f'href="../_sources/notebooks/{path.name}"' in html
    assert (site / "_sources" / "notebooks" / path.name).read_bytes() == path.read_bytes()
