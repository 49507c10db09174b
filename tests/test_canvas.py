import io

import numpy as np
import pytest
from PIL import Image

from helpers.explorers.canvas import Canvas, Notice, explained


def canvas_with_a_line():
    canvas = Canvas((4, 3))
    with canvas.style():
        ax = canvas.figure.add_axes((0.1, 0.1, 0.8, 0.8))
        ax.plot([0, 1, 2], [2, 0, 1])
        line = ax.axvline(1, zorder=4, marker="")
    return canvas, line


def pixels(image):
    return np.asarray(Image.open(io.BytesIO(image.value)))


def test_the_picture_has_its_own_width():
    canvas = Canvas((4, 3), dpi=150)
    canvas.show()
    assert canvas.image.layout.width == "400px"
    assert canvas.image.layout.max_width == "100%"
    assert pixels(canvas.image).shape == (450, 600, 3)


def test_the_png_holds_the_pixels_of_the_figure():
    canvas, _ = canvas_with_a_line()
    canvas.show()
    drawn = np.asarray(canvas.figure.canvas.buffer_rgba())[..., :3]
    assert len(np.unique(drawn)) > 10
    assert (pixels(canvas.image) == drawn).all()


def test_a_move_is_what_a_full_redraw_would_be():
    canvas, line = canvas_with_a_line()
    canvas.freeze([line])
    for x in (0.3, 1.5, 0.5):
        line.set_xdata([x, x])
        canvas.show()
        moved = pixels(canvas.image)
        other, its_line = canvas_with_a_line()
        its_line.set_xdata([x, x])
        other.show()
        assert (moved == pixels(other.image)).all()


def test_freezing_again_lets_go_of_what_moved_before():
    canvas, line = canvas_with_a_line()
    canvas.freeze([line])
    canvas.show()
    before = canvas.image.value
    canvas.freeze()
    canvas.show()
    assert not line.get_animated()
    assert canvas.image.value == before


def test_it_leaves_no_pyplot_figure_and_no_setting_behind():
    import matplotlib
    from matplotlib import pyplot

    before = dict(matplotlib.rcParams)
    canvas, line = canvas_with_a_line()
    canvas.freeze([line])
    canvas.show()
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before


def test_a_notice_is_plain_text_and_can_be_cleared():
    notice = Notice()
    notice.say("a < b")
    assert "a &lt; b" in notice.value
    notice.complain("<script>")
    assert "&lt;script&gt;" in notice.value and "did not work" in notice.value
    notice.clear()
    assert notice.value == ""


def test_bad_input_is_told_and_a_fault_of_ours_is_not_hidden():
    notice = Notice()
    with notice.complaints():
        raise ValueError("give it a number")
    assert "give it a number" in notice.value
    with pytest.raises(ZeroDivisionError), notice.complaints():
        raise ZeroDivisionError


def test_a_control_gets_its_tooltip():
    import ipywidgets

    for control in (ipywidgets.IntSlider(), ipywidgets.Button()):
        explained(control, "what it does")
        names = [name for name in ("tooltip", "description_tooltip") if control.has_trait(name)]
        assert "what it does" in [getattr(control, name) for name in names]
