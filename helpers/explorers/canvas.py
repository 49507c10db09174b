"""What the sliders share: a picture that is redrawn in milliseconds, and one way to say errors."""

import contextlib
import html
import struct
import zlib

import ipywidgets
import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..plots import STYLE

_SCREEN_DPI = 100


class Canvas:
    """A figure whose moving artists are redrawn over a still background, into one widget.

    Draw everything on `figure` (in `style()`), call `freeze` with the artists that move, then for
    each move change those artists and call `show`. Only they are drawn again.
    """

    def __init__(self, figsize=(9, 3.8), dpi=_SCREEN_DPI):
        """Make an empty picture.

        Args:
            figsize: width and height in inches; an inch is 100 pixels of the notebook's page.
            dpi: the picture's own pixels an inch; more than 100 is sharper and slower.
        """
        with self.style():
            self.figure = Figure(figsize=figsize, dpi=dpi, layout="none")
        FigureCanvasAgg(self.figure)
        self.image = ipywidgets.Image(
            format="png",
            layout=ipywidgets.Layout(width=f"{figsize[0] * _SCREEN_DPI:.0f}px", max_width="100%"),
        )
        self._moving = []
        self._background = None

    @staticmethod
    def style():
        """A context in which new axes and artists have the course's style."""
        return matplotlib.rc_context(STYLE)

    def freeze(self, moving=()):
        """Draw all but the artists in `moving` and keep that as the background.

        Moving artists lie above the background, so give them a zorder above 3 (spines have 2.5).
        To change what is still, change it and freeze again.
        """
        for artist in self._moving:
            artist.set_animated(False)
        self._moving = sorted(moving, key=lambda artist: artist.get_zorder())
        for artist in self._moving:
            artist.set_animated(True)
        with self.style():
            self.figure.canvas.draw()
        self._background = self.figure.canvas.copy_from_bbox(self.figure.bbox)

    def show(self):
        """Draw the moving artists over the background and hand the picture to the widget."""
        if self._background is None:
            self.freeze()
        canvas = self.figure.canvas
        canvas.restore_region(self._background)
        renderer = canvas.get_renderer()
        with self.style():  # some settings count when an artist is drawn: "C0" is one
            for artist in self._moving:
                artist.draw(renderer)
        self.image.value = _png(np.asarray(canvas.buffer_rgba()))


class Notice(ipywidgets.HTML):
    """A line of text under an explorer: progress, or what was wrong and what to do."""

    def say(self, text):
        """Show `text` (plain text) in the colour of the page."""
        self.value = f'<div role="status">{html.escape(text, quote=False)}</div>'

    def complain(self, text):
        """Show `text` (plain text) as an error."""
        self.value = (
            '<div role="alert" style="color: var(--jp-error-color1, #b00020); line-height: 1.4">'
            f"<b>This did not work:</b> {html.escape(text, quote=False)}</div>"
        )

    def clear(self):
        """Show nothing."""
        self.value = ""

    @contextlib.contextmanager
    def complaints(self):
        """A context in which a ValueError or TypeError (bad input) becomes a complaint."""
        try:
            yield
        except (ValueError, TypeError) as error:
            self.complain(str(error))


def explained(control, text):
    """Give a control its tooltip, by the name that this version of ipywidgets has for it."""
    name = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
    setattr(control, name, text)
    return control


def _png(pixels):
    """Pack uint8 pixels of shape (height, width, 4) as an opaque PNG.

    Pillow tries five filters on each row; writing the rows as they are takes half its time.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row begins with its filter: 0, none
    colours = rows[:, 1:].reshape(height, width, 3)
    for channel in range(3):  # five times as fast as copying all three at once
        colours[..., channel] = pixels[..., channel]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits each of R, G and B
    parts = {b"IHDR": header, b"IDAT": zlib.compress(rows, level=1), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )
