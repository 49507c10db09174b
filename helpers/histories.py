"""Read what `fit` left behind, whatever shape it comes in, into columns of equal length.

Also what follows from that: two runs joined into one, and which direction of a metric is better.
"""

import functools
import inspect
import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from . import tensorflow_quietly
from .wording import shown

MODES = ("auto", "min", "max")

# The keys of every lesson, so that drawing them needs no TensorFlow; and the short names that
# `compile` takes and that are no class in keras.metrics.
_DIRECTION = {
    "loss": "min",
    "accuracy": "max",
    "acc": "max",
    "bce": "min",
    "cross_entropy": "min",
    "crossentropy": "min",
    "ce": "min",
    "mse": "min",
    "mae": "min",
    "mape": "min",
    "msle": "min",
}

# What Keras' metrics can't be made without. No value of these changes a metric's direction.
_ARGUMENTS = {
    "num_classes": 2,
    "target_class_ids": (0,),
    "precision": 0.5,
    "recall": 0.5,
    "sensitivity": 0.5,
    "specificity": 0.5,
}


class Columns(NamedTuple):
    """One run of n epochs: `epochs` is int64 of shape (n,), each column float64 of shape (n,)."""

    epochs: np.ndarray
    """Strictly increasing."""
    values: dict[str, np.ndarray]
    unreadable: dict[str, object]
    """What is not one number an epoch, such as a metric for each class."""
    metrics: list
    """The Keras metrics of the model that was trained; empty if they are not known."""

    def __getitem__(self, key):
        if key in self.unreadable:
            raise ValueError(
                f"{key!r} in the history must be a list of numbers, one an epoch, not "
                f"{shown(self.unreadable[key])}; those that are: {_listing(self.values)}"
            )
        if key not in self.values:
            raise ValueError(f"the history has no {shown(key)}; it has {_listing(self.values)}")
        return self.values[key]


