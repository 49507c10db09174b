from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.histories import is_run, read_history

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
def test_what_is_no_history_is_told_by_type(wrong):
    with pytest.raises(TypeError, match=type(wrong).__name__):
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
