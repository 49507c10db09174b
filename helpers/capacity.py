"""What the recorded runs say about the size of a network and the number of its pictures."""

from typing import NamedTuple

import numpy as np

from .goals import Goal
from .recorded_runs import RISE, off_the_axis

LONG = 512 * 24_000
"""Neurons times pictures from which on a training takes about a minute, or more, on two cores."""


class Place(NamedTuple):
    """The runs of one size and one number of pictures: means over the seeds."""

    loss: float
    """This and what follows up to the gap: after the last epoch."""
    val_loss: float
    accuracy: float
    val_accuracy: float
    gap: float
    """The validation loss less the training loss."""
    lowest: float
    """The lowest point of the mean validation loss."""
    epoch: int
    """Where that is."""
    epochs: list
    """Where the validation loss of each seed is lowest."""
    last_epoch: int
    higher: np.ndarray
    """In each epoch the higher one of the two losses: float64 of shape (epochs,)."""


MAPS = {"gap at the end": "gap", "lowest validation loss": "lowest", "epoch of the lowest": "epoch"}
"""What can be mapped over all places: name -> the Place's attribute."""
_FORMATS = {"gap": "{:.2f}", "lowest": "{:.3f}", "epoch": "{:.0f}"}


class Capacity:
    """All recorded sizes, with all recorded numbers of pictures.

    Attributes:
        neurons, images: what was recorded, ascending.
        places: (neurons, images) -> Place, for those whose recordings are whole.
    """

    def __init__(self, recorded):
        """Compare them.

        Args:
            recorded: a `RecordedRuns` over (neurons, images).
        """
        self.neurons, self.images = (
            tuple(sorted(set(n))) for n in zip(*recorded.values, strict=True)
        )
        self.places = {value: _place(recorded, value) for value in recorded.runs}

    def table(self, name):
        """One of MAPS: float64 of shape (neurons, images), nan where the recordings are not whole.

        Also the same as texts, a list of rows.
        """
        key = MAPS[name]
        rows = [[self.places.get((n, i)) for i in self.images] for n in self.neurons]
        values = [[getattr(place, key, np.nan) for place in row] for row in rows]
        texts = [["–" if np.isnan(v) else _FORMATS[key].format(v) for v in row] for row in values]
        return np.array(values, dtype=np.float64), texts

    def verdict(self, value) -> str:
        """Judge a place by its mean losses. The first that fits, of:

        1. "underfits": after the last epoch its training loss is above the lowest validation loss
           of another size with as many pictures. It does worse on what it learned from than the
           other on what it never saw.
        2. "overfits": after the last epoch its validation loss is more than 5 % above its lowest.
        3. "still falls": its validation loss is lowest in the last tenth of the epochs.
        4. "holds".
        """
        place = self.places[value]
        if place.loss > self._lowest_beside(value):
            return "underfits"
        if place.val_loss > (1 + RISE) * place.lowest:
            return "overfits"
        return "still falls" if place.epoch > 0.9 * place.last_epoch else "holds"

    def _lowest_beside(self, value):
        """The lowest validation loss of the other sizes with as many pictures."""
        return min(
            (
                place.lowest
                for (neurons, images), place in self.places.items()
                if images == value[1] and neurons != value[0]
            ),
            default=np.inf,
        )

    def summary(self, value, top) -> str:
        """What the runs of a place say, in words.

        Args:
            value: (neurons, images).
            top: of the axis on which the losses are drawn.
        """
        place = self.places[value]
        seeds = len(place.epochs)
        own = ""
        if seeds > 1:
            own = f" (for each seed alone: {', '.join(map(str, place.epochs))})"
        beyond = off_the_axis(place.higher, top)
        return (
            f"{named(value)}, mean of {seeds} seed{'s' if seeds > 1 else ''}. After epoch "
            f"{place.last_epoch}: training loss {place.loss:.3f}, validation loss "
            f"{place.val_loss:.3f}, gap {place.gap:.3f}; training accuracy {place.accuracy:.3f}, "
            f"validation accuracy {place.val_accuracy:.3f}.\n"
            f"Lowest validation loss: {place.lowest:.3f} in epoch {place.epoch}{own}. "
            f"{self._judged(value)}" + (f"\nNot shown: {beyond}." if beyond else "")
        )

    def _judged(self, value):
        """The verdict and its reason, in words."""
        place, verdict = self.places[value], self.verdict(value)
        rise = place.val_loss - place.lowest
        if verdict == "underfits":
            return (
                "It underfits: even on its own pictures its loss ends above "
                f"{self._lowest_beside(value):.3f}. Another size, trained on as many, reaches that "
                "on pictures it never saw."
            )
        if verdict == "overfits":
            return (
                f"It overfits: from there the validation loss rises by {rise:.3f}, "
                f"{rise / place.lowest:.0%} of its lowest value, while the training loss falls on."
            )
        if verdict == "still falls":
            return "That is at the end: with more epochs it may fall further."
        return f"From there it hardly rises: it ends {rise / place.lowest:.0%} higher."

    def goal(self, value) -> Goal | None:
        """Find the place with the lowest validation loss of all; None if there are no two places.

        Args:
            value: (neurons, images), or None.
        """
        if len(self.places) < 2:
            return None
        best = min(self.places, key=lambda place: self.places[place].lowest)
        aim = "find the neurons and pictures with the lowest validation loss of all, in any epoch."
        if value != best:
            return Goal(aim)
        place = self.places[best]
        although = ""
        if self.verdict(best) == "overfits":
            although = f", although it overfits and ends at {place.val_loss:.3f}"
        return Goal(
            aim,
            f"{place.lowest:.3f} in epoch {place.epoch} is the lowest of all {len(self.places)} "
            f"places{although}.",
        )


def _place(recorded, value):
    mean = {
        key: recorded.band(value, key).mean
        for key in ("loss", "val_loss", "accuracy", "val_accuracy")
    }
    runs = list(recorded.runs[value].values())
    ends = {key: float(column[-1]) for key, column in mean.items()}
    lowest = int(np.argmin(mean["val_loss"]))
    return Place(
        **ends,
        gap=ends["val_loss"] - ends["loss"],
        lowest=float(mean["val_loss"][lowest]),
        epoch=lowest,
        epochs=[int(np.argmin(run["val_loss"])) for run in runs],
        last_epoch=len(mean["loss"]) - 1,
        higher=np.maximum(mean["loss"], mean["val_loss"]),
    )


def named(value) -> str:
    """A place in words."""
    neurons, images = value
    return f"{neurons} neurons, {images:,} pictures"


def how_long(value) -> str:
    """What to say before a training that takes long; "" if it doesn't."""
    neurons, images = value
    if neurons * images < LONG:
        return ""
    return (
        "So many neurons and pictures take minutes to train here. Stop ends the training; its "
        "epochs are kept."
    )
