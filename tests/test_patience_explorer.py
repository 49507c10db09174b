import html
import io
import math
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from helpers import load_recording, plots, replay_early_stopping
from helpers.early_stopping import Replay, replay_every_patience, what_is_kept
from helpers.explorers.patience import MIN_DELTAS, PatienceExplorer, limits_without_peaks

NAN = math.nan
RUN = {
    "loss": [1.0, 0.8, 0.6, 0.5, 0.4, 0.3],
    "val_loss": [0.9, 0.7, 0.75, 0.8, 0.6, 0.65],
    "val_accuracy": [0.5, 0.6, 0.65, 0.6, 0.6, 0.7],
}


def random_run(seed):
    generator = np.random.default_rng(seed)
    values = np.cumsum(generator.normal(-0.02, 0.1, size=40)).round(2) + 2
    if seed % 2:
        values[generator.integers(40, size=6)] = NAN
    return {"val_loss": values.tolist(), "val_accuracy": (1 / (1 + np.exp(values))).tolist()}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"min_delta": 0.05},
        {"min_delta": -0.05},
        {"start_from_epoch": 7},
        {"start_from_epoch": 99},
        {"baseline": 1.7},
        {"monitor": "val_accuracy", "min_delta": 0.01},
        {"mode": "max"},
    ],
)
def test_one_pass_is_what_a_replay_for_each_patience_is(seed, arguments):
    run = random_run(seed)
    replays = replay_every_patience(run, **arguments)
    one_by_one = [replay_early_stopping(run, patience=p, **arguments) for p in range(41)]
    assert repr(replays) == repr(one_by_one)  # in words, since nan is not equal to nan


@pytest.mark.parametrize("name", ["clothes_adam", "clothes_dropout_0.3"])
def test_one_pass_over_recorded_runs(name):
    run = load_recording(name)
    patiences = [0, 1, 2, 5, 19, 20]
    assert replay_every_patience(run, patiences=patiences, min_delta=0.001) == [
        replay_early_stopping(run, patience=p, min_delta=0.001) for p in patiences
    ]


def test_one_pass_over_a_long_run():
    run = load_recording("digits_3000")
    for patience in (3, 100, 2900):
        (replay,) = replay_every_patience(run, patiences=[patience])
        assert replay == replay_early_stopping(run, patience=patience)


def test_the_first_value_may_be_no_number():
    run = {"val_loss": [NAN, 1.0, 0.5, 0.7]}
    for patience, replay in enumerate(replay_every_patience(run)):
        assert repr(replay) == repr(replay_early_stopping(run, patience=patience))


def test_a_continued_run_keeps_its_epochs_numbers():
    class History:
        history = {"val_loss": [3, 2, 4]}
        epoch = [5, 6, 7]

    replays = replay_every_patience(History())
    assert replays == [replay_early_stopping(History(), patience=p) for p in range(4)]
    kept = what_is_kept(History(), replays)
    assert kept.epoch.tolist() == [6] * 4
    assert kept.best_epoch == 6


def test_what_is_kept():
    kept = what_is_kept(RUN, replay_every_patience(RUN))
    assert kept.epoch.tolist() == [1, 1, 1, 4, 4, 4, 4]
    assert kept.value.tolist() == [0.7] * 3 + [0.6] * 4
    assert kept.given_away == pytest.approx([0.1] * 3 + [0] * 4)
    assert kept.epochs_saved.tolist() == [3, 3, 2, 0, 0, 0, 0]
    assert (kept.best_epoch, kept.best) == (4, 0.6)


def test_more_accuracy_is_more_kept():
    kept = what_is_kept(RUN, [Replay(3, 2, 0.65, 4)], "val_accuracy")
    assert kept.given_away == pytest.approx([0.05])
    assert kept.best_epoch == 5


def test_without_an_epoch_looked_at_the_last_weights_stay():
    kept = what_is_kept(RUN, replay_every_patience(RUN, start_from_epoch=9))
    assert set(kept.epoch.tolist()) == {5}


def test_nothing_but_nan_has_no_best():
    with pytest.raises(ValueError, match="'val_loss' has no finite value"):
        what_is_kept({"val_loss": [NAN, NAN]}, [])


def test_a_few_high_values_do_not_flatten_the_rest():
    quiet = np.linspace(1, 2, 200)
    bottom, top = limits_without_peaks([quiet, np.array([50.0, NAN])])
    assert bottom < 1 and 2 < top < 3
    assert limits_without_peaks([quiet]) is None
    assert limits_without_peaks([np.ones(5)]) is None


def expected(explorer, run):
    return replay_early_stopping(
        run,
        monitor=explorer.monitor.value,
        min_delta=explorer.min_delta.value,
        patience=explorer.patience.value,
        start_from_epoch=explorer.start_from_epoch.value,
    )


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


def test_the_words():
    words = PatienceExplorer(RUN, patience=2).words.value
    for phrase in (
        "after epoch 3, 4 of 6 trained",
        "epoch 1, val_loss 0.7000",
        "<b>epochs saved</b> 2<",
        "0.6000 (epoch 4)",
        "0.1000 val_loss",
    ):
        assert phrase in words
    words = PatienceExplorer(RUN, patience=4).words.value
    assert "never, 6 of 6 trained" in words and "nothing" in words
    assert "<b>epochs saved</b> 0<" in words


