"""The lessons' sliders in a real JupyterLab in a real browser.

A screenshot of each explorer is kept in the folder COURSE_ARTEFACTS, by default in pytest's own.
"""

import os
import re
from pathlib import Path

import nbformat
import pytest
from front_ends import (
    CHROMIUM,
    ROOT,
    SEEN,
    JupyterLab,
    come_to_rest,
    copy_course,
    focus_slider,
    wait_for_news,
    write_notebook,
)

from helpers.authoring import execute

# The cells of lessons that make sliders, and what these need; trainings are shortened or left out.
CELLS = {
    ("01", "set-up"): {},
    ("01", "imports"): {},
    ("01", "import-model"): {},
    ("01", "fit-twenty-epochs"): {"epochs=20": "epochs=3"},
    ("01", "learning-rate-explorer"): {},
    ("03", "imports"): {},
    ("03", "overfitting-explorer"): {},
    ("04", "imports"): {},
    ("04", "neuron-explorer"): {"dropout_model": "model_fn(keras.layers.Dropout(0.3))"},
    ("04", "dropout-explorer"): {},
    ("07", "imports"): {},
    ("07", "patience-explorer"): {"runs[42]": 'load_recording("clothes_dropout_0.3")'},
    ("07", "patience-explorer-digits"): {},
    ("07", "patience-explorer-wine"): {"wine[43]": 'load_recording("wine", 43)'},
    ("09", "imports"): {},
    ("09", "regularization-explorer"): {
        "RegularizationExplorer(data)": """sliders = RegularizationExplorer(data)
sliders.method.value = "l2"
sliders""",
    },
    ("11", "imports"): {},
    ("11", "spirals-explorer"): {},
    ("11", "clothes-explorer"): {},
}
IDS = [cell_id for _, cell_id in CELLS]

COUNT_PICTURES = """cell => {
    window.pictures = 0;
    new MutationObserver(changes => { window.pictures += changes.length; })
        .observe(cell, {subtree: true, attributeFilter: ['src']});
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


def sources():
    """The sources of CELLS, as the lessons' files have them, with what is shortened."""
    files = {path.stem[:2]: nbformat.read(path, 4) for path in execute.lessons(ROOT)}
    for (number, cell_id), changes in CELLS.items():
        (source,) = (cell.source for cell in files[number].cells if cell.id == cell_id)
        for before, after in changes.items():
            assert before in source
            source = source.replace(before, after)
        yield source


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """A JupyterLab in which the lessons' sliders are shown, in a folder "a lesson"."""
    copy = tmp_path_factory.mktemp("a course") / "한국어 수업"
    copy_course(copy)
    write_notebook(copy / "notebooks" / "sliders.ipynb", sources())
    with JupyterLab(browser).serving(copy, tmp_path_factory.mktemp("settings")) as front_end:
        front_end.open("notebooks/sliders.ipynb", viewport={"width": 1400, "height": 1200})
        front_end.run_all()
        yield front_end


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory):
    folder = Path(os.environ.get("COURSE_ARTEFACTS") or tmp_path_factory.mktemp("artefacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_no_cell_ends_in_an_error_or_writes_in_red(lab):
    for kind in ("error", "stderr"):
        found = lab.page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']")
        assert found.count() == 0, found.first.text_content()


def test_a_live_plot_is_one_picture(lab):
    cell = lab.cell(IDS.index("fit-twenty-epochs"))
    assert cell.locator(".jp-OutputArea-output img").count() == 1


def menu_entries():
    """What lessons and the page for teachers call **Menu → Entry**, or deeper."""
    texts = [(ROOT / "notebooks" / "README.md").read_text("utf-8")]
    for path in execute.lessons(ROOT):
        notebook = nbformat.read(path, 4)
        texts += [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    found = {way for text in texts for way in re.findall(r"\*\*(\w+ → [^*]+)\*\*", text)}
    return sorted(tuple(way.split(" → ")) for way in found)


@pytest.mark.parametrize("way", menu_entries(), ids=" → ".join)
def test_a_menu_that_is_named_is_there(lab, way):
    page, (menu, *entries) = lab.page, way
    page.get_by_role("menuitem", name=menu, exact=True).click()
    for entry in entries:
        begins_so = re.compile(rf"^{re.escape(entry)}")
        page.locator(".lm-Menu-itemLabel").filter(has_text=begins_so).first.hover(timeout=10_000)
    for _ in way:
        page.keyboard.press("Escape")


ARROWS = ("ArrowRight", "ArrowLeft", "ArrowRight")
ENDS = ("End", "Home", "End")  # of a run so long that one epoch is less than a pixel


@pytest.mark.parametrize(
    ("cell_id", "keys"),
    [
        ("learning-rate-explorer", ARROWS),
        ("overfitting-explorer", ARROWS),
        ("dropout-explorer", ARROWS),
        ("neuron-explorer", ARROWS),
        ("patience-explorer", ARROWS),
        ("patience-explorer-digits", ENDS),
        ("patience-explorer-wine", ENDS),
        ("regularization-explorer", ARROWS),
        ("spirals-explorer", ARROWS),
        ("clothes-explorer", ARROWS),
    ],
)
def test_a_key_moves_picture_and_words(lab, artefacts, cell_id, keys):
    page, explorer = lab.page, lab.cell(IDS.index(cell_id))
    seen = [explorer.evaluate(SEEN)]
    assert seen[0]["count"] > 0, "there is no picture"
    for key in keys:
        focus_slider(explorer)
        page.keyboard.press(key)
        seen.append(wait_for_news(page, explorer, seen[-1]))
    assert seen[3]["words"] == seen[1]["words"], "the same place must say the same"
    assert seen[3]["count"] == seen[0]["count"], "pictures must not pile up"
    assert explorer.locator("[role=alert]").count() == 0
    explorer.screenshot(path=artefacts / f"{cell_id}.png")


@pytest.mark.parametrize("cell_id", ["learning-rate-explorer", "dropout-explorer"])
def test_the_button_trains_and_draws_epoch_by_epoch(lab, artefacts, cell_id):
    page, explorer = lab.page, lab.cell(IDS.index(cell_id))
    if cell_id == "dropout-explorer":
        explorer.get_by_label("epochs").select_option("5")
        explorer.get_by_label("training images").select_option("1,000")
    before = come_to_rest(page, explorer)
    explorer.evaluate(COUNT_PICTURES)
    explorer.get_by_role("button", name="Train").click()
    page.wait_for_function("window.pictures >= 5", timeout=120_000)
    after = come_to_rest(page, explorer)
    assert after["words"].strip() and after["count"] == before["count"]
    assert explorer.locator("[role=alert]").count() == 0
    explorer.screenshot(path=artefacts / f"{cell_id}-trained.png")