def read_history(history) -> Columns:
    """Read one run.

    Args:
        history: a `keras.callbacks.History` (or anything with such a `.history`), a dict of lists,
            or a DataFrame with a column a key and a row an epoch. A DataFrame tells its epochs'
            numbers by a column "epoch", as CSVLogger writes it, or else by its index.

    Raises:
        TypeError: `history` is none of these.
        ValueError: it is empty or ragged, or its epochs don't increase; or, when a key is asked
            for, has no such key or no numbers under it.
    """
    epochs = None
    metrics = getattr(getattr(history, "model", None), "metrics", [])
    if isinstance(getattr(history, "history", None), Mapping):
        epochs = getattr(history, "epoch", None)
        history = history.history
    elif hasattr(history, "columns"):
        epochs = history.index if history.index.dtype.kind in "iu" else None
        history = {key: history[key].to_numpy() for key in history.columns}
        if "epoch" in history and history["epoch"].dtype.kind in "iu":  # as CSVLogger writes it
            epochs = history.pop("epoch")
    if not isinstance(history, Mapping):
        raise TypeError(
            "expected what fit returns (a History), a dict of lists or a DataFrame, "
            f"not {shown(history)}"
        )
    if not history:
        raise ValueError("the history is empty: it has no keys. Did fit run for an epoch?")
    values, unreadable = {}, {}
    for key, column in history.items():
        floats = _as_floats(column)
        if floats is None:
            unreadable[str(key)] = column
        else:
            values[str(key)] = floats
    lengths = {key: len(column) for key, column in values.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{key!r}: {length}" for key, length in lengths.items())
        raise ValueError(
            f"the history is ragged: its keys have different numbers of epochs ({told}). "
            "Was it trained with validation_freq? Pass the keys of one length as a dict."
        )
    count = next(iter(lengths.values()), None)
    if count == 0:
        raise ValueError(f"the history is empty: no epoch under {_listing(values)}")
    if epochs is None or len(epochs) != count:
        epochs = range(count or 0)
    epochs = _epoch_numbers(epochs)
    return Columns(epochs, values, unreadable, metrics)


def join_histories(*histories):
    """Join runs of one model, trained one after the other, into one run.

    A run whose epochs count from 0 again goes on where the one before stopped. A run that was
    trained with `initial_epoch`, so that it goes on by itself, keeps its epochs' numbers.

    Args:
        *histories: two runs or more, the oldest first: each a `keras.callbacks.History`, a dict of
            lists, a DataFrame or a recording.

    Returns:
        A `pandas.DataFrame` with a float64 column a key and a row an epoch; its index, named
        "epoch", is the epochs' numbers. It can be given wherever a History can. What is not one
        number an epoch, such as a metric for each class, is left out.

    Raises:
        TypeError: one of them is no history.
        ValueError: there are fewer than two, one is there twice or can't be read, they differ in
            their keys, the newest comes first, or one begins with an epoch that the one before
            already has.
    """
    import pandas

    if len(histories) < 2:
        raise ValueError(
            "join_histories needs two runs or more, the oldest first, as in "
            f"join_histories(first, second); it got {len(histories)}"
        )
    if len({id(history) for history in histories}) < len(histories):
        raise ValueError(
            "join_histories got the same run twice: give the History that each call of fit returned"
        )
    joined = []
    for number, history in enumerate(histories, start=1):
        try:
            run = read_history(history)
        except (TypeError, ValueError) as error:
            raise type(error)(f"run {number} of {len(histories)}: {error}") from error
        if not run.values:
            raise ValueError(f"run {number} of {len(histories)} has no key with numbers in it")
        epochs = run.epochs
        if joined:
            before = joined[-1]
            differing = set(run.values) ^ set(before.columns)
            if differing:
                raise ValueError(
                    f"only runs with the same keys can be joined, but run {number - 1} has "
                    f"{_listing(before.columns)}, and run {number} has {_listing(run.values)}. To "
                    f"leave out what only one has, give pd.DataFrame(run.history) without "
                    f"{_listing(sorted(differing))}"
                )
            first, last = joined[0].index[0], before.index[-1]
            if epochs[0] == 0 and epochs[-1] + 1 == first:
                raise ValueError(
                    f"run 1 begins with epoch {first}, just after the last one of run {number}: "
                    "give the oldest run first"
                )
            if epochs[0] == 0:
                epochs = epochs + last + 1
            if epochs[0] <= last:
                raise ValueError(
                    f"the epochs overlap: run {number - 1} ends with epoch {last}, and run "
                    f"{number} begins with epoch {epochs[0]}. Give the oldest run first; the run "
                    f"that continues it begins with epoch {last + 1}, as fit(..., "
                    f"initial_epoch={last + 1}) does, or with epoch 0"
                )
        joined.append(pandas.DataFrame(run.values, index=pandas.Index(epochs, name="epoch")))
    return pandas.concat(joined)


def is_run(history) -> bool:
    """Whether `history` is one run, and not a dict of runs by name."""
    if not isinstance(history, Mapping):
        return True
    return not any(
        isinstance(value, Mapping) or hasattr(value, "history") or hasattr(value, "columns")
        for value in history.values()
    )


def better_direction(monitor, mode="auto", metrics=(), argument="mode") -> str:
    """Whether less ("min") or more ("max") of a value is better.

    Keras decides: the metric called `monitor` among `metrics`, or else the class or function of
    that name in `keras.metrics`. A value that Keras doesn't know is not guessed.

    Args:
        monitor: the key, such as "val_loss"; a "val_" at its beginning makes no difference.
        mode: "min" or "max", which is then returned; or "auto".
        metrics: the model's metrics, such as `model.metrics`, as far as they are known.
        argument: what `mode` is called where the learner gives it, for the errors' words.

    Returns:
        "min" or "max".

    Raises:
        ValueError: `mode` is none of these, `monitor` is no name, or `mode` is "auto" and Keras
            doesn't tell.
    """
    if not isinstance(mode, str) or mode not in MODES:
        raise ValueError(f"{argument} must be 'auto', 'min' or 'max', not {shown(mode)}")
    if not isinstance(monitor, str):
        raise ValueError(f"expected the name of a value, such as 'val_loss', not {shown(monitor)}")
    if mode != "auto":
        return mode
    name = monitor.removeprefix("val_")
    own = [m for group in metrics for m in getattr(group, "metrics", [group]) if m.name == name]
    if own and name != "loss":
        direction = _direction_of(own[0])
    else:
        direction = _DIRECTION.get(name.lower()) or _ask_keras(name)
    if direction is None:
        raise ValueError(
            f"Keras doesn't tell whether more or less of {monitor!r} is better: say "
            f"{argument}='min' if less is better, or {argument}='max' if more is better"
        )
    return direction


@functools.cache
def _ask_keras(name):
    """The better direction of what keras.metrics has under this name; None if it doesn't tell."""
    tensorflow_quietly.load()
    import keras

    named = [(_plain(key), value) for key, value in vars(keras.metrics).items() if callable(value)]
    known = dict(sorted(named, key=lambda pair: inspect.isclass(pair[1])))  # classes come last: win
    # Keras numbers metrics of one kind: the second AUC is auc_1.
    found = known.get(_plain(name)) or known.get(_plain(re.sub(r"_\d+$", "", name)))
    if found is None:
        return None
    if not inspect.isclass(found):
        return _direction_of(keras.metrics.MeanMetricWrapper(found, name=name))
    parameters = inspect.signature(found).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    if not issubclass(found, keras.metrics.Metric) or not _ARGUMENTS.keys() >= set(needed):
        return None
    # Without a name of its own it would take the one that the learner's next metric gets.
    return _direction_of(found(name=name, **{key: _ARGUMENTS[key] for key in needed}))


def _direction_of(metric):
    return {"up": "max", "down": "min"}.get(getattr(metric, "_direction", None))


def _plain(name):
    """A name as it is found: `mean_io_u`, `mean_iou` and `MeanIoU` are the same."""
    return name.replace("_", "").lower()


def _epoch_numbers(epochs):
    """The epochs' numbers as int64; raise a ValueError if they are none, or don't increase."""
    try:
        epochs = np.asarray(list(epochs), dtype=np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"the epochs' numbers must be whole numbers, not {shown(epochs)}"
        ) from error
    wrong = np.flatnonzero(np.diff(epochs) <= 0)
    if len(wrong):
        before, after = epochs[wrong[0] : wrong[0] + 2]
        raise ValueError(
            f"the epochs' numbers must increase, but epoch {before} is followed by epoch {after}. "
            "If these are two runs put together, join them with join_histories(first, second); if "
            "it is a DataFrame sorted by its values, bring it back with .sort_index()"
        )
    return epochs


def _as_floats(column):
    """The column as float64 of shape (n,), or None if it isn't one number an epoch."""
    try:
        array = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    return array if array.ndim == 1 else None


def _listing(keys):
    return ", ".join(repr(str(key)) for key in keys) or "no key with numbers in it"
