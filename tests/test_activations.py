"""The arithmetic behind the activation explorers, on made-up networks and on the recorded ones."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from helpers import load_recording, load_spirals, recordings
from helpers.activations import (
    FUNCTIONS,
    ClothesRuns,
    SpiralRuns,
    clothes_summary,
    find,
    goal,
    gradients_in_words,
    growth_goal,
    mean_gradients,
    named,
    parameters,
    plane,
    probabilities,
    summary,
)
from helpers.experiments.activated import (
    ACTIVATIONS,
    CLOTHES_DEPTHS,
    DEPTHS,
    WIDTHS,
    spirals_model,
    spirals_name,
)
from helpers.experiments.recipe import THREE_SEEDS
from helpers.gradients import gradient_sizes


@pytest.fixture(scope="module")
def points():
    return load_spirals()


@pytest.fixture(scope="module")
def runs():
    return SpiralRuns(THREE_SEEDS)


# --- a network ------------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("depth", [1, 5])
def test_the_forward_pass_is_what_keras_predicts(points, activation, depth):
    model = spirals_model(1, activation, depth, 8)
    model.set_weights([2 * array + 0.1 for array in model.get_weights()])
    answers = probabilities(model.get_weights(), activation, points.val_points)
    expected = np.asarray(model(points.val_points))[:, 0]
    assert answers.shape == (400,) and answers.dtype == np.float32
    np.testing.assert_allclose(answers, expected, atol=1e-5)
    assert answers.std() > 1e-4


def test_lists_are_weights_too(points):
    model = spirals_model(1, "relu", 2, 4)
    lists = [array.tolist() for array in model.get_weights()]
    assert np.array_equal(
        probabilities(lists, "relu", points.val_points),
        probabilities(model.get_weights(), "relu", points.val_points),
    )


def test_the_activations_are_keras_own():
    values = np.linspace(-5, 5, 21).astype(np.float32)
    assert tuple(FUNCTIONS) == ACTIVATIONS
    for name, function in FUNCTIONS.items():
        expected = np.asarray(keras.activations.get(name)(values))
        np.testing.assert_allclose(function(values), expected, atol=1e-6)


def test_very_large_sums_are_no_overflow(points):
    with np.errstate(all="raise"):
        answers = probabilities([[[1e4], [1e4]], [0.0]], "relu", points.val_points)
    assert answers.min() == 0 and answers.max() == 1


def test_the_plane_is_read_row_by_row_from_below():
    fields = plane(2, 4)
    assert fields.dtype == np.float32 and fields.shape == (16, 2)
    assert fields[0].tolist() == [-1.5, -1.5] and fields[1].tolist() == [-0.5, -1.5]
    assert fields[-1].tolist() == [1.5, 1.5]


@pytest.mark.parametrize(("depth", "width"), [(1, 4), (2, 16), (5, 8)])
def test_weights_and_biases_are_counted(depth, width):
    assert parameters(depth, width) == spirals_model(1, "relu", depth, width).count_params()


def test_gradients_are_those_of_the_backward_pass_by_hand(points):
    model = spirals_model(3, "tanh", 2, 8)
    x, y = points.train_points.astype(float), points.train_target
    first, b1, second, b2, last, b3 = (array.astype(float) for array in model.get_weights())
    one = np.tanh(x @ first + b1)
    two = np.tanh(one @ second + b2)
    error = (1 / (1 + np.exp(-(two @ last + b3))) - y[:, None]) / len(x)
    at_two = error @ last.T * (1 - two**2)
    at_one = at_two @ second.T * (1 - one**2)
    by_hand = [np.abs(g).mean() for g in (x.T @ at_one, one.T @ at_two, two.T @ error)]
    sizes = gradient_sizes(model, points.train_points, points.train_target)
    np.testing.assert_allclose(sizes, by_hand, rtol=1e-3)


def test_layers_without_a_kernel_have_no_gradient():
    model = keras.Sequential(
        [keras.Input((2, 2)), keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    )
    model.compile(loss="sparse_categorical_crossentropy")
    sizes = gradient_sizes(model, np.ones((4, 2, 2), np.float32), np.array([0, 1, 2, 0]))
    assert len(sizes) == 1 and isinstance(sizes[0], float)


# --- the recorded networks ------------------------------------------------------------------------


@pytest.mark.parametrize("value", [("relu", 2, 16), ("tanh", 5, 8), ("sigmoid", 1, 4)])
def test_recorded_weights_answer_as_the_recorded_network_did(points, runs, value):
    for recording in runs.of(value).values():
        answers = probabilities(recording.measured["weights"], value[0], points.val_points)
        right = ((answers > 0.5) == points.val_target).mean()
        assert right == pytest.approx(recording.history["val_accuracy"][-1], abs=0.011)


def test_recorded_gradients_are_those_before_and_after(points, runs):
    value = ("tanh", 3, 8)
    recording = runs.of(value)[43]
    model = spirals_model(43, *value)
    for when, rtol in (("start", 5e-3), ("end", 0.2)):
        sizes = gradient_sizes(model, points.train_points, points.train_target)
        np.testing.assert_allclose(sizes, recording.measured["gradients"][when], rtol=rtol)
        model.set_weights([np.array(array) for array in recording.measured["weights"]])


def test_every_value_is_recorded_with_as_many_layers_as_it_says(runs):
    for activation in ACTIVATIONS:
        for depth in DEPTHS:
            for width in WIDTHS:
                for recording in runs.of((activation, depth, width)).values():
                    shapes = [np.shape(array) for array in recording.measured["weights"]]
                    assert shapes[:2] == [(2, width), (width,)] and len(shapes) == 2 * depth + 2
                    sizes = recording.measured["gradients"]
                    assert len(sizes["start"]) == len(sizes["end"]) == depth + 1


def test_what_separates_the_spirals(runs):
    """What the lesson's goal rests on: far enough from the line of 0.95 not to be luck."""
    assert {name: runs.fewest(name) for name in ACTIVATIONS} == {
        "linear": None,
        "sigmoid": None,
        "tanh": 3,
        "relu": 2,
    }

    def best(activation, depth):
        means = [
            np.mean(list(runs.ends((activation, depth, width), "val_accuracy").values()))
            for width in WIDTHS
        ]
        return max(means)

    assert best("relu", 1) < 0.7 and best("relu", 2) > 0.98
    assert best("tanh", 2) < 0.8 and best("tanh", 3) > 0.97
    assert max(best("linear", depth) for depth in DEPTHS) < 0.65


