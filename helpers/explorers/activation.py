"""Activation, depth and width on sliders: which networks separate two spirals, and why not."""

from typing import NamedTuple

import numpy as np
from matplotlib import colormaps

from ..activations import (
    ClothesRuns,
    SpiralRuns,
    clothes_summary,
    find,
    goal,
    growth_goal,
    layers_in_words,
    named,
    plane,
    probabilities,
    summary,
)
from ..controls import choice, listed
from ..experiments.activated import (
    ACTIVATIONS,
    CLOTHES_DEPTHS,
    CLOTHES_WIDTH,
    DEPTHS,
    WIDTHS,
    clothes_activated,
    spirals,
)
from ..experiments.on_clothes import check_clothes
from ..experiments.recipe import THREE_SEEDS
from ..gradients import gradient_sizes
from ..recorded_runs import beside_the_recorded, seeds_to_train
from ..spirals import load_spirals
from .gradient_lines import GradientLines
from .recorded_runs import RecordedRunsExplorer, line
from .surface import Surface
from .training_explorer import TrainingExplorer

SIDE, EDGE = 60, 2.8
"""Fields of the plane in a row, and how far it reaches from the middle."""
SHADES = colormaps["PRGn_r"](np.linspace(0.2, 0.8, 10))  # few: a small file
CLASS_COLOURS, CLASS_MARKERS = ("#00441b", "#40004b"), ("o", "^")
EVERY = 5
"""While a network trains, so many epochs lie between two pictures of it."""
TOP = 2.4
"""Of the axis of the loss on Fashion-MNIST: a little above that of guessing."""


class Own(NamedTuple):
    """A network that was trained here, or is."""

    value: tuple
    seed: int
    epochs: int
    weights: list
    gradients: list


