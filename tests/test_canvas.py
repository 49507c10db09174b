"""Canvas: what it draws anew, what it keeps, and what a learner's settings can't change."""

import gc
import io
import weakref

import matplotlib
import numpy as np
import pytest
from cycler import cycler
from matplotlib import pyplot
from matplotlib.figure import Figure
from PIL import Image

from helpers import DropoutExplorer, LearningRateExplorer
from helpers.explorers.canvas import Canvas
from helpers.plots import STYLE

ODD_SETTINGS = {
    "font.size": 30,
    "font.family": "monospace",
    "text.color": "red",
    "lines.linewidth": 9,
    "lines.linestyle": ":",
    "lines.markersize": 30,
    "lines.markeredgewidth": 7,
    "lines.antialiased": False,
    "patch.linewidth": 9,
    "patch.facecolor": "red",
    "axes.prop_cycle": cycler(color=["red"], marker=["P"]),
    "axes.facecolor": "black",
    "axes.titlesize": 40,
    "figure.facecolor": "black",
    "figure.dpi": 31,
    "savefig.dpi": 17,
    "path.sketch": (1, 100, 2),
}


class Moving:
    """A canvas with a curve that stays and a line that moves."""

    def __init__(self, x=1):
        self.canvas, self.x, self.drawn = Canvas((4, 3)), x, 0
        self.canvas.draw(self.make)
        self.canvas.show()

    def make(self, figure):
        self.drawn += 1
        self.ax = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        self.ax.plot([0, 1, 2], [2, 0, 1])
        self.line = self.ax.axvline(self.x, zorder=4, marker="", linewidth=2, color="black")
        return [self.line]

    def move(self, x):
        self.line.set_xdata([x, x])
        self.canvas.show()

    @property
    def picture(self):
        return self.canvas.image.value


def pixels(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def test_the_picture_has_its_own_width_and_is_sharper_than_the_page():
    canvas = Canvas((4, 3))
    canvas.draw(lambda figure: [])
    canvas.show()
    assert canvas.image.layout.width == "400px"
    assert canvas.image.layout.max_width == "100%"
    assert pixels(canvas.image.value).shape == (450, 600, 3)


def test_the_png_holds_the_pixels_of_the_figure():
    moving = Moving()
    drawn = np.asarray(moving.canvas.figure.canvas.buffer_rgba())[..., :3]
    assert len(np.unique(drawn)) > 10
    assert np.abs(pixels(moving.picture) - drawn).max() < 8  # the PNG has fewer colours


def test_a_move_is_what_a_full_redraw_would_be():
    moving = Moving()
    for x in (0.3, 1.5, 0.5):
        moving.move(x)
        assert np.array_equal(pixels(moving.picture), pixels(Moving(x).picture))
    assert moving.drawn == 1


def test_what_moves_lies_in_the_order_of_its_zorder():
    def make(figure):
        low = figure.text(0.1, 0.1, "█████", color="red", fontsize=30, zorder=4)
        high = figure.text(0.1, 0.1, "█████", color="blue", fontsize=30, zorder=5)
        return [high, low]

    canvas = Canvas((2, 1))
    canvas.draw(make)
    canvas.show()
    shown = pixels(canvas.image.value).reshape(-1, 3)
    assert (shown == (0, 0, 255)).all(axis=1).any()
    assert not (shown == (255, 0, 0)).all(axis=1).any()


def test_a_still_artist_is_drawn_again_only_when_frozen_anew():
    moving = Moving()
    before = moving.picture
    moving.ax.set_xlim(0, 5)
    moving.ax.get_lines()[0].set_color("red")
    moving.canvas.freeze()
    moving.canvas.show()
    frozen = moving.picture
    assert frozen != before
    moving.ax.get_lines()[0].set_color("green")
    moving.canvas.show()
    assert moving.picture == frozen


def test_drawing_again_forgets_what_was_there():
    moving = Moving()
    before = moving.picture
    moving.canvas.draw(lambda figure: [])
    moving.canvas.show()
    empty = pixels(moving.picture)
    assert (empty == 255).all() and moving.picture != before
    moving.canvas.draw(moving.make)
    moving.canvas.show()
    assert moving.picture == before


def test_it_leaves_no_pyplot_figure_and_no_setting_behind():
    before = dict(matplotlib.rcParams)
    moving = Moving()
    moving.move(0.4)
    moving.canvas.freeze()
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def test_it_draws_in_the_courses_style():
    seen = {}
    canvas = Canvas((4, 3))
    canvas.draw(lambda figure: [seen.update(matplotlib.rcParams)][:0])
    assert {name: seen[name] for name in STYLE} == dict(matplotlib.RcParams(STYLE))


def test_an_error_in_drawing_leaves_the_settings_as_they_were():
    before = dict(matplotlib.rcParams)
    with pytest.raises(ZeroDivisionError):
        Canvas((4, 3)).draw(lambda figure: 1 / 0)
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(
    ("kind", "value"),
    [(DropoutExplorer, 0.7), (LearningRateExplorer, 0.1)],
    ids=["dropout", "learning rate"],
)
def test_a_move_does_not_depend_on_the_learners_settings(kind, value):
    one, other = kind(), kind()
    before = one.picture.value
    one.rate.value = value
    with matplotlib.rc_context(ODD_SETTINGS):
        other.rate.value = value
    assert one.picture.value == other.picture.value != before


def test_closed_it_lets_its_figure_go():
    moving = Moving()
    figure = weakref.ref(moving.canvas.figure)
    assert isinstance(figure(), Figure)
    moving.line = moving.ax = None
    moving.canvas.close()
    gc.collect()
    assert figure() is None
