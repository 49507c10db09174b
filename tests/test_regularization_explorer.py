"""RegularizationExplorer: every control moved and pressed as a learner does it."""

import threading
import types

import keras
import matplotlib
import numpy as np
import pytest
from looking import ODD_SETTINGS, has_a_white_edge, read, shown
from matplotlib import pyplot

from helpers import RegularizationExplorer, load_fashion_mnist, load_recording, recordings
from helpers.experiments.recipe import THREE_SEEDS
from helpers.experiments.regularized import EPOCHS, SECOND, STRENGTHS, measured_weights
from helpers.plots import TRAINING, VALIDATION
from helpers.regularization import KEYS, LABELS, PATIENCES, longest_first, strength_text, strengths

METHODS = [*STRENGTHS, "patience"]


@pytest.fixture(scope="module")
def shared():
    """One explorer for the tests that only move it, which set all controls first."""
    return RegularizationExplorer()


def put(explorer, method="none", place=0, second="none"):
    """Choose a method, the place of its strength, and a second method."""
    explorer.second.value = "none"
    explorer.method.value = method
    if method != "none":
        explorer.strength.slider.index = place
    explorer.second.value = second
    return explorer


@pytest.fixture(scope="module")
def clothes():
    return load_fashion_mnist()


@pytest.fixture(scope="module")
def few(clothes):
    """All clothes that are trained on, and few that validate."""
    x, y = clothes.train_scaled[:6000], clothes.train_target[:6000]
    return types.SimpleNamespace(
        train_scaled=x, train_target=y, val_scaled=x[:50], val_target=y[:50]
    )


@pytest.fixture
def short(monkeypatch):
    """Trainings of 300 pictures and five epochs, whatever the method."""
    from helpers.explorers import regularization as module

    whole = module.regularized
    monkeypatch.setattr(
        module,
        "regularized",
        lambda seed, **methods: whole(seed, **{"images": 300, "epochs": 5} | methods),
    )


# --- the controls ---------------------------------------------------------------------------------


def test_each_method_and_strength_has_its_own_picture_and_words(shared, trainings):
    pictures, words = set(), set()
    for method in METHODS:
        for place, (text, value) in enumerate(strengths(method)):
            put(shared, method, place)
            assert shared.strength.value == value and shared.strength.field.label == text
            pictures.add(shared.picture.value)
            told = read(shared.words)
            words.add(told)
            assert f"{text}, mean of 3 seeds. Cross-entropy after epoch 39" in told
            assert read(shared.notice) == "" and shown(shared)
    assert len(pictures) == len(words) == 4 * len(METHODS)
    assert shared.history is None and trainings.made == []


def test_a_method_begins_with_its_second_strength_and_none_has_none():
    made = RegularizationExplorer()
    assert made.method.value == "none" and made.strength.slider.disabled
    assert read(made.words).startswith("No method: the plain network, mean of 3 seeds")
    for method in METHODS:
        made.method.value = method
        assert made.strength.value == strengths(method)[1][1]
        assert not made.strength.field.disabled
    made.method.value = "none"
    assert made.strength.field.disabled


def test_a_second_method_joins_with_one_strength(shared):
    for method in METHODS:
        put(shared, method, 1)
        offered = [name for _, name in shared.second.options]
        assert offered == ["none", *(n for n in [*SECOND, "patience"] if n != method)]
    for second, strength in SECOND.items():
        put(shared, "max_norm", 1, second)
        assert shared.second_strength == strength
        joined = f"MaxNorm 2 + {LABELS[second]} {strength_text(second, strength)}"
        assert read(shared.words).startswith(joined) and read(shared.notice) == ""
    put(shared, "none", second="dropout")
    assert read(shared.words).startswith("Dropout 0.3, mean")


def test_a_method_that_already_joins_stops_joining(shared):
    put(shared, "l2", 1, "dropout")
    shared.method.value = "dropout"
    assert shared.second.value == "none" and shared.second_strength is None
    assert read(shared.words).startswith("Dropout 0.3, mean")
    put(shared, "l2", 1, "dropout")
    shared.method.value = "l1"
    assert shared.second.value == "dropout"
    assert read(shared.words).startswith("L1 0.0001 + dropout 0.3, mean")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("second", [*SECOND, "patience"])
def test_every_two_methods_are_recorded(shared, method, second):
    if method == second:
        return
    for place in range(4):
        put(shared, method, place, second)
        assert read(shared.notice) == "" and " + " in read(shared.words)


