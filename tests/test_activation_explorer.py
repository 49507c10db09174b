"""The activation explorers: every control moved and pressed as a learner does, and what is read."""

import functools
import threading
import types

import keras
import matplotlib
import numpy as np
import pytest
from looking import ODD_SETTINGS, has_a_white_edge, read, shown
from matplotlib import pyplot

from helpers import (
    ActivationClothesExplorer,
    ActivationExplorer,
    load_fashion_mnist,
    load_recording,
    load_spirals,
    recordings,
)
from helpers.activations import probabilities
from helpers.experiments.activated import (
    ACTIVATIONS,
    CLOTHES_DEPTHS,
    DEPTHS,
    WIDTHS,
    clothes_activated,
    spirals,
    spirals_name,
)
from helpers.experiments.recipe import THREE_SEEDS
from helpers.explorers.activation import EDGE, SIDE
from helpers.plots import TRAINING, VALIDATION

MOVES = {"activation": "tanh", "depth": 4, "width": 16, "seed": 43}
VALUES = [(a, d, w) for a in ACTIVATIONS for d in DEPTHS for w in WIDTHS]


@pytest.fixture
def short(monkeypatch):
    """Trainings end after so many epochs."""
    epochs = 6
    for name, made in (("spirals", spirals), ("clothes_activated", clothes_activated)):
        shorter = functools.partial(made, epochs=epochs)
        monkeypatch.setattr(f"helpers.explorers.activation.{name}", shorter)
    return epochs


def go(explorer, activation, depth, width=None):
    explorer.activation.value, explorer.depth.value = activation, depth
    if width is not None:
        explorer.width.value = width


def lines(axes):
    return {line.get_label(): line for line in axes.get_lines()}


def title(explorer):
    return explorer.canvas.figure.axes[0].texts[0].get_text()


def surface(explorer):
    """What is drawn at each place: an array (SIDE, SIDE), or None."""
    (artist,) = (part for part in explorer.canvas.figure.get_children() if hasattr(part, "values"))
    return artist.values


# --- moving ---------------------------------------------------------------------------------------


def test_each_choice_has_its_own_picture_and_words_and_trains_nothing(trainings):
    moved = ActivationExplorer()
    pictures, words = set(), set()
    for value in VALUES:
        go(moved, *value)
        pictures.add(moved.picture.value)
        words.add(read(moved.words))
        end = load_recording(spirals_name(*value), 42).history["val_accuracy"][-1]
        assert "Recorded with seed 42: accuracy " in read(moved.words)
        assert f"trained, {end:.3f} on the others, mean " in read(moved.words)
        assert title(moved) == f"{value[0]}, {value[1]} × {value[2]}: recorded, seed 42"
        assert read(moved.notice) == "" and shown(moved)
    assert len(pictures) == len(words) == len(VALUES) == 60
    assert moved.history is None and trainings.made == []


def test_the_surface_is_what_the_recorded_network_answers():
    moved = ActivationExplorer()
    go(moved, "tanh", 3, 16)
    moved.seed.value = 44
    weights = load_recording("spirals_tanh_3_layers_of_16", 44).measured["weights"]
    middle = (np.arange(SIDE) + 0.5) * 2 * EDGE / SIDE - EDGE
    for row, column in ((0, 0), (10, 50), (59, 3)):
        place = np.array([[middle[column], middle[row]]], np.float32)
        expected = probabilities(weights, "tanh", place)[0]
        assert surface(moved)[row, column] == pytest.approx(expected, abs=1e-4)
    data = load_spirals()
    told = probabilities(weights, "tanh", data.val_points) > 0.5
    plot = lines(moved.canvas.figure.axes[0])
    crossed = np.column_stack(plot["other points, wrong"].get_data())
    assert np.array_equal(crossed, data.val_points[told != data.val_target]) and len(crossed)
    drawn = np.column_stack(plot["spiral 1"].get_data())
    assert np.array_equal(drawn, data.train_points[data.train_target == 1])


