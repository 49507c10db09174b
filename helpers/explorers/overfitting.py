"""A network's size and its number of pictures on sliders: underfitting, overfitting, the gap."""

from ..capacity import MAPS, Capacity, how_long, named
from ..controls import choice, listed
from ..experiments.on_clothes import IMAGES, NEURONS, check_clothes, clothes_by_size, size_name
from ..experiments.recipe import THREE_SEEDS
from ..recorded_runs import RecordedRuns
from .capacity_map import CapacityMap, LowestPoint
from .recorded_runs import RecordedRunsExplorer

TOP = 1.8
"""Of the loss axis, the same for every place, so that moves can be compared."""


class OverfittingExplorer(RecordedRunsExplorer):
    """Move a network's size and its number of pictures, and see how far its two losses part.

    On the left the recorded runs of the chosen place: Fashion-MNIST, one hidden layer, adam, 40
    epochs, three seeds; the star is the lowest point of the mean validation loss. On the right a
    map of all places, with a number for each: the validation loss less the training loss after the
    last epoch, or the lowest validation loss, or the epoch in which it is reached.

    The words say how it fits, by the mean losses (see `helpers.capacity.Capacity.verdict`). It
    underfits if its last training loss is above the lowest validation loss of another size with as
    many pictures. It overfits if its last validation loss is more than 5 % above its lowest.

    "Train it here" trains such a network: with a recorded seed that run once more, up to rounding.

    Args:
        data: what `load_fashion_mnist` returned; read at the first training if None.
        seeds: which recorded seeds to show, of 42 to 44.

    Attributes:
        neurons, images: the sliders.
        map: which number the map shows.
        train, stop: the buttons.
        seed: the seed of the next training.
        picture: an `ipywidgets.Image`.
        goal: what to find, and whether it is found, in words.
        words: what the recorded runs say, and how the training ended, in words.
        notice: the training's progress, or what was wrong.
        history: the `keras.callbacks.History` of the last training, stopped or not; None before.
    """

    figsize = (9.4, 4.4)
    subplots = {"left": 0.068, "right": 0.955, "top": 0.81, "bottom": 0.13, "wspace": 0.2}
    widths = (1, 1)

    def __init__(self, data=None, seeds=THREE_SEEDS):
        names = {(n, i): size_name(n, i) for n in NEURONS for i in IMAGES}
        recorded = RecordedRuns("neurons and pictures", names, seeds)
        self._capacity = Capacity(recorded)
        self.neurons = listed(
            "hidden neurons", "The network's size", [(str(n), n) for n in NEURONS], 32
        )
        self.images = listed(
            "training pictures",
            "How many pictures it learns from",
            [(f"{n:,}", n) for n in IMAGES],
            6_000,
        )
        self.map = choice("map", "What the map shows of each place", MAPS)
        self._map = CapacityMap(self._capacity, self.map.value)
        super().__init__(
            recorded,
            ("loss", "val_loss"),
            [[self.neurons], [self.images], [self.map]],
            [LowestPoint(self._capacity.places), self._map],
            "Loss curves for the chosen neurons and pictures, and a map over all of them",
            data,
        )

    def chosen(self):
        return self.neurons.value, self.images.value

    def experiment_of(self, value):
        neurons, images = value
        return clothes_by_size(self.seed.value, neurons, images)

    def check(self, experiment, data):
        check_clothes(data, **experiment.examples_with)

    def named(self, value):
        return named(value)

    def summary(self, value):
        return "\n".join(filter(None, [self._capacity.summary(value, TOP), how_long(value)]))

    def goal_of(self, value):
        return self._capacity.goal(value)

    def dress(self, left, right):
        left.set(ylim=(0, TOP), yticks=[0, 0.4, 0.8, 1.2, 1.6])
        right.set(xlabel="training pictures", ylabel="hidden neurons")

    def _move(self):
        if self._map.change(self.map.value):
            self.canvas.freeze()
        super()._move()
