"""The course's one visual style, and the plot that every lesson draws: metrics over epochs."""

import contextlib
import threading
from collections.abc import Mapping
from typing import NamedTuple

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.ticker import MaxNLocator

from .histories import better_direction, is_run, read_history
from .png import png
from .wording import shown

# Okabe and Ito's palette for colour-blind readers.
COLOURS = ["#0072B2", "#E69F00", "#000000", "#CC79A7", "#009E73", "#56B4E9", "#D55E00", "#8A8A00"]
TRAINING, VALIDATION = COLOURS[:2]
"""The colours of training and validation, wherever one run is drawn, and of nothing else."""
RUN_COLOURS = [COLOURS[place] for place in (2, 4, 3, 7, 5, 6)]
"""The colours of several runs in one plot; those most like the two above come last."""
MARKERS = ["o", "s", "^", "D", "v", "P", "X", "<"]

STYLE = {
    "axes.grid": True,
    "axes.labelsize": 13,
    "axes.prop_cycle": cycler(color=COLOURS, marker=MARKERS),
    "axes.spines.top": False,
    "axes.titlesize": 14,
    "figure.dpi": 100,
    "figure.figsize": (8, 4.2),
    "figure.constrained_layout.use": True,
    "font.size": 12,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
}


_ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def course_style(**more):
    """A context in which new figures and artists have the course's style, and more settings.

    matplotlib's settings are one for all threads. A slider may be drawn in a thread of its own
    while a cell draws a plot, so only one of them at a time changes the settings. What a cell sets
    by itself in that moment is lost.
    """
    with _ONE_AT_A_TIME, matplotlib.rc_context({**STYLE, **more}):
        yield


def use_style():
    """Draw every following matplotlib figure in the course's style."""
    with _ONE_AT_A_TIME:
        matplotlib.rcParams.update(STYLE)


def plot_history(
    history,
    metrics=("loss",),
    ax=None,
    *,
    twin=None,
    best=None,
    best_mode="auto",
    title=None,
    colours=None,
):
    """Draw metrics over epochs: training as a solid line, validation as a dashed one.

    One run is blue in training and orange in validation. Several runs have a colour and a marker
    each, in the order of the dict, and none of them is that blue or that orange.

    Args:
        history: a `keras.callbacks.History`, a dict of lists, a DataFrame; or several of them in a
            dict by name, as in `{"rmsprop": first, "adam": second}`.
        metrics: names to draw on the left axis. "loss" stands for `loss` and, where the history
            has it, `val_loss`; "val_loss" for itself alone.
        ax: the `matplotlib.axes.Axes` to draw on; a new figure by default.
        twin: one more metric, drawn on an axis of its own on the right, for example "accuracy".
        best: a key whose best epoch is marked, for example "val_loss". It must be drawn.
        best_mode: "min" or "max", as in Keras' callbacks; "auto" asks Keras: the highest accuracy
            is the best, the lowest loss.
        title: the title of the picture.
        colours: a dict from a run's name to its matplotlib colour, which keeps it from plot to
            plot. Names that are not drawn here are allowed.

    Returns:
        The Axes. With `twin` it is the left one; the right one is the last of `ax.figure.axes`.

    Raises:
        ValueError: the history is empty or ragged, lacks a metric, or one has no finite value;
            `best` is not drawn, or "auto" can't tell whether more or less of it is better; another
            argument is not what is described above.
        TypeError: `history` is none of the above.
    """
    metrics = metric_names(metrics)
    _check_arguments(ax, twin, best, colours)
    if is_run(history):
        runs = [("", history)]
    else:
        runs = [(str(name), run) for name, run in history.items()]
    left, right, marks = [], [], []
    for (name, run), look in zip(runs, _looks([name for name, _ in runs], colours), strict=True):
        try:
            columns = read_history(run)
            left += _curves(name, look, columns, metrics)
            right += _curves(name, look, columns, [] if twin is None else [twin])
            if best is not None:
                marks.append((name, look.of(best), best, *_best_epoch(columns, best, best_mode)))
        except (ValueError, TypeError) as error:
            if not name:
                raise
            raise type(error)(f"run {name!r}: {error}") from error
    on_the_right = best in [curve.key for curve in right]
    if best is not None and not on_the_right and best not in [curve.key for curve in left]:
        raise ValueError(f"best={best!r} is not drawn: add it to metrics, or name it as twin")

    with course_style():
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.figure().add_subplot()
        for curve in left:
            _draw(ax, curve)
        ax.set(xlabel="epoch", ylabel=plain_text(", ".join(_in_words(m) for m in metrics)))
        if title is not None:
            ax.set_title(plain_text(title))
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        ax.margins(x=0.02)
        axes = [ax]
        if right:
            axes.append(ax.twinx())
            axes[1].grid(False)
            axes[1].set_ylabel(plain_text(_in_words(twin)))
            for curve in right:
                _draw(axes[1], curve, dimmed=True)
        for mark in marks:
            _mark_best(axes[-1] if on_the_right else ax, *mark)
        _legend(axes)
    return ax