def test_the_surface_fills_its_square_and_its_first_row_is_below():
    made = ActivationExplorer()
    go(made, "linear", 1, 16)
    figure = made.canvas.figure
    box = figure.axes[0].bbox
    assert box.width == pytest.approx(box.height) == pytest.approx(10 * SIDE)
    pixels = np.asarray(figure.canvas.buffer_rgba())[::-1]
    left, below = np.round(box.min).astype(int)

    def at(row, column):
        return pixels[below + 10 * row + 2, left + 10 * column + 2, :3].astype(int)

    values = surface(made)
    low, high = (
        np.unravel_index(values.argmin(), (60, 60)),
        np.unravel_index(values.argmax(), (60, 60)),
    )
    assert at(*low)[1] > at(*low)[0]  # green: spiral 0
    assert at(*high)[1] < at(*high)[0]  # purple
    assert (pixels[below + 5, left - 2] == 255).all()
    assert (pixels[below - 2, left + 5] == 255).all()
    assert not (pixels[below + 1, left + 1] == 255).all()
    assert not (pixels[below + 598, left + 598] == 255).all()


def test_gradients_are_those_recorded_one_a_layer_before_and_after():
    moved = ActivationExplorer()
    for depth in (1, 5):
        go(moved, "sigmoid", depth, 8)
        measured = load_recording(f"spirals_sigmoid_{depth}_layers_of_8", 42).measured["gradients"]
        drawn = lines(moved.canvas.figure.axes[1])
        before, after = drawn["before training"], drawn["after it"]
        for line, when in ((before, "start"), (after, "end")):
            assert list(line.get_xdata()) == list(range(1, depth + 2))
            np.testing.assert_allclose(line.get_ydata(), np.clip(measured[when], 1e-7, 2))
        assert len(drawn["trained here"].get_xdata()) == 0
    assert before.get_marker() != after.get_marker()
    assert before.get_linestyle() != after.get_linestyle()
    assert moved.canvas.figure.axes[1].get_yscale() == "log"


def test_another_seed_is_another_network():
    moved = ActivationExplorer()
    before = moved.picture.value, read(moved.words)
    moved.seed.value = 43
    assert moved.picture.value != before[0] and "Recorded with seed 43" in read(moved.words)
    moved.seed.value = 46  # new: the first recorded one is shown
    assert title(moved).endswith("recorded, seed 42") and read(moved.words) == before[1]


@pytest.mark.parametrize("kind", [ActivationExplorer, ActivationClothesExplorer])
def test_recorded_seeds_and_three_new_ones_can_be_trained(kind):
    assert [text for text, _ in kind().seed.options] == [
        *("42, recorded", "43, recorded", "44, recorded", "45, new", "46, new", "47, new"),
    ]
    assert [seed for _, seed in kind(seeds=(43,)).seed.options] == [43, 44, 45, 46]


@pytest.mark.parametrize("control", ["depth", "width"])
def test_a_slider_may_be_moved_by_its_places_and_by_the_list(control):
    moved = ActivationExplorer()
    slider = getattr(moved, control)
    slider.slider.index = 2
    by_place = moved.picture.value
    assert slider.value == (3 if control == "depth" else 16)
    slider.field.index = 0
    assert slider.value == (1 if control == "depth" else 4) and moved.picture.value != by_place


def test_a_move_sends_one_picture_and_then_the_words():
    made = ActivationExplorer()
    sent = []
    for part in ("picture", "words", "notice"):
        getattr(made, part).observe(lambda change, part=part: sent.append(part), "value")
    for control, value in MOVES.items():
        getattr(made, control).value = value
        assert sent == ["picture", "words"]
        sent.clear()


def test_a_learners_settings_of_matplotlib_change_no_move():
    plain, odd = ActivationExplorer(), ActivationExplorer()
    for control, value in MOVES.items():
        before = plain.picture.value
        getattr(plain, control).value = value
        with matplotlib.rc_context(ODD_SETTINGS):
            getattr(odd, control).value = value
        assert odd.picture.value == plain.picture.value != before


def test_a_move_draws_nothing_anew_and_many_leave_nothing_behind(monkeypatch):
    moved = ActivationExplorer()
    figure, drawn = moved.canvas.figure, []
    monkeypatch.setattr(figure.canvas, "draw", lambda: drawn.append(1))
    first, before = moved.picture.value, len(figure.findobj())
    for move in range(20):
        moved.depth.value = DEPTHS[move % 5]
        moved.activation.value = ACTIVATIONS[move % 4]
    go(moved, "relu", 1, 8)
    assert moved.picture.value == first and drawn == []
    assert len(figure.findobj()) == before and pyplot.get_fignums() == []


