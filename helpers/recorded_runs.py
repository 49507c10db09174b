"""Recorded runs of one experiment, for each value of a setting and for several seeds.

A value is a number, or a tuple of numbers and texts where several things are set.
"""

from numbers import Integral
from typing import NamedTuple

import numpy as np

from .recordings import load_recording

RISE = 0.05
"""How far a validation loss may rise from its lowest point, as a share of it, before it counts."""


class Band(NamedTuple):
    """Several runs as one: three float64 arrays, of shape (epochs,) or (values,)."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def band(runs) -> Band:
    """The mean, the lowest and the highest of several runs, epoch by epoch.

    Args:
        runs: one list of floats a run, all of the same length.

    Raises:
        ValueError: there is no run, or they differ in length.
    """
    lengths = {len(run) for run in runs}
    if len(lengths) != 1:
        told = ", ".join(str(length) for length in sorted(lengths)) or "none"
        raise ValueError(f"runs of one length are needed, and their numbers of epochs are: {told}")
    table = np.asarray(runs, dtype=np.float64)
    return Band(table.mean(axis=0), table.min(axis=0), table.max(axis=0))


class RecordedRuns:
    """What was recorded for the values of a setting. A damaged file spoils only its value.

    Attributes:
        setting: what the values are values of, such as "dropout rate".
        values: them, ascending.
        seeds: of each, a run for each of these.
        runs: value -> seed -> history, for the values whose recordings are whole.
        trouble: value -> what is wrong with its recordings.
    """

    def __init__(self, setting, names, seeds):
        """Read the recordings.

        Args:
            setting: as above.
            names: value -> the recordings' name.
            seeds: as above; one seed will do.
        """
        self.setting, self.values = setting, tuple(sorted(names))
        self.seeds = tuple(seeds) if np.iterable(seeds) else (seeds,)
        self.runs, self.trouble = {}, {}
        for value, name in names.items():
            try:
                if not self.seeds:
                    raise ValueError("no seed was given: name at least one, as in seeds=[42]")
                runs = {seed: load_recording(name, seed).history for seed in self.seeds}
                band([run["loss"] for run in runs.values()])
                self.runs[value] = runs
            except (ValueError, TypeError) as error:
                self.trouble[value] = (
                    f"the recorded runs with the {setting} {_in_words(value)} can't be shown: "
                    f"{error}"
                )

    @property
    def epochs(self) -> int:
        """How many epochs the recorded runs have; 0 if there is none."""
        lengths = [len(run["loss"]) for runs in self.runs.values() for run in runs.values()]
        return max(lengths, default=0)

    def known(self, value):
        """The recorded value that is meant by `value`, which may have a rounding error.

        Raises:
            ValueError: nothing was recorded for such a value, or it is damaged.
        """
        near = [known for known in self.values if _are_close(value, known)]
        if not near:
            raise ValueError(
                f"no run was recorded with the {self.setting} {_in_words(value)}: choose one of "
                f"{', '.join(map(_in_words, self.values))}, or train it here"
            )
        if near[0] in self.trouble:
            raise ValueError(self.trouble[near[0]])
        return near[0]

    def band(self, value, key) -> Band:
        """The runs of one value, as a Band over the epochs."""
        return band([run[key] for run in self.runs[value].values()])

    def last(self, key):
        """How the last epoch depends on the value.

        Returns:
            The values that can be shown, float64 of shape (values,) if they are numbers, and the
            Band over them.
        """
        values = [value for value in self.values if value in self.runs]
        ends = [[column[-1] for column in self.band(value, key)] for value in values]
        return np.array(values), Band(*np.array(ends, dtype=np.float64).reshape(-1, 3).T)

    def ends(self, value, key) -> dict:
        """The last epoch's number of each recorded run of a value, by seed; {} if there is none."""
        near = [known for known in self.runs if _are_close(value, known)]
        return {seed: run[key][-1] for known in near for seed, run in self.runs[known].items()}


def _are_close(value, known):
    if isinstance(value, tuple):
        return all(map(_are_close, value, known))
    if isinstance(value, str):
        return value == known
    return np.isclose(value, known, rtol=1e-6, atol=1e-9)


def _in_words(value):
    if isinstance(value, tuple):
        return " and ".join(map(_in_words, value))
    return value if isinstance(value, str) else f"{value:g}"


def seeds_to_train(seeds) -> list:
    """The seeds a training can have, as (text, seed): the recorded ones, and three new ones."""
    whole = [int(seed) for seed in seeds if isinstance(seed, Integral)]
    if not whole:
        return [("42", 42)]
    new = [max(whole) + more for more in (1, 2, 3)]
    return [(f"{seed}, recorded", seed) for seed in whole] + [
        (f"{seed}, new", seed) for seed in new
    ]


def beside_the_recorded(value, seed, recorded, what):
    """How a training of one's own ended beside the recorded ones, in words.

    Args:
        value: its last number.
        seed: its seed.
        recorded: those of the recorded runs, by seed; {} if it can't be compared with them.
        what: what kind of number it is, such as "validation loss".
    """
    told = f"Its last {what} is {value:.3f}"
    if not recorded:
        return told + "."
    if seed in recorded:
        return f"{told}; recorded with seed {seed}: {recorded[seed]:.3f}."
    last = round(float(value), 3)
    low, high = (round(end(recorded.values()), 3) for end in (min, max))
    inside = "inside" if low <= last <= high else "outside"
    return (
        f"{told}, {inside} the recorded {low:.3f} to {high:.3f}. Of new seeds, "
        f"{share_inside(len(recorded)):.0%} are to be expected inside."
    )


def share_inside(count) -> float:
    """How often a new run ends between the lowest and the highest of so many recorded ones.

    All are draws from one distribution, so each of the count + 1 is as likely the lowest as any
    other, and as likely the highest.
    """
    return (count - 1) / (count + 1)


def on_the_axis(value, bottom, top):
    """Where to draw a value, and with which marker: an arrowhead at the edge if it lies beyond."""
    if not value <= top:  # nan too
        return top, "^"
    if value < bottom:
        return bottom, "v"
    return value, "o"


def off_the_axis(losses, top) -> str:
    """What an axis from 0 to `top` can't show of these losses, in words; "" if it shows all."""
    losses = np.asarray(losses, dtype=np.float64)
    finite = np.isfinite(losses)
    above = np.flatnonzero(finite & (losses > top))
    parts = []
    if above.size:
        highest = above[losses[above].argmax()]
        epochs = "epoch" if above.size == 1 else "epochs"
        value = f"{losses[highest]:,.{0 if losses[highest] >= 100 else 1}f}"
        parts.append(
            f"{above.size} {epochs} above the axis, the highest: {value} in epoch {highest}"
        )
    if not finite.all():
        parts.append(f"not a number from epoch {np.flatnonzero(~finite)[0]} on")
    return "; ".join(parts)
