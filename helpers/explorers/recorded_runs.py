"""What explorers share that show recorded runs, and train one beside them."""

import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.ticker import MaxNLocator

from ..controls import choice
from ..plots import COLOURS, RUN_COLOURS
from ..recorded_runs import beside_the_recorded, seeds_to_train
from .training_explorer import TrainingExplorer

RECORDED_COLOUR, OWN_COLOUR, HERE_COLOUR = RUN_COLOURS[1], COLOURS[6], COLOURS[2]


class RecordedRunsExplorer(TrainingExplorer):
    """Moving a slider shows what was recorded for its value; the button trains one more run.

    On the left the curves over the epochs: the line is the mean of the recorded runs, the band
    reaches from the lowest to the highest. On the right, and over the curves, what `parts` draw.
    Each of these has three methods:

    - `make(left, right)` draws on the Axes, as many as `widths`, and returns what moves;
    - `move(value)` puts them in place for a recorded value, or away if it is None;
    - `put_own(value, run)` marks a training's last epoch so far: `run` is a dict of lists, {} for
      none.

    A new kind says what the controls stand for, what to train for it, what to say of it, what is to
    be found, and how the axes look: `chosen()`, `experiment_of(value)`, `summary(value)`,
    `goal_of(value)` and `dress(left, right)`.

    Attributes:
        seed: which seed the next training has.
    """

    figsize = (9.4, 4.1)
    subplots = {"left": 0.075, "right": 0.985, "top": 0.82, "bottom": 0.14, "wspace": 0.24}
    widths = (1.5, 1)
    title_size = 14
    legend = {"bbox_to_anchor": (0.0, 0.957), "ncols": 5, "fontsize": 11}

    def __init__(self, recorded, keys, rows, parts, description, data=None):
        """Put the parts together.

        Args:
            recorded: a `RecordedRuns`.
            keys: what is drawn on the left, the training's before the validation's.
            rows: lists of controls, which move the picture. The seed is added to the last.
            parts: as above, a list.
            description: as in `Explorer`.
            data: as in `TrainingExplorer`.
        """
        self.recorded, self._keys, self._parts = recorded, keys, parts
        why = "What draws the first weights and the order of the examples"
        self.seed = choice("seed", why, seeds_to_train(recorded.seeds))
        with_seed = [*rows[:-1], [self.seed, *rows[-1]]]
        super().__init__(with_seed, self.figsize, description, words_lines=4, data=data)
        self.when(self._move, *(control for row in rows for control in row))
        self.begin(self._draw)

    def chosen(self):
        """The value that the controls stand for; it need not be recorded."""
        raise NotImplementedError

    def experiment_of(self, value):
        """The `Experiment` to train for a value, as the other controls stand."""
        raise NotImplementedError

    def summary(self, value):
        """What the recorded runs say about a value, in words."""
        raise NotImplementedError

    def goal_of(self, value):
        """The `Goal` as the controls stand; None if there is nothing to find.

        Args:
            value: the recorded one; None if it isn't recorded.
        """
        raise NotImplementedError

    def dress(self, left, right):
        """Give the Axes their limits and labels."""
        raise NotImplementedError

    def named(self, value):
        """A value in words, as the picture's title and at the beginning of a sentence."""
        return f"{self.recorded.setting} {value:g}".capitalize()

    def difference(self):
        """Why the next training can't be compared with recorded ones, in words; "" if it can."""
        return ""

    def experiment(self):
        self._trained, self._alike = self.chosen(), not self.difference()
        return self.experiment_of(self._trained)

    def outcome(self, experiment, history):
        key = self._keys[-1]
        whole = self._alike and len(history.epoch) == experiment.epochs
        recorded = self.recorded.ends(self._trained, key) if whole else {}
        value, what = history.history[key][-1], key.replace("val_", "validation ")
        ended = beside_the_recorded(value, experiment.seed, recorded, what)
        return f"{self.named(self._trained)}, seed {experiment.seed}. {ended}"

    # --- the picture ----------------------------------------------------------------------------

    def _draw(self):
        self.canvas.draw(self._make)
        self._move()

    def _make(self, figure):
        figure.subplots_adjust(**self.subplots)
        axes = figure.subplots(1, len(self.widths), width_ratios=self.widths)
        self._left = left = axes[0]
        left.set(xlabel="epoch", ylabel="loss", xlim=(-0.5, max(self.recorded.epochs, 1) - 0.5))
        left.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
        self.dress(*axes)
        self._title = left.text(
            0, 1.04, "", transform=left.transAxes, fontsize=self.title_size, zorder=5
        )
        self._areas, self._means, self._own = {}, {}, {}
        for key, style in zip(self._keys, ("-", "--"), strict=False):
            self._areas[key] = left.add_patch(
                Polygon(np.zeros((1, 2)), facecolor=RECORDED_COLOUR, alpha=0.25, zorder=3.1)
            )
            self._means[key] = line(left, style, RECORDED_COLOUR, zorder=3.2)
            face = OWN_COLOUR if style == "-" else "white"
            self._own[key] = line(
                left, style, OWN_COLOUR, marker="o", markersize=5, markerfacecolor=face, zorder=3.3
            )
        moving = [artist for part in self._parts for artist in part.make(*axes)]
        self._legend(figure, left)
        curves = [*self._areas.values(), *self._means.values(), *self._own.values()]
        return [*curves, self._title, *moving]

    def _legend(self, figure, left):
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
            handles=[*lines, area, own, *left.get_legend_handles_labels()[0]],
            loc="center left",
            columnspacing=1.2,
            **self.legend,
        )

    def _move(self):
        """Show the recorded runs of the chosen value, and say what they show."""
        value, words = self.chosen(), ""
        self._title.set_text(self.named(value))
        try:
            value = self.recorded.known(value)
            words = self.summary(value)
        except ValueError as error:
            value = None
            if not self._goes_on:  # or else it tells the progress of a training
                self.notice.complain(str(error))
        for key in self._keys:
            self._put_band(key, None if value is None else self.recorded.band(value, key))
        for part in self._parts:
            part.move(value)
        told = "\n".join(filter(None, [words, self.difference(), self.result]))
        self.show(told, self.goal_of(value))

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
        for part in self._parts:
            part.put_own(self._trained, run)
        self._move()


def line(ax, style, colour, **looks):
    """An empty line that looks alike in a move and in a new drawing."""
    return ax.plot([], [], linestyle=style, color=colour, **{"marker": "", **looks})[0]
