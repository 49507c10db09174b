"""NeuronExplorer: every control moved as a learner moves it, and what can be read then."""

import re

import keras
import matplotlib
import numpy as np
import pytest
from looking import ODD_SETTINGS, has_a_white_edge, read, shown
from matplotlib import pyplot

from helpers import model_fn
from helpers.explorers.neurons import NeuronExplorer
from helpers.hidden_neurons import TrainingSteps, distance, hidden_values, parts_of

IMAGES = np.random.default_rng(0).random((3, 28, 28)).astype("float32")
NAMES = [f"name {i}" for i in range(10)]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return model_fn(keras.layers.Dropout(0.5))


def square(explorer, title):
    """The Axes with the neurons under this title."""
    (ax,) = (ax for ax in explorer.canvas.figure.axes if ax.get_title(loc="left") == title)
    return ax


def outputs(explorer, title):
    """The neurons' outputs as they are drawn under this title."""
    (mesh,) = square(explorer, title).collections
    return np.asarray(mesh.get_array()).ravel()


def press(explorer):
    """Move and press everything."""
    explorer.rate.value = 0.1
    explorer.next_mask.click()
    explorer.many_masks.click()
    explorer.image.value = 1


MOVES = {
    "rate": lambda explorer: setattr(explorer.rate, "value", 0.2),
    "next mask": lambda explorer: explorer.next_mask.click(),
    "many masks": lambda explorer: explorer.many_masks.click(),
    "image": lambda explorer: setattr(explorer.image, "value", 2),
}
each_move = pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)


def test_it_takes_no_random_number_and_no_layer_name_from_the_learner(model):
    keras.utils.set_random_seed(5)
    expected = np.asarray(keras.random.uniform((3,)))
    name = keras.layers.Dropout(0.1).name
    keras.utils.set_random_seed(5)
    press(NeuronExplorer(model, IMAGES))
    assert (np.asarray(keras.random.uniform((3,))) == expected).all()
    number = int(name.rpartition("_")[2]) if name != "dropout" else 0
    assert keras.layers.Dropout(0.1).name == f"dropout_{number + 1}"


@each_move
def test_each_control_moves_picture_and_words(model, move):
    explorer = NeuronExplorer(model, IMAGES, NAMES, [1, 2, 3])
    before = explorer.picture.value, explorer.words.value
    move(explorer)
    assert bytes(explorer.picture.value).startswith(b"\x89PNG")
    assert explorer.picture.value != before[0]
    assert explorer.words.value != before[1] or move is MOVES["image"]
    assert shown(explorer) and read(explorer.notice) == ""


@each_move
def test_a_move_sends_one_picture_and_then_the_words(model, move):
    explorer = NeuronExplorer(model, IMAGES)
    sent = []
    for part in ("picture", "words", "notice"):
        getattr(explorer, part).observe(lambda change, part=part: sent.append(part), "value")
    move(explorer)
    assert sent == ["picture", "words"] or (move is MOVES["image"] and sent == ["picture"])


def test_another_image_is_another_picture(model):
    explorer = NeuronExplorer(model, IMAGES, NAMES, [1, 2, 3])
    explorer.many_masks.click()
    before = explorer.picture.value
    explorer.image.value = 2
    assert explorer.picture.value != before
    assert "mean over 1 mask " in read(explorer.words)
    captions = [text.get_text() for text in explorer.canvas.figure.axes[0].texts]
    assert any(caption.startswith("name 3\nmodel: name ") for caption in captions)


@pytest.mark.parametrize("name", ["$", "$x$", "_hidden", "<b>"])
def test_a_class_name_is_drawn_as_it_stands(model, name):
    explorer = NeuronExplorer(model, IMAGES, [name] * 10, [1, 2, 3])
    assert bytes(explorer.picture.value).startswith(b"\x89PNG")
    (caption,) = explorer.canvas.figure.axes[0].texts
    assert name in caption.get_text().replace(r"\$", "$")


