"""What the activation explorers draw on the right: the size of the gradient in each layer."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from .recorded_runs import OWN_COLOUR, RECORDED_COLOUR, line

BOTTOM, TOP = 1e-7, 2.0
"""Of the axis, the same for all networks, so that moves can be compared."""


class GradientLines:
    """Before the training and after it, from the first layer to the last, logarithmic."""

    def __init__(self, layers):
        """Draw nothing yet.

        Args:
            layers: how many the deepest network has, the output's included.
        """
        self._layers = layers

    def make(self, axes):
        """Draw on these Axes, and return the artists that move."""
        axes.set_yscale("log")
        axes.set(
            xlim=(0.6, self._layers + 0.4),
            ylim=(BOTTOM, TOP),
            xlabel="layer, from the first to the output",
        )
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title("size of the gradient by layer", loc="left", fontsize=13)
        self._start = line(
            axes,
            "--",
            "0.45",
            marker="o",
            markersize=8,
            markerfacecolor="white",
            zorder=3.1,
            label="before training",
        )
        self._end = line(
            axes, "-", RECORDED_COLOUR, marker="s", markersize=7, zorder=3.2, label="after it"
        )
        self._own = line(
            axes, ":", OWN_COLOUR, marker="D", markersize=6, zorder=3.3, label="trained here"
        )
        for mark in (self._start, self._end, self._own):
            mark.set_clip_on(False)
        return [self._start, self._end, self._own]

    def put(self, sizes):
        """Show recorded sizes, a dict with "start" and "end"; None for nothing."""
        for mark, when in ((self._start, "start"), (self._end, "end")):
            _put(mark, [] if sizes is None else sizes[when])

    def put_own(self, sizes):
        """Show the sizes in a network trained here; [] for nothing."""
        _put(self._own, sizes)


def _put(mark, sizes):
    """One that is too small for the axis, or zero, is drawn at its bottom."""
    mark.set_data(np.arange(len(sizes)) + 1, np.clip(sizes, BOTTOM, TOP))