class ActivationExplorer(TrainingExplorer):
    """Choose a network's activation, depth and width, and see how it divides the plane.

    On the left two spirals, and what the recorded network answers at each place of the plane: the
    darker a colour, the surer it is of that spiral. Of the points that didn't train, those that it
    takes for the other spiral are crossed out. On the right the size of the gradient in each layer,
    before the training and after it: the mean absolute derivative of the loss on the 400 training
    points with respect to the layer's kernel, by a real backward pass, on a logarithmic axis.

    Recorded are `load_spirals()`, adam with a learning rate of 0.01, batches of 32, 120 epochs, and
    three seeds. Networks of one activation, depth and width separate the spirals if their mean
    accuracy on the 400 points that didn't train is at least 0.95.

    "Train it here" trains such a network and draws its answers while it trains: with a recorded
    seed that run once more, up to rounding. Its picture stays as long as the controls stand there.

    Args:
        seeds: which recorded seeds to show, of 42 to 44.

    Attributes:
        activation: a choice: "linear", "sigmoid", "tanh" or "relu".
        depth, width: the sliders: 1 to 5 hidden layers, of 4, 8 or 16 neurons each.
        seed: which recorded network is shown, and the seed of the next training.
        train, stop: the buttons.
        picture: an `ipywidgets.Image`.
        goal: what to find, and whether it is found, in words.
        found: activation -> the fewest hidden layers, for what of the goal was found so far.
        words: what the picture shows, and how the training ended, in words.
        notice: the training's progress, or what was wrong.
        history: the `keras.callbacks.History` of the last training, stopped or not; None before.
            Its `.model` is the trained network.
    """

    def __init__(self, seeds=THREE_SEEDS):
        self.runs, self.found, self._own = SpiralRuns(seeds), {}, None
        self.activation = choice("activation", "What each hidden layer ends with", ACTIVATIONS)
        self.activation.value = "relu"
        self.depth = listed(
            "hidden layers", "The network's depth", [(str(n), n) for n in DEPTHS], DEPTHS[0]
        )
        self.width = listed(
            "neurons in each", "The width of each hidden layer", [(str(n), n) for n in WIDTHS], 8
        )
        self.seed = choice(
            "seed",
            "Which recorded network is shown, and what draws the first weights of the next one",
            seeds_to_train(self.runs.seeds),
        )
        self._gradients = GradientLines(max(DEPTHS) + 1)
        super().__init__(
            [[self.activation, self.depth], [self.width, self.seed]],
            (9.4, 4.7),
            "Two spirals of points and what the chosen network answers around them, and the size "
            "of the gradient in each of its layers",
            words_lines=4,
            data=load_spirals(),
        )
        self.when(self._move, self.activation, self.depth, self.width, self.seed)
        self.begin(self._draw)

    def chosen(self):
        """Activation, hidden layers, neurons in each: as the controls stand."""
        return self.activation.value, self.depth.value, self.width.value

    def experiment(self):
        return spirals(self.seed.value, *self.chosen())

    def outcome(self, experiment, history):
        value = _value_of(experiment)
        try:
            recorded = self.runs.ends(value, "val_accuracy")
        except ValueError:
            recorded = {}
        if len(history.epoch) < experiment.epochs:
            recorded = {}
        end = history.history["val_accuracy"][-1]
        told = beside_the_recorded(end, experiment.seed, recorded, "accuracy on the others")
        return f"{named(value)}, seed {experiment.seed}. {told}"

    def draw_training(self, experiment, history):
        if history is None:
            self._own = None
            self._move()
            return
        epochs = len(history.epoch)
        if epochs > 1 and epochs % EVERY and not self.result:
            return
        self._own = Own(
            _value_of(experiment),
            experiment.seed,
            epochs,
            history.model.get_weights(),
            gradient_sizes(history.model, self._data.train_points, self._data.train_target),
        )
        self._move()

    # --- the picture ----------------------------------------------------------------------------

    def _draw(self):
        self.canvas.draw(self._make)
        self._move()

    def _make(self, figure):
        plot = figure.add_axes((0.014, 0.02, 4 / 9.4, 4 / 4.7))  # 10 pixels a field
        plot.set(xlim=(-EDGE, EDGE), ylim=(-EDGE, EDGE))
        plot.set_axis_off()
        self._title = plot.text(-EDGE, EDGE * 1.025, "", fontsize=13, zorder=4)
        self._plane = plane(EDGE, SIDE)
        corner = np.round(plot.bbox.min)
        self._surface = Surface(corner, round(plot.bbox.width / SIDE), SHADES, zorder=3.1)
        figure.add_artist(self._surface)
        points = []
        for spiral, (colour, marker) in enumerate(zip(CLASS_COLOURS, CLASS_MARKERS, strict=True)):
            mark = line(plot, "none", colour, marker=marker, markersize=4.5, zorder=3.2)
            mark.set(markeredgecolor="white", markeredgewidth=0.4, label=f"spiral {spiral}")
            mark.set_data(*self._data.train_points[self._data.train_target == spiral].T)
            points.append(mark)
        self._wrong = line(
            plot, "none", "black", marker="x", markersize=6, zorder=3.3, label="other points, wrong"
        )
        self._wrong.set_markeredgewidth(1.6)
        right = figure.add_axes((0.535, 0.13, 0.45, 0.66))
        moving = self._gradients.make(right)
        for handles, place in (([*points, self._wrong], 0.005), (moving, 0.5)):
            figure.legend(
                handles=handles,
                loc="upper left",
                bbox_to_anchor=(place, 1.01),
                ncols=3,
                fontsize=11,
                columnspacing=1.1,
                handletextpad=0.4,
            )
        return [self._surface, *points, self._wrong, self._title, *moving]

    def _move(self):
        """Show the network that was trained here, if the controls stand there, or the recorded."""
        value, words, shown = self.chosen(), "", None
        seed = self.runs.near(self.seed.value)
        own = self._own
        if own and (own.value, own.seed) != (value, self.seed.value):
            own = None
        try:
            shown = self.runs.of(value)[seed].measured
            words = summary(value, seed, self.runs)
            self.found = find(value, self.runs, self.found)
        except ValueError as error:
            if not self._goes_on:  # or else it tells the progress of a training
                self.notice.complain(str(error))
        self._gradients.put(shown and shown["gradients"])
        self._gradients.put_own(own.gradients if own else [])
        if own:
            self._put_network(own.weights)
            title = f"trained here, seed {own.seed}, {own.epochs} epochs"
        else:
            self._put_network(shown and shown["weights"])
            title = f"recorded, seed {seed}" if shown else "no recording"
        self._title.set_text(f"{value[0]}, {value[1]} × {value[2]}: {title}")
        told = [self.result, words] if own else [words, self.result]  # first what is shown
        self.show("\n".join(filter(None, told)), goal(self.runs, self.found))

    def _put_network(self, weights):
        """Show what a network of these weights answers, or nothing if they are None."""
        self._surface.values = None
        self._wrong.set_data([], [])
        if weights is not None:
            activation = self.activation.value
            answers = probabilities(weights, activation, self._plane)
            self._surface.values = answers.reshape(SIDE, SIDE)
            others = self._data.val_points
            told = probabilities(weights, activation, others) > 0.5
            self._wrong.set_data(*others[told != self._data.val_target].T)


