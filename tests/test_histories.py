import inspect
import re
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

from helpers import histories, join_histories, plot_history, replay_early_stopping
from helpers.histories import better_direction, is_run, read_history

LOSSES = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.5, 2.5, 2.0]}


@pytest.mark.parametrize(
    "history",
    [
        LOSSES,
        pd.DataFrame(LOSSES),
        SimpleNamespace(history=LOSSES, epoch=[0, 1, 2]),
        SimpleNamespace(history=LOSSES),
    ],
    ids=["dict", "DataFrame", "History", "History without epochs"],
)
def test_each_shape_gives_the_same_columns(history):
    columns = read_history(history)
    assert columns.epochs.tolist() == [0, 1, 2]
    assert {key: values.tolist() for key, values in columns.values.items()} == LOSSES
    assert columns["loss"].dtype == np.float64


def test_the_epochs_of_a_continued_run_are_kept():
    history = SimpleNamespace(history=LOSSES, epoch=[5, 6, 7])
    assert read_history(history).epochs.tolist() == [5, 6, 7]
    assert read_history(pd.DataFrame(LOSSES, index=[5, 6, 7])).epochs.tolist() == [5, 6, 7]


@pytest.mark.parametrize(
    ("history", "words"),
    [
        ({}, "empty"),
        ({"loss": []}, "no epoch under 'loss'"),
        ({"loss": [1, 2], "val_loss": [1]}, "ragged.*'loss': 2, 'val_loss': 1"),
    ],
)
def test_what_cannot_be_read_is_named(history, words):
    with pytest.raises(ValueError, match=words):
        read_history(history)


@pytest.mark.parametrize(
    "history",
    [
        {"accuracy": [0.5], "f1": ["a"]},
        {"accuracy": [0.5], "f1": 3.0},
        {"accuracy": [0.5, 0.6], "f1": [[0.1, 0.2], [0.3, 0.4]]},
        pd.DataFrame({"accuracy": [0.5], "f1": ["a"]}),
    ],
)
def test_a_key_without_numbers_is_named_when_it_is_asked_for(history):
    columns = read_history(history)
    assert columns["accuracy"][0] == 0.5
    with pytest.raises(ValueError, match="'f1' in the history must be.*those that are: 'accuracy'"):
        columns["f1"]


@pytest.mark.parametrize("wrong", [None, 3, [1, 2, 3], "loss"])
def test_what_is_no_history_is_told_as_it_was_given(wrong):
    with pytest.raises(TypeError, match=re.escape(f"DataFrame, not {wrong!r}")):
        read_history(wrong)


def test_a_missing_key_is_told_with_those_there_are():
    with pytest.raises(ValueError, match="no 'accuracy'; it has 'loss', 'val_loss'"):
        read_history(LOSSES)["accuracy"]


def test_one_run_is_told_from_runs_by_name():
    assert is_run(LOSSES)
    assert is_run(pd.DataFrame(LOSSES))
    assert is_run(SimpleNamespace(history=LOSSES))
    assert not is_run({"adam": LOSSES})
    assert not is_run({"adam": pd.DataFrame(LOSSES), "sgd": SimpleNamespace(history=LOSSES)})


# --- the epochs' numbers ------------------------------------------------------------------------

FRAME = pd.DataFrame(LOSSES)


@pytest.mark.parametrize(
    ("history", "numbers"),
    [
        (pd.concat([FRAME, FRAME]), "epoch 2 is followed by epoch 0"),
        (FRAME.sort_values("loss"), "epoch 2 is followed by epoch 1"),
        (pd.DataFrame(LOSSES, index=[4, 5, 5]), "epoch 5 is followed by epoch 5"),
        (SimpleNamespace(history=LOSSES, epoch=[7, 8, 3]), "epoch 8 is followed by epoch 3"),
    ],
    ids=["two runs", "sorted", "twice the same", "History"],
)
@pytest.mark.parametrize("reader", [read_history, replay_early_stopping, plot_history])
def test_epochs_that_do_not_increase_are_refused(history, numbers, reader):
    with pytest.raises(ValueError, match=f"{numbers}.*join_histories.*sort_index"):
        reader(history)


