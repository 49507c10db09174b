"""The course's one visual style, and the plot that every lesson draws: metrics over epochs."""

import io

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.ticker import MaxNLocator
from PIL import Image

from .histories import is_run, read_history

# Okabe and Ito's palette for colour-blind readers, ordered so that neighbours differ in grey too.
COLOURS = ["#0072B2", "#E69F00", "#000000", "#CC79A7", "#009E73", "#56B4E9", "#D55E00", "#8A8A00"]
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

HIGHEST_IS_BEST = ("accuracy", "acc", "auc", "precision", "recall", "f1_score")
LOWEST_IS_BEST = ("loss", "error", "mae", "mse")

_order_of_run = {"": 0}


def use_style():
    """Draw every following matplotlib figure in the course's style."""
    matplotlib.rcParams.update(STYLE)


def plot_history(
    history, metrics=("loss",), ax=None, *, twin=None, best=None, best_mode="auto", title=None
):
    """Draw metrics over epochs: training as a solid line, validation as a dashed one.

    Args:
        history: a `keras.callbacks.History`, a dict of lists, a DataFrame; or several of them in a
            dict by name, as in `{"rmsprop": first, "adam": second}`. A name keeps its colour and
            marker from plot to plot.
        metrics: names to draw on the left axis. "loss" stands for `loss` and, where the history
            has it, `val_loss`; "val_loss" for itself alone.
        ax: the `matplotlib.axes.Axes` to draw on; a new figure by default.
        twin: one more metric, drawn on an axis of its own on the right, for example "accuracy".
        best: a key whose best epoch is marked, for example "val_loss". It must be drawn.
        best_mode: "min" or "max", as in Keras' callbacks; "auto" goes by the name: the highest
            accuracy is the best, the lowest loss.
        title: the title of the picture.

    Returns:
        The Axes (the left one, if there are two; the right one is then its `.right_ax`).

    Raises:
        ValueError: the history is empty or ragged, lacks a metric, or one has no finite value;
            `best` is not drawn, or "auto" can't tell whether more or less of it is better.
        TypeError: `history` is none of the above.
    """
    metrics = [metrics] if isinstance(metrics, str) else list(metrics)
    if not metrics:
        raise ValueError("metrics is empty: name at least one, such as 'loss'")
    if twin is not None and not isinstance(twin, str):
        raise ValueError(f"twin must be the name of one metric, such as 'accuracy', not {twin!r}")
    runs = {"": history} if is_run(history) else history
    if not runs:
        raise ValueError("there are no runs to draw: history is empty")
    left, right, marks = [], [], []
    for name, run in runs.items():
        try:
            columns = read_history(run)
            left += _curves(name, columns, metrics)
            right += _curves(name, columns, [twin] if twin else [])
            if best is not None:
                marks.append((name, best, *_best_epoch(columns, best, best_mode)))
        except ValueError as error:
            raise ValueError(f"run {name!r}: {error}") from error if name else error
    on_the_right = best in [key for _, key, *_ in right]
    if best is not None and not on_the_right and best not in [key for _, key, *_ in left]:
        raise ValueError(f"best={best!r} is not drawn: add it to metrics, or name it as twin")

    with matplotlib.rc_context(STYLE):
        if ax is None:
            from matplotlib import pyplot

            ax = pyplot.figure().add_subplot()
        for curve in left:
            _draw(ax, *curve)
        ax.set(xlabel="epoch", ylabel=", ".join(_plain(metric) for metric in metrics))
        if title:
            ax.set_title(title)
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        ax.margins(x=0.02)
        if right:
            ax.right_ax = ax.twinx()
            ax.right_ax.grid(False)
            ax.right_ax.set_ylabel(_plain(twin))
            for curve in right:
                _draw(ax.right_ax, *curve, dimmed=True)
        for mark in marks:
            _mark_best(ax.right_ax if on_the_right else ax, *mark)
        _legend(ax)
    return ax


