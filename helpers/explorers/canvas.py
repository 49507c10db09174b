"""A figure of which only what moves is drawn again, into one widget."""

import ipywidgets
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..plots import course_style
from ..png import png
from .flow import FLOW

PAGE_DPI = 100
"""Pixels of the notebook's page in an inch of the figure."""
DPI = 150
"""The picture's own: sharp on a page that is shown at 125 or 150 %."""


class Canvas:
    """A figure whose moving artists are redrawn over a still background, into one widget.

    Give `draw` a function that draws everything and returns the artists that move. For each move
    change those artists and call `show`: only they are drawn again. As that happens outside of
    the course's style, their looks must not depend on matplotlib's settings: give them sizes,
    colours and markers of their own.

    Attributes:
        image: the `ipywidgets.Image`.
        figure: the `matplotlib.figure.Figure`.
    """

    def __init__(self, figsize):
        """Make an empty picture.

        Args:
            figsize: width and height in inches; an inch is 100 pixels of the notebook's page.
        """
        with course_style():
            self.figure = Figure(figsize=figsize, dpi=DPI, layout="none")
        FigureCanvasAgg(self.figure)
        self.image = ipywidgets.Image(
            format="png",
            layout={
                "width": f"{figsize[0] * PAGE_DPI:.0f}px",
                "max_width": "100%",
                "margin": "0",  # beside which 100 % would be too wide
            },
        )
        self._moving, self._background = [], None

    def draw(self, make):
        """Draw the figure anew.

        Args:
            make: a function of the empty figure, called in the course's style. It returns the
                artists that move. They lie above the others, so give them a zorder above 3 (spines
                have 2.5).
        """
        with course_style():
            self.figure.clear()
            self._moving = sorted(make(self.figure), key=lambda artist: artist.get_zorder())
            self._freeze()

    def freeze(self):
        """Draw the still artists again, after one of them was changed."""
        with course_style():
            self._freeze()

    def _freeze(self):
        for artist in self._moving:
            artist.set_animated(True)
        self.figure.canvas.draw()
        self._background = self.figure.canvas.copy_from_bbox(self.figure.bbox)

    def show(self):
        """Draw the moving artists over the background and hand the picture to the widget."""
        canvas = self.figure.canvas
        canvas.restore_region(self._background)
        renderer = canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)
        picture = png(np.asarray(canvas.buffer_rgba()), small=not FLOW.has_room())
        FLOW.send(len(picture))
        self.image.value = picture

    def close(self):
        """Give the memory of the pictures back, now; that of the figure follows."""
        if self.figure is not None:
            self.figure.canvas = None  # it has the pixels
        self.figure, self._moving, self._background = None, [], None
        self.image.value = b""