def test_a_move_sends_one_picture_and_then_the_words(shared):
    put(shared, "l2", 0)
    sent = []
    parts = {part: getattr(shared, part) for part in ("picture", "words", "notice")}
    handlers = {p: lambda change, part=p: sent.append(part) for p in parts}
    for part, handler in handlers.items():
        parts[part].observe(handler, "value")
    shared.strength.slider.index = 2
    assert sent == ["picture", "words"]
    for method in ("max_norm", "none", "patience"):
        sent.clear()
        shared.method.value = method
        assert sent == ["picture", "words"]
    sent.clear()
    shared.second.value = "dropout"
    assert sent == ["picture", "words"]
    sent.clear()
    shared.method.value = "dropout"  # which joins itself no more
    assert sent == ["picture", "words"]
    for part, handler in handlers.items():
        parts[part].unobserve(handler, "value")


def test_a_move_draws_nothing_anew(shared, monkeypatch):
    drawn = []
    monkeypatch.setattr(shared.canvas.figure.canvas, "draw", lambda: drawn.append(1))
    for method in METHODS:
        put(shared, method, 3)
    assert drawn == []


def test_the_same_choice_again_has_the_same_picture(shared):
    put(shared, "max_norm", 1)
    first = shared.picture.value
    put(shared, "l1", 2, "patience")
    put(shared, "max_norm", 1)
    assert shared.picture.value == first


def test_a_learners_settings_of_matplotlib_change_no_move(shared):
    put(shared, "l2", 2, "patience")
    there = shared.picture.value
    put(shared)
    with matplotlib.rc_context(ODD_SETTINGS):
        put(shared, "l2", 2, "patience")
    assert shared.picture.value == there


def test_nothing_is_cut(shared):
    for chosen in [("none",), ("activity_l1", 3), ("decay", 0, "patience"), ("max_norm", 3)]:
        put(shared, *chosen)
        assert has_a_white_edge(shared.picture)


def test_every_title_leaves_room_for_the_next(shared):
    left, middle, _ = shared.canvas.figure.axes
    renderer = shared.canvas.figure.canvas.get_renderer()
    (title,) = (text for text in left.texts if text.get_position() == (0, 1.04))
    for method in STRENGTHS:
        for place in (0, 1):
            for second in [*SECOND, "patience"]:
                put(shared, method, place, second if second != method else "none")
                end = title.get_window_extent(renderer).x1
                assert end < middle.get_window_extent(renderer).x0


def test_no_line_is_trainings_blue_or_validations_orange(shared):
    used = {
        matplotlib.colors.to_hex(line.get_color())
        for ax in shared.canvas.figure.axes
        for line in ax.get_lines()
    }
    assert used and not used & {TRAINING.lower(), VALIDATION.lower()}


def test_every_control_has_a_label_and_a_tooltip(shared):
    controls = [shared.method, shared.strength.field, shared.second, shared.seed]
    for control in [*controls, shared.train, shared.stop]:
        name = "tooltip" if "tooltip" in control.keys else "description_tooltip"
        assert control.description and getattr(control, name)


def test_many_moves_leave_nothing_behind(shared):
    put(shared)
    before = len(shared.canvas.figure.findobj())
    for move in range(60):
        shared.method.value = METHODS[move % len(METHODS)]
    put(shared)
    assert len(shared.canvas.figure.findobj()) == before and len(shared.canvas.figure.axes) == 3
    assert pyplot.get_fignums() == []


# --- the picture ----------------------------------------------------------------------------------


def drawn(ax):
    return [list(line.get_ydata()) for line in ax.get_lines()]


def test_the_three_panels_show_the_recordings_and_the_plain_network(shared):
    put(shared, "l2", 1)
    left, middle, right = shared.canvas.figure.axes
    own, plain = (
        [load_recording(f"regularized_{name}", seed) for seed in THREE_SEEDS]
        for name in ("l2_0.001", "none")
    )
    for key in ("cross_entropy", "val_cross_entropy"):
        mean = np.mean([run.history[key] for run in own], axis=0)
        assert any(np.shape(y) == (EPOCHS,) and np.allclose(y, mean) for y in drawn(left))
    mean = np.mean([run.history["val_cross_entropy"] for run in plain], axis=0)
    assert any(np.shape(y) == (EPOCHS,) and np.allclose(y, mean) for y in drawn(left))
    for runs in (own, plain):
        norms = np.mean([longest_first(run.measured) for run in runs], axis=0)
        assert any(np.shape(y) == (100,) and np.allclose(y, norms) for y in drawn(right))
    (area,) = middle.patches
    shares = np.mean([np.array(run.measured["weights"]) for run in own], axis=0) / 78_400
    assert area.get_xy()[:, 1].max() == pytest.approx(shares.max())


