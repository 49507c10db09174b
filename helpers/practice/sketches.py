"""Small drawings of curves, to choose from."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..plots import RUN_COLOURS, TRAINING, VALIDATION, course_style, to_png

WIDTH = 220
"""Of one sketch, in pixels of the page."""
_ALONE = [(RUN_COLOURS[0], "-")]
_PAIR = [(TRAINING, "-"), (VALIDATION, "--")]


def draw(sketches, names) -> bytes:
    """Draw the sketches side by side, as a PNG.

    Args:
        sketches: for each, a list of one curve or two (training and validation); a curve is a list
            of heights from 0 to 1, evenly spaced.
        names: what stands above each.
    """
    with course_style(**{"figure.dpi": 150}):
        figure = Figure(figsize=(WIDTH / 100 * len(sketches), 1.7))
        FigureCanvasAgg(figure)
        axes = figure.subplots(1, len(sketches), squeeze=False)[0]
        for ax, curves, name in zip(axes, sketches, names, strict=True):
            for heights, (colour, style) in zip(
                curves, _ALONE if len(curves) == 1 else _PAIR, strict=True
            ):
                ax.plot(*_smooth(heights), style, color=colour, marker="")
            ax.set(xlim=(0, 1), ylim=(0, 1.05), xticks=[], yticks=[], xlabel="epoch")
            ax.set_title(name, loc="left", fontweight="bold")
        return to_png(figure)


def _smooth(heights, points=120):
    """A curve through these heights without corners."""
    x = np.linspace(0, 1, points)
    y = np.interp(x, np.linspace(0, 1, len(heights)), heights)
    width = max(1, points // (2 * len(heights)))
    padded = np.pad(y, width, mode="reflect", reflect_type="odd")
    return x, np.convolve(padded, np.full(2 * width + 1, 1 / (2 * width + 1)), "valid")
