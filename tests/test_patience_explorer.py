"""PatienceExplorer: every control moved as a learner moves it, and what can be read then."""

import html
import math
from types import SimpleNamespace

import matplotlib
import pytest
from looking import ODD_SETTINGS, has_a_white_edge, read, shown
from matplotlib import pyplot
from matplotlib.text import Text

from helpers import load_recording, plots, replay_early_stopping
from helpers.explorers.patience import MIN_DELTAS, PatienceExplorer

NAN = math.nan
RUN = {
    "loss": [1.0, 0.8, 0.6, 0.5, 0.4, 0.3],
    "val_loss": [0.9, 0.7, 0.75, 0.8, 0.6, 0.65],
    "val_accuracy": [0.5, 0.6, 0.65, 0.6, 0.6, 0.7],
}


def expected(explorer, run):
    return replay_early_stopping(
        run,
        monitor=explorer.monitor.value,
        min_delta=explorer.min_delta.value,
        patience=explorer.patience.value,
        start_from_epoch=explorer.start_from_epoch.value,
    )


def run_with(key):
    """A run with one key, less of which is better, as its model says."""
    metric = SimpleNamespace(name=key, _direction="down")
    return SimpleNamespace(history={key: [3.0, 2.0]}, model=SimpleNamespace(metrics=[metric]))


@pytest.mark.parametrize(
    ("control", "value"),
    [
        ("patience", 0),
        ("patience", 2),
        ("min_delta", 0.1),
        ("monitor", "val_accuracy"),
        ("monitor", "loss"),
        ("start_from_epoch", 5),
    ],
)
def test_each_control_moves_the_picture_and_the_replay(control, value):
    explorer = PatienceExplorer(RUN, patience=3)
    assert explorer.replay == expected(explorer, RUN)
    before = explorer.picture.value, explorer.words.value
    getattr(explorer, control).value = value
    assert explorer.replay == expected(explorer, RUN)
    assert explorer.picture.value != before[0]
    assert explorer.words.value != before[1]
    assert bytes(explorer.picture.value).startswith(b"\x89PNG")
    assert shown(explorer)


def test_a_move_sends_one_picture_and_then_the_words():
    explorer = PatienceExplorer(RUN, patience=3)
    sent = []
    for part in ("picture", "words", "notice"):
        getattr(explorer, part).observe(lambda change, part=part: sent.append(part), "value")
    explorer.patience.value = 1
    assert sent == ["picture", "words"]


def test_the_words_are_the_outcome():
    words = read(PatienceExplorer(RUN, patience=2).words)
    assert words == (
        "stops after epoch 3, 4 of 6 trained restores epoch 1, val_loss 0.7000 epochs saved 2 "
        "val_loss kept 0.7000 (epoch 1) best of the whole run 0.6000 (epoch 4) "
        "given away 0.1000 val_loss"
    )


def test_the_goal_is_reached_at_one_patience_and_nowhere_else():
    explorer = PatienceExplorer(RUN)
    assert read(explorer.goal).startswith("Goal: find the smallest patience that keeps")
    reached = []
    for patience in range(7):
        explorer.patience.value = patience
        if read(explorer.goal).startswith("Goal reached: with patience "):
            reached.append(patience)
    assert reached == [3]
    explorer.patience.value = 3
    explorer.min_delta.value = 0.1
    assert read(explorer.goal).startswith("Goal: find")
    explorer.min_delta.value = 0
    assert read(explorer.goal).startswith("Goal reached: ")
    explorer.monitor.value = "loss"
    assert read(explorer.goal).startswith("Goal: find")


def test_it_does_not_begin_at_the_goal_unless_told_to():
    run = {"val_loss": [9.0, 2.0, 3.0, 3.0, 3.0, 3.0, 1.0, 2.0]}
    assert PatienceExplorer(RUN).patience.value == 5
    explorer = PatienceExplorer(run)
    assert explorer.patience.value == 0 and read(explorer.goal).startswith("Goal: find")
    assert explorer.picture.value == PatienceExplorer(run, patience=0).picture.value
    assert read(PatienceExplorer(run, patience=5).goal).startswith("Goal reached: ")


def test_bad_input_has_no_goal():
    assert read(PatienceExplorer({}).goal) == ""
    explorer = PatienceExplorer({"loss": [1.0, 0.5, 0.7], "wobble": [1.0, 2.0, 3.0]}, "loss")
    assert read(explorer.goal)
    explorer.monitor.value = "wobble"
    assert read(explorer.goal) == ""