def metric_names(metrics):
    """Return `metrics`, one name or several, as a list.

    Raises:
        ValueError: it is empty, or something else than names.
    """
    is_history = hasattr(metrics, "keys")  # a second one, as a dict or a DataFrame
    try:
        names = [metrics] if isinstance(metrics, str) else list(metrics)
    except TypeError:  # it can't be listed
        names = [metrics]
    if is_history or not all(isinstance(name, str) for name in names):
        raise ValueError(
            f"metrics must be names of metrics, such as 'loss', not {shown(metrics)}. To draw "
            'several runs, put them in a dict, such as {"first": one, "second": another}'
        )
    if not names:
        raise ValueError("metrics is empty: name at least one, such as 'loss'")
    return names


def plain_text(text):
    """A learner's text, for matplotlib to draw as it stands.

    A $ in it begins no formula, and a _ at its beginning doesn't hide it from the legend.
    """
    text = str(text).replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def _check_arguments(ax, twin, best, colours):
    if ax is not None and not isinstance(ax, Axes):
        raise ValueError(
            f"ax must be one matplotlib Axes, such as plt.gca() or axes[0], not {shown(ax)}"
        )
    for argument, metric in (("twin", twin), ("best", best)):
        if metric is not None and not isinstance(metric, str):
            raise ValueError(
                f"{argument} must be the name of one metric, such as 'accuracy', not "
                f"{shown(metric)}"
            )
    if colours is None:
        return
    if not isinstance(colours, Mapping):
        raise ValueError(
            "colours must be a dict from a run's name to its colour, such as "
            f"{{'adam': 'black'}}, not {shown(colours)}"
        )
    for name, colour in colours.items():
        if not _is_colour(colour):
            raise ValueError(
                f"colours[{shown(name)}] must be a colour that matplotlib knows, such as 'black' "
                f"or '#009E73', not {shown(colour)}"
            )


def _is_colour(value):
    try:
        to_hex(value)
    except (TypeError, ValueError):
        return False
    return True


class _Look(NamedTuple):
    """What tells a run from others."""

    training: str
    validation: str
    marker: int
    """The place in `MARKERS` of its first metric's marker."""

    def of(self, key):
        """The colour of this key's curve."""
        return self.validation if key.startswith("val_") else self.training


