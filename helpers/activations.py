"""Activations: what a small network answers, how large its gradients are, and what that says."""

import numpy as np

from .experiments.activated import (
    ACTIVATIONS,
    CLOTHES_DEPTHS,
    CLOTHES_WIDTH,
    DEPTHS,
    WIDTHS,
    clothes_activated_name,
    spirals_name,
)
from .goals import Goal
from .recorded_runs import RecordedRuns, off_the_axis
from .recordings import load_recording

SEPARATES = 0.95
"""The mean accuracy, on points that didn't train, from which on networks separate the spirals."""


# --- a network ------------------------------------------------------------------------------------


def _sigmoid(values):
    return 0.5 + 0.5 * np.tanh(0.5 * values)


FUNCTIONS = {
    "linear": lambda values: values,
    "sigmoid": _sigmoid,
    "tanh": np.tanh,
    "relu": lambda values: np.maximum(values, 0),
}
"""The activations, as functions of arrays."""


def probabilities(weights, activation, points):
    """What a network of dense layers answers: the probability of class 1, by NumPy alone.

    Args:
        weights: kernel and bias of each layer in turn, as `get_weights` gives them or as lists; the
            last layer has one output, and a sigmoid.
        activation: one of FUNCTIONS, for all layers but the last.
        points: float32 of shape (n, inputs).

    Returns:
        float32 of shape (n,), from 0 to 1.
    """
    values = np.asarray(points, np.float32)
    arrays = [np.asarray(array, np.float32) for array in weights]
    layers = list(zip(arrays[::2], arrays[1::2], strict=True))
    for kernel, bias in layers[:-1]:
        values = FUNCTIONS[activation](values @ kernel + bias)
    kernel, bias = layers[-1]
    return _sigmoid(values @ kernel + bias)[:, 0]


def plane(edge, side):
    """The middles of side x side equal fields of a square, row by row from below.

    Args:
        edge: the square reaches from -edge to edge in both directions.
        side: how many fields a row has.

    Returns:
        float32 of shape (side * side, 2): x and y.
    """
    middles = (np.arange(side) + 0.5) / side * 2 * edge - edge
    x, y = np.meshgrid(middles, middles)
    return np.column_stack([x.ravel(), y.ravel()]).astype(np.float32)


# --- what was recorded ----------------------------------------------------------------------------


class SpiralRuns:
    """The recorded networks on the spirals, each read when it is first asked for.

    What is asked for is a value: a tuple of activation, hidden layers and neurons in each.

    Attributes:
        seeds: of each value, a run for each of these.
    """

    def __init__(self, seeds):
        """Read nothing yet.

        Args:
            seeds: as above; one seed will do.
        """
        self.seeds = tuple(seeds) if np.iterable(seeds) else (seeds,)
        self._read = {}

    def of(self, value) -> dict:
        """The `Recording` of each seed.

        Raises:
            ValueError: nothing was recorded for the value or with a seed, or it is damaged.
        """
        if value not in self._read:
            if not self.seeds:
                raise ValueError("no seed was given: name at least one, as in seeds=[42]")
            name = spirals_name(*value)
            self._read[value] = {seed: load_recording(name, seed) for seed in self.seeds}
        return self._read[value]

    def ends(self, value, key) -> dict:
        """The last epoch's number of each run, by seed. Raises as `of` does."""
        return {seed: run.history[key][-1] for seed, run in self.of(value).items()}

    def separate(self, value) -> bool:
        """Whether such networks separate the spirals. Raises as `of` does."""
        return float(np.mean(list(self.ends(value, "val_accuracy").values()))) >= SEPARATES

    def fewest(self, activation):
        """The fewest hidden layers, of any width, that separate the spirals; None if none do.

        Networks whose recordings are not whole are left out.
        """
        return next(
            (
                depth
                for depth in DEPTHS
                if any(self._surely_separate((activation, depth, width)) for width in WIDTHS)
            ),
            None,
        )

    def _surely_separate(self, value):
        try:
            return self.separate(value)
        except ValueError:
            return False

    def near(self, seed):
        """The seed whose run is shown where `seed` is chosen: itself, or the first recorded one."""
        return seed if seed in self.seeds else next(iter(self.seeds), seed)


def mean_gradients(recordings) -> dict:
    """The sizes of the gradients at the "start" and at the "end": the means over recordings.

    Args:
        recordings: of networks of one shape; see `helpers.experiments.activated`.

    Returns:
        For both a float64 array of shape (layers,), from the first layer to the last.
    """
    measured = [recording.measured["gradients"] for recording in recordings]
    return {when: np.mean([each[when] for each in measured], axis=0) for when in ("start", "end")}


class ClothesRuns(RecordedRuns):
    """The recorded networks on Fashion-MNIST, over (activation, hidden layers).

    Attributes:
        gradients: value -> the mean sizes of their gradients (see `mean_gradients`), for the values
            whose recordings are whole.
    """

    def __init__(self, seeds):
        """Read them.

        Args:
            seeds: as of `RecordedRuns`.
        """
        names = {(a, d): clothes_activated_name(a, d) for a in ACTIVATIONS for d in CLOTHES_DEPTHS}
        super().__init__("activation and depth", names, seeds)
        self.gradients = {
            value: mean_gradients([load_recording(names[value], seed) for seed in self.seeds])
            for value in self.runs
        }

    def growth(self) -> dict:
        """How many times as large the first layer's gradient is after the training as before it.

        Returns:
            value -> a float, from the means over the seeds.
        """
        sizes = self.gradients.items()
        return {value: float(size["end"][0] / size["start"][0]) for value, size in sizes}


# --- in words -------------------------------------------------------------------------------------


