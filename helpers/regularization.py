"""What the recorded runs say about methods against overfitting, alone and two at once."""

import math
from typing import NamedTuple

import numpy as np

from .early_stopping import replay_early_stopping
from .experiments.regularized import EPOCHS, STRENGTHS, regularized_name
from .goals import Goal
from .recorded_runs import RISE, Band, band
from .recordings import load_recording
from .wording import decimal

LABELS = {
    "l2": "L2",
    "l1": "L1",
    "activity_l1": "activity L1",
    "max_norm": "MaxNorm",
    "dropout": "dropout",
    "shift": "augmentation",
    "decay": "AdamW's decay",
    "patience": "early stopping",
}
"""What the methods are called. Early stopping is none of those that are recorded: it is replayed
over their curves."""

PATIENCES = (10, 5, 3, 1)
"""The strengths of early stopping: the smaller, the sooner it stops."""

GUESSING = math.log(10)
"""The cross-entropy of a network that gives each of the ten kinds of clothes the same chance."""
KEYS = ("cross_entropy", "val_cross_entropy")


class Chosen(NamedTuple):
    """Methods and their strengths, as the controls of an explorer say."""

    methods: tuple
    """Those that are trained with, as pairs (name, strength) in the order of STRENGTHS."""
    patience: int | None = None
    """That of early stopping; None without it."""


def chosen(**methods) -> Chosen:
    """What is chosen, from names and strengths: chosen(l2=0.001, patience=5)."""
    patience = methods.pop("patience", None)
    return Chosen(tuple((name, methods[name]) for name in STRENGTHS if name in methods), patience)


def strengths(method) -> list:
    """The strengths of a method, from the weakest to the strongest, as (text, value)."""
    values = PATIENCES if method == "patience" else STRENGTHS[method]
    return [(strength_text(method, value), value) for value in values]


def named(choice) -> str:
    """What is chosen in a few words: "L2 0.001 + dropout 0.3"."""
    told = [f"{LABELS[name]} {strength_text(name, value)}" for name, value in choice.methods]
    if choice.patience is not None:
        told.append(
            ("" if told else "early stopping, ") + strength_text("patience", choice.patience)
        )
    return " + ".join(told) or "no method: the plain network"


def strength_text(method, strength) -> str:
    """A strength in words: "0.001", "1 pixel", "patience 5"."""
    if method == "patience":
        return f"patience {strength}"
    if method == "shift":
        return f"{strength} pixel{'s' if strength > 1 else ''}"
    return decimal(strength)


class Point(NamedTuple):
    """The runs of one choice of methods."""

    runs: dict
    """seed -> history"""
    ends: dict
    """seed -> the validation cross-entropy after the last epoch"""
    lowest: dict
    """seed -> the lowest one"""
    epochs: dict
    """seed -> the epoch of that"""
    shares: np.ndarray
    """Of the hidden layer's weights in each bin of WEIGHT_EDGES, mean over the seeds: float64 of
    shape (50,)."""
    norms: np.ndarray
    """The lengths of the hidden neurons' incoming weights, the longest first, mean over the seeds
    rank by rank: float64 of shape (100,)."""

    def mean(self, key) -> float:
        """The mean over the seeds of one of the history's keys after the last epoch."""
        return float(np.mean([run[key][-1] for run in self.runs.values()]))

    @property
    def end(self) -> float:
        """The mean validation cross-entropy after the last epoch."""
        return float(np.mean(list(self.ends.values())))

    @property
    def best(self) -> float:
        """The mean over the seeds of their lowest validation cross-entropy."""
        return float(np.mean(list(self.lowest.values())))

    @property
    def near_zero(self) -> float:
        """The share of the weights between -0.02 and 0.02."""
        middle = len(self.shares) // 2
        return float(self.shares[middle - 1 : middle + 1].sum())


def weight_shares(measured) -> np.ndarray:
    """The share of the weights in each bin, of all weights, from what was measured of a model."""
    counts = np.asarray(measured["weights"], dtype=np.float64)
    return counts / (counts.sum() + sum(measured["beyond"]))


def longest_first(measured) -> np.ndarray:
    """The norms of the hidden neurons' incoming weights, from what was measured of a model."""
    return np.sort(np.asarray(measured["norms"], dtype=np.float64))[::-1]


