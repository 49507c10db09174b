import io

import keras
import numpy as np
import pytest
from PIL import Image

from helpers import model_fn
from helpers.explorers.neurons import (
    NeuronExplorer,
    TrainingSteps,
    distance,
    hidden_values,
    parts_of,
)

IMAGES = np.random.default_rng(0).random((3, 28, 28)).astype("float32")
NAMES = [f"name {i}" for i in range(10)]


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return model_fn(keras.layers.Dropout(0.5))


def test_the_hidden_values_are_the_models_own(model):
    layers, output, dropout = parts_of(model)
    hidden = hidden_values(layers, IMAGES[0])
    assert hidden.shape == (100,)
    assert dropout.rate == 0.5
    assert np.asarray(output(hidden[None])) == pytest.approx(
        model.predict(IMAGES[:1], verbose=0), abs=1e-6
    )


def test_a_training_step_drops_and_scales():
    hidden = np.linspace(0, 1, 100, dtype="float32")
    for rate in (0.0, 0.3, 0.9):
        values, kept = TrainingSteps().draw(hidden, rate, 50)
        assert values.shape == kept.shape == (50, 100)
        assert (values[~kept] == 0).all()
        assert values == pytest.approx(np.where(kept, hidden / (1 - rate), 0), rel=1e-5)
        assert abs((~kept).mean() - rate) < 0.03


def test_masks_differ_and_come_again():
    hidden = np.ones(100, dtype="float32")
    steps = TrainingSteps()
    first, second = steps.draw(hidden, 0.5, 1)[1], steps.draw(hidden, 0.5, 1)[1]
    assert (first != second).any()
    steps.begin_again()
    assert (steps.draw(hidden, 0.5, 1)[1] == first).all()
    assert (TrainingSteps().draw(hidden, 0.5, 1)[1] == first).all()


def test_a_higher_rate_drops_the_same_and_more():
    steps = TrainingSteps()
    low = steps.draw(np.ones(100, dtype="float32"), 0.2, 1)[1]
    steps.begin_again()
    high = steps.draw(np.ones(100, dtype="float32"), 0.6, 1)[1]
    assert (low >= high).all() and low.sum() > high.sum()


def test_the_mean_over_many_masks_approaches_inference():
    hidden = np.random.default_rng(1).random(100).astype("float32")
    steps = TrainingSteps()
    far, near = (distance(steps.draw(hidden, 0.5, n)[0].mean(0), hidden) for n in (1, 2000))
    assert near < 0.1 < far


def test_distance():
    assert distance(np.array([1.0, 3.0]), np.array([2.0, 2.0])) == 0.5
    assert distance(np.zeros(2), np.zeros(2)) == 0


def test_it_takes_no_random_number_and_no_layer_name_from_the_learner(model):
    keras.utils.set_random_seed(5)
    expected = np.asarray(keras.random.uniform((3,)))
    name = keras.layers.Dropout(0.1).name
    keras.utils.set_random_seed(5)
    explorer = NeuronExplorer(model, IMAGES)
    explorer.next_mask.click()
    assert (np.asarray(keras.random.uniform((3,))) == expected).all()
    number = int(name.rpartition("_")[2]) if name != "dropout" else 0
    assert keras.layers.Dropout(0.1).name == f"dropout_{number + 1}"


@pytest.mark.parametrize(
    "move",
    [
        lambda explorer: setattr(explorer.rate, "value", 0.2),
        lambda explorer: explorer.next_mask.click(),
        lambda explorer: explorer.many_masks.click(),
    ],
)
def test_each_control_moves_picture_and_words(model, move):
    explorer = NeuronExplorer(model, IMAGES, NAMES, [1, 2, 3])
    before = explorer.picture.value, explorer.words.value
    move(explorer)
    assert bytes(explorer.picture.value).startswith(b"\x89PNG")
    assert explorer.picture.value != before[0]
    assert explorer.words.value != before[1]


def test_another_image_is_another_picture(model):
    explorer = NeuronExplorer(model, IMAGES, NAMES, [1, 2, 3])
    explorer.many_masks.click()
    before = explorer.picture.value
    explorer.image.value = 2
    assert explorer.picture.value != before
    assert "mean over 1 mask " in explorer.words.value
    assert any("name 3" in text.get_text() for text in explorer._canvas.figure.axes[0].texts)