def test_a_monitor_that_does_not_judge_is_remarked_on_as_long_as_it_is_chosen():
    run = {"loss": [3.0, 2.0, 1.0], "val_loss": [1.0, 2.0, 3.0], "val_mae": [3.0, 2.0, 4.0]}
    explorer = PatienceExplorer(run, patience=1)
    assert read(explorer.notice) == ""
    explorer.monitor.value = "val_mae"
    assert "watches val_mae" in read(explorer.notice)
    assert "judged by val_loss" in read(explorer.notice)
    explorer.monitor.value = "loss"
    explorer.patience.value = 0
    assert "learns from" in read(explorer.notice)
    explorer.monitor.value = "val_loss"
    assert read(explorer.notice) == ""


def test_it_says_when_no_epoch_was_looked_at():
    explorer = PatienceExplorer(RUN)
    explorer.start_from_epoch.value = 6
    assert explorer.replay.best is None
    assert "no epoch was looked at" in read(explorer.words)


def test_the_controls_have_their_limits_and_val_loss_comes_first():
    explorer = PatienceExplorer(RUN, "loss", 1)
    explorer.patience.value = 99
    assert explorer.patience.value == explorer.patience.max == 6
    explorer.patience.value = -1
    assert explorer.patience.value == 0
    assert explorer.start_from_epoch.max == 6
    assert explorer.monitor.options == ("val_loss", "val_accuracy", "loss")
    assert explorer.monitor.value == "loss"
    assert explorer.min_delta.value == 0 == MIN_DELTAS[0]
    assert [text for text, _ in explorer.min_delta.options][-1] == "0.1"


def test_every_control_has_a_label_and_a_tooltip():
    explorer = PatienceExplorer(RUN)
    others = (explorer.min_delta, explorer.monitor, explorer.start_from_epoch)
    for control in (explorer.patience.field, *others):
        name = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
        assert control.description and getattr(control, name)


def test_a_drag_ends_at_its_last_value():
    run = load_recording("clothes_adam")
    explorer = PatienceExplorer(run)
    for patience in [*range(20), 3]:
        explorer.patience.value = patience
    alone = PatienceExplorer(run, patience=3)
    assert explorer.replay == expected(alone, run)
    assert explorer.picture.value == alone.picture.value
    assert explorer.words.value == alone.words.value


def test_what_is_marked_is_neither_trainings_blue_nor_validations_orange():
    ax, *every = PatienceExplorer(RUN, patience=2).canvas.figure.axes
    curves = {line.get_label(): line.get_color() for line in ax.get_lines()}
    assert curves.pop("loss") == plots.TRAINING
    assert curves.pop("validation loss") == plots.VALIDATION
    assert set(curves) == {"best of the whole run", "stop", "epoch you keep"}
    marks = [*curves.values(), *(line.get_color() for other in every for line in other.get_lines())]
    assert not {plots.TRAINING, plots.VALIDATION} & set(marks)
    assert len(set(curves.values())) == 3


@pytest.mark.parametrize("key", ["$", "$lr$", "_hidden", "a < b"])
def test_a_key_is_shown_as_it_stands(key):
    explorer = PatienceExplorer(run_with(key), key)
    assert explorer.replay.best_epoch == 1
    assert f"{key} kept" in read(explorer.words)
    assert f"epoch 1, {key} 2.0000" in read(explorer.words)


def test_a_key_is_never_taken_for_html():
    key = "<img src=x onerror=alert(1)>"
    explorer = PatienceExplorer(run_with(key), key)
    assert html.escape(key) in explorer.words.value and "<img" not in explorer.words.value
    assert any(key in text.get_text() for text in explorer.canvas.figure.findobj(Text))
    unknown = PatienceExplorer({key: [1.0, 2.0]}, key)  # Keras doesn't know if more is better
    missing = PatienceExplorer({key: [1.0, 2.0]})
    watched = PatienceExplorer({"val_loss": [1.0, 2.0], **run_with(key).history, "loss": [2, 1]})
    watched.monitor.value = key
    for explorer in (unknown, missing, watched):
        assert html.escape(key) in explorer.notice.value and "<img" not in explorer.notice.value


@pytest.mark.parametrize(
    ("control", "value"),
    [("patience", 2), ("patience", 6), ("monitor", "loss"), ("monitor", "val_accuracy")],
)
def test_a_move_is_what_a_full_redraw_would_be(control, value):
    explorer = PatienceExplorer(RUN, patience=0)
    getattr(explorer, control).value = value
    drawn = PatienceExplorer(RUN, **{"patience": 0, control: value})
    assert explorer.picture.value == drawn.picture.value


@pytest.mark.parametrize(("control", "value"), [("patience", 2), ("monitor", "loss")])
def test_a_learners_settings_of_matplotlib_change_no_move(control, value):
    plain, odd = PatienceExplorer(RUN, patience=0), PatienceExplorer(RUN, patience=0)
    getattr(plain, control).value = value
    with matplotlib.rc_context(ODD_SETTINGS):
        getattr(odd, control).value = value
    assert odd.picture.value == plain.picture.value


