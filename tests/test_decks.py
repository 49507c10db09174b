"""Decks of slides, in a browser that has no internet."""

import pytest
from front_ends import CHROMIUM

from helpers.authoring import decks, execute, publish

LESSONS = execute.lessons()
SCREEN = {"width": 1280, "height": 720}
# Of the slide that is shown: its first words, how far down it reaches, what is cut at the
# right, how many pictures it has.
SEEN = """() => {
    const slide = Reveal.getCurrentSlide();
    const cells = Array.from(slide.querySelectorAll('.jp-Cell'));
    return {
        zoom: slide.currentCSSZoom,
        words: slide.innerText.slice(0, 60),
        bottom: Math.max(...cells.map(cell => cell.getBoundingClientRect().bottom)),
        cut: Array.from(slide.querySelectorAll('pre'))
            .filter(pre => pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.innerText),
        pictures: Array.from(slide.querySelectorAll('img')).filter(img => img.naturalWidth).length,
    };
}"""

in_a_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    written = tmp_path_factory.mktemp("decks") / "for a class"
    assert decks.main(["--to", str(written)]) == 0
    return written


@pytest.fixture(scope="module")
def page(browser):
    context = browser.new_context(viewport=SCREEN)
    context.set_offline(True)
    return context.new_page()


@in_a_browser
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_every_slide_fits_on_the_screen_and_needs_no_internet(folder, page, lesson):
    wanted = []
    page.on("requestfailed", lambda request: wanted.append(request.url))
    page.on("pageerror", lambda error: wanted.append(str(error)))
    page.goto((folder / f"{lesson.stem}.html").as_uri())
    page.wait_for_function("Reveal.isReady()")
    seen = []
    while True:
        seen.append(page.evaluate(SEEN))
        if page.evaluate("Reveal.isLastSlide()"):
            break
        page.evaluate("Reveal.next()")
    assert len(seen) == page.evaluate("Reveal.getTotalSlides()") > 10
    assert sum(slide["pictures"] for slide in seen) == page.locator(".slides img").count()
    assert [slide for slide in seen if slide["bottom"] > SCREEN["height"]] == []
    assert [slide["cut"] for slide in seen if slide["cut"]] == []
    assert wanted == []
    smaller = [slide for slide in seen if slide["zoom"] < 1]
    assert all(slide["bottom"] > 0.8 * SCREEN["height"] for slide in smaller), "no more than needed"


def test_an_unknown_lesson_is_told(capsys, tmp_path):
    assert decks.main(["99", "--to", str(tmp_path)]) == 2
    assert "There is no lesson '99'" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_is_told(capsys, tmp_path):
    (tmp_path / "file").touch()
    assert decks.main(["00", "--to", str(tmp_path / "file")]) == 1
    assert "can't be written into" in capsys.readouterr().err


def test_a_lesson_that_can_not_be_read_is_told(capsys, tmp_path):
    broken = tmp_path / "00_broken.ipynb"
    broken.write_text("{")
    assert decks.main([str(broken), "--to", str(tmp_path / "decks")]) == 1
    assert "00_broken.ipynb: " in capsys.readouterr().err


def test_the_badge_of_a_published_lesson_is_left_out(tmp_path):
    lesson = tmp_path / LESSONS[0].name
    address = "https://github.com/one-school/when-to-stop"
    text = publish.published_lesson(LESSONS[0].read_text("utf-8"), lesson.name, address, "main")
    lesson.write_text(text, "utf-8")
    assert "colab-badge.svg" in text and "colab-badge.svg" not in decks.deck(lesson)