def _value_of(experiment):
    """What the controls stood for when an experiment was made."""
    return tuple(experiment.model_with[name] for name in ("activation", "depth", "width"))


class ActivationClothesExplorer(RecordedRunsExplorer):
    """The same choice on Fashion-MNIST: the loss curves of deeper and deeper networks.

    On the left the recorded runs: 6,000 pictures, hidden layers of 32 neurons, adam, 20 epochs,
    three seeds; training solid, validation dashed. On the right the size of the gradient in each
    layer, as in `ActivationExplorer`, the mean over the seeds. The goal is the network whose first
    layer's gradient grows most by the training.

    "Train it here" trains such a network: with a recorded seed that run once more, up to rounding.

    Args:
        data: what `load_fashion_mnist` returned; read at the first training if None.
        seeds: which recorded seeds to show, of 42 to 44.

    Attributes:
        activation: a choice: "linear", "sigmoid", "tanh" or "relu".
        depth: the slider: 1, 2, 4 or 8 hidden layers.
        train, stop: the buttons.
        seed: the seed of the next training.
        picture: an `ipywidgets.Image`.
        goal: what to find, and whether it is found, in words.
        words: what the recorded runs say, and how the training ended, in words.
        notice: the training's progress, or what was wrong.
        history: the `keras.callbacks.History` of the last training, stopped or not; None before.
    """

    subplots = {"left": 0.075, "right": 0.985, "top": 0.82, "bottom": 0.14, "wspace": 0.2}
    widths = (1.3, 1)

    def __init__(self, data=None, seeds=THREE_SEEDS):
        self.activation = choice("activation", "What each hidden layer ends with", ACTIVATIONS)
        self.activation.value = "relu"
        self.depth = listed(
            "hidden layers", "The network's depth", [(str(n), n) for n in CLOTHES_DEPTHS], 1
        )
        recorded = ClothesRuns(seeds)
        self._growth = recorded.growth()
        self._ends = {value: recorded.band(value, "val_loss").mean[-1] for value in recorded.runs}
        super().__init__(
            recorded,
            ("loss", "val_loss"),
            [[self.activation, self.depth], []],
            [RecordedGradients(recorded)],
            "Loss curves for the chosen activation and depth, and the size of the gradient in each "
            "layer",
            data,
        )

    def chosen(self):
        return self.activation.value, self.depth.value

    def experiment_of(self, value):
        return clothes_activated(self.seed.value, *value)

    def check(self, experiment, data):
        check_clothes(data, **experiment.examples_with)

    def named(self, value):
        activation, depth = value
        return f"{activation}, {layers_in_words(depth, CLOTHES_WIDTH)}"

    def summary(self, value):
        return clothes_summary(value, self.recorded, TOP)

    def goal_of(self, value):
        return growth_goal(value, self._growth, self._ends)

    def dress(self, left, right):
        left.set(ylim=(0, TOP), yticks=[0, 0.5, 1, 1.5, 2])


class RecordedGradients:
    """The size of the gradient in each layer of recorded networks on clothes: a mean over seeds."""

    def __init__(self, recorded):
        """Show nothing yet.

        Args:
            recorded: a `ClothesRuns`.
        """
        self._recorded = recorded
        self._lines = GradientLines(max(CLOTHES_DEPTHS) + 1)

    def make(self, left, right):
        moving = self._lines.make(right)
        right.legend(handles=moving[:2], loc="lower right", fontsize=11)
        return moving

    def move(self, value):
        self._lines.put(self._recorded.gradients.get(value))

    def put_own(self, value, run):
        """They are measured of recorded networks alone."""
