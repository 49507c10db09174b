"""What OverfittingExplorer draws beside its curves: their lowest point, and a map of all places."""

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import ListedColormap, PowerNorm
from matplotlib.patches import Rectangle

from ..capacity import MAPS
from ..recorded_runs import on_the_axis
from .recorded_runs import HERE_COLOUR, OWN_COLOUR, RECORDED_COLOUR, line

COLOURS = ListedColormap(colormaps["Purples"](np.linspace(0.08, 1, 9)))  # few: a small file
GAMMA = {"gap": 1, "lowest": 0.5, "epoch": 1}
"""How the colours are spread: below 1 they tell small values apart, where the best ones are."""


class LowestPoint:
    """A star at the lowest point of the mean validation loss."""

    def __init__(self, places):
        """Show nothing yet.

        Args:
            places: value -> Place.
        """
        self._places = places

    def make(self, left, right):
        self._axes = left
        self._star = line(
            left,
            "none",
            RECORDED_COLOUR,
            marker="*",
            markersize=17,
            markeredgecolor="black",
            markeredgewidth=1,
            zorder=3.4,
            label="lowest",
        )
        self._star.set_clip_on(False)
        return [self._star]

    def move(self, value):
        self._star.set_data([], [])
        if value is not None:
            place = self._places[value]
            height, _ = on_the_axis(place.lowest, *self._axes.get_ylim())
            self._star.set_data([place.epoch], [height])

    def put_own(self, value, run):
        """Its curve shows where it is lowest."""


class CapacityMap:
    """A number and a colour for each place; the chosen one is framed."""

    def __init__(self, capacity, name):
        """Draw nothing yet.

        Args:
            capacity: a `Capacity`.
            name: which of MAPS to begin with.
        """
        self._capacity, self._name = capacity, name

    def make(self, left, right):
        rows, columns = len(self._capacity.neurons), len(self._capacity.images)
        right.grid(False)
        right.set_facecolor("0.9")  # where there is no recording
        right.set_xticks(np.arange(columns) + 0.5, [f"{n:,}" for n in self._capacity.images])
        right.set_yticks(np.arange(rows) + 0.5, [str(n) for n in self._capacity.neurons])
        right.tick_params(length=0, labelsize=10)
        right.spines[:].set_visible(False)
        self._mesh = right.pcolormesh(
            np.zeros((rows, columns)), cmap=COLOURS, edgecolors="white", linewidth=1.5
        )
        self._bar = right.figure.colorbar(self._mesh, ax=right, fraction=0.05, pad=0.03)
        self._bar.ax.tick_params(labelsize=9)
        self._texts = [
            [
                right.text(x + 0.5, y + 0.5, "", ha="center", va="center", fontsize=10.5)
                for x in range(columns)
            ]
            for y in range(rows)
        ]
        self._title = right.set_title("", loc="left")
        self._fill()
        frame = {"width": 1, "height": 1, "facecolor": "none", "clip_on": False}
        self._frames = [
            right.add_patch(Rectangle((0, 0), edgecolor=colour, linewidth=width, zorder=z, **frame))
            for colour, width, z in (("white", 6, 3.1), (HERE_COLOUR, 3, 3.2))
        ]
        self._own = line(
            right,
            "none",
            OWN_COLOUR,
            marker="o",
            markersize=9,
            markeredgecolor="white",
            markeredgewidth=1,
            zorder=3.3,
        )
        return [*self._frames, self._own]

    def change(self, name) -> bool:
        """Show another of MAPS. Tells whether something that stays still was changed."""
        if name == self._name:
            return False
        self._name = name
        self._fill()
        return True

    def _fill(self):
        values, texts = self._capacity.table(self._name)
        known = values[np.isfinite(values)]
        low, high = (known.min(), known.max()) if known.size else (0, 1)
        gamma = GAMMA[MAPS[self._name]]
        norm = PowerNorm(gamma, low if gamma < 1 else 0, max(high, low + 1e-6))
        self._mesh.set_array(np.ma.masked_invalid(values))
        self._mesh.set_norm(norm)
        self._title.set_text(f"map: {self._name}")
        for row, told, numbers in zip(self._texts, texts, values, strict=True):
            for text, number, label in zip(row, numbers, told, strict=True):
                dark = np.isfinite(number) and _luminance(COLOURS(norm(number))) < 0.18
                text.set(text=label, color="white" if dark else "black")

    def move(self, value):
        for frame in self._frames:
            frame.set_visible(value is not None)
            if value is not None:
                frame.set_xy(self._corner(value))

    def put_own(self, value, run):
        self._own.set_data([], [])
        if run:
            x, y = self._corner(value)
            self._own.set_data([x + 0.85], [y + 0.82])

    def _corner(self, value):
        """The lower left corner of a place's field."""
        neurons, images = value
        return self._capacity.images.index(images), self._capacity.neurons.index(neurons)


def _luminance(colour):
    """From 0 to 1; below 0.18 white text can be read better than black."""
    return np.dot(np.array(colour[:3]) ** 2.2, (0.2126, 0.7152, 0.0722))
