"""The replay against real training, and against outcomes worked out by hand."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import load_recording, replay_early_stopping
from helpers.early_stopping import Replay, replay_every_patience, what_is_kept

NAN = math.nan
RUN = {"val_loss": [3, 2, 4]}
WHOLE_RUN = {
    "val_loss": [0.9, 0.7, 0.75, 0.8, 0.6, 0.65],
    "val_accuracy": [0.5, 0.6, 0.65, 0.6, 0.6, 0.7],
}


def replay(values, **arguments):
    return tuple(replay_early_stopping({"val_loss": values}, **arguments))


def every_patience(history, patience=0, **arguments):
    return replay_every_patience(history, patiences=[patience], **arguments)


@pytest.mark.parametrize(
    ("values", "arguments", "expected"),
    [
        # values, arguments, (stopped_epoch, best_epoch, best, epochs_run)
        ([3, 2, 1], {}, (0, 2, 1, 3)),
        ([3, 2, 4, 1], {"patience": 0}, (2, 1, 2, 3)),
        ([3, 2, 4, 1], {"patience": 1}, (2, 1, 2, 3)),
        ([3, 2, 4, 1], {"patience": 2}, (0, 3, 1, 4)),
        ([3, 2, 4, 5, 1], {"patience": 2}, (3, 1, 2, 4)),
        ([3, 3, 3, 3], {"patience": 2}, (2, 0, 3, 3)),
        ([1, 2], {"patience": 0}, (1, 0, 1, 2)),
        ([1], {"patience": 0}, (0, 0, 1, 1)),
        # an improvement of exactly min_delta is none
        ([3, 2, 1, 0], {"patience": 1, "min_delta": 1}, (1, 0, 3, 2)),
        ([3, 1.5, 0], {"patience": 1, "min_delta": 1}, (0, 2, 0, 3)),
        ([3, 1.5, 0], {"patience": 1, "min_delta": -1}, (0, 2, 0, 3)),
        # the first epochs are not looked at
        ([1, 5, 4, 6], {"patience": 1, "start_from_epoch": 1}, (3, 2, 4, 4)),
        # a baseline that is never beaten
        ([3, 2, 2.5], {"patience": 2}, (0, 1, 2, 3)),
        ([3, 2, 2.5], {"patience": 2, "baseline": 0.5}, (2, 1, 2, 3)),
        # more is better
        ([1, 2, 1, 3], {"patience": 1, "mode": "max"}, (2, 1, 2, 3)),
    ],
)
def test_outcomes_worked_out_by_hand(values, arguments, expected):
    assert replay(values, **arguments) == expected


def test_a_start_beyond_the_run_looks_at_nothing():
    assert replay([3, 2, 4], start_from_epoch=9) == (0, 0, None, 3)


def test_nan_is_no_improvement():
    assert replay([3, NAN, NAN, 1], patience=2)[:2] == (2, 0)


def test_auto_takes_accuracy_as_more_is_better():
    run = {"val_accuracy": [0.5, 0.6, 0.55, 0.7]}
    assert replay_early_stopping(run, monitor="val_accuracy", patience=1).best_epoch == 1


def test_the_epochs_of_a_continued_run_keep_their_numbers():
    class History:
        history = {"val_loss": [3, 2, 4]}
        epoch = [5, 6, 7]

    assert tuple(replay_early_stopping(History(), patience=1)) == (7, 6, 2, 3)


@pytest.mark.parametrize(
    ("history", "arguments", "words"),
    [
        ({"loss": [1]}, {}, "no 'val_loss'; it has 'loss'"),
        ({}, {}, "empty"),
        ({"loss": [1], "val_loss": []}, {}, "ragged"),
        ({"val_wobble": [1, 2]}, {"monitor": "val_wobble"}, "mode='max'"),
        (RUN, {"monitor": 3}, "monitor must be .* not 3. The patience must be named: patience=3"),
        (RUN, {"monitor": None}, "monitor must be the name of a value, .* not None$"),
        (RUN, {"patience": "three"}, "patience must be a whole number from 0, .* not 'three'"),
        (RUN, {"patience": -1}, "patience must be a whole number from 0, .* not -1"),
        (RUN, {"patience": 2.5}, "patience must be a whole number from 0, .* not 2.5"),
        (RUN, {"patience": True}, "patience must be a whole number from 0, .* not True"),
        (RUN, {"patience": None}, "patience must be a whole number from 0, .* not None"),
        (RUN, {"mode": "maximum"}, "mode must be 'auto', 'min' or 'max', not 'maximum'"),
        (RUN, {"min_delta": "0.1"}, "min_delta must be a number, .* not '0.1'"),
        (RUN, {"baseline": "0.1"}, "baseline must be a number or None, not '0.1'"),
        (RUN, {"start_from_epoch": 1.5}, "start_from_epoch must be a whole number .* not 1.5"),
        (RUN, {"start_from_epoch": -1}, "start_from_epoch must be a whole number .* not -1"),
    ],
)
@pytest.mark.parametrize("replay_it", [replay_early_stopping, every_patience])
def test_bad_input_is_named(history, arguments, words, replay_it):
    with pytest.raises(ValueError, match=words):
        replay_it(history, **arguments)


def test_numpys_numbers_are_taken():
    outcome = replay([3, 2, 4], patience=np.int64(1), min_delta=np.float32(0.1))
    assert outcome == (2, 1, 2, 3)


@pytest.mark.parametrize("key", ["val_mean_io_u", "val_auc_1"])
def test_a_metric_that_needs_arguments_or_has_a_number_can_be_watched(key):
    outcome = replay_early_stopping({key: [0.1, 0.3, 0.2]}, monitor=key, patience=1)
    assert tuple(outcome) == (2, 1, 0.3, 3)


def small(x, y, batch_size):
    """A few examples as `fit` takes them, without what speeds up many: five times as fast."""
    options = tf.data.Options()
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    dealt = tf.data.Dataset.from_tensor_slices((x, y)).batch(batch_size)
    return dealt.with_options(options)


class Training:
    """A training with a restless validation loss: little data, large steps. It can be repeated."""

    def __init__(self, seed, width, metrics=("accuracy",)):
        generator = np.random.default_rng(seed)
        self.seed = seed
        x = generator.normal(size=(60, 5)).astype("float32")
        y = (x[:, 0] + generator.normal(size=60) > 0).astype("float32")
        self.examples, self.validation = small(x[:36], y[:36], 5), small(x[36:], y[36:], 24)
        keras.utils.set_random_seed(seed)
        hidden = [keras.layers.Dense(width, activation="relu")] if width else []
        output = keras.layers.Dense(1, activation="sigmoid")
        self.model = keras.Sequential([keras.Input((5,)), *hidden, output])
        self.model.compile(keras.optimizers.SGD(1.0), "binary_crossentropy", metrics=list(metrics))
        self.start = self.model.get_weights()

    def run(self, callbacks=()):
        keras.utils.set_random_seed(self.seed)
        self.model.set_weights(self.start)
        return self.model.fit(
            self.examples,
            validation_data=self.validation,
            epochs=12,
            shuffle=False,
            verbose=0,
            callbacks=list(callbacks),
        )


@pytest.fixture(scope="module", params=[(1, 0), (2, 4), (3, 8)], ids=["linear", "small", "wide"])
def training(request):
    made = Training(*request.param)
    return made, made.run().history


@pytest.mark.parametrize("monitor", ["val_loss", "val_accuracy"])
@pytest.mark.parametrize("mode", ["auto", "min", "max"])
@pytest.mark.parametrize("min_delta", [0, 0.01])
@pytest.mark.parametrize("patience", [0, 1, 3, 30])
def test_the_replay_is_what_fit_does(training, patience, min_delta, mode, monitor):
    made, whole_run = training
    arguments = {"min_delta": min_delta, "patience": patience, "mode": mode}
    callback = keras.callbacks.EarlyStopping(monitor, **arguments)
    real = made.run([callback])
    outcome = replay_early_stopping(whole_run, monitor, **arguments)
    assert outcome.stopped_epoch == callback.stopped_epoch
    assert outcome.best_epoch == callback.best_epoch
    assert outcome.best == pytest.approx(callback.best, rel=1e-6)
    assert outcome.epochs_run == len(real.epoch)


def test_the_runs_compared_above_do_stop_at_different_epochs(training):
    _, whole_run = training
    stops = {replay_early_stopping(whole_run, patience=p).stopped_epoch for p in (1, 3, 30)}
    assert len(stops) >= 2


def test_a_history_that_knows_its_model_decides_auto_by_its_metrics():
    run = Training(1, 0, metrics=["acc"]).run()
    outcome = replay_early_stopping(run, monitor="val_acc", patience=30)
    assert outcome.best == max(run.history["val_acc"])


def test_a_recording_can_be_replayed():
    recording = load_recording("clothes_adam")
    outcome = replay_early_stopping(recording, patience=30)
    assert outcome.best_epoch == int(np.argmin(recording.history["val_loss"]))


# --- every patience at once, and what is kept


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
    kept = what_is_kept(WHOLE_RUN, replay_every_patience(WHOLE_RUN))
    assert kept.epoch.tolist() == [1, 1, 1, 4, 4, 4, 4]
    assert kept.value.tolist() == [0.7] * 3 + [0.6] * 4
    assert kept.given_away == pytest.approx([0.1] * 3 + [0] * 4)
    assert kept.epochs_saved.tolist() == [3, 3, 2, 0, 0, 0, 0]
    assert (kept.best_epoch, kept.best) == (4, 0.6)


def test_more_accuracy_is_more_kept():
    kept = what_is_kept(WHOLE_RUN, [Replay(3, 2, 0.65, 4)], "val_accuracy")
    assert kept.given_away == pytest.approx([0.05])
    assert kept.best_epoch == 5


def test_without_an_epoch_looked_at_the_last_weights_stay():
    kept = what_is_kept(WHOLE_RUN, replay_every_patience(WHOLE_RUN, start_from_epoch=9))
    assert set(kept.epoch.tolist()) == {5}


def test_nothing_but_nan_has_no_best():
    with pytest.raises(ValueError, match="'val_loss' has no finite value"):
        what_is_kept({"val_loss": [NAN, NAN]}, [])