def test_the_sigmoids_gradient_vanishes_with_depth_and_relus_does_not():
    gradients = ClothesRuns(THREE_SEEDS).gradients

    def ratio(activation, depth):
        start = gradients[activation, depth]["start"]
        return start[0] / start[-1]

    sigmoid = [ratio("sigmoid", depth) for depth in CLOTHES_DEPTHS]
    assert np.all(np.diff(sigmoid) < 0) and sigmoid[-1] < 1e-4
    assert ratio("relu", 8) > 0.1 and ratio("tanh", 8) > 0.1


def test_nothing_is_read_before_it_is_asked_for(monkeypatch):
    asked = []

    def load(name, seed):
        asked.append((name, seed))
        return SimpleNamespace(history={"val_accuracy": [0.5]})

    monkeypatch.setattr("helpers.activations.load_recording", load)
    made = SpiralRuns((42, 43))
    assert asked == []
    for _ in range(2):
        made.ends(("relu", 1, 4), "val_accuracy")
    assert asked == [(spirals_name("relu", 1, 4), 42), (spirals_name("relu", 1, 4), 43)]


@pytest.mark.parametrize("seeds", [(), (99,), 99, "ab", None])
def test_other_seeds_are_told(seeds):
    with pytest.raises(ValueError, match="seed"):
        SpiralRuns(seeds).of(("relu", 1, 4))


def test_a_damaged_recording_separates_nothing(monkeypatch, tmp_path):
    for path in recordings.FOLDER.glob("spirals_relu_*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    (tmp_path / "spirals_relu_2_layers_of_16_seed43.json").write_text("{")
    made = SpiralRuns(THREE_SEEDS)
    assert made.fewest("relu") == 3
    with pytest.raises(ValueError, match="seed43.json is damaged"):
        made.separate(("relu", 2, 16))


def test_a_new_seed_is_shown_by_the_first_recorded_one(runs):
    assert [runs.near(seed) for seed in (42, 44, 47)] == [42, 44, 42]


def test_gradients_are_means_over_runs():
    made = [
        SimpleNamespace(measured={"gradients": {"start": [1.0, 2.0], "end": [0.0, end]}})
        for end in (1.0, 3.0)
    ]
    sizes = mean_gradients(made)
    assert sizes["start"].tolist() == [1, 2] and sizes["end"].tolist() == [0, 2]


# --- in words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (3.0, 2.0, "1.5 times that in the last"),
        (0.2, 2.0, "0.1 times that in the last"),
        (0.01, 24.31, "1/2,400 of that in the last"),
        (0.0, 2.0, "0.0 times that in the last"),
        (0.0, 0.0, "zero, and so is that in the last,"),
    ],
)
def test_the_first_gradient_is_told_beside_the_last(first, last, told):
    sizes = {"start": [2.0, 1.0, 2.0], "end": [first, 1.0, last]}
    assert gradients_in_words(sizes) == (
        "The gradient in the first layer is 1.0 times that in the last before the training, and "
        f"{told} after it."
    )


def test_the_summary_tells_the_shown_network_and_all_seeds(runs):
    for value, judged in ((("relu", 2, 16), "separate"), (("relu", 1, 16), "do not separate")):
        ends = [load_recording(spirals_name(*value), seed).history for seed in THREE_SEEDS]
        others = [end["val_accuracy"][-1] for end in ends]
        told = summary(value, 43, runs)
        assert told.startswith(f"{named(value)}: {parameters(*value[1:])} weights and biases. ")
        assert (
            f"Recorded with seed 43: accuracy {ends[1]['accuracy'][-1]:.3f} on the points that "
            f"trained, {others[1]:.3f} on the others, mean {np.mean(others):.3f} of 3 seeds ("
            f"{others[0]:.3f}, {others[1]:.3f}, {others[2]:.3f}). Such networks {judged} the "
        ) in told
    assert "seeds" not in summary(("relu", 2, 16), 43, SpiralRuns(43))


