"""What Keras' EarlyStopping would have done with a run that is already recorded."""

from math import isfinite
from numbers import Integral, Real
from types import SimpleNamespace
from typing import NamedTuple

import keras
import numpy as np

from .histories import better_direction, read_history
from .wording import shown


class Replay(NamedTuple):
    """The outcome of a replay. Epochs count from 0, as in Keras."""

    stopped_epoch: int
    """The epoch after which training stopped; 0 if it never did."""
    best_epoch: int
    """The epoch whose weights `restore_best_weights` would bring back."""
    best: float | None
    """The monitored value there; None if no epoch was looked at."""
    epochs_run: int
    """How many epochs would have been trained."""


def replay_early_stopping(
    history,
    monitor="val_loss",
    min_delta=0,
    patience=0,
    mode="auto",
    baseline=None,
    start_from_epoch=0,
) -> Replay:
    """Replay a recorded run through the installed `keras.callbacks.EarlyStopping`.

    The callback itself is driven, epoch by epoch, with the recorded numbers. So the answer is what
    Keras would have done, and not another telling of its rule. The arguments after `history`
    are EarlyStopping's own, with its meanings and defaults.

    Args:
        history: the run: a `keras.callbacks.History`, a dict of lists or a DataFrame.

    Returns:
        A `Replay`: `stopped_epoch`, `best_epoch`, `best`, `epochs_run`.

    Raises:
        TypeError: `history` is none of these.
        ValueError: the history is empty or ragged or lacks `monitor`; another argument is nothing
            that EarlyStopping can work with; or `mode="auto"` and Keras doesn't tell whether more
            or less of `monitor` is better.
    """
    columns = read_history(history)
    early_stopping, model = _begin(
        columns, monitor, min_delta, patience, mode, baseline, start_from_epoch
    )
    epochs_run = 0
    for epoch, value in zip(columns.epochs.tolist(), columns[monitor].tolist(), strict=True):
        early_stopping.on_epoch_end(epoch, {monitor: value})
        epochs_run += 1
        if model.stop_training:
            break
    return Replay(
        early_stopping.stopped_epoch, early_stopping.best_epoch, early_stopping.best, epochs_run
    )


def replay_every_patience(
    history,
    monitor="val_loss",
    min_delta=0,
    patiences=None,
    mode="auto",
    baseline=None,
    start_from_epoch=0,
) -> list[Replay]:
    """Replay a recorded run once, and tell the outcome for many patiences.

    What EarlyStopping counts (`wait`, `best`) doesn't depend on its patience; only the epoch at
    which it stops does. So one pass is enough, in which the callback wants to stop as often as it
    can (patience 0) and isn't obeyed. A patience p stops at the first such epoch with `wait` >= p.

    Args:
        history, monitor, min_delta, mode, baseline, start_from_epoch: as in
            `replay_early_stopping`.
        patiences: whole numbers; 0, 1, ... up to the run's length by default.

    Returns:
        A list with a `Replay` for each patience, equal to what `replay_early_stopping` returns.

    Raises:
        TypeError, ValueError: as in `replay_early_stopping`.
    """
    columns = read_history(history)
    callback, model = _begin(columns, monitor, min_delta, 0, mode, baseline, start_from_epoch)
    epochs, values = columns.epochs.tolist(), columns[monitor].tolist()
    longest_wait, bests = [], []
    for epoch, value in zip(epochs, values, strict=True):
        model.stop_training = False
        callback.on_epoch_end(epoch, {monitor: value})
        before = longest_wait[-1] if longest_wait else -np.inf
        longest_wait.append(max(before, callback.wait) if model.stop_training else before)
        bests.append((callback.best_epoch, callback.best))
    if patiences is None:
        patiences = range(len(epochs) + 1)
    patiences = [check_patience(patience) for patience in patiences]
    replays = []
    for end in np.searchsorted(longest_wait, np.asarray(patiences, dtype=np.int64)).tolist():
        stopped_epoch = epochs[end] if end < len(epochs) else 0
        epochs_run = min(end + 1, len(epochs))
        replays.append(Replay(stopped_epoch, *bests[epochs_run - 1], epochs_run))
    return replays


