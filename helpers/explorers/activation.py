"""Activation, depth and width on sliders: which networks separate two spirals, and why not."""

from ..experiments.recipe import THREE_SEEDS
from .recorded_runs import RecordedRunsExplorer
from .training_explorer import TrainingExplorer


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
        data: what `load_spirals` returned; drawn at the first training if None.
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

    def __init__(self, data=None, seeds=THREE_SEEDS):
        raise NotImplementedError


class ActivationClothesExplorer(RecordedRunsExplorer):
    """The same choice on Fashion-MNIST: the loss curves of deeper and deeper networks.

    On the left the recorded runs: 6,000 pictures, hidden layers of 32 neurons, adam, 20 epochs,
    three seeds; training solid, validation dashed. On the right the size of the gradient in each
    layer, as in `ActivationExplorer`, the mean over the seeds.

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
        words: what the recorded runs say, and how the training ended, in words.
        notice: the training's progress, or what was wrong.
        history: the `keras.callbacks.History` of the last training, stopped or not; None before.
    """

    def __init__(self, data=None, seeds=THREE_SEEDS):
        raise NotImplementedError