def test_the_limit_of_the_norms_is_a_line(shared):
    left, _, right = shared.canvas.figure.axes
    (name,) = (text for text in right.texts if text.get_text() == "MaxNorm's limit")
    put(shared, "max_norm", 1)
    (limit,) = (line for line in right.get_lines() if list(line.get_ydata()) == [2.0, 2.0])
    assert name.get_visible() and 2 < name.get_position()[1] < 2.2
    stops = [line for line in left.get_lines() if line.get_label() == "stop"]
    assert len(stops) == 1 and stops[0].get_linestyle() != limit.get_linestyle()
    put(shared, "dropout", 1)
    assert [2.0, 2.0] not in drawn(right) and not name.get_visible()


def test_every_word_of_the_legend_stands_for_what_can_be_drawn(shared):
    left = shared.canvas.figure.axes[0]
    put(shared, "patience", PATIENCES.index(1))
    handles, words = left.get_legend_handles_labels()
    assert words == ["plain network", "stop", "epoch kept"]
    assert all(len(handle.get_xdata()) for handle in handles)


def test_early_stopping_is_marked_on_the_curves(shared):
    left = shared.canvas.figure.axes[0]
    (stars,) = (line for line in left.get_lines() if line.get_marker() == "*")
    put(shared, "patience", PATIENCES.index(5))
    runs = [load_recording("regularized_none", seed).history for seed in THREE_SEEDS]
    lowest = [min(run["val_cross_entropy"][:20]) for run in runs]
    assert np.allclose(stars.get_ydata(), lowest)
    assert "Early stopping ends them after epoch" in read(shared.words)
    put(shared, "l2", 0)
    assert len(stars.get_xdata()) == 0 and "Early stopping" not in read(shared.words)


def test_what_lies_above_the_axis_is_written_into_it(shared):
    left = shared.canvas.figure.axes[0]
    put(shared, "activity_l1", 3)
    runs = [load_recording("regularized_activity_l1_1", seed).history for seed in THREE_SEEDS]
    ends = [np.mean([run[key][-1] for run in runs]) for key in KEYS]
    told = "".join(text.get_text() for text in left.texts)
    assert f"training {ends[0]:.3f}, validation {ends[1]:.3f}" in told
    assert "It learns nothing" in read(shared.words)
    put(shared, "activity_l1", 0)
    assert "above" not in "".join(text.get_text() for text in left.texts)
    put(shared, "l1", 3)  # which begins above the axis, and ends on it
    assert "above" not in "".join(text.get_text() for text in left.texts)
    assert "Not shown: 5 epochs above the axis, the highest: 1.5 in epoch 0." in read(shared.words)


# --- the goal -------------------------------------------------------------------------------------


def test_the_goal_is_reached_with_one_method_and_strength(shared):
    reached = {}
    for method in METHODS:
        for place in range(4):
            put(shared, method, place)
            if read(shared.goal).startswith("Goal reached: "):
                reached[method, place] = read(shared.goal)
            else:
                assert read(shared.goal).startswith("Goal: find the one method")
    assert len(reached) == 1
    ((method, place),) = reached
    put(shared, method, place, "patience")
    assert read(shared.goal).startswith("Goal: ")


# --- recordings that are not whole ----------------------------------------------------------------


def test_missing_recordings_are_told_and_a_training_works_without_them(
    monkeypatch, tmp_path, trainings, few, short
):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    made = RegularizationExplorer(few)
    assert "alert" in made.notice.value and "git checkout" in read(made.notice)
    made.method.value = "l2"
    assert "(L2 0.001) can't be shown" in read(made.notice)
    before = made.picture.value
    made.train.click()
    assert len(made.history.history["loss"]) == 5
    assert "Trained 5 of 5 epochs" in read(made.words) and made.picture.value != before


@pytest.mark.parametrize("seeds", [(), (99,), None])
def test_other_seeds_are_told(seeds):
    made = RegularizationExplorer(seeds=seeds)
    assert 'role="alert"' in made.notice.value and "can't be shown" in read(made.notice)


def test_only_the_seeds_that_are_wanted_are_shown():
    made = RegularizationExplorer(seeds=(43,))
    run = load_recording("regularized_none", 43).history["val_cross_entropy"]
    assert "mean of 1 seed. Cross-entropy after epoch 39: training" in read(made.words)
    assert f"validation {run[-1]:.3f}; lowest" in read(made.words)
    assert [seed for _, seed in made.seed.options] == [43, 44, 45, 46]


