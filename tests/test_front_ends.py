"""Sliders that train, in every front end: begun, stopped, left alone, read aloud, grown stale."""

import json
import re

import pytest
from front_ends import CHROMIUM, JupyterLab, copy_course, front_ends, write_notebook

from helpers import load_recording

CELLS = {
    "set-up": """
import sys
sys.path.insert(0, "..")
from helpers import (
    ActivationExplorer, DropoutExplorer, LearningRateExplorer, NeuronExplorer, OverfittingExplorer,
    PatienceExplorer, RegularizationExplorer, load_fashion_mnist, load_recording, predict,
)
import random, keras
data = load_fashion_mnist()
""",
    "dropout": "dropout = DropoutExplorer(data); dropout",
    "learning rate": "LearningRateExplorer()",
    "neurons": "NeuronExplorer(None, data.val_scaled[:9], data.class_names)",
    "patience": 'PatienceExplorer(load_recording("clothes_dropout_0.3"))',
    "overfitting": "OverfittingExplorer(data)",
    "regularization": """
sliders = RegularizationExplorer(data)
sliders.method.value = "l2"
sliders
""",
    "activation": "ActivationExplorer()",
    "another": """
keras.utils.set_random_seed(1)
print("another:", float(keras.random.uniform((1,))[0]), random.random())
""",
    "prediction": 'guess = predict("first-try"); guess',
    "reveal": 'guess.reveal("same")',
    "history": 'print("history:", dropout.history.history["val_loss"] if dropout.history else [])',
}
EXPLORERS = [
    "dropout",
    "learning rate",
    "neurons",
    "patience",
    "overfitting",
    "regularization",
    "activation",
]
UNDER_WAY = "cell => /Training: epoch [2-9]/.test(cell.innerText)"
STOPPED = "cell => /Trained \\d+ of 40 epochs .* stopped by hand/.test(cell.innerText)"
READY = "cell => !cell.querySelector('button.mod-primary').disabled"
TRAINED = "cell => /Trained \\d+ of \\d+ epochs/.test(cell.innerText)"

PLACE_OF_PICTURE = """cell => {
    const explorer = cell.querySelector('.course-explorer').getBoundingClientRect();
    const picture = cell.querySelector('img.widget-image').getBoundingClientRect();
    return [picture.top - explorer.top, picture.left, picture.width];
}"""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A folder with the course and a notebook with every explorer."""
    root = tmp_path_factory.mktemp("front ends") / "a course"
    copy_course(root)
    write_notebook(root / "notebooks" / "explorers.ipynb", CELLS.values())
    return root


@pytest.fixture(scope="module", params=front_ends(), ids=lambda kind: kind.__name__)
def lab(request, browser, course, tmp_path_factory):
    """A front end in which all cells of the notebook have run."""
    with request.param(browser).serving(course, tmp_path_factory.mktemp("settings")) as front_end:
        front_end.open("notebooks/explorers.ipynb")
        front_end.run_all()
        front_end.page.wait_for_function("document.querySelectorAll('img.widget-image').length > 4")
        yield front_end


def explorer(lab, name):
    cell = lab.cell(list(CELLS).index(name))
    cell.scroll_into_view_if_needed()
    return cell


def wait(lab, cell, condition, seconds=60):
    lab.page.wait_for_function(condition, arg=cell.element_handle(), timeout=1000 * seconds)


def words(cell):
    return cell.locator(".course-words").inner_text()


def begin(lab, cell, epochs, images="6,000"):
    """Press the button of the dropout explorer, and wait for some epochs."""
    wait(lab, cell, READY)
    cell.get_by_label("epochs").select_option(epochs)
    cell.get_by_label("training images").select_option(images)
    cell.get_by_role("button", name="Train it here").click()
    wait(lab, cell, UNDER_WAY)


def move(lab, cell, backwards=False):
    """Move an explorer's first slider by a key, on its handle or in the field beside it."""
    if lab.arrows_reach_handles:
        cell.locator(lab.handle).first.focus()
        lab.page.keyboard.press("ArrowLeft" if backwards else "ArrowRight")
        return
    field = cell.locator(".course-slider").first.locator("input, select")
    step = -1 if backwards else 1
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(index=step + field.evaluate("field => field.selectedIndex"))
    else:
        step *= float(field.get_attribute("step") or 1)
        field.fill(f"{float(field.input_value()) + step:g}")
        field.press("Enter")


