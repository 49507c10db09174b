"""What RegularizationExplorer draws beside its curves: weights, norms, stops, the plain network."""

import numpy as np
from matplotlib.patches import Polygon

from ..experiments.regularized import WEIGHT_EDGES
from ..plots import COLOURS
from ..regularization import longest_first, weight_shares
from .recorded_runs import HERE_COLOUR, OWN_COLOUR, RECORDED_COLOUR, line

PLAIN_COLOUR = "0.55"
STOP_COLOUR, KEPT_COLOUR = COLOURS[2:4]
LEAST = 1e-5
"""Of the axis of shares: less than one weight of the 78,400."""


class PlainCurve:
    """The plain network's mean validation cross-entropy, and a word where all is off the axis."""

    def __init__(self, recorded, top):
        """Draw nothing yet.

        Args:
            recorded: a `RegularizedRuns`.
            top: of the axis.
        """
        self._recorded, self._top = recorded, top

    def make(self, left, middle, right):
        plain = self._recorded.plain()
        if plain:
            mean = np.mean([run["val_cross_entropy"] for run in plain.runs.values()], axis=0)
            looks = {"linewidth": 1.6, "zorder": 2.2, "label": "plain network"}
            line(left, (0, (2, 1.2)), PLAIN_COLOUR, **looks).set_data(np.arange(len(mean)), mean)
        self._above = left.text(
            0.5, 0.9, "", transform=left.transAxes, ha="center", va="top", fontsize=11, zorder=5
        )
        return [self._above]

    def move(self, choice):
        self._above.set_text("")
        if choice is None:
            return
        ends = [
            self._recorded.point(choice).mean(key) for key in ("cross_entropy", "val_cross_entropy")
        ]
        if not min(ends) <= self._top:
            self._above.set_text(
                f"↑ above this axis: at the end\ntraining {ends[0]:.3f}, validation {ends[1]:.3f}"
            )

    def put_own(self, choice, run):
        """Its curves are drawn with the others."""

    def put_measured(self, measured):
        """It has nothing to do with weights."""


class Stops:
    """Where early stopping ends each recorded run, and which epoch it keeps."""

    def __init__(self, recorded):
        """Show nothing yet.

        Args:
            recorded: a `RegularizedRuns`.
        """
        self._recorded = recorded

    def make(self, left, middle, right):
        self._top = left.get_ylim()[1]
        self._stops = line(left, "-.", STOP_COLOUR, linewidth=1.8, zorder=3.35, label="stop")
        looks = {"markersize": 14, "markeredgecolor": "black", "markeredgewidth": 0.8}
        self._kept = line(
            left, "none", KEPT_COLOUR, marker="*", zorder=3.4, label="epoch kept", **looks
        )
        return [self._stops, self._kept]

    def move(self, choice):
        replays = {} if choice is None else self._recorded.stops(choice)
        stopped = [replay.stopped_epoch for replay in replays.values() if replay.stopped_epoch]
        xs = [x for epoch in stopped for x in (epoch, epoch, np.nan)]
        self._stops.set_data(xs, [0, self._top, np.nan] * len(stopped))
        self._kept.set_data(
            [replay.best_epoch for replay in replays.values()],
            [min(replay.best, self._top) for replay in replays.values()],
        )

    def put_own(self, choice, run):
        """Its curve ends where it stopped."""

    def put_measured(self, measured):
        """It has nothing to do with weights."""


class Weights:
    """The histogram of the hidden layer's weights, with the plain network's outline."""

    def __init__(self, recorded):
        """Show nothing yet.

        Args:
            recorded: a `RegularizedRuns`.
        """
        self._recorded = recorded

    def make(self, left, middle, right):
        middle.set(
            yscale="log",
            ylim=(LEAST, 1.5),
            xlim=(WEIGHT_EDGES[0], WEIGHT_EDGES[-1]),
            xlabel="weight",
            xticks=[-0.4, 0, 0.4],
        )
        middle.set_title("share of the weights", loc="left", fontsize=12)
        self._area = middle.add_patch(
            Polygon(np.zeros((1, 2)), facecolor=RECORDED_COLOUR, alpha=0.45, zorder=3.1)
        )
        plain = self._recorded.plain()
        self._plain = line(middle, (0, (2, 1.2)), PLAIN_COLOUR, linewidth=1.6, zorder=3.2)
        if plain:
            self._plain.set_data(*_outline(plain.shares))
        self._own = line(middle, "-", OWN_COLOUR, linewidth=1.8, zorder=3.3)
        return [self._area, self._plain, self._own]

    def move(self, choice):
        self._area.set_visible(choice is not None)
        if choice is not None:
            self._area.set_xy(np.column_stack(_outline(self._recorded.point(choice).shares)))

    def put_own(self, choice, run):
        """See put_measured."""

    def put_measured(self, measured):
        """Show the weights of the network that is trained here; None for none."""
        self._own.set_data(*(_outline(weight_shares(measured)) if measured else ([], [])))


class Norms:
    """The norms of the hidden neurons' incoming weights, sorted, and the limit of MaxNorm."""

    def __init__(self, recorded):
        """Show nothing yet.

        Args:
            recorded: a `RegularizedRuns`.
        """
        self._recorded = recorded

    def make(self, left, middle, right):
        right.set(xlim=(0, 101), ylim=(0, 5.5), xlabel="neuron, largest norm first")
        right.set_title("norm of incoming weights", loc="left", fontsize=12)
        plain = self._recorded.plain()
        if plain:
            looks = {"linewidth": 1.6, "zorder": 2.2}
            line(right, (0, (2, 1.2)), PLAIN_COLOUR, **looks).set_data(
                1 + np.arange(100), plain.norms
            )
        self._limit = line(right, ":", HERE_COLOUR, linewidth=2, zorder=3.25)
        self._limit_name = right.text(
            50, 0, "MaxNorm's limit", ha="center", va="bottom", fontsize=10.5, zorder=5
        )
        self._norms = line(right, "-", RECORDED_COLOUR, linewidth=2.6, zorder=3.2)
        self._own = line(right, "-", OWN_COLOUR, linewidth=1.8, zorder=3.3)
        return [self._limit, self._limit_name, self._norms, self._own]

    def move(self, choice):
        self._norms.set_data([], [])
        self._limit.set_data([], [])
        self._limit_name.set_visible(False)
        if choice is None:
            return
        norms = self._recorded.point(choice).norms
        self._norms.set_data(1 + np.arange(len(norms)), norms)
        limit = dict(choice.methods).get("max_norm")
        if limit is not None:
            self._limit.set_data([0, 101], [limit, limit])
            self._limit_name.set(y=limit + 0.05, visible=True)

    def put_own(self, choice, run):
        """See put_measured."""

    def put_measured(self, measured):
        """Show the norms of the network that is trained here; None for none."""
        norms = longest_first(measured) if measured else []
        self._own.set_data(1 + np.arange(len(norms)), norms)


def _outline(shares):
    """A histogram's outline, from its left lower corner to the right one: x and y."""
    x = np.repeat(WEIGHT_EDGES, 2)
    y = np.concatenate([[LEAST], np.repeat(np.maximum(shares, LEAST), 2), [LEAST]])
    return x, y