def test_the_words(model):
    explorer = NeuronExplorer(model, IMAGES)
    assert explorer.rate.value == 0.5  # the model's own
    steps = TrainingSteps()
    hidden = hidden_values(parts_of(model)[0], IMAGES[0])
    values, kept = steps.draw(hidden, 0.5, 1)
    assert f"{(~kept).sum()} of 100" in read(explorer.words)
    assert "= 2.00." in read(explorer.words)
    assert "mean over 1 mask " in read(explorer.words)
    explorer.many_masks.click()
    more, _ = steps.draw(hidden, 0.5, 100)
    mean = np.concatenate([values, more]).mean(axis=0)
    assert "mean over 101 masks " in read(explorer.words)
    assert f"by {distance(mean, hidden):.0%}" in read(explorer.words)
    assert outputs(explorer, "mean, masks drawn:") == pytest.approx(mean, rel=1e-5)
    explorer.rate.value = 0.75
    assert "= 4.00." in read(explorer.words)
    assert "mean over 1 mask " in read(explorer.words)


def test_the_goal_is_reached_by_many_masks_and_left_by_another_rate(model):
    explorer = NeuronExplorer(model, IMAGES)
    assert read(explorer.goal).startswith("Goal: with a rate of 0.3 or more, draw masks until")
    for _ in range(20):
        explorer.many_masks.click()
        near = int(re.search(r"inference by (\d+)%", read(explorer.words))[1]) <= 5
        assert read(explorer.goal).startswith("Goal reached: over ") == near
    assert near
    explorer.rate.value = 0.4
    assert read(explorer.goal).startswith("Goal: with")
    explorer.rate.value = 0.2
    for _ in range(5):
        explorer.many_masks.click()
    assert int(re.search(r"inference by (\d+)%", read(explorer.words))[1]) <= 5
    assert read(explorer.goal).startswith("Goal: with")


@pytest.mark.parametrize("rate", [0.3, 0.5])
def test_the_goal_takes_more_than_one_press_of_next_mask_and_few_of_the_other(model, rate):
    explorer = NeuronExplorer(model, IMAGES)
    explorer.rate.value = rate
    explorer.next_mask.click()
    assert read(explorer.goal).startswith("Goal: with")
    for _ in range(5):
        explorer.many_masks.click()
    assert read(explorer.goal).startswith("Goal reached: over 502 masks")


def test_where_the_picture_is_hidden_no_goal_is_told(model):
    images = IMAGES.copy()
    images[1] = np.nan
    explorer = NeuronExplorer(model, images)
    assert read(explorer.goal)
    explorer.image.value = 1
    assert read(explorer.goal) == ""


def test_the_same_moves_show_the_same_picture(model):
    pictures = []
    for _ in range(2):
        explorer = NeuronExplorer(model, IMAGES)
        explorer.next_mask.click()
        explorer.many_masks.click()
        pictures.append(explorer.picture.value)
    assert pictures[0] == pictures[1]


def test_dropped_neurons_are_crossed_out_and_the_others_brighter(model):
    explorer = NeuronExplorer(model, IMAGES)
    explorer.next_mask.click()
    step, inference = (outputs(explorer, name) for name in ("this training step", "inference"))
    assert inference == pytest.approx(hidden_values(parts_of(model)[0], IMAGES[0]))
    (crosses,) = square(explorer, "this training step").get_lines()
    columns, rows = np.floor(crosses.get_data()).astype(int)
    dropped = np.zeros((10, 10), bool)
    dropped[rows, columns] = True
    assert f"{dropped.sum()} of 100" in read(explorer.words)
    assert step == pytest.approx(np.where(dropped.ravel(), 0, inference * 2))


def test_a_rate_of_zero_drops_nothing(model):
    explorer = NeuronExplorer(model, IMAGES)
    explorer.rate.value = 0
    assert " 0 of 100 " in read(explorer.words)
    assert "by 0%" in read(explorer.words)