def test_a_value_in_words():
    assert named(("relu", 1, 8)) == "relu, 1 hidden layer of 8 neurons"
    assert named(("tanh", 3, 16)) == "tanh, 3 hidden layers of 16 neurons"


def test_the_summary_on_clothes_is_the_mean_of_the_seeds():
    recorded = ClothesRuns(THREE_SEEDS)
    assert recorded.trouble == {} and len(recorded.runs) == 16
    mean = recorded.band(("tanh", 4), "val_loss").mean[-1]
    told = clothes_summary(("tanh", 4), recorded, 3)
    assert told.startswith("tanh, 4 hidden layers of 32 neurons, mean of 3 seeds. After epoch 19: ")
    assert f"validation loss {mean:.3f}, " in told and "loss 2.303" in told
    assert "Not shown" not in told
    assert "\nNot shown: " in clothes_summary(("tanh", 4), recorded, 0.1)


# --- the goal -------------------------------------------------------------------------------------


class Made:
    """Runs of which only these values separate."""

    def __init__(self, *values):
        self.values = values

    def separate(self, value):
        return value in self.values

    def fewest(self, activation):
        return min((depth for name, depth, _ in self.values if name == activation), default=None)


MADE = Made(("relu", 2, 16), ("relu", 3, 8), ("tanh", 3, 8), ("sigmoid", 2, 8))


def test_only_the_shallowest_that_separate_are_found():
    found = {}
    for value in [("relu", 3, 8), ("relu", 2, 8), ("sigmoid", 2, 8), ("linear", 1, 4)]:
        found = find(value, MADE, found)
    assert found == {}
    found = find(("relu", 2, 16), MADE, found)
    assert found == {"relu": 2} == find(("relu", 3, 8), MADE, found)
    assert find(("tanh", 3, 8), MADE, found) == {"relu": 2, "tanh": 3}


def test_the_goal_tells_what_is_missing():
    start = goal(MADE, {})
    assert start.found == "" and "once with relu, once with tanh" in start.aim
    for found, missing in (({"relu": 2}, "tanh"), ({"tanh": 3}, "relu")):
        half = goal(MADE, found)
        assert half.found == "" and half.aim.endswith(f"Now {missing}.")
        assert f"{list(found.values())[0]} hidden layers. Now" in half.aim


def test_the_goal_is_reached_when_both_are_found_and_tells_of_linear():
    whole = goal(MADE, {"relu": 2, "tanh": 3})
    assert whole.found == (
        "relu with 2 hidden layers and tanh with 3 hidden layers separate the spirals, with no "
        "fewer. With linear no recorded network does, however deep."
    )
    odd = Made(*MADE.values, ("linear", 1, 4))
    assert "linear" not in goal(odd, {"relu": 2, "tanh": 3}).found


GROWTH = {("relu", 1): 0.5, ("relu", 2): 3.0, ("tanh", 4): 1234.0}
ENDS = {("relu", 1): 0.4, ("relu", 2): 0.5, ("tanh", 4): 0.6}


def test_the_goal_on_clothes_is_the_gradient_that_grows_most():
    for value in (("relu", 1), ("relu", 2), None):
        missed = growth_goal(value, GROWTH, ENDS)
        assert missed.found == "" and "tanh" not in missed.aim and "4" not in missed.aim
    told = (
        "with tanh and 4 hidden layers it is 1,200 times as large after the training as before it, "
        "the most of all 3 networks"
    )
    assert growth_goal(("tanh", 4), GROWTH, ENDS).found == (
        f"{told}; yet its validation loss, 0.600, ends highest."
    )
    lower = {**ENDS, ("tanh", 4): 0.3}
    assert growth_goal(("tanh", 4), GROWTH, lower).found == f"{told}."


def test_one_network_on_clothes_alone_is_no_goal():
    assert growth_goal(("relu", 1), {("relu", 1): 2.0}, {("relu", 1): 0.5}) is None


def test_the_recorded_gradient_that_grows_most_is_far_ahead():
    """What the lesson's goal rests on; and its growth is worked out from the recordings."""
    growth = ClothesRuns(THREE_SEEDS).growth()
    assert set(growth) == {(a, d) for a in ACTIVATIONS for d in CLOTHES_DEPTHS}
    *_, second, first = sorted(growth, key=growth.get)
    assert first == ("sigmoid", 8) and growth[first] > 10 * growth[second]
    runs = [load_recording("clothes_6000_sigmoid_8_layers", seed).measured for seed in THREE_SEEDS]
    start, end = (sum(run["gradients"][when][0] for run in runs) for when in ("start", "end"))
    assert growth[first] == pytest.approx(end / start)