def _looks(names, colours):
    """A `_Look` for each run of one plot."""
    given = {str(name): colour for name, colour in (colours or {}).items() if str(name) in names}
    if len(names) == 1:
        colour = given.get(names[0])
        return [_Look(colour or TRAINING, colour or VALIDATION, 0)]
    taken = {to_hex(colour) for colour in given.values()}
    free = [colour for colour in RUN_COLOURS if to_hex(colour) not in taken] or RUN_COLOURS
    looks = []
    for place, name in enumerate(names):
        colour = given.get(name) or free[place % len(free)]
        looks.append(_Look(colour, colour, place + place // len(free)))
    return looks


class _Curve(NamedTuple):
    """One line to draw: `epochs` and `values` are of shape (n,)."""

    label: str
    key: str
    epochs: np.ndarray
    values: np.ndarray
    colour: str
    marker: str


def _curves(name, look, run, metrics):
    """What to draw for one run: a `_Curve` for each metric and its validation."""
    curves = []
    for place, metric in enumerate(metrics):
        marker = MARKERS[(look.marker + place) % len(MARKERS)]
        for key in keys_of(metric, run):
            values = run[key]
            if not np.isfinite(values).any():
                kept = ", ".join(repr(k) for k in run.values)
                raise ValueError(
                    f"{key!r} has no finite value in {len(values)} epochs, so there is nothing to "
                    f"draw; the history has {kept}. Did the training diverge?"
                )
            label = f"{name} {_in_words(key)}" if name else _in_words(key)
            curves.append(_Curve(label, key, run.epochs, values, look.of(key), marker))
    return curves


def keys_of(metric, run):
    """The keys that `metric` stands for: itself and, where the run has it, its validation twin."""
    twin = f"val_{metric}"
    if metric.startswith("val_") or twin not in run.values:
        return [metric]
    return [metric, twin]


def _draw(ax, curve, dimmed=False):
    validation = curve.key.startswith("val_")
    finite = np.isfinite(curve.values)
    label = plain_text(curve.label)
    if not finite.all():
        gap = curve.epochs[~finite]
        label += f" (not a number in {len(gap)} of {len(finite)} epochs, first in {gap[0]})"
    ax.plot(
        curve.epochs,
        np.where(finite, curve.values, np.nan),
        label=label,
        color=curve.colour,
        linestyle="--" if validation else "-",
        marker="x" if dimmed else curve.marker,
        markerfacecolor="white" if validation else curve.colour,
        markevery=np.flatnonzero(finite)[:: max(1, finite.sum() // 15)].tolist(),
        alpha=0.45 if dimmed else 1,
    )


def _best_epoch(run, key, mode):
    """The epoch with the best value under `key`, and that value."""
    values = np.where(np.isfinite(run[key]), run[key], np.nan)
    direction = better_direction(key, mode, run.metrics, argument="best_mode")
    if np.isnan(values).all():
        raise ValueError(f"{key!r} has no finite value, so it has no best epoch")
    index = int(np.nanargmax(values) if direction == "max" else np.nanargmin(values))
    return run.epochs[index], values[index]


def _mark_best(ax, name, colour, key, epoch, value):
    label = f"best {_in_words(key)}: {value:.3f} at epoch {epoch}"
    ax.plot(
        epoch,
        value,
        marker="*",
        markersize=18,
        markeredgecolor="white",
        linestyle="none",
        color=colour,
        label=plain_text(f"{name} {label}" if name else label),
        zorder=5,
    )


def _legend(axes):
    """One legend for all of these Axes, on the first of them; below it if there are two."""
    artists, labels = [], []
    for ax in axes:
        more_artists, more_labels = ax.get_legend_handles_labels()
        artists, labels = artists + more_artists, labels + more_labels
    place = {"loc": "best"}
    if len(axes) > 1:
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncols": 2}
    axes[0].legend(artists, labels, fontsize=11, **place)


def _in_words(key):
    """A key as an axis label: `val_loss` -> validation loss."""
    return f"validation {key.removeprefix('val_')}" if key.startswith("val_") else key


def to_png(figure):
    """Draw a `matplotlib.figure.Figure` that has an Agg canvas, and return the PNG as bytes."""
    figure.canvas.draw()
    return png(np.asarray(figure.canvas.buffer_rgba()))