def test_as_opened_each_has_a_picture_and_words_and_no_error(lab):
    for name in EXPLORERS:
        cell = explorer(lab, name)
        assert cell.locator("img.widget-image").count() == 1
        assert len(words(cell)) > 40
        assert cell.locator("[role=alert]").count() == 0


@pytest.mark.parametrize("time", [1, 2, 3])
def test_stop_ends_a_training_after_its_epoch(lab, time):
    cell = explorer(lab, "dropout")
    begin(lab, cell, "40", images="48,000")  # long epochs: the page is never many behind
    stop = cell.get_by_role("button", name="Stop")
    assert stop.is_enabled() == lab.subshells
    told = cell.inner_text()
    if lab.subshells:
        assert "Stop ends it." in told
        stop.click()
    else:
        assert "Interrupt the kernel (■) ends it." in told
        lab.interrupt()
    ended = int(re.search(r"Training: epoch (\d+) of 40", told)[1])
    wait(lab, cell, STOPPED)
    kept = int(re.search(r"Trained (\d+) of 40 epochs", words(cell))[1])
    assert ended <= kept <= ended + 3, "the page is a little behind, and the running epoch is kept"
    wait(lab, cell, READY)


@pytest.mark.parametrize("way", [0, 1, 2], ids=["toolbar", "menu", "keys"])
def test_every_interrupt_ends_a_training(lab, way):
    cell = explorer(lab, "dropout")
    begin(lab, cell, "40")
    lab.interrupts()[way]()
    wait(lab, cell, STOPPED)
    wait(lab, cell, READY)


def test_two_clicks_start_one_training(lab):
    cell = explorer(lab, "dropout")
    wait(lab, cell, READY)
    cell.get_by_label("epochs").select_option("5")
    cell.get_by_label("training images").select_option("6,000")
    cell.evaluate(
        """cell => {
            const button = cell.querySelector('button.mod-primary');
            window.begun = 0;
            new MutationObserver(changes => { window.begun += button.disabled; })
                .observe(button, {attributeFilter: ['disabled']});
        }"""
    )
    cell.get_by_role("button", name="Train it here").dblclick()
    wait(lab, cell, "cell => /Trained 5 of 5 epochs/.test(cell.innerText)")
    wait(lab, cell, READY)
    lab.page.wait_for_timeout(2000)
    assert lab.page.evaluate("window.begun") == 1
    assert "Trained 5 of 5 epochs" in words(cell)
    assert cell.get_by_role("button", name="Train it here").is_enabled()


def printed(lab, name):
    """What a cell prints when it is run now."""
    cell = explorer(lab, name)
    cell.evaluate("cell => { window.old = cell.innerText; }")
    number = cell.locator(".jp-InputArea-prompt, .input_prompt").first
    before = number.inner_text()
    lab.run(list(CELLS).index(name))
    lab.page.wait_for_function(
        "([prompt, before]) => prompt.innerText !== before && !prompt.innerText.includes('*')",
        arg=[number.element_handle(), before],
        timeout=60_000,
    )
    return re.search(rf"{name}: .*", cell.inner_text())[0]


def test_a_cell_that_runs_meanwhile_changes_nothing(lab):
    alone = printed(lab, "another")
    cell = explorer(lab, "dropout")
    begin(lab, cell, "20")
    assert printed(lab, "another") == alone
    wait(lab, cell, TRAINED)
    wait(lab, cell, READY)
    trained = json.loads(printed(lab, "history").partition(": ")[2])
    recorded = load_recording("clothes_6000_dropout_0.0", 42).history["val_loss"]
    # Another processor, or another Keras, rounds otherwise, and in twenty epochs that grows.
    assert trained[:3] == pytest.approx(recorded[:3], rel=5e-3)
    assert sum(abs(a - b) for a, b in zip(trained, recorded, strict=True)) / 20 < 0.01


def moved_meanwhile_answers_afterwards(lab):
    """Where widgets' messages wait for the main thread, none is lost."""
    training, cell = explorer(lab, "dropout"), explorer(lab, "patience")
    begin(lab, training, "10")
    before = words(cell)
    move(lab, cell)
    wait(lab, training, TRAINED)
    lab.page.wait_for_function(
        "([cell, before]) => cell.querySelector('.course-words').innerText !== before",
        arg=[cell.element_handle(), before],
    )