# --- two runs joined ----------------------------------------------------------------------------

FIRST = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.5, 2.5, 2.0]}
SECOND = {"val_loss": [1.8, 1.9], "loss": [0.5, 0.4]}
JOINED = {"loss": [3.0, 2.0, 1.0, 0.5, 0.4], "val_loss": [3.5, 2.5, 2.0, 1.8, 1.9]}


@pytest.mark.parametrize(
    "second",
    [
        SECOND,
        pd.DataFrame(SECOND),
        pd.DataFrame(SECOND, index=[3, 4]),
        SimpleNamespace(history=SECOND, epoch=[0, 1]),
        SimpleNamespace(history=SECOND, epoch=[3, 4]),
    ],
    ids=["dict", "DataFrame", "DataFrame goes on", "History", "History with initial_epoch"],
)
def test_joined_runs_are_one_run(second):
    joined = join_histories(FIRST, second)
    columns = read_history(joined)
    assert columns.epochs.tolist() == [0, 1, 2, 3, 4]
    assert {key: values.tolist() for key, values in columns.values.items()} == JOINED
    assert joined.index.name == "epoch"
    assert tuple(replay_early_stopping(joined, patience=1)) == (4, 3, 1.8, 5)


def test_three_runs_can_be_joined_and_a_gap_stays():
    last = SimpleNamespace(history=SECOND, epoch=[9, 10])
    assert join_histories(FIRST, SECOND, last).index.tolist() == [0, 1, 2, 3, 4, 9, 10]
    nested = join_histories(join_histories(FIRST, SECOND), SECOND)
    assert nested.index.tolist() == list(range(7))


