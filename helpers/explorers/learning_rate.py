"""The learning rate on a slider: too small, right, too large, diverging."""

from matplotlib.ticker import LogLocator, NullFormatter

from ..controls import listed
from ..experiments.on_digits import LEARNING_RATES, digits_learning_rate, learning_rate_name
from ..experiments.recipe import TEN_SEEDS
from ..learning_rates import GUESSING, goal, summary, verdict
from ..recorded_runs import RecordedRuns
from ..wording import decimal
from .one_setting import OneSettingExplorer

TOP = 3.0
"""Of the loss axes, the same for every rate, so that moves can be compared."""


class LearningRateExplorer(OneSettingExplorer):
    """Move the learning rate and see what it does to a small network's training loss.

    The network is that of lesson 01: 700 digits, Dense(30, relu), Dense(10, softmax), plain SGD,
    batches of 10. On the left its recorded runs, 20 epochs, ten seeds. On the right the last loss
    for every rate. "Train it here" trains one: with a recorded seed that run once more.

    Args:
        seeds: which recorded seeds to show, of 42 to 51.

    Attributes:
        rate: the slider.
        train, stop: the buttons.
        seed: the seed of the next training.
        picture: an `ipywidgets.Image`.
        goal: what to find, and whether it is found, in words.
        words: the verdict on the recorded runs, and on the training, in words.
        notice: the training's progress, or what was wrong.
        history: the `keras.callbacks.History` of the last training, stopped or not; None before.
    """

    def __init__(self, seeds=TEN_SEEDS):
        self.rate = listed(
            "learning rate",
            "The share of the gradient that is subtracted in a step",
            [(decimal(rate), rate) for rate in LEARNING_RATES],
            LEARNING_RATES[0],
        )
        super().__init__(
            RecordedRuns(
                "learning rate", {r: learning_rate_name(r) for r in LEARNING_RATES}, seeds
            ),
            ("loss",),
            self.rate,
            [],
            "Training loss for the chosen learning rate, and the last loss of every rate",
        )

    def experiment_of(self, value):
        return digits_learning_rate(self.seed.value, value)

    def named(self, value):
        return f"Learning rate {decimal(value)}"

    def summary(self, value):
        runs = [run["loss"] for run in self.recorded.runs[value].values()]
        return summary(value, runs, TOP)

    def goal_of(self, value):
        return goal(value, self.recorded)

    def outcome(self, experiment, history):
        return (
            f"{super().outcome(experiment, history)} Verdict: {verdict(history.history['loss'])}."
        )

    def dress(self, left, right):
        left.set(ylabel="training loss", ylim=(0, TOP))
        right.set(xscale="log", xlim=(LEARNING_RATES[0] / 2, LEARNING_RATES[-1] * 2), ylim=(0, TOP))
        right.set_title("last loss, ◆ this rate", loc="left")
        right.xaxis.set_major_locator(LogLocator(numticks=20))
        right.xaxis.set_minor_formatter(NullFormatter())
        right.set_xticks([1e-5, 1e-3, 0.1, 10], ["0.00001", "0.001", "0.1", "10"])
        for ax in (left, right):
            ax.axhline(GUESSING, color="0.35", linestyle=":", marker="", linewidth=1.8)
        right.text(0.01, GUESSING + 0.06, "guessing", ha="center", color="0.35")