def test_sliders_answer_while_a_training_runs(lab):
    if not lab.subshells:
        moved_meanwhile_answers_afterwards(lab)
        return
    for name in EXPLORERS:
        begin(lab, explorer(lab, "dropout"), "40", images="48,000")  # half a minute
        cell = explorer(lab, name)
        before = words(cell)
        move(lab, cell)
        lab.page.wait_for_function(
            "([cell, before]) => cell.querySelector('.course-words').innerText !== before",
            arg=[cell.element_handle(), before],
            timeout=15_000,
        )
        training = explorer(lab, "dropout")
        assert "Training: epoch" in training.inner_text(), "it has not ended meanwhile"
        training.get_by_role("button", name="Stop").click()
        wait(lab, training, STOPPED)


@pytest.mark.parametrize("name", ["dropout", "learning rate", "overfitting"])
def test_no_key_on_a_slider_trains(lab, name):
    cell = explorer(lab, name)
    wait(lab, cell, READY)
    for backwards in (False, True, False):
        before = words(cell)
        move(lab, cell, backwards)
        lab.page.wait_for_function(
            "([cell, before]) => cell.querySelector('.course-words').innerText !== before",
            arg=[cell.element_handle(), before],
        )
        assert "Getting ready" not in cell.inner_text() and "Training" not in cell.inner_text()
        assert cell.get_by_role("button", name="Train it here").is_enabled()


# --- predictions ----------------------------------------------------------------------------------


def test_a_prediction_is_locked_and_what_came_out_is_told(lab):
    """The cell that reveals has run already, as after Run All."""
    cell = explorer(lab, "prediction")
    assert "You made no prediction." in explorer(lab, "reveal").inner_text()
    button = cell.get_by_role("button", name="That is my prediction")
    assert button.is_disabled()
    for place in (0, 1):  # chosen, and changed
        cell.get_by_role("radio").nth(place).focus()
        lab.page.keyboard.press("Space")
        chosen = f"Array.from(cell.querySelectorAll('input')).findIndex(i => i.checked) === {place}"
        wait(lab, cell, f"cell => {chosen}")
    button.click()
    cell.get_by_text("And so it is.").wait_for()
    assert cell.get_by_role("status").inner_text().startswith("You predicted: [3, 1, 2]")
    assert button.is_disabled() and cell.get_by_role("radio").first.is_disabled()


def test_a_prediction_has_names_and_fits_the_page(lab):
    cell = explorer(lab, "prediction")
    tree = cell.aria_snapshot()
    assert tree.count('- radio "') == 2, tree
    assert serious_of_axe(lab, cell.locator(".widget-vbox").first) == []
    text = cell.locator(".widget-radio-box, .widget-radio").last
    assert text.evaluate("box => box.scrollWidth <= box.clientWidth")


# --- for everybody --------------------------------------------------------------------------------

FIELDS = {
    "dropout": ["dropout rate", "seed", "epochs", "training images"],
    "learning rate": ["learning rate", "seed"],
    "neurons": ["dropout rate", "image"],
    "patience": ["patience", "min_delta", "monitor", "start_from_epoch"],
    "overfitting": ["hidden neurons", "training pictures", "seed", "map"],
    "regularization": ["method", "strength", "with", "seed"],
    "activation": ["activation", "hidden layers", "neurons in each", "seed"],
}


@pytest.mark.parametrize("name", EXPLORERS)
def test_everything_has_a_name(lab, name):
    cell = explorer(lab, name)
    tree = cell.aria_snapshot()
    for label in FIELDS[name]:
        assert re.search(rf'- (spinbutton|combobox) "{label}"', tree), tree
    assert not re.search(r"- (slider|spinbutton|combobox|button|img)(:|$| \[)", tree, re.M), tree
    assert tree.count("- img ") == 1
    assert tree.count("- status") == 2, "the words and the goal"


def test_a_slider_over_a_list_says_its_value(lab):
    cell = explorer(lab, "learning rate")
    assert cell.get_by_role("combobox", name="learning rate").count() == 1
    if lab.handle != ".noUi-handle":  # of ipywidgets 7: the list is all that is read aloud
        assert cell.get_by_role("slider").count() == 0
        return
    cell.get_by_role("combobox", name="learning rate").select_option("100")
    lab.page.wait_for_function("document.querySelector('[aria-valuetext=\"100\"]')", timeout=5000)
    assert cell.get_by_role("slider", name="learning rate").count() == 1
    cell.get_by_role("combobox", name="learning rate").select_option("0.00001")


