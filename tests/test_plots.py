import itertools
import math
import threading
import time

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
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


def right_of(ax):
    """The right one of two Axes that share their epochs."""
    left, right = ax.figure.axes
    assert left is ax
    return right


THREE = {"one": RUN, "two": RUN, "three": RUN}
BLUE, ORANGE = "#0072B2", "#E69F00"


@pytest.mark.parametrize("history", [RUN, {"a name": RUN}], ids=["one run", "one run by name"])
def test_one_run_is_blue_and_solid_in_training_and_orange_and_dashed_in_validation(history):
    ax = plot_history(history, ax=axes(), twin="accuracy")
    for lines_drawn in (ax.get_lines(), right_of(ax).get_lines()):
        training, validation = lines_drawn
        assert (training.get_color(), training.get_linestyle()) == (BLUE, "-")
        assert (validation.get_color(), validation.get_linestyle()) == (ORANGE, "--")
    assert ax.get_lines()[0].get_ydata().tolist() == RUN["loss"]
    assert ax.get_lines()[0].get_xdata().tolist() == [0, 1, 2, 3]


def test_several_runs_have_a_colour_and_a_marker_each_and_never_that_blue_or_orange():
    drawn = lines(plot_history(THREE, ax=axes()))
    for name in THREE:
        training, validation = drawn[f"{name} loss"], drawn[f"{name} validation loss"]
        assert (training.get_linestyle(), validation.get_linestyle()) == ("-", "--")
        assert training.get_color() == validation.get_color() not in (BLUE, ORANGE)
        assert training.get_marker() == validation.get_marker()
    assert len({line.get_color() for line in drawn.values()}) == 3
    assert len({line.get_marker() for line in drawn.values()}) == 3


def test_a_colour_does_not_depend_on_what_was_drawn_before():
    def looks(ax):
        return [(line.get_color(), line.get_marker()) for line in ax.get_lines()]

    first = looks(plot_history(THREE, ax=axes()))
    plot_history({"another": RUN, "three": RUN}, ax=axes())
    assert looks(plot_history(THREE, ax=axes())) == first
    renamed = {f"new {name}": run for name, run in THREE.items()}
    assert looks(plot_history(renamed, ax=axes())) == first


def test_the_caller_can_fix_the_colour_of_a_run():
    colours = {"two": "crimson", "not drawn here": "black"}
    drawn = lines(plot_history(THREE, ax=axes(), colours=colours, best="val_loss"))
    assert drawn["two loss"].get_color() == drawn["two validation loss"].get_color() == "crimson"
    assert drawn["two best validation loss: 0.500 at epoch 2"].get_color() == "crimson"
    alone = lines(plot_history({"two": RUN}, ax=axes(), colours=colours))
    assert {line.get_color() for line in alone.values()} == {"crimson"}


def test_a_colour_that_the_caller_gave_is_given_to_no_other_run():
    for colour in plots.RUN_COLOURS:
        drawn = plot_history(THREE, "val_loss", axes(), colours={"three": colour.lower()})
        assert len({to_hex(line.get_color()) for line in drawn.get_lines()}) == 3


def test_several_metrics_of_one_run_differ_in_more_than_colour():
    drawn = lines(plot_history(RUN, ("loss", "accuracy"), axes()))
    assert drawn["loss"].get_color() == drawn["accuracy"].get_color() == BLUE
    assert drawn["loss"].get_marker() != drawn["accuracy"].get_marker()


def test_the_star_has_the_colour_of_its_curve():
    for best, colour in (("loss", BLUE), ("val_loss", ORANGE)):
        (star,) = (
            line
            for line in plot_history(RUN, ax=axes(), best=best).get_lines()
            if line.get_marker() == "*"
        )
        assert star.get_color() == colour


def test_nothing_is_put_on_the_axes():
    own = axes()
    known = set(vars(own))
    plot_history(RUN, ax=own, twin="accuracy", best="val_accuracy")
    assert set(vars(own)) == known


@pytest.mark.parametrize(
    "name", ["$", "$lr$", "cost: $5 and $6", r"\$\alpha$", "a_b^c", "_", "_lr"]
)
def test_a_name_is_drawn_as_it_stands(name):
    run = {name: [1.0, 0.5], f"val_{name}": [1.0, 0.6], "accuracy": [0.5, 0.6]}
    own = axes()
    ax = plot_history(
        {name: run, "other": run}, (name, f"val_{name}"), own, twin="accuracy", title=name
    )
    ax.figure.draw_without_rendering()
    texts = [*ax.get_legend().get_texts(), ax.title, ax.yaxis.label]
    drawn = [text._preprocess_math(text.get_text()) for text in texts]
    assert {math for _, math in drawn} == {False}
    words = [text.strip() for text, _ in drawn]
    assert words[0] == f"{name} {name}"
    assert len(words) == 8 + 2
    assert words[-2:] == [name, f"{name}, validation {name}"]