def test_a_monitor_that_does_not_judge_is_remarked_on():
    run = {"loss": [3.0, 2.0, 1.0], "val_loss": [1.0, 2.0, 3.0], "val_mae": [3.0, 2.0, 4.0]}
    explorer = PatienceExplorer(run, patience=1)
    assert explorer.notice.value == ""
    explorer.monitor.value = "val_mae"
    assert "watches val_mae" in explorer.notice.value and "judged by val_loss" in (
        explorer.notice.value
    )
    explorer.monitor.value = "loss"
    assert "learns from" in explorer.notice.value
    explorer.monitor.value = "val_loss"
    assert explorer.notice.value == ""


def test_it_says_when_no_epoch_was_looked_at():
    explorer = PatienceExplorer(RUN)
    explorer.start_from_epoch.value = 6
    assert explorer.replay.best is None
    assert "no epoch was looked at" in explorer.words.value


def test_the_controls_have_their_limits_and_val_loss_comes_first():
    explorer = PatienceExplorer(RUN, "loss", 1)
    assert (explorer.patience.min, explorer.patience.max) == (0, 6)
    assert explorer.monitor.options == ("val_loss", "val_accuracy", "loss")
    assert explorer.min_delta.value == 0 == MIN_DELTAS[0]
    for control in (
        explorer.patience,
        explorer.min_delta,
        explorer.monitor,
        explorer.start_from_epoch,
    ):
        assert control.description


def test_a_drag_ends_at_its_last_value():
    run = load_recording("clothes_adam")
    explorer = PatienceExplorer(run)
    for patience in [*range(20), 3]:
        explorer.patience.value = patience
    alone = PatienceExplorer(run, patience=3)
    assert explorer.replay == expected(alone, run)
    assert explorer.picture.value == alone.picture.value


def test_what_is_marked_is_neither_trainings_blue_nor_validations_orange():
    ax, *every = PatienceExplorer(RUN, patience=2)._canvas.figure.axes
    curves = {line.get_label(): line.get_color() for line in ax.get_lines()}
    assert curves.pop("loss") == plots.TRAINING
    assert curves.pop("validation loss") == plots.VALIDATION
    assert set(curves) == {"best of the whole run", "stop", "epoch you keep"}
    marks = [*curves.values(), *(line.get_color() for other in every for line in other.get_lines())]
    assert not {plots.TRAINING, plots.VALIDATION} & set(marks)
    assert len(set(curves.values())) == 3


@pytest.mark.parametrize("key", ["$", "$lr$", "_hidden", "a < b"])
def test_a_key_is_shown_as_it_stands(key):
    metric = SimpleNamespace(name=key, _direction="down")
    run = SimpleNamespace(history={key: [3.0, 2.0]}, model=SimpleNamespace(metrics=[metric]))
    explorer = PatienceExplorer(run, key)
    assert explorer.replay.best_epoch == 1
    assert f"{html.escape(key)} kept" in explorer.words.value
    assert f"epoch 1, {html.escape(key)} 2.0000" in explorer.words.value


def test_a_move_is_what_a_full_redraw_would_be():
    explorer = PatienceExplorer(RUN, patience=0)
    explorer.patience.value = 2
    moved = np.asarray(Image.open(io.BytesIO(explorer.picture.value)))
    explorer._canvas.freeze()
    assert (np.asarray(explorer._canvas.figure.canvas.buffer_rgba())[..., :3] == moved).all()


def test_a_thousand_moves_leave_nothing_behind():
    from matplotlib import pyplot

    explorer = PatienceExplorer(RUN)
    figure = explorer._canvas.figure
    before = len(figure.findobj())
    for move in range(1000):
        explorer.patience.value = move % 7
    assert len(figure.findobj()) == before
    for move in range(10):
        explorer.min_delta.value = MIN_DELTAS[move % 2]
    assert len(figure.axes) == 3
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("history", "arguments", "words"),
    [
        ({"loss": [1.0, 0.5]}, {}, "no 'val_loss'; it has 'loss'"),
        ({}, {}, "the history is empty"),
        ({"val_loss": []}, {}, "no epoch under"),
        ({"loss": [1.0], "val_loss": [1.0, 2.0]}, {}, "ragged"),
        (3, {}, "not int"),
        (None, {}, "not NoneType"),
        ({"val_loss": [NAN, NAN]}, {}, "no finite value"),
        ({"val_loss": ["a", "b"]}, {}, "must be a list of numbers"),
        (RUN, {"patience": -1}, "patience must be a whole number from 0"),
        (RUN, {"patience": 2.5}, "patience must be a whole number from 0"),
    ],
)
def test_bad_input_is_told_in_the_widget(history, arguments, words):
    explorer = PatienceExplorer(history, **arguments)
    assert words in explorer.notice.value
    assert explorer.replay is None
    assert explorer.picture.layout.display == "none"
    explorer.patience.value = 1
    explorer.min_delta.value = 0.1
    explorer.start_from_epoch.value = 1


def test_a_missing_key_can_be_put_right_in_the_widget():
    explorer = PatienceExplorer({"loss": [1.0, 0.5, 0.7], "wobble": [1.0, 2.0, 3.0]})
    explorer.monitor.value = "wobble"
    assert "wobble" in explorer.notice.value and "mode=" in explorer.notice.value
    assert explorer.replay is None
    explorer.monitor.value = "loss"
    assert explorer.notice.value == ""
    assert explorer.replay.best_epoch == 1
    assert explorer.picture.layout.display is None


def test_a_patience_longer_than_the_run_is_told():
    explorer = PatienceExplorer(RUN, patience=50)
    assert "50 never stops a run of 6 epochs" in explorer.notice.value
    assert explorer.patience.value == 6
    assert explorer.replay.epochs_run == 6