def test_the_words_are_one_live_region_that_stays(lab):
    cell = explorer(lab, "dropout")
    region = cell.locator(".course-words [role=status]")
    region.evaluate("region => { region.dataset.same = 'yes'; }")
    before = words(cell)
    move(lab, cell)
    lab.page.wait_for_function(
        "([cell, before]) => cell.querySelector('.course-words').innerText !== before",
        arg=[cell.element_handle(), before],
    )
    assert region.count() == 1 and region.get_attribute("data-same") == "yes"


def test_the_goal_is_a_live_region_and_says_when_it_is_reached(lab):
    cell = explorer(lab, "learning rate")
    region = cell.locator(".course-goal [role=status]")
    field = cell.get_by_role("combobox", name="learning rate")
    assert region.inner_text().startswith("Goal: find the largest learning rate")
    for rate, told in (("0.3", "Goal reached: with 0.3"), ("0.00001", "Goal: find")):
        field.select_option(rate)
        cell.get_by_text(told).wait_for()
        assert region.count() == 1 and region.inner_text().startswith(told)


def serious_of_axe(lab, part):
    """What axe finds in a part of the page that shuts somebody out."""
    from axe_playwright_python.sync_playwright import Axe

    part.evaluate("part => { part.id = 'looked-at'; }")
    found = Axe().run(lab.page, context="#looked-at").response
    part.evaluate("part => { part.removeAttribute('id'); }")
    assert len(found["passes"]) > 5, "it has looked at something"
    return [
        (rule["id"], node["html"])
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("name", EXPLORERS)
def test_axe_finds_nothing_serious(lab, name):
    assert serious_of_axe(lab, explorer(lab, name).locator(".course-explorer")) == []


@pytest.mark.parametrize("name", EXPLORERS)
def test_it_fits_the_page_and_is_sharp(lab, name):
    cell = explorer(lab, name)
    sideways = cell.evaluate(
        """cell => Array.from(cell.querySelectorAll('*'))
            .filter(part => part.scrollWidth > part.clientWidth && part.clientWidth > 0
                && ['auto', 'scroll', 'hidden'].includes(getComputedStyle(part).overflowX)
                && part.closest('.course-explorer, .jp-OutputArea-output, .output_subarea'))
            .map(part => [part.className, part.scrollWidth, part.clientWidth])"""
    )
    assert sideways == []
    picture = cell.locator("img.widget-image")
    assert picture.evaluate("picture => picture.naturalWidth >= 1.5 * picture.clientWidth")
    left = cell.locator(".course-explorer").bounding_box()["x"]
    for label in FIELDS[name]:
        box = cell.get_by_text(label, exact=True).first.bounding_box()
        assert box["x"] >= left, "no first letter is cut off"


def test_nothing_jumps_when_a_notice_appears(lab):
    cell = explorer(lab, "dropout")
    wait(lab, cell, READY)
    before = cell.evaluate(PLACE_OF_PICTURE)
    begin(lab, cell, "40")
    assert "Training: epoch" in cell.inner_text()
    assert cell.evaluate(PLACE_OF_PICTURE) == before
    lab.interrupt()
    wait(lab, cell, STOPPED)


# --- without its kernel ---------------------------------------------------------------------------

SENTENCE = "This slider does not move any more: run this cell again."


if JupyterLab in front_ends():  # the classic Notebook's environment has none

    def test_without_its_kernel_it_says_what_to_do(browser, course, tmp_path):
        """After a restart, after a reload, and on the second day."""
        file = course / "notebooks" / "own.ipynb"  # another front end has the other one open
        write_notebook(file, CELLS.values())
        with JupyterLab(browser).serving(course, tmp_path) as lab:
            lab.open("notebooks/own.ipynb")
            lab.run_all()
            cell = explorer(lab, "patience")
            cell.locator("img.widget-image").wait_for()
            still = cell.get_by_text(SENTENCE)
            assert still.is_hidden()
            lab.choose("File", "Save Notebook")
            for _ in range(300):
                if "course-still" in file.read_text():
                    break
                lab.page.wait_for_timeout(100)
            lab.restart()
            still.wait_for()
            assert cell.locator("img.widget-image").is_hidden()
            lab.page.reload()
            still.wait_for(timeout=60_000)
        with JupyterLab(browser).serving(course, tmp_path) as lab:
            lab.open("notebooks/own.ipynb")
            cell = explorer(lab, "patience")
            cell.get_by_text(SENTENCE).wait_for(timeout=60_000)
            picture = cell.locator("img[src^='data:image/png']")
            assert picture.evaluate("picture => picture.complete && picture.naturalWidth > 500")
