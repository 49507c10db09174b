import itertools
import math

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

matplotlib.use("agg")

from helpers import plot_history, plots  # noqa: E402

RUN = {
    "loss": [1.0, 0.6, 0.4, 0.3],
    "val_loss": [0.9, 0.7, 0.5, 0.6],
    "accuracy": [0.5, 0.6, 0.8, 0.9],
    "val_accuracy": [0.5, 0.7, 0.6, 0.6],
}


def axes():
    return Figure().add_subplot()


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_training_is_solid_and_validation_dashed_in_one_colour():
    drawn = lines(plot_history(RUN, ax=axes()))
    assert set(drawn) == {"loss", "validation loss"}
    assert drawn["loss"].get_linestyle() == "-"
    assert drawn["validation loss"].get_linestyle() == "--"
    assert drawn["loss"].get_color() == drawn["validation loss"].get_color()
    assert drawn["loss"].get_ydata().tolist() == RUN["loss"]
    assert drawn["loss"].get_xdata().tolist() == [0, 1, 2, 3]


def test_runs_differ_in_colour_and_marker_and_keep_them():
    first = lines(plot_history({"one": RUN, "two": RUN}, ax=axes()))
    later = lines(plot_history({"two": RUN}, ax=axes()))
    assert first["one loss"].get_color() != first["two loss"].get_color()
    assert first["one loss"].get_marker() != first["two loss"].get_marker()
    assert later["two loss"].get_color() == first["two loss"].get_color()
    assert later["two loss"].get_marker() == first["two loss"].get_marker()


def test_neighbouring_colours_differ_in_grey():
    grey = [np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in plots.COLOURS[:4]]
    assert all(abs(a - b) > 0.1 for a, b in itertools.pairwise(grey))


def test_axes_have_labels():
    ax = plot_history(RUN, ("loss",), axes(), twin="accuracy", title="a title")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert ax.right_ax.get_ylabel() == "accuracy"
    assert ax.get_title() == "a title"


def test_the_twin_axis_has_the_accuracy():
    ax = plot_history(RUN, ax=axes(), twin="accuracy")
    assert set(lines(ax)) == {"loss", "validation loss"}
    assert set(lines(ax.right_ax)) == {"accuracy", "validation accuracy"}
    legend = {text.get_text() for text in ax.get_legend().get_texts()}
    assert legend == {"loss", "validation loss", "accuracy", "validation accuracy"}


def test_a_val_metric_stands_for_itself():
    assert set(lines(plot_history(RUN, "val_loss", axes()))) == {"validation loss"}


@pytest.mark.parametrize(
    ("best", "epoch", "value"), [("val_loss", 2, 0.5), ("val_accuracy", 1, 0.7), ("loss", 3, 0.3)]
)
def test_the_best_epoch_is_marked(best, epoch, value):
    ax = plot_history(RUN, ("loss", "accuracy"), axes(), best=best)
    (mark,) = [line for line in ax.get_lines() if line.get_marker() == "*"]
    assert mark.get_xdata().tolist() == [epoch]
    assert mark.get_ydata().tolist() == [value]
    assert f"{value:.3f} at epoch {epoch}" in mark.get_label()


def test_the_best_accuracy_is_marked_on_the_twin_axis():
    ax = plot_history(RUN, ax=axes(), twin="accuracy", best="val_accuracy")
    assert any(line.get_marker() == "*" for line in ax.right_ax.get_lines())


def test_best_mode_says_which_end_is_best():
    run = {"wobble": [1.0, 3.0, 2.0]}
    for mode, epoch in (("min", 0), ("max", 1)):
        ax = plot_history(run, "wobble", axes(), best="wobble", best_mode=mode)
        assert [m.get_xdata()[0] for m in ax.get_lines() if m.get_marker() == "*"] == [epoch]


def test_bad_input_leaves_no_figure_open():
    from matplotlib import pyplot

    with pytest.raises(ValueError):
        plot_history({"one": RUN, "two": {"loss": [1.0]}}, best="val_loss")
    assert pyplot.get_fignums() == []


def test_many_runs_all_look_different():
    drawn = plot_history({f"run {i}": {"loss": [i, i + 1]} for i in range(20)}, ax=axes())
    looks = {(line.get_color(), line.get_marker()) for line in drawn.get_lines()}
    assert len(looks) == 20


def test_every_second_epoch_still_shows():
    values = [math.nan if i % 2 == 0 else 1.0 for i in range(60)]
    (line,) = plot_history({"loss": values}, ax=axes()).get_lines()
    assert line.get_markevery() and all(i % 2 == 1 for i in line.get_markevery())


def test_nan_is_a_gap_and_said():
    ax = plot_history({"loss": [1.0, math.nan, math.inf, 0.5]}, ax=axes())
    (line,) = ax.get_lines()
    assert np.isnan(line.get_ydata()).tolist() == [False, True, True, False]
    assert "not a number in 2 of 4 epochs, first in 1" in line.get_label()


def test_nothing_but_nan_is_an_error_that_names_key_and_keys():
    run = {"loss": [math.nan] * 3, "accuracy": [0.1, 0.1, 0.1]}
    with pytest.raises(ValueError, match="'loss' has no finite value.*'loss', 'accuracy'"):
        plot_history(run, ax=axes())


@pytest.mark.parametrize(
    ("history", "arguments", "words"),
    [
        (RUN, {"metrics": ("mae",)}, "no 'mae'; it has 'loss', 'val_loss'"),
        (RUN, {"twin": "mae"}, "no 'mae'"),
        (RUN, {"best": "mae"}, "no 'mae'"),
        (RUN, {"metrics": ()}, "metrics is empty"),
        ({}, {}, "empty"),
        ({"loss": [1.0, 2.0], "val_loss": [1.0]}, {}, "ragged"),
        ({"one": RUN, "two": {"accuracy": [1.0]}}, {}, "run 'two': .*no 'loss'; it has 'accuracy'"),
        ({"one": RUN, "two": {"loss": [1.0]}}, {"best": "val_loss"}, "run 'two': .*no 'val_loss'"),
        (RUN, {"twin": ("accuracy",)}, "twin must be the name of one metric"),
        (RUN, {"best": "val_accuracy"}, "best='val_accuracy' is not drawn"),
        ({"wobble": [1.0, 2.0]}, {"metrics": "wobble", "best": "wobble"}, "best_mode='max'"),
        (RUN, {"best": "loss", "best_mode": "lowest"}, "best_mode must be .* not 'lowest'"),
    ],
)
def test_bad_input_is_named(history, arguments, words):
    with pytest.raises(ValueError, match=words):
        plot_history(history, ax=axes(), **arguments)


def test_it_makes_a_figure_of_its_own_and_takes_a_dataframe():
    from matplotlib import pyplot

    ax = plot_history(pd.DataFrame(RUN))
    assert ax.figure.number in pyplot.get_fignums()
    pyplot.close(ax.figure)


def test_it_leaves_the_users_settings_alone():
    before = dict(matplotlib.rcParams)
    plot_history(RUN, ax=axes(), twin="accuracy", best="loss")
    assert dict(matplotlib.rcParams) == before


def test_a_png_of_the_figure():
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = Figure(figsize=(4, 3), dpi=50)
    FigureCanvasAgg(figure)
    png = plots.to_png(figure)
    assert png.startswith(b"\x89PNG")
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (200, 150)
