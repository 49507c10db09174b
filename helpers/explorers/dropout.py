"""Dropout's rate on a slider: recorded runs at once, and a real training at a click."""

from ..controls import choice, numbers
from ..dropout_rates import EPOCHS, IMAGES, difference, goal, summary
from ..experiments.on_clothes import DROPOUT_RATES, check_clothes, clothes, dropout_name
from ..experiments.recipe import TEN_SEEDS
from ..recorded_runs import RecordedRuns
from .one_setting import OneSettingExplorer


class DropoutExplorer(OneSettingExplorer):
    """Move the dropout rate and see its curves; press a button to train such a network yourself.

    On the left the recorded runs: Fashion-MNIST, 6,000 images, 20 epochs, ten seeds. On the right
    the validation loss after the last epoch for every rate.

    "Train it here" trains `model_fn(keras.layers.Dropout(rate))` as the recorded runs were trained:
    with a recorded seed it is that run once more, up to rounding.

    Args:
        data: what `load_fashion_mnist` returned; read at the first training if None.
        seeds: which recorded seeds to show, of 42 to 51.

    Attributes:
        rate: the slider.
        train, stop: the buttons.
        seed, epochs, images: choices for the next training.
        picture: an `ipywidgets.Image`.
        goal: what to find, and whether it is found, in words.
        words: what the recorded runs say, and how the training ended, in words.
        notice: the training's progress, or what was wrong.
        history: the `keras.callbacks.History` of the last training, stopped or not; None before.
    """

    def __init__(self, data=None, seeds=TEN_SEEDS):
        names = {rate: dropout_name(rate) for rate in DROPOUT_RATES}
        self.rate = numbers(
            "dropout rate",
            "The share of the hidden layer's outputs set to 0 in each training step",
            *(0, 0.9, 0.1, 0),
        )
        self.epochs = choice(
            "epochs",
            "How many epochs 'Train it here' trains",
            [(str(n), n) for n in (5, 10, EPOCHS, 40)],
            EPOCHS,
        )
        self.images = choice(
            "training images",
            "How many images 'Train it here' trains on",
            [(f"{n:,}", n) for n in (1_000, 3_000, IMAGES, 12_000, 24_000, 48_000)],
            IMAGES,
        )
        super().__init__(
            RecordedRuns("dropout rate", names, seeds),
            ("loss", "val_loss"),
            self.rate,
            [self.epochs, self.images],
            "Loss curves for the chosen dropout rate, and the last validation loss of every rate",
            data,
        )

    def experiment_of(self, value):
        return clothes(
            self.seed.value, rate=value, images=self.images.value, epochs=self.epochs.value
        )

    def check(self, experiment, data):
        check_clothes(data, **experiment.examples_with)

    def difference(self):
        return difference(self.epochs.value, self.images.value)

    def summary(self, value):
        return summary(value, self.recorded)

    def goal_of(self, value):
        return goal(value, self.recorded)

    def dress(self, left, right):
        left.set_ylim(0, 1.4)  # the same for every rate, so that moves can be compared
        right.set(xlim=(-0.05, 0.95), xticks=[0, 0.2, 0.4, 0.6, 0.8])
        right.set_title("last validation loss, ◆ this rate", loc="left")
