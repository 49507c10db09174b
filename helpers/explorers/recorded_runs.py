"""What explorers share that show recorded runs over a slider, and train one beside them."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.ticker import MaxNLocator

from ..plots import COLOURS, RUN_COLOURS
from ..recorded_runs import beside_the_recorded, on_the_axis, seeds_to_train
from .controls import choice
from .training_explorer import TrainingExplorer

RECORDED_COLOUR, OWN_COLOUR, HERE_COLOUR = RUN_COLOURS[1], COLOURS[6], COLOURS[2]


class RecordedRunsExplorer(TrainingExplorer):
    """Moving a slider shows what was recorded for its value; the button trains one more run.

    On the left the curves over the epochs: the line is the mean of the recorded runs, the band
    reaches from the lowest to the highest. On the right the last epoch for every value.

    A new kind says what to train for a value, what to say of it, and how the axes look:
    `experiment_of(value)`, `summary(value)` and `dress(left, right)`.

    Attributes:
        value: the slider.
        seed: which seed the next training has.
    """

    def __init__(self, recorded, keys, slider, more_controls, description, data=None):
        """Put the parts together.

        Args:
            recorded: a `RecordedRuns`.
            keys: what is drawn on the left, the training's before the validation's; the last one
                also on the right.
            slider: it chooses the value.
            more_controls: a list.
            description: as in `Explorer`.
            data: as in `TrainingExplorer`.
        """
        self.recorded, self._keys, self.value = recorded, keys, slider
        why = "What draws the first weights and the order of the examples"
        self.seed = choice("seed", why, seeds_to_train(recorded.seeds))
        rows = [[slider], [self.seed, *more_controls]]
        super().__init__(rows, (9.4, 4.1), description, words_lines=4, data=data)
        self.when(self._move, slider, *more_controls)
        self.begin(self._draw)

    def experiment_of(self, value):
        """The `Experiment` to train for a value of the slider, as the other controls stand."""
        raise NotImplementedError

    def summary(self, value):
        """What the recorded runs say about a value, in words."""
        raise NotImplementedError

    def dress(self, left, right):
        """Give the two Axes their limits and labels."""
        raise NotImplementedError

    def in_words(self, value):
        """A value as it is written in the lesson."""
        return f"{value:g}"

    def difference(self):
        """Why the next training can't be compared with recorded ones, in words; "" if it can."""
        return ""

    def experiment(self):
        self._trained, self._alike = self.value.value, not self.difference()
        return self.experiment_of(self._trained)

    def outcome(self, experiment, history):
        key = self._keys[-1]
        whole = self._alike and len(history.epoch) == experiment.epochs
        recorded = self.recorded.ends(self._trained, key) if whole else {}
        value, what = history.history[key][-1], key.replace("val_", "validation ")
        ended = beside_the_recorded(value, experiment.seed, recorded, what)
        return f"{self._named(self._trained)}, seed {experiment.seed}. {ended}"

    def _named(self, value):
        return f"{self.recorded.setting} {self.in_words(value)}".capitalize()

    # --- the picture ----------------------------------------------------------------------------

    def _draw(self):
        self.canvas.draw(self._make)
        self._move()

    def _make(self, figure):
        figure.subplots_adjust(left=0.075, right=0.985, top=0.82, bottom=0.14, wspace=0.24)
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        self._left, self._right = left, right
        left.set(xlabel="epoch", ylabel="loss", xlim=(-0.5, max(self.recorded.epochs, 1) - 0.5))
        left.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        right.set(xlabel=self.recorded.setting)
        self.dress(left, right)
        self._title = left.text(0, 1.04, "", transform=left.transAxes, fontsize=14, zorder=5)
        self._areas, self._means, self._own = {}, {}, {}
        for key, line in zip(self._keys, ("-", "--"), strict=False):
            self._areas[key] = left.add_patch(
                Polygon(np.zeros((1, 2)), facecolor=RECORDED_COLOUR, alpha=0.25, zorder=3.1)
            )
            self._means[key] = _line(left, line, RECORDED_COLOUR, zorder=3.2)
            face = OWN_COLOUR if line == "-" else "white"
            self._own[key] = _line(
                left, line, OWN_COLOUR, marker="o", markersize=5, markerfacecolor=face, zorder=3.3
            )
        values, last = self.recorded.last(self._keys[-1])
        style = "--" if len(self._keys) > 1 else "-"
        right.fill_between(
            values, last.low, last.high, color=RECORDED_COLOUR, alpha=0.25, linewidth=0
        )
        _line(right, style, RECORDED_COLOUR, marker="o", zorder=2.2).set_data(values, last.mean)
        self._here = _line(right, "none", HERE_COLOUR, marker="D", markersize=11, zorder=3.2)
        self._own_end = _line(right, "none", OWN_COLOUR, marker="o", markersize=9, zorder=3.3)
        for line in (self._here, self._own_end):
            line.set_clip_on(False)
        self._legend(figure)
        moving = [*self._areas.values(), *self._means.values(), *self._own.values()]
        return [*moving, self._title, self._here, self._own_end]

    def _legend(self, figure):
        seeds = len(self.recorded.seeds)
        lines = [
            Line2D([], [], color="0.25", marker="", linestyle=style, label=label)
            for style, label in (("-", "training"), ("--", "validation"))
        ][: len(self._keys)]
        area = Patch(
            facecolor=RECORDED_COLOUR,
            alpha=0.3,
            label=f"recorded: mean, lowest to highest of {seeds} seeds",
        )
        own = Line2D([], [], color=OWN_COLOUR, marker="o", markersize=5, label="trained here")
        figure.legend(
            handles=[*lines, area, own],
            loc="center left",
            bbox_to_anchor=(0.0, 0.957),
            ncols=4,
            fontsize=11,
            columnspacing=1.2,
        )

    def _move(self):
        """Show the recorded runs of the slider's value, and say what they show."""
        value, words = self.value.value, ""
        self._title.set_text(self._named(value))
        try:
            value = self.recorded.known(value)
            words = self.summary(value)
        except ValueError as error:
            value = None
            if not self._goes_on:  # or else it tells the progress of a training
                self.notice.complain(str(error))
        bands = {key: self.recorded.band(value, key) for key in self._keys if value is not None}
        for key in self._keys:
            self._put_band(key, bands.get(key))
        self._here.set_data([], [])
        if bands:
            end, _ = on_the_axis(bands[self._keys[-1]].mean[-1], *self._right.get_ylim())
            self._here.set_data([value], [end])
        self.show("\n".join(filter(None, [words, self.difference(), self.result])))

    def _put_band(self, key, values):
        """Put the mean and the band of one key in place, or away if there is none."""
        self._areas[key].set_visible(values is not None)
        self._means[key].set_visible(values is not None)
        if values is not None:
            epochs = np.arange(len(values.mean))
            self._means[key].set_data(epochs, values.mean)
            there_and_back = np.concatenate([epochs, epochs[::-1]])
            outline = np.concatenate([values.low, values.high[::-1]])
            self._areas[key].set_xy(np.column_stack([there_and_back, outline]))

    def draw_training(self, experiment, history):
        epochs = max(self.recorded.epochs, experiment.epochs)
        if history is None and self._left.get_xlim()[1] != epochs - 0.5:
            self._left.set_xlim(-0.5, epochs - 0.5)
            self.canvas.freeze()
        run = history.history if history else {}
        for key in self._keys:
            values = run.get(key, [])
            self._own[key].set_data(np.arange(len(values)), values)
        self._own_end.set_data([], [])
        if run:
            end, marker = on_the_axis(run[self._keys[-1]][-1], *self._right.get_ylim())
            self._own_end.set_data([self._trained], [end])
            self._own_end.set_marker(marker)
        self._move()


def _line(ax, style, colour, **looks):
    return ax.plot([], [], linestyle=style, color=colour, **{"marker": "", **looks})[0]