def layers_in_words(depth, width) -> str:
    """How deep and wide a network is, in words."""
    return f"{depth} hidden layer{'s' if depth > 1 else ''} of {width} neurons"


def named(value) -> str:
    """A value in words."""
    activation, depth, width = value
    return f"{activation}, {layers_in_words(depth, width)}"


def parameters(depth, width) -> int:
    """How many weights and biases a network on the spirals has."""
    return 3 * width + (depth - 1) * (width + 1) * width + width + 1


def summary(value, seed, runs) -> str:
    """What the recorded runs say about a value, in words. Raises as `SpiralRuns.of` does.

    Args:
        value: activation, hidden layers, neurons in each.
        seed: the one whose network is shown.
        runs: a `SpiralRuns`.
    """
    accuracy = runs.ends(value, "accuracy")[seed]
    others = runs.ends(value, "val_accuracy")
    told = ", ".join(f"{end:.3f}" for end in others.values())
    mean = np.mean(list(others.values()))
    several = len(others) > 1
    by_seed = f", mean {mean:.3f} of {len(others)} seeds ({told})" if several else ""
    judged = "separate" if runs.separate(value) else "do not separate"
    return (
        f"{named(value)}: {parameters(*value[1:]):,} weights and biases. Recorded with seed "
        f"{seed}: accuracy {accuracy:.3f} on the points that trained, {others[seed]:.3f} on the "
        f"others{by_seed}. Such networks {judged} the spirals: that takes a mean of "
        f"{SEPARATES} on the others.\n"
        f"{gradients_in_words(mean_gradients([runs.of(value)[seed]]))}"
    )


def clothes_summary(value, runs, top) -> str:
    """What the recorded runs on Fashion-MNIST say about a value, in words.

    Args:
        value: activation, hidden layers; recorded.
        runs: a `ClothesRuns`.
        top: of the axis on which the losses are drawn.
    """
    activation, depth = value
    loss, val_loss, accuracy = (
        runs.band(value, key).mean for key in ("loss", "val_loss", "val_accuracy")
    )
    seeds = len(runs.seeds)
    beyond = off_the_axis(np.maximum(loss, val_loss), top)
    return (
        f"{named((activation, depth, CLOTHES_WIDTH))}, mean of {seeds} "
        f"seed{'s' if seeds > 1 else ''}. After epoch {len(loss) - 1}: training loss "
        f"{loss[-1]:.3f}, validation loss {val_loss[-1]:.3f}, validation accuracy "
        f"{accuracy[-1]:.3f}. Guessing has the loss {np.log(10):.3f} and the accuracy 0.1.\n"
        f"{gradients_in_words(runs.gradients[value])}"
    ) + (f"\nNot shown: {beyond}." if beyond else "")


def gradients_in_words(sizes) -> str:
    """How large the first layer's gradient is beside the last one's.

    Args:
        sizes: what `mean_gradients` returned.
    """
    before, after = (_beside(sizes[when][0], sizes[when][-1]) for when in ("start", "end"))
    return f"The gradient in the first layer is {before} before the training, and {after} after it."


def _beside(first, last):
    """The first layer's gradient beside the last one's, in words."""
    if last == 0:  # with relu, when no neuron of a layer answers any point any more
        return "zero, and so is that in the last,"
    ratio = first / last
    if 0 < ratio < 0.1:
        return f"1/{float(f'{1 / ratio:.2g}'):,.0f} of that in the last"
    return f"{ratio:.1f} times that in the last"


GOAL = "find the fewest hidden layers that separate the spirals, once with relu, once with tanh."


def find(value, runs, found) -> dict:
    """What of the goal is found, the present value included.

    Args:
        value: activation, hidden layers, neurons in each.
        runs: a `SpiralRuns`.
        found: activation -> hidden layers, what was found before.

    Returns:
        `found`, or a larger dict.
    """
    activation, depth, _ = value
    if activation not in ("relu", "tanh") or not runs.separate(value):
        return found
    return found if runs.fewest(activation) != depth else {**found, activation: depth}


def goal(runs, found) -> Goal:
    """The goal, as far as it is reached.

    Args:
        runs, found: as in `find`.
    """
    if not found:
        return Goal(GOAL)
    told = " and ".join(f"{name} with {_layers(depth)}" for name, depth in found.items())
    if len(found) < 2:
        missing = "tanh" if "relu" in found else "relu"
        return Goal(f"{GOAL} Found so far: {told}. Now {missing}.")
    never = [name for name in ACTIVATIONS if name == "linear" and runs.fewest(name) is None]
    more = f" With {never[0]} no recorded network does, however deep." if never else ""
    return Goal(GOAL, f"{told} separate the spirals, with no fewer.{more}")


def _layers(depth):
    return f"{depth} hidden layer{'s' if depth > 1 else ''}"


def growth_goal(value, growth, ends) -> Goal | None:
    """Find the network whose first layer's gradient grows most; None if there are no two networks.

    Args:
        value: activation, hidden layers; or None.
        growth: what `first_gradient_growth` returned.
        ends: value -> its mean validation loss after the last epoch, for the same values.
    """
    if len(growth) < 2:
        return None
    aim = (
        "find the activation and the depth with which the gradient of the first layer grows most "
        "by the training."
    )
    if value != max(growth, key=growth.get):
        return Goal(aim)
    times = float(f"{growth[value]:.2g}")
    yet = ""
    if ends[value] == max(ends.values()):
        yet = f"; yet its validation loss, {ends[value]:.3f}, ends highest"
    return Goal(
        aim,
        f"with {value[0]} and {_layers(value[1])} it is {times:,.0f} times as large after the "
        f"training as before it, the most of all {len(growth)} networks{yet}.",
    )
