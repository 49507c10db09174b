"""A walk through a deck of slides in a browser, for tests."""

SCREEN = {"width": 1280, "height": 720}
# Of the slide that is shown: its words, how far down it reaches, what is cut at the right, how
# many pictures it has.
SEEN = """() => {
    const slide = Reveal.getCurrentSlide();
    const cells = Array.from(slide.querySelectorAll('.jp-Cell'));
    return {
        zoom: slide.currentCSSZoom,
        words: slide.innerText,
        bottom: Math.max(...cells.map(cell => cell.getBoundingClientRect().bottom)),
        cut: Array.from(slide.querySelectorAll('pre'))
            .filter(pre => pre.scrollWidth > pre.clientWidth + 1).map(pre => pre.innerText),
        pictures: Array.from(slide.querySelectorAll('img')).filter(img => img.naturalWidth).length,
    };
}"""


def walk(browser, path):
    """Look at each slide of a deck without internet; return what is seen of each.

    Each fits on the screen, is no smaller than it must be, and shows its pictures.
    """
    context = browser.new_context(viewport=SCREEN)
    context.set_offline(True)
    page, wanted = context.new_page(), []
    page.on("requestfailed", lambda request: wanted.append(request.url))
    page.on("pageerror", lambda error: wanted.append(str(error)))
    page.goto(path.as_uri())
    page.wait_for_function("Reveal.isReady()")
    seen = []
    while True:
        seen.append(page.evaluate(SEEN))
        if page.evaluate("Reveal.isLastSlide()"):
            break
        page.evaluate("Reveal.next()")
    assert len(seen) == page.evaluate("Reveal.getTotalSlides()")
    assert sum(slide["pictures"] for slide in seen) == page.locator(".slides img").count()
    assert [slide for slide in seen if slide["bottom"] > SCREEN["height"]] == []
    assert [slide["cut"] for slide in seen if slide["cut"]] == []
    assert wanted == []
    smaller = [slide for slide in seen if slide["zoom"] < 1]
    assert all(slide["bottom"] > 0.8 * SCREEN["height"] for slide in smaller), "no more than needed"
    context.close()
    return seen
