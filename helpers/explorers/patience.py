"""PatienceExplorer: where early stopping would have ended a recorded run."""

import html
import math

import ipywidgets
import numpy as np
from matplotlib.ticker import MaxNLocator

from ..early_stopping import check_patience, replay_every_patience, what_is_kept
from ..histories import read_history
from ..plots import COLOURS, keys_of, plain_text, plot_history
from .canvas import Canvas, Notice, explained

MIN_DELTAS = (0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)

_STOP, _KEPT, _BEST = COLOURS[2], COLOURS[3], COLOURS[4]


class PatienceExplorer(ipywidgets.VBox):
    """Sliders for EarlyStopping's arguments, and what each choice would have made of a run.

    Keras' own EarlyStopping looks at the run once for each choice of `.monitor`, `.min_delta` and
    `.start_from_epoch`; its outcome for every patience is then known. The weights of the best
    epoch are taken to be restored (`restore_best_weights=True`).

    Attributes:
        patience, min_delta, monitor, start_from_epoch: the controls.
        replay: the `Replay` that the controls now stand for; None if there is none.
        picture: the `ipywidgets.Image`.
        words: what the picture shows, in words.
        notice: what was wrong with the input, if anything.
    """

    def __init__(self, history, monitor="val_loss", patience=5):
        """Bad input raises nothing: it is told in the widget.

        Args:
            history: the run: a `keras.callbacks.History`, a recording, a dict of lists or a
                DataFrame.
            monitor: the key to begin with.
            patience: the patience to begin with.
        """
        self.replay = None
        self._history = history
        self._columns = None
        self._canvas = Canvas(
            (9.6, 4.2),
        )
        self.picture = self._canvas.image
        self.words = ipywidgets.HTML()
        self.notice = Notice()
        self._make_controls()
        super().__init__(
            [
                ipywidgets.HBox(
                    [self.patience, self.min_delta, self.monitor, self.start_from_epoch],
                    layout={"flex_flow": "row wrap"},
                ),
                self.notice,
                self.words,
                self.picture,
            ]
        )
        self.picture.layout.display = "none"
        with self.notice.complaints():
            self._begin(monitor, patience)
        self.patience.observe(lambda change: self._move(), "value")
        for control in (self.min_delta, self.monitor, self.start_from_epoch):
            control.observe(lambda change: self._replay(), "value")

    def _make_controls(self):
        wide = {"description_width": "70px"}
        self.patience = explained(
            ipywidgets.IntSlider(
                description="patience", min=0, max=0, style=wide, layout={"width": "420px"}
            ),
            "Stop after this many epochs without improvement",
        )
        self.min_delta = explained(
            ipywidgets.SelectionSlider(
                description="min_delta",
                options=[(f"{step:g}", step) for step in MIN_DELTAS],
                continuous_update=False,
                style=wide,
            ),
            "A change must be larger than this to count as an improvement",
        )
        self.monitor = explained(
            ipywidgets.Dropdown(description="monitor", options=[], style=wide),
            "The value that is watched",
        )
        self.start_from_epoch = explained(
            ipywidgets.BoundedIntText(
                description="start_from_epoch",
                min=0,
                max=0,
                style={"description_width": "130px"},
                layout={"width": "230px"},
            ),
            "The epochs before this one are not looked at",
        )

    def _begin(self, monitor, patience):
        """Set the controls' limits by the run, and draw it for the first time."""
        self._columns = read_history(self._history)
        keys = sorted(self._columns.values, key=lambda key: (key != "val_loss", key[:4] != "val_"))
        epochs = self._columns.epochs.tolist()
        self._index_of = {epoch: index for index, epoch in enumerate(epochs)}
        self.monitor.options = keys
        self.monitor.value = None
        self.patience.max = len(epochs)
        self.start_from_epoch.max = epochs[-1] + 1 if epochs else 0
        self._columns[monitor]  # says which keys there are, if it isn't one of them
        self.patience.value = check_patience(patience)
        self.monitor.value = monitor
        self._replay()
        if self.replay is not None and patience > len(epochs):
            self.notice.say(
                f"A patience of {patience} never stops a run of {len(epochs)} epochs: "
                f"the slider stands at its end, {len(epochs)}, which never stops it either."
            )

    def _replay(self):
        """Drive EarlyStopping over the run for the present controls, and draw every patience."""
        if self.monitor.value is None:
            return
        self.replay = None
        with self.notice.complaints():
            monitor = self.monitor.value
            self._judge = "val_loss" if "val_loss" in self._columns.values else monitor
            self._replays = replay_every_patience(
                self._history,
                monitor,
                self.min_delta.value,
                start_from_epoch=self.start_from_epoch.value,
            )
            self._kept = what_is_kept(self._history, self._replays, self._judge)
            with self._canvas.style():
                moving = self._draw(monitor)
            self._canvas.freeze(moving)
            self.replay = self._replays[self.patience.value]
            self.notice.clear()
            if monitor != self._judge:
                self.notice.say(remark(monitor, self._judge))
        self._move()

    def _draw(self, monitor):
        """Draw all that stays still while patience moves; make what moves, and return it."""
        figure, columns, kept = self._canvas.figure, self._columns, self._kept
        figure.clear()
        metric = monitor.removeprefix("val_")
        metric = metric if metric in columns.values else monitor
        ax = figure.add_axes((0.07, 0.25, 0.52, 0.66))
        plot_history(self._history, metric, ax)
        ax.get_legend().remove()
        for line in ax.get_lines():
            line.set(linewidth=1.6, markersize=4)
        limits = limits_without_peaks([columns[key] for key in keys_of(metric, columns)])
        if limits:
            ax.set_ylim(*limits)
        cut = ", the highest values are cut off" if limits else ""
        ax.set_title(plain_text(f"monitor: {monitor}{cut}"), fontsize=12, loc="left")
        best = []
        if self._judge in keys_of(metric, columns):
            best = ax.plot(
                kept.best_epoch,
                kept.best,
                marker="D",
                markersize=11,
                markerfacecolor="none",
                markeredgewidth=2.2,
                linestyle="none",
                color=_BEST,
                label="best of the whole run",
                zorder=3.2,
            )
        veil = ax.axvspan(0, 1, color="#f2f2f2", alpha=0.85, zorder=3.1, linewidth=0)
        stop = ax.axvline(0, color=_STOP, linestyle="-.", marker="", zorder=3.3, label="stop")
        (star,) = ax.plot(
            [],
            [],
            marker="*",
            markersize=17,
            markeredgecolor="black",
            linestyle="none",
            color=_KEPT,
            label="epoch you keep",
            zorder=3.4,
        )
        self._still_limits = ax.get_xlim()
        figure.legend(
            *ax.get_legend_handles_labels(),
            loc="lower center",
            bbox_to_anchor=(0.33, 0),
            ncols=3,
            fontsize=10,
            columnspacing=1.2,
            handletextpad=0.5,
        )

        last = columns.epochs[[replay.epochs_run - 1 for replay in self._replays]]
        self._every = [
            self._draw_every_patience(0.6, last, "last epoch trained", _STOP, "o", 8),
            self._draw_every_patience(0.16, kept.value, f"{self._judge} kept", _KEPT, "*", 13),
        ]
        figure.axes[1].set_title("for every patience", fontsize=12, loc="left")
        figure.axes[1].tick_params(labelbottom=False)
        figure.axes[2].set_xlabel("patience", fontsize=11)
        self._veil, self._stop, self._star = veil, stop, star
        return [veil, stop, star, *best, *(mark for *marks, _ in self._every for mark in marks)]

    def _draw_every_patience(self, bottom, values, label, colour, marker, size):
        """Draw one value for each patience; return what marks the present one, and the values."""
        ax = self._canvas.figure.add_axes((0.7, bottom, 0.285, 0.34))
        ax.plot(values, color="0.5", marker="", linewidth=1.6, drawstyle="steps-mid")
        ax.set_ylabel(plain_text(label), fontsize=10)
        ax.tick_params(labelsize=9)
        if len(values) > 200:  # what matters happens at small patiences
            ax.set_xscale("symlog", linthresh=10)
            ax.xaxis.set_major_formatter("{x:.0f}")
            ax.set_xlim(-1, 1.2 * len(values))
        else:
            ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        ax.yaxis.set_major_locator(MaxNLocator(5))
        ax.margins(x=0.02, y=0.12)
        line = ax.axvline(0, color=colour, linewidth=1.2, marker="", zorder=3.1)
        (dot,) = ax.plot(
            [],
            [],
            marker=marker,
            markersize=size,
            color=colour,
            markeredgecolor="black",
            linestyle="none",
            zorder=3.2,
        )
        return line, dot, values

    def _move(self):
        """Show the outcome for the present patience. Nothing is replayed or drawn anew."""
        if self.replay is None:
            self.words.value = ""
            self.picture.layout.display = "none"
            return
        self.picture.layout.display = None
        patience = self.patience.value
        self.replay = replay = self._replays[patience]
        epochs = self._columns.epochs
        left, right = self._still_limits
        stopped = replay.epochs_run < len(epochs) or replay.stopped_epoch > 0
        edge = epochs[replay.epochs_run - 1]
        edge_of_veil = edge + 0.5 if replay.epochs_run < len(epochs) else right
        self._veil.set(x=edge_of_veil, width=right - edge_of_veil)
        self._stop.set(xdata=[edge, edge], visible=stopped)
        kept = int(self._kept.epoch[patience])
        value = self._columns[self.monitor.value][self._index_of[kept]]
        self._star.set_data([kept], [value])
        for line, dot, values in self._every:
            line.set_xdata([patience, patience])
            dot.set_data([patience], [values[patience]])
        self._canvas.show()
        self.words.value = self._in_words(patience, stopped)

    def _in_words(self, patience, stopped):
        replay, kept, judge = self.replay, self._kept, self._judge
        everything = len(self._columns.epochs)
        saved, given_away = kept.epochs_saved[patience], kept.given_away[patience]
        trained = f"{replay.epochs_run} of {everything} trained"
        stop = f"after epoch {replay.stopped_epoch}, {trained}" if stopped else f"never, {trained}"
        if replay.best is None:
            restored = "nothing: no epoch was looked at, so you keep the last"
        else:
            restored = f"epoch {replay.best_epoch}, {self.monitor.value} {_number(replay.best)}"
        if given_away == 0:
            away = "nothing"
        else:
            away = f"{_number(given_away)} {judge}"
        rows = {
            "stops": stop,
            "restores": restored,
            "epochs saved": str(saved),
            f"{judge} kept": f"{_number(kept.value[patience])} (epoch {kept.epoch[patience]})",
            "best of the whole run": f"{_number(kept.best)} (epoch {kept.best_epoch})",
            "given away": away,
        }
        parts = "".join(
            f"<div><b>{_as_html(name)}</b> {_as_html(text)}</div>" for name, text in rows.items()
        )
        return (
            '<div style="display: grid; grid-template-columns: repeat(3, auto); '
            f'column-gap: 24px; justify-content: start; line-height: 1.6">{parts}</div>'
        )


def remark(monitor, judge):
    """What to mind with a monitor that is not what a run is judged by, in words."""
    told = f"It watches {monitor}, and the outcome is judged by {judge}: "
    if monitor.startswith("val_"):
        return told + "the best epoch of one need not be that of the other."
    return told + "on what it learns from, a network hardly ever stops getting better."


def limits_without_peaks(curves):
    """The limits of an axis on which a few very high values don't flatten all the others.

    Args:
        curves: arrays of numbers, each of shape (n,).

    Returns:
        (bottom, top); None if the values need no such limits.
    """
    values = np.concatenate(curves)
    values = values[np.isfinite(values)]
    low, high = values.min(), np.percentile(values, 98)
    if values.max() - low <= 4 * (high - low) or low == high:
        return None
    return low - 0.1 * (high - low), high + 0.5 * (high - low)


def _as_html(text):
    return html.escape(text, quote=False)


def _number(value):
    return "not a number" if math.isnan(value) else f"{value:.4f}"