def test_a_move_is_what_a_full_redraw_would_be(model):
    explorer = NeuronExplorer(model, IMAGES)
    explorer.many_masks.click()
    explorer.rate.value = 0.3
    its_like = model_fn(keras.layers.Dropout(0.3))
    its_like.set_weights(model.get_weights())
    assert explorer.picture.value == NeuronExplorer(its_like, IMAGES).picture.value
    explorer.image.value = 2
    assert explorer.picture.value == NeuronExplorer(its_like, IMAGES[2:]).picture.value


@each_move
def test_a_learners_settings_of_matplotlib_change_no_move(model, move):
    plain, odd = NeuronExplorer(model, IMAGES, NAMES), NeuronExplorer(model, IMAGES, NAMES)
    move(plain)
    with matplotlib.rc_context(ODD_SETTINGS):
        move(odd)
    assert odd.picture.value == plain.picture.value


@pytest.mark.parametrize("name", ["bag", "a very long name of a class, and more words of it"])
def test_nothing_is_cut(model, name):
    explorer = NeuronExplorer(model, IMAGES, [name] * 10, [1, 2, 3])
    explorer.rate.value = 0.9
    for _ in range(10):
        explorer.many_masks.click()
    assert has_a_white_edge(explorer.picture)


def test_a_thousand_moves_leave_nothing_behind(model):
    explorer = NeuronExplorer(model, IMAGES)
    figure = explorer.canvas.figure
    before = len(figure.findobj())
    for move in range(1000):
        explorer.rate.value = move % 10 / 10
    assert len(figure.findobj()) == before
    for move in range(10):
        explorer.image.value = move % 3
    assert len(figure.findobj()) == before
    assert pyplot.get_fignums() == []


def test_every_control_has_a_label_and_a_tooltip(model):
    explorer = NeuronExplorer(model, IMAGES)
    buttons = explorer.next_mask, explorer.many_masks
    for control in (explorer.rate.field, explorer.image.field, *buttons):
        name = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
        assert control.description and getattr(control, name)
    explorer.image.value = 99
    assert explorer.image.value == explorer.image.max == 2


def test_without_a_model_it_shows_an_untrained_one():
    explorer = NeuronExplorer(None, IMAGES)
    assert "learned nothing" in read(explorer.notice)
    assert shown(explorer) and explorer.picture.value


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: "<b>a model</b>", "'<b>a model</b>'"),
        (lambda: keras.Sequential(), "model_fn"),
        (lambda: model_fn(keras.layers.BatchNormalization()), "BatchNormalization"),
    ],
)
def test_a_model_of_another_build_is_told_whatever_is_moved(build, words):
    explorer = NeuronExplorer(build(), IMAGES)
    for _ in range(2):
        assert words in read(explorer.notice) and "alert" in explorer.notice.value
        assert read(explorer.words) == ""
        assert explorer.picture.layout.display == "none"
        press(explorer)


@pytest.mark.parametrize(
    ("images", "arguments", "words"),
    [
        (IMAGES[0], {}, "images must have shape (n, 28, 28)"),
        (None, {}, "images must have shape"),
        (IMAGES, {"targets": [1, 2]}, "each of the 3 images"),
        (IMAGES, {"class_names": ["one"]}, "10 names, not 1"),
    ],
)
def test_bad_images_and_names_are_told_whatever_is_moved(model, images, arguments, words):
    explorer = NeuronExplorer(model, images, **arguments)
    for _ in range(2):
        assert words in read(explorer.notice)
        assert explorer.picture.layout.display == "none"
        press(explorer)


def test_an_image_without_numbers_hides_the_picture_until_another_is_chosen(model):
    images = IMAGES.copy()
    images[1] = np.nan
    explorer = NeuronExplorer(model, images)
    before = explorer.picture.value
    explorer.image.value = 1
    for move in (MOVES["rate"], MOVES["next mask"], MOVES["many masks"]):
        assert "no finite number" in read(explorer.notice)
        assert read(explorer.words) == ""
        assert explorer.picture.layout.visibility == "hidden"
        move(explorer)
    explorer.rate.value = 0.5
    explorer.image.value = 0
    assert read(explorer.notice) == "" and shown(explorer)
    assert explorer.picture.value == before