@pytest.mark.parametrize("name", ["clothes_adam", "digits_3000", "wine"])
@pytest.mark.parametrize("key", ["loss", "sparse_categorical_accuracy"])
def test_nothing_is_cut(name, key):
    run = load_recording(name).history
    explorer = PatienceExplorer({key: run["loss"], f"val_{key}": run["val_loss"]}, f"val_{key}")
    for patience in (0, 10, explorer.patience.max):
        explorer.patience.value = patience
        assert has_a_white_edge(explorer.picture)


def test_many_moves_leave_nothing_behind():
    explorer = PatienceExplorer(RUN)
    figure = explorer.canvas.figure
    before = len(figure.findobj())
    for move in range(200):
        explorer.patience.value = move % 7
    assert len(figure.findobj()) == before
    for move in range(10):
        explorer.min_delta.value = MIN_DELTAS[move % 2]
    assert len(figure.axes) == 3
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ({"loss": [1.0, 0.5]}, "no 'val_loss'; it has 'loss'"),
        ({}, "the history is empty"),
        ({"val_loss": []}, "no epoch under"),
        ({"loss": [1.0], "val_loss": [1.0, 2.0]}, "ragged"),
        (3, "not 3"),
        (None, "not None"),
        ({"val_loss": [NAN, NAN]}, "no finite value"),
        ({"val_loss": ["a", "b"]}, "must be a list of numbers"),
        ({"val_loss": [1.0, 0.5], "loss": [NAN, NAN]}, "'loss' has no finite value"),
    ],
)
def test_bad_input_is_told_in_the_widget_whatever_is_moved(history, words):
    explorer = PatienceExplorer(history)
    for control, value in (
        (explorer.patience, 0),
        (explorer.patience, 1),
        (explorer.min_delta, 0.1),
        (explorer.start_from_epoch, 1),
    ):
        assert words in read(explorer.notice) and "alert" in explorer.notice.value
        assert read(explorer.words) == ""
        assert explorer.replay is None
        assert explorer.picture.layout.display == "none"
        control.value = value


@pytest.mark.parametrize("patience", [-1, 2.5, "five", [5]])
def test_a_wrong_patience_is_told_and_can_be_put_right_in_the_widget(patience):
    explorer = PatienceExplorer(RUN, patience=patience)
    assert "patience must be a whole number from 0" in read(explorer.notice)
    assert explorer.replay is None
    assert explorer.picture.layout.display == "none"
    explorer.patience.value = 2
    assert read(explorer.notice) == "" and shown(explorer)
    assert explorer.picture.value == PatienceExplorer(RUN, patience=2).picture.value


@pytest.mark.parametrize("monitor", ["los", 3, None])
def test_a_wrong_monitor_is_told_and_can_be_put_right_in_the_widget(monitor):
    explorer = PatienceExplorer(RUN, monitor)
    assert repr(monitor) in read(explorer.notice) and "alert" in explorer.notice.value
    assert explorer.monitor.value is None and explorer.replay is None
    explorer.monitor.value = "val_loss"
    assert explorer.picture.value == PatienceExplorer(RUN).picture.value


def test_a_monitor_that_keras_does_not_know_hides_the_picture_until_another_is_chosen():
    run = {"loss": [1.0, 0.5, 0.7], "wobble": [1.0, 2.0, 3.0]}
    explorer = PatienceExplorer(run, "loss", 1)
    before = explorer.picture.value
    assert shown(explorer)
    explorer.monitor.value = "wobble"
    for patience in (1, 2):
        explorer.patience.value = patience
        assert "'wobble'" in read(explorer.notice) and "mode=" in read(explorer.notice)
        assert explorer.replay is None
        assert explorer.picture.layout.visibility == "hidden"
    explorer.patience.value = 1
    explorer.monitor.value = "loss"
    assert read(explorer.notice) == "" and shown(explorer)
    assert explorer.replay.best_epoch == 1
    assert explorer.picture.value == before


def test_a_patience_longer_than_the_run_is_told():
    explorer = PatienceExplorer(RUN, patience=50)
    assert "50 never stops a run of 6 epochs" in read(explorer.notice)
    assert explorer.patience.value == 6
    assert explorer.replay.epochs_run == 6
    assert shown(explorer)


def test_a_kept_value_that_is_cut_off_is_marked_at_the_edge():
    explorer = PatienceExplorer({"val_loss": [50.0, 60.0, *[1.0, 0.9] * 100]}, patience=1)
    assert explorer.replay.best == 50
    ax = explorer.canvas.figure.axes[0]
    (star,) = (line for line in ax.get_lines() if line.get_label() == "epoch you keep")
    assert list(star.get_ydata()) == [ax.get_ylim()[1]] and ax.get_ylim()[1] < 50