def test_names_may_be_numbers():
    drawn = lines(plot_history({0: RUN, 0.1: RUN}, "val_loss", axes(), colours={0.1: "crimson"}))
    assert set(drawn) == {"0 validation loss", "0.1 validation loss"}
    assert drawn["0.1 validation loss"].get_color() == "crimson"


def test_neighbouring_colours_differ_in_grey():
    grey = [np.dot(to_rgb(colour), (0.299, 0.587, 0.114)) for colour in plots.RUN_COLOURS]
    assert all(abs(a - b) > 0.1 for a, b in itertools.pairwise(grey))


def test_axes_have_labels():
    ax = plot_history(RUN, ("loss",), axes(), twin="accuracy", title="a title")
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "loss")
    assert right_of(ax).get_ylabel() == "accuracy"
    assert ax.get_title() == "a title"


def test_the_twin_axis_has_the_accuracy():
    ax = plot_history(RUN, ax=axes(), twin="accuracy")
    assert set(lines(ax)) == {"loss", "validation loss"}
    assert set(lines(right_of(ax))) == {"accuracy", "validation accuracy"}
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
    assert any(line.get_marker() == "*" for line in right_of(ax).get_lines())


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
        ({}, {}, "^the history is empty"),
        ({"loss": [1.0, 2.0], "val_loss": [1.0]}, {}, "ragged"),
        ({"one": RUN, "two": {"accuracy": [1.0]}}, {}, "run 'two': .*no 'loss'; it has 'accuracy'"),
        ({"one": RUN, "two": {"loss": [1.0]}}, {"best": "val_loss"}, "run 'two': .*no 'val_loss'"),
        (RUN, {"twin": ("accuracy",)}, "twin must be the name of one metric"),
        (RUN, {"best": ("loss",)}, "best must be the name of one metric"),
        (RUN, {"best": "val_accuracy"}, "best='val_accuracy' is not drawn"),
        (RUN, {"metrics": 3}, "metrics must be names .* not 3"),
        (RUN, {"metrics": RUN}, "metrics must be names .*To draw several runs"),
        (RUN, {"ax": "val_loss"}, "ax must be one matplotlib Axes, .* not 'val_loss'"),
        (RUN, {"colours": "black"}, "colours must be a dict .* not 'black'"),
        (RUN, {"colours": {"adam": "blak"}}, r"colours\['adam'\] must be a colour .* not 'blak'"),
        ({"inaccuracy": [1.0]}, {"metrics": "inaccuracy", "best": "inaccuracy"}, "best_mode='max'"),
        ({"wobble": [1.0, 2.0]}, {"metrics": "wobble", "best": "wobble"}, "best_mode='max'"),
        (RUN, {"best": "loss", "best_mode": "lowest"}, "best_mode must be .* not 'lowest'"),
    ],
)
def test_bad_input_is_named(history, arguments, words):
    with pytest.raises(ValueError, match=words):
        plot_history(history, **{"ax": axes(), **arguments})


def test_a_run_that_is_none_is_told_by_its_name():
    with pytest.raises(TypeError, match="run 'two': .* not None"):
        plot_history({"one": RUN, "two": None}, ax=axes())


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


def test_the_style_keeps_threads_apart_and_the_users_settings_alone():
    """A slider may be drawn in a thread of its own while a cell draws."""
    before, wrong = dict(matplotlib.rcParams), []

    def draw(size):
        for _ in range(50):
            with plots.course_style(**{"font.size": size}):
                time.sleep(0)
                seen = matplotlib.rcParams["font.size"], matplotlib.rcParams["legend.frameon"]
                if seen != (size, False):
                    wrong.append(seen)

    threads = [threading.Thread(target=draw, args=[size]) for size in (5, 6, 7, 8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert dict(matplotlib.rcParams) == before


def test_the_style_may_be_asked_for_within_itself():
    before = dict(matplotlib.rcParams)
    with plots.course_style(), plots.course_style(**{"font.size": 5}):
        assert matplotlib.rcParams["font.size"] == 5
    assert dict(matplotlib.rcParams) == before