def style_of(name):
    """The colour and the marker of the run called `name`: the same in every plot of a notebook."""
    order = _order_of_run.setdefault(name, len(_order_of_run) - 1)
    round_, place = divmod(order, len(COLOURS))
    return {"color": COLOURS[place], "marker": MARKERS[(place + round_) % len(MARKERS)]}


def _curves(name, run, metrics):
    """What to draw for one run: (name, key, epochs, values) for each metric and its validation."""
    curves = []
    for metric in metrics:
        for key in keys_of(metric, run):
            values = run[key]
            if not np.isfinite(values).any():
                kept = ", ".join(repr(k) for k in run.values)
                raise ValueError(
                    f"{key!r} has no finite value in {len(values)} epochs, so there is nothing to "
                    f"draw; the history has {kept}. Did the training diverge?"
                )
            curves.append((name, key, run.epochs, values))
    return curves


def keys_of(metric, run):
    """The keys that `metric` stands for: itself and, where the run has it, its validation twin."""
    twin = f"val_{metric}"
    if metric.startswith("val_") or twin not in run.values:
        return [metric]
    return [metric, twin]


def _draw(ax, name, key, epochs, values, dimmed=False):
    validation = key.startswith("val_")
    finite = np.isfinite(values)
    label = " ".join(part for part in (name, _plain(key)) if part)
    if not finite.all():
        gap = epochs[~finite]
        label += f" (not a number in {len(gap)} of {len(values)} epochs, first in {gap[0]})"
    style = style_of(name)
    if dimmed:
        style["marker"] = "x"
    ax.plot(
        epochs,
        np.where(finite, values, np.nan),
        label=label,
        linestyle="--" if validation else "-",
        markerfacecolor="white" if validation else style["color"],
        markevery=np.flatnonzero(finite)[:: max(1, finite.sum() // 15)].tolist(),
        alpha=0.45 if dimmed else 1,
        **style,
    )


def _best_epoch(run, key, mode):
    """The epoch with the best value under `key`, and that value."""
    values = np.where(np.isfinite(run[key]), run[key], np.nan)
    if mode == "auto":
        mode = "max" if key.endswith(HIGHEST_IS_BEST) else "min"
        if mode == "min" and not key.endswith(LOWEST_IS_BEST):
            raise ValueError(f"is more or less {key!r} better? Say best_mode='max' or 'min'")
    if mode not in ("min", "max"):
        raise ValueError(f"best_mode must be 'min', 'max' or 'auto', not {mode!r}")
    if np.isnan(values).all():
        raise ValueError(f"{key!r} has no finite value, so it has no best epoch")
    index = int(np.nanargmax(values) if mode == "max" else np.nanargmin(values))
    return run.epochs[index], values[index]


def _mark_best(ax, name, key, epoch, value):
    label = f"best {_plain(key)}: {value:.3f} at epoch {epoch}"
    ax.plot(
        epoch,
        value,
        marker="*",
        markersize=18,
        markeredgecolor="white",
        linestyle="none",
        color=style_of(name)["color"],
        label=f"{name} {label}" if name else label,
        zorder=5,
    )


def _legend(ax):
    artists, labels = ax.get_legend_handles_labels()
    if hasattr(ax, "right_ax"):
        more_artists, more_labels = ax.right_ax.get_legend_handles_labels()
        artists, labels = artists + more_artists, labels + more_labels
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16), "ncols": 2}
    else:
        place = {"loc": "best"}
    ax.legend(artists, labels, fontsize=11, **place)


def _plain(key):
    """A key as an axis label: `val_loss` -> validation loss."""
    return f"validation {key.removeprefix('val_')}" if key.startswith("val_") else key


def to_png(figure):
    """Draw a `matplotlib.figure.Figure` that has an Agg canvas, and return the PNG as bytes."""
    figure.canvas.draw()
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).save(
        buffer, format="png", compress_level=1
    )
    return buffer.getvalue()