# --- the training ---------------------------------------------------------------------------------


def test_what_is_trained_is_what_the_controls_say(trainings, few):
    made = put(RegularizationExplorer(few), "max_norm", 2, "dropout")
    made.seed.value = 46
    trainings.begin = lambda model, epoch: made.stop.click()
    made.train.click()
    (given,) = trainings.made
    assert given["x"].shape == (6000, 28, 28)
    assert (given["epochs"], given["seed"], given["batch_size"]) == (40, 46, 32)
    layers = given["model"].layers
    assert layers[1].kernel_constraint.max_value == 1.0 and layers[2].rate == 0.3
    assert isinstance(made.history, keras.callbacks.History)
    assert "Trained 1 of 40 epochs" in read(made.words)
    assert "MaxNorm 1 + dropout 0.3, seed 46. Its last validation cross" in read(made.words)


def test_each_epoch_is_drawn_and_told_with_its_weights(trainings, few, short):
    made = put(RegularizationExplorer(few), "l2", 0)
    left, middle, right = made.canvas.figure.axes
    seen = []

    def look(model, epoch):
        norms = longest_first(measured_weights(model))
        seen.append((made.picture.value, read(made.notice)))
        assert any(np.shape(y) == (100,) and np.allclose(y, norms) for y in drawn(right))

    trainings.end = look
    before = made.picture.value
    made.train.click()
    pictures, notices = zip(*seen, strict=True)
    assert len({before, *pictures}) == 6
    assert notices[2].startswith("Training: epoch 3 of 5 (60%), about ")
    run = made.history.history
    assert run["cross_entropy"] in drawn(left) and run["val_cross_entropy"] in drawn(left)
    made.method.value = "dropout"
    assert run["cross_entropy"] in drawn(left)
    assert "Dropout 0.3, mean" in read(made.words) and "L2 0.0001, seed 42" in read(made.words)


def test_with_early_stopping_it_really_stops_and_shows_the_weights_it_keeps(trainings, few, short):
    made = put(RegularizationExplorer(few), "patience", PATIENCES.index(1))
    trainings.begin = lambda model, epoch: (
        model.set_weights([10 * w for w in model.get_weights()]) if epoch == 2 else None
    )
    kept = {}
    trainings.end = lambda model, epoch: kept.update({epoch: model.get_weights()})
    made.train.click()
    column = made.history.history["val_cross_entropy"]
    assert len(column) == 3 and np.argmin(column) == 1
    assert "stopped by a callback" in read(made.words)
    assert "early stopping, patience 1, seed 42. It keeps epoch 1: " in read(made.words)
    norms = np.sort(np.linalg.norm(kept[1][0], axis=0))[::-1]
    right = made.canvas.figure.axes[2]
    assert any(np.shape(y) == (100,) and np.allclose(y, norms, atol=1e-3) for y in drawn(right))


def test_ended_at_once_it_does_not_keep_the_best_epoch(trainings, few, short):
    made = put(RegularizationExplorer(few), "patience", PATIENCES.index(10))

    def end_at_once(model, epoch):
        if epoch == 3:
            raise KeyboardInterrupt

    trainings.begin = end_at_once
    made.train.click()
    assert made.history.epoch == [0, 1, 2]
    best = np.argmin(made.history.history["val_cross_entropy"])
    assert f"Its lowest is that of epoch {best}: " in read(made.words)
    assert "It keeps" not in read(made.words)


def test_the_stop_button_keeps_the_epochs_so_far(trainings, few, short):
    made = put(RegularizationExplorer(few), "dropout", 1)

    def stop(model, epoch):
        if epoch == 1:
            thread = threading.Thread(target=made.stop.click)
            thread.start()
            thread.join()

    trainings.begin = stop
    made.train.click()
    assert made.history.epoch == [0, 1]
    assert "Trained 2 of 5 epochs in " in read(made.words) and "stopped by hand" in read(made.words)


def test_other_data_are_told_when_trained(trainings):
    made = RegularizationExplorer("nonsense")
    made.train.click()
    assert "alert" in made.notice.value and "load_fashion_mnist" in read(made.notice)
    assert made.history is None and trainings.made == [] and not made.train.disabled


def test_closed_it_says_nothing_more():
    made = RegularizationExplorer()
    made.close()
    made.close()
    assert made.picture.value == b"" and made.canvas.figure is None