@pytest.mark.parametrize("value", [("relu", 1, 4), ("sigmoid", 5, 16)])
def test_nothing_is_cut(value):
    made, clothes = ActivationExplorer(), ActivationClothesExplorer()
    go(made, *value)
    clothes.depth.value = 8
    assert has_a_white_edge(made.picture) and has_a_white_edge(clothes.picture)


@pytest.mark.parametrize("kind", [ActivationExplorer, ActivationClothesExplorer])
def test_no_line_is_trainings_blue_or_validations_orange(kind):
    used = {
        matplotlib.colors.to_hex(line.get_color())
        for ax in kind().canvas.figure.axes
        for line in ax.get_lines()
    }
    assert used and not used & {TRAINING.lower(), VALIDATION.lower()}


@pytest.mark.parametrize("kind", [ActivationExplorer, ActivationClothesExplorer])
def test_every_control_has_a_label_and_a_tooltip(kind):
    made = kind()
    fields = [made.depth.field, *([made.width.field] if hasattr(made, "width") else [])]
    for control in (*fields, made.activation, made.train, made.stop, made.seed):
        name = "tooltip" if "tooltip" in control.keys else "description_tooltip"
        assert control.description and getattr(control, name)


# --- the goal -------------------------------------------------------------------------------------


def test_the_goal_is_reached_for_relu_and_for_tanh_and_stays_so():
    moved = ActivationExplorer()
    start = read(moved.goal)
    assert start.startswith("Goal: find the fewest hidden layers that separate the spirals")
    for value in [("relu", 1, 16), ("relu", 3, 16), ("sigmoid", 2, 16), ("tanh", 2, 16)]:
        go(moved, *value)
        assert read(moved.goal) == start and moved.found == {}
    go(moved, "tanh", 3, 16)
    assert moved.found == {"tanh": 3}
    assert read(moved.goal).endswith("Found so far: tanh with 3 hidden layers. Now relu.")
    go(moved, "linear", 5, 16)
    assert "Now relu." in read(moved.goal)
    moved.width.value = 8
    go(moved, "relu", 2)
    assert "Now relu." in read(moved.goal)
    moved.width.value = 16
    reached = read(moved.goal)
    assert reached.startswith("Goal reached: tanh with 3 hidden layers and relu with 2 hidden")
    assert "With linear no recorded network does" in reached
    go(moved, "linear", 1, 4)
    assert read(moved.goal) == reached and moved.found == {"tanh": 3, "relu": 2}
    assert ActivationExplorer().found == {}


def test_the_words_say_whether_they_separate():
    moved = ActivationExplorer()
    go(moved, "relu", 1, 16)
    assert "Such networks do not separate the spirals: that takes a mean of 0.95" in read(
        moved.words
    )
    moved.depth.value = 2
    assert "Such networks separate the spirals" in read(moved.words)


# --- recordings that are not whole ----------------------------------------------------------------


