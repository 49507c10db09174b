"""The course as a web site and as slides, in a browser that has no internet."""

import re
from html import unescape

import pytest
from front_ends import CHROMIUM
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from walking import walk

from helpers.authoring import execute, normal_form, pages, publish
from helpers.authoring.readers import STILL
from helpers.explorers.still import SENTENCE

LESSON = execute.lessons()[3]  # it has all there is: predictions, live training, checks, a slider
NAMES = ["README", "notebooks/README", f"notebooks/{LESSON.stem}"]
# Pictures without words, or with a file's name as words. Sketches are told by their choices.
WITHOUT_WORDS = """pictures => pictures
    .filter(picture => picture.alt.endsWith('.png')
        || !picture.alt && !picture.closest('[class^=course-still]'))
    .map(picture => picture.src.slice(0, 80))"""

in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


# --- a course of two small lessons; these come first, as a browser has a loop of its own ---------


def code(cell_id, source, *tags):
    return new_code_cell(source, id=cell_id, metadata={"tags": list(tags)})


def small_course(root, *sources):
    """A course whose lessons have the same cells: a title and these, by the cells' ids."""
    (root / "notebooks").mkdir()
    links = ""
    for number, source in enumerate(sources):
        name = f"notebooks/{number:02d}_small.ipynb"
        title = new_markdown_cell(f"# {number:02d} · Small", id="title")
        notebook = new_notebook(cells=[title, code("say-it", source)])
        text = normal_form.to_text(normal_form.stored_form(notebook, root))
        (root / name).write_text(text, "utf-8")
        links += f"[{number:02d}]({name})\n"
    (root / "README.md").write_text(f"# Small\n\n{links}")
    return root


def built(root, *arguments):
    """Build its site; return the page of the first lesson."""
    assert pages.main([*arguments, "--to", str(root / "site")], root) == 0
    return (root / "site" / "notebooks" / "00_small.html").read_text("utf-8")


def test_book_and_slides_are_of_one_run_and_lessons_stay_as_they_are(tmp_path):
    root = small_course(tmp_path, "import random\nprint('number', random.random())")
    before = (root / "notebooks" / "00_small.ipynb").read_bytes()
    number = re.search(r"number 0\.\d+", built(root, "--slides"))[0]
    assert number in (root / "site" / "slides" / "00_small.html").read_text("utf-8")
    assert (root / "notebooks" / "00_small.ipynb").read_bytes() == before


def test_some_lessons_can_be_chosen(tmp_path, capsys):
    root = small_course(tmp_path, "print(6 * 7)", "1 / 0")
    assert "42" in built(root, "00")
    assert not (root / "site" / "notebooks" / "01_small.html").exists()
    assert not (root / "site" / "slides").exists()
    assert pages.main(["02"], root) == 2
    assert "There is no lesson '02'" in capsys.readouterr().err
    assert pages.main([str(LESSON)], root) == 2
    assert f"{LESSON} does not lie in" in capsys.readouterr().err


def test_a_lesson_that_fails_is_told(tmp_path, capsys):
    root = small_course(tmp_path, "1 / 0")
    assert pages.main(["--to", str(root / "site")], root) == 1
    told = capsys.readouterr().err
    assert "00_small.ipynb: cell say-it: ZeroDivisionError" in told
    assert not (root / "site").exists()


def test_badges_are_left_out(tmp_path):
    root = small_course(tmp_path, "1")
    badge = publish.badge("https://github.com/a/b", "main", "notebooks/00_small.ipynb")
    for name in ("README.md", "notebooks/00_small.ipynb"):
        text = (root / name).read_text("utf-8")
        (root / name).write_text(text.replace("Small", f"Small {badge}", 1), "utf-8")
    assert "colab-badge.svg" not in built(root)
    assert "colab-badge.svg" not in (root / "site" / "README.html").read_text("utf-8")


def test_a_link_to_nowhere_is_told(tmp_path, capsys):
    root = small_course(tmp_path, "1")
    (root / "README.md").write_text("# Small\n\n[a page](notebooks/01_no_such.ipynb)\n")
    assert pages.main(["--to", str(root / "site")], root) == 1
    assert "01_no_such" in capsys.readouterr().err


def test_a_folder_that_can_not_be_is_told(tmp_path, capsys):
    root = small_course(tmp_path, "1")
    assert pages.main(["--to", str(root / "README.md")], root) == 1
    assert "is not a directory" in capsys.readouterr().err


def test_a_course_without_lessons_is_told(tmp_path, capsys):
    assert pages.main([], tmp_path) == 2
    assert "none in" in capsys.readouterr().err


# --- a lesson of the course -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "for a class"
    assert pages.main([LESSON.stem, "--slides", "--to", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def html(site):
    return (site / "notebooks" / f"{LESSON.stem}.html").read_text("utf-8")


@pytest.fixture(scope="module")
def cells():
    return normal_form.parse(LESSON.read_text("utf-8")).cells


def test_set_up_and_checks_are_folded_under_their_titles(html, cells):
    titles = [
        cell.source.partition("\n")[0].removeprefix(pages.TITLE)
        for cell in cells
        if cell.id == "set-up" or "claim" in cell.metadata.get("tags", [])
    ]
    found = re.findall(r'<p class="collapsed admonition-title">([^<]*)</p>', html)
    folded = [unescape(title) for title in found]
    assert folded == titles
    assert len(folded) > 2


def test_sliders_are_called_pictures_and_questions_stand_without_code(html, cells):
    sliders = sum("-explorer" in cell.id and cell.cell_type == "code" for cell in cells)
    assert html.count(STILL) == sliders
    assert SENTENCE not in html
    asked = sum(cell.id.startswith("predict-") and cell.cell_type == "code" for cell in cells)
    assert html.count("<b>Predict.</b>") == asked


def test_the_lessons_notebook_can_be_downloaded_as_it_is(site, html):
    assert f'href="../_sources/notebooks/{LESSON.name}"' in html
    assert (site / "_sources" / "notebooks" / LESSON.name).read_bytes() == LESSON.read_bytes()


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
@pytest.mark.parametrize("name", NAMES)
def test_every_picture_is_told_in_words(site, browser, name):
    page = browser.new_page()
    page.goto((site / f"{name}.html").as_uri())
    assert page.locator("main img").evaluate_all(WITHOUT_WORDS) == []
    page.close()


@in_a_browser
def test_a_word_is_found(site, browser):
    page = browser.new_page()
    page.goto((site / "search.html").as_uri() + f"?q={LESSON.stem.split('_')[1]}")
    page.wait_for_selector(f"#search-results li a[href*='{LESSON.stem}']")
    page.close()


@in_a_browser
def test_the_lessons_slides_fit_on_the_screen(site, browser):
    assert len(walk(browser, site / "slides" / f"{LESSON.stem}.html")) > 10
