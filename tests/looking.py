"""What a learner sees of an explorer, for tests."""

import html
import io
import re

import numpy as np
from cycler import cycler
from PIL import Image

# What a learner may have set for plots, and what the course's style sets anew in each picture.
ODD_SETTINGS = {
    "font.size": 30,
    "lines.linewidth": 9,
    "lines.markersize": 30,
    "axes.prop_cycle": cycler(color=["red"], marker=["P"]),
}


def read(text):
    """What a learner reads in a part of the page."""
    return " ".join(html.unescape(re.sub("<[^>]*>", " ", text.value)).split())


def shown(explorer):
    """Whether its picture is there to be seen."""
    layout = explorer.picture.layout
    return layout.display is None and layout.visibility is None


def has_a_white_edge(picture):
    """Whether nothing reaches the edge of the picture, where it would be cut."""
    pixels = np.asarray(Image.open(io.BytesIO(picture.value)))
    return all((edge == 255).all() for edge in (pixels[[0, -1]], pixels[:, [0, -1]]))