class RegularizedRuns:
    """The recorded runs. Each choice of methods is read when it is first asked for.

    Attributes:
        setting: what is chosen, in words.
        seeds: of each choice, a run for each of these.
        epochs: how many a run has.
    """

    setting, epochs = "methods", EPOCHS

    def __init__(self, seeds):
        """Read nothing yet.

        Args:
            seeds: as above; one seed will do.
        """
        self.seeds = tuple(seeds) if np.iterable(seeds) else (seeds,)
        self._points, self._trouble, self._stops, self._left = {}, {}, {}, None

    def point(self, choice) -> Point:
        """The runs of a choice, whatever its patience.

        Raises:
            ValueError: they are not recorded, or not whole.
        """
        methods = choice.methods
        if methods in self._trouble:
            raise ValueError(self._trouble[methods])
        if methods not in self._points:
            try:
                self._points[methods] = self._read(methods)
            except (ValueError, TypeError, KeyError) as error:
                told = named(Chosen(methods))
                self._trouble[methods] = f"the recorded runs ({told}) can't be shown: {error}"
                raise ValueError(self._trouble[methods]) from error
        return self._points[methods]

    def _read(self, methods):
        if not self.seeds:
            raise ValueError("no seed was given: name at least one, as in seeds=[42]")
        name = regularized_name(dict(methods))
        recordings = {seed: load_recording(name, seed) for seed in self.seeds}
        runs = {seed: recording.history for seed, recording in recordings.items()}
        band([run[key] for run in runs.values() for key in KEYS])
        measured = [recording.measured for recording in recordings.values()]
        values = {seed: run["val_cross_entropy"] for seed, run in runs.items()}
        return Point(
            runs,
            {seed: column[-1] for seed, column in values.items()},
            {seed: min(column) for seed, column in values.items()},
            {seed: int(np.argmin(column)) for seed, column in values.items()},
            np.mean([weight_shares(one) for one in measured], axis=0),
            np.mean([longest_first(one) for one in measured], axis=0),
        )

    def plain(self) -> Point | None:
        """The runs without any method; None if they are not whole."""
        try:
            return self.point(chosen())
        except ValueError:
            return None

    def known(self, choice):
        """The choice, if its runs are whole; else a ValueError says what is wrong."""
        self.point(choice)
        return choice

    def band(self, choice, key) -> Band:
        """The runs of a choice, as a Band over the epochs."""
        return band([run[key] for run in self.point(choice).runs.values()])

    def ends(self, choice, key) -> dict:
        """The last number of each recorded run of a choice, by seed; {} if there is none."""
        try:
            return {seed: run[key][-1] for seed, run in self.point(choice).runs.items()}
        except ValueError:
            return {}

    def stops(self, choice) -> dict:
        """Where early stopping ends each run, and what it keeps: seed -> Replay; {} without it.

        Keras' own callback is replayed over the recorded validation cross-entropy, by which all
        methods are compared. (Left alone it watches `val_loss`, which holds the penalty.)
        """
        if choice.patience is None:
            return {}
        if choice not in self._stops:
            self._stops[choice] = {
                seed: replay_early_stopping(
                    run, "val_cross_entropy", patience=choice.patience, mode="min"
                )
                for seed, run in self.point(choice).runs.items()
            }
        return self._stops[choice]

    def what_is_left(self, choice) -> dict:
        """The validation cross-entropy of the weights that each run leaves: seed -> float.

        Those after the last epoch; with early stopping those of the epoch that it keeps.
        """
        if choice.patience is None:
            return self.point(choice).ends
        return {seed: replay.best for seed, replay in self.stops(choice).items()}

    def verdict(self, choice) -> str:
        """Judge runs by their means over the seeds, without early stopping. The first that fits:

        1. "learns nothing": after the last epoch its validation cross-entropy is above 95 % of
           guessing's, log(10) = 2.303.
        2. "underfits": after the last epoch its training cross-entropy is above the lowest
           validation cross-entropy of the plain network. It does worse on what it learned from
           than the plain one on what it never saw.
        3. "overfits": after the last epoch its validation cross-entropy is more than 5 % above its
           lowest.
        4. "holds".
        """
        point, plain = self.point(choice), self.plain()
        if not point.end <= 0.95 * GUESSING:  # nan too
            return "learns nothing"
        if plain and point.mean("cross_entropy") > plain.best:
            return "underfits"
        return "overfits" if point.end > (1 + RISE) * point.best else "holds"

    def goal(self, choice) -> Goal | None:
        """Find the one method and strength that leave the lowest validation cross-entropy.

        None if there are no two to choose from.
        """
        if self._left is None:
            self._left = self._single()
        single = self._left
        if len(single) < 2:
            return None
        best = min(single, key=single.get)
        aim = (
            "find the one method, and its strength, that end with the lowest validation "
            "cross-entropy, on average (early stopping with the epoch it keeps)."
        )
        if choice != best:
            return Goal(aim)
        others = {one: value for one, value in single.items() if _method(one) != _method(best)}
        second = ""
        if others:
            next_best = min(others, key=others.get)
            second = f" Of the other methods the best is {named(next_best)}, with "
            second += f"{others[next_best]:.3f}."
        return Goal(aim, f"{named(best)} leaves {single[best]:.3f}.{second}")

    def _single(self):
        """What is left by each one method, mean over the seeds: Chosen -> float."""
        choices = [chosen(**{m: value}) for m, values in STRENGTHS.items() for value in values]
        choices += [chosen(patience=patience) for patience in PATIENCES]
        left = {}
        for choice in choices:
            try:
                left[choice] = float(np.mean(list(self.what_is_left(choice).values())))
            except ValueError:
                continue
        return left


def _method(choice):
    return choice.methods[0][0] if choice.methods else "patience"