def test_the_words(model):
    explorer = NeuronExplorer(model, IMAGES)
    assert explorer.rate.value == 0.5  # the model's own
    steps = TrainingSteps()
    hidden = hidden_values(parts_of(model)[0], IMAGES[0])
    values, kept = steps.draw(hidden, 0.5, 1)
    assert f"{(~kept).sum()} of 100" in explorer.words.value
    assert "<b>2.00</b>" in explorer.words.value
    assert "mean over 1 mask " in explorer.words.value
    explorer.many_masks.click()
    more, _ = steps.draw(hidden, 0.5, 100)
    mean = np.concatenate([values, more]).mean(axis=0)
    assert "mean over 101 masks " in explorer.words.value
    assert f"{distance(mean, hidden):.0%}" in explorer.words.value
    explorer.rate.value = 0.75
    assert "<b>4.00</b>" in explorer.words.value
    assert "mean over 1 mask " in explorer.words.value


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
    crosses = len(explorer._crosses.get_xdata())
    assert f"{crosses} of 100" in explorer.words.value
    step = np.asarray(explorer._meshes[0].get_array()).ravel()
    lit = step > 0
    assert step[lit] == pytest.approx(explorer._inference[lit] * 2)


def test_a_rate_of_zero_drops_nothing(model):
    explorer = NeuronExplorer(model, IMAGES)
    explorer.rate.value = 0
    assert "<b>0 of 100</b>" in explorer.words.value
    assert "by <b>0%</b>" in explorer.words.value


def test_a_move_is_what_a_full_redraw_would_be(model):
    explorer = NeuronExplorer(model, IMAGES)
    explorer.rate.value = 0.3
    moved = np.asarray(Image.open(io.BytesIO(explorer.picture.value)))
    explorer._canvas.freeze()
    assert (np.asarray(explorer._canvas.figure.canvas.buffer_rgba())[..., :3] == moved).all()


def test_a_thousand_moves_leave_nothing_behind(model):
    from matplotlib import pyplot

    explorer = NeuronExplorer(model, IMAGES)
    figure = explorer._canvas.figure
    before = len(figure.findobj())
    for move in range(1000):
        explorer.rate.value = move % 10 / 10
    assert len(figure.findobj()) == before
    for move in range(10):
        explorer.image.value = move % 3
    assert len(figure.findobj()) == before
    assert pyplot.get_fignums() == []


def test_without_a_model_it_shows_an_untrained_one():
    explorer = NeuronExplorer(None, IMAGES)
    assert "learned nothing" in explorer.notice.value
    assert explorer.picture.value


def other_model(*layers):
    return keras.Sequential([keras.Input((28, 28)), *layers])


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: other_model(keras.layers.Flatten(), keras.layers.Dense(10)), "Flatten, Dense(10)"),
        (
            lambda: other_model(
                keras.layers.Flatten(), keras.layers.Dense(30), keras.layers.Dense(10)
            ),
            "Dense(30)",
        ),
        (lambda: keras.Sequential(), "model_fn"),
        (
            lambda: keras.Sequential(
                [keras.layers.Flatten(), keras.layers.Dense(100), keras.layers.Dense(10)]
            ),
            "model_fn",
        ),
        (lambda: "a model", "a model"),
        (lambda: model_fn(keras.layers.BatchNormalization()), "BatchNormalization"),
    ],
)
def test_a_model_of_another_build_is_told(build, words):
    explorer = NeuronExplorer(build(), IMAGES)
    assert words in explorer.notice.value
    assert explorer.picture.layout.display == "none"
    explorer.rate.value = 0.1
    explorer.next_mask.click()
    explorer.many_masks.click()


@pytest.mark.parametrize(
    ("images", "arguments", "words"),
    [
        (IMAGES[0], {}, "images must have shape (n, 28, 28)"),
        (IMAGES.reshape(3, 784), {}, "images.reshape(-1, 28, 28)"),
        (IMAGES[:0], {}, "at least one image"),
        (np.full((1, 28, 28), "a"), {}, "must be numbers"),
        (None, {}, "images must have shape"),
        (IMAGES, {"targets": [1, 2]}, "each of the 3 images"),
        (IMAGES, {"targets": [1, 2, 30]}, "from 0 to 9"),
        (IMAGES, {"class_names": ["one"]}, "10 names, not 1"),
    ],
)
def test_bad_images_and_names_are_told(model, images, arguments, words):
    explorer = NeuronExplorer(model, images, **arguments)
    assert words in explorer.notice.value
    assert explorer.picture.layout.display == "none"
    explorer.image.value = 1
    explorer.rate.value = 0.1
    explorer.next_mask.click()


def test_an_image_without_numbers_is_told_and_the_next_one_shown(model):
    images = IMAGES.copy()
    images[1] = np.nan
    explorer = NeuronExplorer(model, images)
    explorer.image.value = 1
    assert "no finite number" in explorer.notice.value
    assert explorer.picture.layout.display == "none"
    explorer.rate.value = 0.1
    explorer.image.value = 2
    assert explorer.notice.value == ""
    assert explorer.picture.layout.display is None