class Kept(NamedTuple):
    """What k replays of one run leave you with, when the best weights are restored."""

    epoch: np.ndarray
    """int64 of shape (k,): the epoch whose weights are kept."""
    value: np.ndarray
    """float64 of shape (k,): the value looked at, in that epoch."""
    given_away: np.ndarray
    """float64 of shape (k,): by how much that is worse than the best of the whole run."""
    epochs_saved: np.ndarray
    """int64 of shape (k,): how many recorded epochs would not have been trained."""
    best_epoch: int
    """The best epoch of the whole run."""
    best: float
    """The value in that epoch."""


def what_is_kept(history, replays, key="val_loss", mode="auto") -> Kept:
    """Weigh replays of a recorded run against the best that the whole run has to offer.

    Args:
        history: the run that was replayed.
        replays: a sequence of k `Replay`.
        key: what to judge by; it need not be what was monitored.
        mode: whether more ("max") or less ("min") of it is better; "auto" asks Keras.

    Raises:
        ValueError: the history lacks `key`, or has no finite value under it; or `mode="auto"` and
            Keras doesn't tell whether more or less of `key` is better.
    """
    columns = read_history(history)
    values = np.where(np.isfinite(columns[key]), columns[key], np.nan)
    if np.isnan(values).all():
        raise ValueError(f"{key!r} has no finite value, so no epoch is the best")
    sign = -1 if better_direction(key, mode, columns.metrics) == "max" else 1
    best = int(np.nanargmin(sign * values))
    index_of = {epoch: index for index, epoch in enumerate(columns.epochs.tolist())}
    # Without an epoch that was looked at nothing is restored: the last epoch's weights stay.
    kept = np.array(
        [
            index_of[replay.best_epoch] if replay.best is not None else replay.epochs_run - 1
            for replay in replays
        ],
        dtype=np.int64,
    )
    run = np.array([replay.epochs_run for replay in replays], dtype=np.int64)
    return Kept(
        columns.epochs[kept],
        values[kept],
        sign * (values[kept] - values[best]),
        len(values) - run,
        int(columns.epochs[best]),
        float(values[best]),
    )


def check_patience(patience):
    """Return `patience`, a whole number from 0; raise a ValueError if it is something else."""
    if not _is_whole(patience):
        raise ValueError(
            f"patience must be a whole number from 0, the epochs to wait, not {shown(patience)}"
        )
    return patience


def _begin(columns, monitor, min_delta, patience, mode, baseline, start_from_epoch):
    """EarlyStopping as a training begins, and what it takes for the model."""
    if not isinstance(monitor, str):
        hint = (
            f". The patience must be named: patience={shown(monitor)}" if _is_whole(monitor) else ""
        )
        raise ValueError(
            f"monitor must be the name of a value, such as 'val_loss', not {shown(monitor)}{hint}"
        )
    if not _is_number(min_delta):
        raise ValueError(f"min_delta must be a number, such as 0.001, not {shown(min_delta)}")
    if baseline is not None and not _is_number(baseline):
        raise ValueError(f"baseline must be a number or None, not {shown(baseline)}")
    if not _is_whole(start_from_epoch):
        raise ValueError(
            f"start_from_epoch must be a whole number from 0, not {shown(start_from_epoch)}"
        )
    columns[monitor]  # says which keys there are, if it isn't one of them
    early_stopping = keras.callbacks.EarlyStopping(
        monitor=monitor,
        min_delta=float(min_delta),
        patience=check_patience(patience),
        mode=better_direction(monitor, mode, columns.metrics),
        baseline=None if baseline is None else float(baseline),
        start_from_epoch=start_from_epoch,
    )
    model = SimpleNamespace(stop_training=False)
    early_stopping.set_model(model)
    early_stopping.on_train_begin()
    return early_stopping, model


def _is_number(value):
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and isfinite(value)
    except OverflowError:  # a whole number that no float can hold
        return False


def _is_whole(value):
    return isinstance(value, Integral) and not isinstance(value, bool) and value >= 0
