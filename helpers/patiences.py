"""What each patience would have made of a recorded run, in numbers and in words."""

import math

import numpy as np

from .early_stopping import replay_every_patience, what_is_kept
from .goals import Goal
from .histories import read_history

FIRST = 5
"""The patience to begin with."""


class Patiences:
    """The outcome of EarlyStopping over one recorded run, for each patience 0, 1, ... k - 1.

    The weights of the best epoch are taken to be restored (`restore_best_weights=True`).

    Attributes:
        monitor: the key that is watched.
        judge: the key by which the outcome is judged: "val_loss" where the run has it, or else what
            is watched.
        columns: the run, as `read_history` returns it; it has k - 1 epochs.
        replays: a list of k `Replay`.
        kept: a `Kept`.
        last_epochs: int64 of shape (k,), the last epoch that is trained.
        monitored: float64 of shape (k,), what is watched in the epoch that is kept.
        smallest: the smallest patience that keeps the best epoch of the whole run; None if none
            does.
    """

    def __init__(self, history, monitor="val_loss", min_delta=0, start_from_epoch=0):
        """Replay the run once; the arguments are those of `replay_every_patience`.

        Raises:
            TypeError, ValueError: as in `replay_every_patience` and `what_is_kept`.
        """
        self.columns = read_history(history)
        self.monitor = monitor
        self.judge = "val_loss" if "val_loss" in self.columns.values else monitor
        self.replays = replay_every_patience(
            history, monitor, min_delta, start_from_epoch=start_from_epoch
        )
        self.kept = what_is_kept(history, self.replays, self.judge)
        epochs = self.columns.epochs
        self.last_epochs = epochs[[replay.epochs_run - 1 for replay in self.replays]]
        self.monitored = self.columns[monitor][np.searchsorted(epochs, self.kept.epoch)]
        keeps = np.flatnonzero(self.kept.epoch == self.kept.best_epoch)
        self.smallest = int(keeps[0]) if keeps.size else None
        self._as_in_the_goal = monitor == self.judge and not min_delta and not start_from_epoch

    def rows(self, patience) -> dict:
        """The outcome of one patience, as texts by name."""
        replay, kept = self.replays[patience], self.kept
        stops = f"after epoch {replay.stopped_epoch}" if replay.stopped_epoch else "never"
        restores = "nothing: no epoch was looked at, so you keep the last"
        if replay.best is not None:
            restores = f"epoch {replay.best_epoch}, {self.monitor} {_number(replay.best)}"
        away = kept.given_away[patience]
        return {
            "stops": f"{stops}, {replay.epochs_run} of {len(self.columns.epochs)} trained",
            "restores": restores,
            "epochs saved": str(kept.epochs_saved[patience]),
            f"{self.judge} kept": f"{_number(kept.value[patience])} (epoch {kept.epoch[patience]})",
            "best of the whole run": f"{_number(kept.best)} (epoch {kept.best_epoch})",
            "given away": f"{_number(away)} {self.judge}" if away else "nothing",
        }

    def goal(self, patience) -> Goal:
        """Find the smallest patience that keeps the best epoch of the whole run."""
        aim = (
            "find the smallest patience that keeps the best epoch of the whole run (monitor "
            f"{self.judge}, min_delta 0, start_from_epoch 0)."
        )
        if not self._as_in_the_goal:
            return Goal(aim)
        if self.smallest is None:
            return Goal(f"{aim} Here none does, up to {len(self.replays) - 1}.")
        if patience != self.smallest:
            return Goal(aim)
        found = f"with patience {patience} it keeps epoch {self.kept.best_epoch}, the best one"
        if patience:
            before, away = self.kept.epoch[patience - 1], self.kept.given_away[patience - 1]
            found += f"; with {patience - 1} it keeps epoch {before} and gives away {_number(away)}"
        return Goal(aim, found + ".")

    def first_patience(self) -> int:
        """The patience to begin with, where the goal is not reached: FIRST, or else 0, or 1."""
        longest = len(self.replays) - 1
        return next(p for p in (min(FIRST, longest), 0, 1) if not self.goal(p).found)

    def remark(self) -> str:
        """What to mind with a monitor that is not what a run is judged by, in words, or ""."""
        if self.monitor == self.judge:
            return ""
        told = f"It watches {self.monitor}, and the outcome is judged by {self.judge}: "
        if self.monitor.startswith("val_"):
            return told + "the best epoch of one need not be that of the other."
        return told + "on what it learns from, a network hardly ever stops getting better."


def monitors(columns) -> list:
    """The keys that can be watched: "val_loss" first, then what else is validated."""
    return sorted(columns.values, key=lambda key: (key != "val_loss", key[:4] != "val_"))


def longer_than_the_run(patience, epochs) -> str:
    """What to say of a patience beyond the end of a slider that ends with the run."""
    return (
        f"A patience of {patience} never stops a run of {epochs} epochs: "
        f"the slider stands at its end, {epochs}, which never stops it either."
    )


def limits_without_peaks(curves):
    """The limits of an axis on which a few very high values don't flatten all the others.

    Args:
        curves: arrays of numbers, each of shape (n,).

    Returns:
        (bottom, top); None if the values need no such limits.
    """
    values = np.concatenate(curves)
    values = values[np.isfinite(values)]
    low, high = values.min(), np.percentile(values, 98)
    if values.max() - low <= 4 * (high - low) or low == high:
        return None
    return low - 0.1 * (high - low), high + 0.5 * (high - low)


def _number(value):
    return "not a number" if math.isnan(value) else f"{value:.4f}"