def test_the_file_of_a_csv_logger_tells_its_epochs(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss\n4,0.5\n5,0.25\n")
    columns = read_history(pd.read_csv(path))
    assert columns.epochs.tolist() == [4, 5]
    assert set(columns.values) == {"loss"}
    joined = join_histories(pd.read_csv(path), {"loss": [0.125]})
    assert joined.index.tolist() == [4, 5, 6] and list(joined.columns) == ["loss"]


def test_what_fit_returns_is_joined():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((8, 1), "float32")
    runs = [
        model.fit(x, x, epochs=2, verbose=0),
        model.fit(x, x, epochs=4, initial_epoch=2, verbose=0),
        model.fit(x, x, epochs=2, verbose=0),
    ]
    joined = join_histories(*runs)
    assert joined.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert joined["loss"].tolist() == sum((run.history["loss"] for run in runs), [])


@pytest.mark.parametrize(
    ("runs", "error", "words"),
    [
        ((), ValueError, "two runs or more.*it got 0"),
        ((FIRST,), ValueError, "two runs or more.*it got 1"),
        (([FIRST, SECOND],), ValueError, "it got 1"),
        (
            (FIRST, {"loss": [1.0]}),
            ValueError,
            "run 1 has 'loss', 'val_loss', and run 2 has 'loss'.*without 'val_loss'",
        ),
        ((FIRST, FIRST), ValueError, "the same run twice"),
        ((FIRST, None), TypeError, "run 2 of 2: .*not None"),
        ((FIRST, {}), ValueError, "run 2 of 2: .*empty"),
        (({"adam": FRAME}, FIRST), ValueError, "run 1 of 2 has no key with numbers"),
        (
            (FIRST, SimpleNamespace(history=SECOND, epoch=[2, 3])),
            ValueError,
            "overlap: run 1 ends with epoch 2, and run 2 begins with epoch 2.*initial_epoch=3",
        ),
        ((SimpleNamespace(history=SECOND, epoch=[3, 4]), FIRST), ValueError, "oldest run first"),
    ],
)
def test_what_cannot_be_joined_is_told(runs, error, words):
    with pytest.raises(error, match=words):
        join_histories(*runs)


# --- which direction is better ------------------------------------------------------------------

METRICS = {
    name: value
    for name, value in vars(keras.metrics).items()
    if inspect.isclass(value) and name not in ("Metric", "MeanMetricWrapper")
}
ARGUMENTS = {
    "IoU": {"num_classes": 3, "target_class_ids": [1]},
    "OneHotIoU": {"num_classes": 3, "target_class_ids": [1]},
    "MeanIoU": {"num_classes": 3},
    "OneHotMeanIoU": {"num_classes": 3},
    "PrecisionAtRecall": {"recall": 0.7},
    "RecallAtPrecision": {"precision": 0.7},
    "SensitivityAtSpecificity": {"specificity": 0.7},
    "SpecificityAtSensitivity": {"sensitivity": 0.7},
}


def as_keras_decides(monitor, metric):
    """The direction in which the installed EarlyStopping finds an improvement; None if it won't."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    model.compile("sgd", "mse", metrics=[metric])
    model.train_on_batch(np.ones((4, 2), "float32"), np.ones((4, 2), "float32"))
    callback = keras.callbacks.EarlyStopping(monitor)
    callback.set_model(model)
    callback.on_train_begin()
    try:
        callback.on_epoch_end(0, {monitor: 0.0})
    except ValueError:
        return None, model
    callback.on_epoch_end(1, {monitor: 1.0})
    return ("min", "max")[callback.best_epoch], model


@pytest.mark.parametrize("name", sorted(METRICS))
def test_each_metric_of_keras_has_the_direction_that_keras_gives_it(name):
    metric = METRICS[name](**ARGUMENTS.get(name, {}))
    direction = {"up": "max", "down": "min"}.get(getattr(metric, "_direction", None))
    keras.utils.clear_session()
    key = METRICS[name](**ARGUMENTS.get(name, {})).name
    for monitor in (key, f"val_{key}", f"{key}_1"):
        if direction is None:
            with pytest.raises(ValueError, match=f"{monitor}.*mode='min'.*mode='max'"):
                better_direction(monitor)
        else:
            assert better_direction(monitor) == direction


@pytest.mark.parametrize("name", ["MeanIoU", "AUC", "CategoricalCrossentropy", "FalsePositives"])
def test_a_models_own_metric_decides_as_in_early_stopping(name):
    metric = METRICS[name](**ARGUMENTS.get(name, {}), name="accuracy")
    expected, model = as_keras_decides("val_accuracy", metric)
    if expected is None:
        with pytest.raises(ValueError, match="val_accuracy.*mode='min'"):
            better_direction("val_accuracy", metrics=model.metrics)
    else:
        assert better_direction("val_accuracy", metrics=model.metrics) == expected
    assert better_direction("val_loss", metrics=model.metrics) == "min"


@pytest.mark.parametrize(
    ("monitor", "direction"),
    [
        ("loss", "min"),
        ("val_loss", "min"),
        ("accuracy", "max"),
        ("val_acc", "max"),
        ("mae", "min"),
        ("MSE", "min"),
        ("val_mean_io_u", "max"),
        ("huber", "min"),
    ],
)
def test_a_key_has_its_direction_and_mode_overrules_it(monitor, direction):
    assert better_direction(monitor) == direction
    assert better_direction(monitor, "min") == "min"
    assert better_direction(monitor, "max") == "max"


@pytest.mark.parametrize("monitor", ["wobble", "inaccuracy", "digit_loss", "learning_rate", "get"])
def test_what_keras_does_not_tell_is_not_guessed(monitor):
    with pytest.raises(ValueError, match=f"'{monitor}' is better: say mode='min'.*mode='max'"):
        better_direction(monitor)


@pytest.mark.parametrize("mode", ["maximum", "MIN", None, ["max"]])
def test_a_wrong_mode_is_told_with_the_right_ones(mode):
    with pytest.raises(ValueError, match="mode must be 'auto', 'min' or 'max', not"):
        better_direction("val_loss", mode)


def test_asking_leaves_the_names_of_the_learners_metrics_alone():
    keras.utils.clear_session()
    histories._ask_keras.cache_clear()
    assert better_direction("val_auc") == "max"
    assert keras.metrics.AUC().name == "auc"