def test_one_damaged_recording_spoils_only_its_network(monkeypatch, tmp_path, short):
    for path in recordings.FOLDER.glob("spirals_relu_*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    (tmp_path / "spirals_relu_2_layers_of_8_seed43.json").write_text("{")
    made = ActivationExplorer()
    made.depth.value = 2
    assert "seed43.json is damaged" in read(made.notice) and "alert" in made.notice.value
    assert surface(made) is None and title(made) == "relu, 2 × 8: no recording"
    made.train.click()  # works without
    assert len(made.history.epoch) == short and surface(made) is not None
    assert "Trained 6 of 6 epochs" in read(made.words)
    made.width.value = 16
    assert read(made.notice) == "" and "separate the spirals" in read(made.words)


@pytest.mark.parametrize("seeds", [(), 99, None])
def test_other_seeds_are_told(seeds):
    for kind in (ActivationExplorer, ActivationClothesExplorer):
        made = kind(seeds=seeds)
        assert 'role="alert"' in made.notice.value and "seed" in read(made.notice)
        made.depth.value = 2
        assert 'role="alert"' in made.notice.value


# --- the training ---------------------------------------------------------------------------------


def test_what_is_trained_is_what_the_controls_say_and_is_drawn(trainings, short):
    trained = ActivationExplorer()
    go(trained, "tanh", 2, 16)
    trained.seed.value = 46
    before = trained.picture.value
    trained.train.click()
    (given,) = trainings.made
    assert (given["x"].shape, given["y"].shape) == ((400, 2), (400,))
    assert (given["epochs"], given["seed"], given["batch_size"]) == (short, 46, 32)
    hidden = given["model"].layers[:-1]
    assert [(layer.units, layer.activation.__name__) for layer in hidden] == [(16, "tanh")] * 2
    assert isinstance(trained.history, keras.callbacks.History) and not trained.train.disabled
    assert trained.picture.value != before
    assert title(trained) == "tanh, 2 × 16: trained here, seed 46, 6 epochs"
    corner = np.full((1, 2), EDGE / SIDE - EDGE, np.float32)
    expected = float(trained.history.model(corner)[0, 0])
    assert surface(trained)[0, 0] == pytest.approx(expected, abs=1e-4)
    own = lines(trained.canvas.figure.axes[1])["trained here"]
    assert list(own.get_xdata()) == [1, 2, 3]
    last = trained.history.history["val_accuracy"][-1]
    assert read(trained.words).startswith("Trained 6 of 6 epochs in "), "first what is shown"
    told = f"16 neurons, seed 46. Its last accuracy on the others is {last:.3f}, "
    assert told in read(trained.words)


def test_a_recorded_seed_trained_here_is_its_recording():
    trained = ActivationExplorer()
    go(trained, "relu", 2, 8)
    trained.seed.value = 44
    trained.train.click()
    recorded = load_recording("spirals_relu_2_layers_of_8", 44).history
    for key in ("loss", "val_loss"):
        np.testing.assert_allclose(trained.history.history[key][:3], recorded[key][:3], rtol=5e-3)
    assert len(trained.history.epoch) == 120
    told = f"recorded with seed 44: {recorded['val_accuracy'][-1]:.3f}."
    assert told in read(trained.words)


def test_while_it_trains_its_answers_are_drawn_every_few_epochs(monkeypatch, trainings):
    made = functools.partial(spirals, epochs=12)
    monkeypatch.setattr("helpers.explorers.activation.spirals", made)
    trained, seen = ActivationExplorer(), []
    trainings.end = lambda model, epoch: seen.append((title(trained), read(trained.notice)))
    trained.train.click()
    titles, notices = zip(*seen, strict=True)
    numbers = [int(text.split(", ")[-1].split()[0]) for text in titles]
    assert numbers == [1, 1, 1, 1, 5, 5, 5, 5, 5, 10, 10, 10]
    assert title(trained).endswith("12 epochs")
    assert notices[5].startswith("Training: epoch 6 of 12 (50%), about ")
    assert read(trained.notice) == ""


def test_the_trained_network_is_shown_where_it_was_trained_and_nowhere_else(short):
    trained = ActivationExplorer()
    trained.train.click()
    own = trained.picture.value
    trained.depth.value = 3
    assert title(trained) == "relu, 3 × 8: recorded, seed 42"
    assert len(lines(trained.canvas.figure.axes[1])["trained here"].get_xdata()) == 0
    assert "relu, 1 hidden layer of 8 neurons, seed 42. Its last" in read(trained.words)
    trained.depth.value = 1
    assert trained.picture.value == own and "trained here, seed 42" in title(trained)
    trained.seed.value = 43
    assert title(trained).endswith("recorded, seed 43")


def test_a_move_during_the_training_is_answered(trainings, short):
    trained, seen = ActivationExplorer(), []

    def move(model, epoch):
        if epoch == 2:
            trained.activation.value = "sigmoid"
        seen.append(title(trained))

    trainings.begin = move
    trained.train.click()
    assert seen[2:] == ["sigmoid, 1 × 8: recorded, seed 42"] * 4
    assert "relu, 1 hidden layer of 8 neurons, seed 42. Its last" in read(trained.words)


def test_the_stop_button_keeps_the_network_so_far(trainings):
    trained = ActivationExplorer()

    def stop(model, epoch):
        if epoch == 2:
            thread = threading.Thread(target=trained.stop.click)
            thread.start()
            thread.join()

    trainings.begin = stop
    trained.train.click()
    assert trained.history.epoch == [0, 1, 2]
    assert title(trained).endswith("trained here, seed 42, 3 epochs")
    told = read(trained.words)
    assert "Trained 3 of 120 epochs in " in told and "stopped by hand" in told
    last = trained.history.history["val_accuracy"][-1]
    assert f"Its last accuracy on the others is {last:.3f}." in told


@pytest.mark.parametrize("kind", [ActivationExplorer, ActivationClothesExplorer])
def test_closed_it_says_nothing_more(kind):
    made = kind()
    made.close()
    made.close()
    assert made.picture.value == b"" and made.canvas.figure is None


# --- on clothes -----------------------------------------------------------------------------------


def test_each_choice_on_clothes_has_its_own_picture_and_words(trainings):
    moved = ActivationClothesExplorer()
    pictures, words, reached = set(), set(), []
    for activation in ACTIVATIONS:
        for depth in CLOTHES_DEPTHS:
            go(moved, activation, depth)
            if not read(moved.goal).startswith("Goal: find the activation and the depth"):
                assert read(moved.goal).startswith("Goal reached: ")
                reached.append((activation, depth))
            pictures.add(moved.picture.value)
            words.add(read(moved.words))
            name = f"clothes_6000_{activation}_{depth}_layers"
            runs = [load_recording(name, seed) for seed in THREE_SEEDS]
            mean = np.mean([run.history["val_loss"][-1] for run in runs])
            assert f"validation loss {mean:.3f}, validation accuracy" in read(moved.words)
            starts = [run.measured["gradients"]["start"] for run in runs]
            drawn = lines(moved.canvas.figure.axes[1])["before training"]
            np.testing.assert_allclose(drawn.get_ydata(), np.mean(starts, axis=0))
            assert read(moved.notice) == "" and shown(moved)
    assert len(pictures) == len(words) == 16
    assert moved.history is None and trainings.made == []
    assert reached == [("sigmoid", 8)]


def test_on_clothes_the_losses_are_drawn_training_solid_and_validation_dashed():
    moved = ActivationClothesExplorer()
    go(moved, "sigmoid", 4)
    runs = [load_recording("clothes_6000_sigmoid_4_layers", s).history for s in THREE_SEEDS]
    drawn = {
        line.get_linestyle(): line.get_ydata()
        for line in moved.canvas.figure.axes[0].get_lines()
        if len(line.get_ydata()) == 20
    }
    for style, key in (("-", "loss"), ("--", "val_loss")):
        np.testing.assert_allclose(drawn[style], np.mean([run[key] for run in runs], axis=0))


def test_a_training_on_clothes_is_what_the_controls_say(trainings, monkeypatch):
    monkeypatch.setattr(
        "helpers.explorers.activation.clothes_activated",
        functools.partial(clothes_activated, epochs=1),
    )
    clothes = load_fashion_mnist()
    few = types.SimpleNamespace(
        train_scaled=clothes.train_scaled[:6000],
        train_target=clothes.train_target[:6000],
        val_scaled=clothes.val_scaled[:50],
        val_target=clothes.val_target[:50],
    )
    trained = ActivationClothesExplorer(few)
    go(trained, "sigmoid", 2)
    trained.train.click()
    (given,) = trainings.made
    hidden = given["model"].layers[1:-1]
    assert [(layer.units, layer.activation.__name__) for layer in hidden] == [(32, "sigmoid")] * 2
    assert len(given["x"]) == 6000 and trained.history.epoch == [0]
    assert "sigmoid, 2 hidden layers of 32 neurons, seed 42. Its last validation loss" in read(
        trained.words
    )


def test_other_data_are_told_when_trained(trainings):
    trained = ActivationClothesExplorer("nonsense")
    trained.train.click()
    assert "alert" in trained.notice.value and "load_fashion_mnist" in read(trained.notice)
    assert trained.history is None and trainings.made == []
