import keras
import numpy as np
import pytest

from helpers import model_fn
from helpers.hidden_neurons import (
    HiddenNeurons,
    TrainingSteps,
    distance,
    goal,
    hidden_values,
    parts_of,
    summary,
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


def test_a_model_without_dropout_has_no_rate(model):
    assert HiddenNeurons(model, IMAGES).rate == 0.5
    assert HiddenNeurons(model_fn(), IMAGES).rate is None


def test_the_caption_is_the_target_and_what_the_model_says(model):
    probabilities = model.predict(IMAGES[1:2], verbose=0)[0]
    best = int(probabilities.argmax())
    says = f"({probabilities[best]:.0%})"
    named = HiddenNeurons(model, IMAGES, NAMES, [1, 2, 3])
    assert named.caption(1) == f"name 2\nmodel: name {best}\n{says}"
    assert HiddenNeurons(model, IMAGES).caption(1) == f"model: class {best}\n{says}"


def test_a_long_name_takes_two_lines_of_the_caption(model):
    names = ["a very long name of a class, and more words of it"] * 10
    lines = HiddenNeurons(model, IMAGES, names, [1, 2, 3]).caption(0).split("\n")
    assert len(lines) == 5 and max(map(len, lines)) <= 20
    assert lines[1].endswith("…")


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


def test_the_mean_is_over_all_masks_since_the_beginning():
    hidden = np.random.default_rng(1).random(100).astype("float32")
    steps = TrainingSteps()
    assert (steps.count, steps.mean) == (0, None)
    for _ in range(2):
        drawn = np.concatenate([steps.draw(hidden, 0.5, count)[0] for count in (1, 100, 1)])
        assert steps.count == 102
        assert steps.mean == pytest.approx(drawn.mean(axis=0), rel=1e-5)
        steps.begin_again()
    assert (steps.count, steps.mean) == (0, None)


def test_the_mean_over_many_masks_approaches_inference():
    hidden = np.random.default_rng(1).random(100).astype("float32")
    steps = TrainingSteps()
    far, near = (distance(steps.draw(hidden, 0.5, n)[0].mean(0), hidden) for n in (1, 2000))
    assert near < 0.1 < far


def test_distance():
    assert distance(np.array([1.0, 3.0]), np.array([2.0, 2.0])) == 0.5
    assert distance(np.zeros(2), np.zeros(2)) == 0


def test_the_summary():
    mean, inference = np.array([1.0, 3.0, 0.0, 0.0]), np.array([2.0, 2.0, 0.0, 0.0])
    told = summary(3, 0.75, 1, mean, inference)
    assert "3 of 4 neurons are dropped" in told and "1 / (1 − 0.75) = 4.00" in told
    assert "mean over 1 mask still" in told and "by 50%" in told
    assert "mean over 101 masks still" in summary(3, 0.75, 101, mean, inference)


@pytest.mark.parametrize(
    ("rate", "mean", "found"),
    [(0.3, 1.9, True), (0.9, 2.1, True), (0.25, 2.0, False), (0.3, 1.88, False), (0.3, 3.0, False)],
)
def test_the_goal_is_a_mean_near_inference_at_a_high_rate(rate, mean, found):
    told = goal(rate, 7, np.array([mean, 0.0]), np.array([2.0, 0.0]))
    assert told.aim.startswith("with a rate of 0.3 or more, draw masks until")
    assert (told.found != "") == found
    assert not found or told.found.startswith("over 7 masks the mean differs from inference by 5%.")


def test_silent_neurons_have_no_goal():
    assert goal(0.5, 7, np.zeros(2), np.zeros(2)) is None


def other_model(*layers):
    return keras.Sequential([keras.Input((28, 28)), *layers])


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (
            lambda: other_model(keras.layers.Flatten(), keras.layers.Dense(10)),
            r"Flatten, Dense\(10\)\. Give",
        ),
        (
            lambda: other_model(
                keras.layers.Flatten(), keras.layers.Dense(30), keras.layers.Dense(10)
            ),
            r"Dense\(30\)",
        ),
        (lambda: keras.Sequential(), "model_fn"),
        (
            lambda: keras.Sequential(
                [keras.layers.Flatten(), keras.layers.Dense(100), keras.layers.Dense(10)]
            ),
            "model_fn",
        ),
        (lambda: "a model", "'a model'"),
        (lambda: None, "None"),
        (lambda: model_fn(keras.layers.BatchNormalization()), "BatchNormalization"),
    ],
)
def test_a_model_of_another_build_is_named(build, words):
    with pytest.raises(ValueError, match=words):
        HiddenNeurons(build(), IMAGES)


@pytest.mark.parametrize(
    ("images", "arguments", "words"),
    [
        (IMAGES[0], {}, r"images must have shape \(n, 28, 28\)"),
        (IMAGES.reshape(3, 784), {}, r"images.reshape\(-1, 28, 28\)"),
        (IMAGES[:0], {}, "at least one image"),
        (np.full((1, 28, 28), "a"), {}, "must be numbers"),
        (None, {}, "images must have shape"),
        (IMAGES, {"targets": [1, 2]}, "each of the 3 images"),
        (IMAGES, {"targets": [1.0, 2.0, 3.0]}, "whole number for each of the 3 images"),
        (IMAGES, {"targets": [1, 2, 30]}, "from 0 to 9, not 1 to 30"),
        (IMAGES, {"class_names": ["one"]}, "10 names, not 1"),
        (IMAGES, {"class_names": "ten letters"}, "10 names, not 'ten letters'"),
        (IMAGES, {"class_names": 3}, "10 names, not 3"),
    ],
)
def test_bad_images_and_names_are_named(model, images, arguments, words):
    with pytest.raises(ValueError, match=words):
        HiddenNeurons(model, images, **arguments)


def test_an_image_without_numbers_is_named(model):
    images = IMAGES.copy()
    images[1] = np.nan
    neurons = HiddenNeurons(model, images)
    assert np.isfinite(neurons.outputs(0)).all()
    with pytest.raises(ValueError, match="no finite number"):
        neurons.outputs(1)
