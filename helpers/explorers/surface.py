"""A square of coloured fields, drawn quickly: what a network answers at each place of a plane."""

import numpy as np
from matplotlib.artist import Artist


class Surface(Artist):
    """Square fields that fill a square of whole pixels, as matplotlib's images do in ten times the
    time.

    Attributes:
        values: float of shape (side, side), from 0 to 1, the lowest row first; None for nothing.
    """

    def __init__(self, corner, pixels, colours, zorder):
        """Show nothing yet.

        Args:
            corner: x and y of the lower left corner, in pixels of the figure.
            pixels: how wide and high a field is.
            colours: of shape (n, 4), red, green, blue and alpha from 0 to 1, for values from 0 on.
            zorder: as of any artist.
        """
        super().__init__()
        self.values = None
        self.set_zorder(zorder)
        self._corner, self._pixels = corner, pixels
        self._colours = np.round(np.asarray(colours) * 255).astype(np.uint8)

    def draw(self, renderer):
        if self.values is None:
            return
        steps = len(self._colours)
        shades = np.minimum((self.values * steps).astype(int), steps - 1)
        fields = self._colours[shades].repeat(self._pixels, axis=0).repeat(self._pixels, axis=1)
        context = renderer.new_gc()
        renderer.draw_image(context, *self._corner, fields)
        context.restore()
