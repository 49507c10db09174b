"""Read what `fit` left behind, whatever shape it comes in, into columns of equal length."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Columns(NamedTuple):
    """One run of n epochs: `epochs` is int64 of shape (n,), each column float64 of shape (n,)."""

    epochs: np.ndarray
    values: dict[str, np.ndarray]
    unreadable: dict[str, object]
    """What is not one number an epoch, such as a metric for each class."""

    def __getitem__(self, key):
        if key in self.unreadable:
            raise ValueError(
                f"{key!r} in the history must be a list of numbers, one an epoch, not "
                f"{self.unreadable[key]!r:.80}; those that are: {_listing(self.values)}"
            )
        if key not in self.values:
            raise ValueError(f"the history has no {key!r}; it has {_listing(self.values)}")
        return self.values[key]


def read_history(history) -> Columns:
    """Read one run.

    Args:
        history: a `keras.callbacks.History` (or anything with such a `.history`), a dict of lists,
            or a DataFrame with a column a key and a row an epoch.

    Raises:
        TypeError: `history` is none of these.
        ValueError: it is empty or ragged; or, when a key is asked for, has no such key or no
            numbers under it.
    """
    epochs = None
    if isinstance(getattr(history, "history", None), Mapping):
        epochs = getattr(history, "epoch", None)
        history = history.history
    elif hasattr(history, "columns"):
        epochs = history.index if history.index.dtype.kind in "iu" else None
        history = {key: history[key].to_numpy() for key in history.columns}
    if not isinstance(history, Mapping):
        raise TypeError(
            "expected what fit returns (a History), a dict of lists or a DataFrame, "
            f"not {type(history).__name__}: {history!r:.80}"
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
    return Columns(np.asarray(epochs, dtype=np.int64), values, unreadable)


def is_run(history) -> bool:
    """Whether `history` is one run, and not a dict of runs by name."""
    if not isinstance(history, Mapping):
        return True
    return not any(
        isinstance(value, Mapping) or hasattr(value, "history") or hasattr(value, "columns")
        for value in history.values()
    )


def _as_floats(column):
    """The column as float64 of shape (n,), or None if it isn't one number an epoch."""
    try:
        array = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array if array.ndim == 1 else None


def _listing(keys):
    return ", ".join(repr(str(key)) for key in keys) or "no keys"
