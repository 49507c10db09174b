"""EarlyStopping's arguments on sliders: where it would have ended a recorded run."""

import textwrap

import numpy as np
from matplotlib.ticker import MaxNLocator

from ..controls import choice, whole_number, whole_numbers
from ..early_stopping import check_patience
from ..histories import read_history
from ..patiences import FIRST, Patiences, limits_without_peaks, longer_than_the_run, monitors
from ..plots import COLOURS, keys_of, plain_text, plot_history
from .explorer import Explorer

MIN_DELTAS = (0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
STOP_COLOUR, KEPT_COLOUR, BEST_COLOUR = COLOURS[2:5]


class PatienceExplorer(Explorer):
    """Sliders for EarlyStopping's arguments, and what each choice would have made of a run.

    Keras' own EarlyStopping looks at the run once for each choice of `.monitor`, `.min_delta` and
    `.start_from_epoch`; its outcome for every patience is then known. The weights of the best
    epoch are taken to be restored (`restore_best_weights=True`).

    Attributes:
        patience, min_delta, monitor, start_from_epoch: the controls.
        replay: the `Replay` that the controls now stand for; None if there is none.
        picture: an `ipywidgets.Image`.
        goal: what to find, and whether it is found, in words.
        words: what the picture shows, in words.
        notice: what to mind, or what was wrong.
    """

    def __init__(self, history, monitor="val_loss", patience=None):
        """Bad input raises nothing: it is told in the widget.

        Args:
            history: the run: a `keras.callbacks.History`, a recording, a dict of lists or a
                DataFrame.
            monitor: the key to begin with.
            patience: the patience to begin with; by default 5, or 0 if the goal is 5.
        """
        self.patience = whole_numbers(
            "patience", "Stop after this many epochs without improvement", 0, 0, 0
        )
        self.min_delta = choice(
            "min_delta",
            "A change must be larger than this to count as an improvement",
            [(f"{step:g}", step) for step in MIN_DELTAS],
        )
        self.monitor = choice("monitor", "The value that is watched", [])
        self.start_from_epoch = whole_number(
            "start_from_epoch", "The epochs before this one are not looked at", 0, 0, 0
        )
        self.replay = self._patiences = None
        self._history, self._first_monitor = history, monitor
        super().__init__(
            [[self.patience], [self.min_delta, self.monitor, self.start_from_epoch]],
            (9.6, 4.2),
            "A run's curves, where it would have stopped and what is kept, and for every patience",
            words_lines=3,
        )
        self.begin(lambda: self._begin(monitor, patience))
        self.when(self._replay, self.min_delta, self.monitor, self.start_from_epoch)
        self.when(self._move, self.patience)

    def _begin(self, monitor, patience):
        """Set the controls' limits by the run, and draw it for the first time."""
        columns = read_history(self._history)
        epochs = len(columns.epochs)
        self.patience.max = epochs
        self.start_from_epoch.max = int(columns.epochs.max(initial=-1)) + 1
        self.monitor.options = monitors(columns)
        known = isinstance(monitor, str) and monitor in self.monitor.options
        self.monitor.value = monitor if known else None
        self.patience.value = min(FIRST if patience is None else check_patience(patience), epochs)
        self._replay()
        if patience is None:
            self.patience.value = self._patiences.first_patience()
            self._move()
        elif patience > epochs:
            self.notice.say(longer_than_the_run(patience, epochs))

    def _replay(self):
        """Drive EarlyStopping over the run as the controls say, and draw every patience."""
        self.replay = self._patiences = None
        chosen = self.monitor.value
        run = Patiences(
            self._history,
            self._first_monitor if chosen is None else chosen,
            self.min_delta.value,
            self.start_from_epoch.value,
        )
        self.canvas.draw(lambda figure: self._make(figure, run))
        self._patiences = run
        self.tell(run.remark())
        self._move()

    def _move(self):
        """Show the outcome for the present patience. Nothing is replayed or drawn anew."""
        run, patience = self._patiences, self.patience.value
        if run is None:
            self._replay()  # says again what is wrong, or finds it right now
            return
        self.replay = run.replays[patience]
        end = run.last_epochs[patience]
        whole = end == run.columns.epochs[-1]
        self._veil.set_x(self._veil.axes.get_xlim()[1] if whole else end + 0.5)
        self._stop.set(xdata=[end, end], visible=self.replay.stopped_epoch > 0)
        # What is cut off above is marked at the edge.
        value = np.clip(run.monitored[patience], *self._star.axes.get_ylim())
        self._star.set_data([run.kept.epoch[patience]], [value])
        for line, dot, values in self._every:
            line.set_xdata([patience, patience])
            dot.set_data([patience], [values[patience]])
        self.show(run.rows(patience), run.goal(patience))

    # --- the picture ----------------------------------------------------------------------------

    def _make(self, figure, run):
        moving = self._make_curves(figure, run)
        ends, kept = run.last_epochs, run.kept.value
        self._every = [
            _every_patience(figure, 0.6, ends, "last epoch trained", "o", 8, STOP_COLOUR),
            _every_patience(figure, 0.16, kept, f"{run.judge} kept", "*", 13, KEPT_COLOUR),
        ]
        _, above, below = figure.axes
        above.set_title("for every patience", fontsize=12, loc="left")
        above.tick_params(labelbottom=False)
        below.set_xlabel("patience", fontsize=11)
        return [*moving, *(mark for *marks, _ in self._every for mark in marks)]

    def _make_curves(self, figure, run):
        """Draw the run's curves on the left; return what moves over them."""
        metric = run.monitor.removeprefix("val_")
        metric = metric if metric in run.columns.values else run.monitor
        keys = keys_of(metric, run.columns)
        ax = plot_history(self._history, metric, figure.add_axes((0.09, 0.25, 0.5, 0.66)))
        ax.get_legend().remove()
        for curve in ax.get_lines():
            curve.set(linewidth=1.6, markersize=4)
        limits = limits_without_peaks([run.columns[key] for key in keys])
        cut = ", the highest values are cut off" if limits else ""
        ax.set(xlim=ax.get_xlim(), ylim=limits or ax.get_ylim())  # whatever moves in them
        ax.set_title(plain_text(f"monitor: {run.monitor}{cut}"), fontsize=12, loc="left")
        ax.tick_params(labelsize=11)

        grey = {"color": "#f2f2f2", "alpha": 0.85, "linewidth": 0, "antialiased": False}
        self._veil = ax.axvspan(*ax.get_xlim(), zorder=3.1, **grey)
        best = []
        if run.judge in keys:
            hollow = {"markerfacecolor": "none", "markeredgewidth": 2.2}
            hollow |= {"markeredgecolor": BEST_COLOUR, "label": "best of the whole run"}
            best = [_mark(ax, "D", 11, BEST_COLOUR, 3.2, **hollow)]
            best[0].set_data([run.kept.best_epoch], [run.kept.best])
        self._stop = _line(ax, STOP_COLOUR, 2.2, 3.3, linestyle="-.", label="stop")
        self._star = _mark(ax, "*", 17, KEPT_COLOUR, 3.4, label="epoch you keep")
        figure.legend(
            *ax.get_legend_handles_labels(),
            loc="lower left",
            ncols=3,
            fontsize=10,
            columnspacing=1.2,
            handletextpad=0.5,
        )
        return [self._veil, *best, self._stop, self._star]


def _every_patience(figure, bottom, values, label, marker, size, colour):
    """Draw one value for each patience; return what marks the present one, and the values."""
    ax = figure.add_axes((0.7, bottom, 0.285, 0.34))
    ax.plot(values, color="0.5", marker="", linewidth=1.6, drawstyle="steps-mid")
    ax.set_ylabel(plain_text(textwrap.fill(label, 20)), fontsize=10)
    ax.tick_params(labelsize=9)
    if len(values) > 200:  # what matters happens at small patiences
        ax.set_xscale("symlog", linthresh=10)
        ax.xaxis.set_major_formatter("{x:.0f}")
        ax.set_xlim(-1, 1.2 * len(values))
    else:
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
    whole = values.dtype.kind == "i"
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=whole, min_n_ticks=1 if whole else 2))
    ax.margins(x=0.02, y=0.12)
    return _line(ax, colour, 1.2, 3.1), _mark(ax, marker, size, colour, 3.2), values


def _line(ax, colour, width, zorder, **looks):
    looks = {"linestyle": "-", "marker": "", **looks}
    return ax.axvline(0, color=colour, linewidth=width, zorder=zorder, **looks)


def _mark(ax, marker, size, colour, zorder, **looks):
    looks = {"linestyle": "none", "markeredgecolor": "black", "markeredgewidth": 1, **looks}
    looks |= {"marker": marker, "markersize": size, "color": colour, "clip_on": False}
    return ax.plot([], [], zorder=zorder, **looks)[0]
