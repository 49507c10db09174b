"""The learning rate on a slider: too small, right, too large, diverging."""

import math

import ipywidgets
import keras
import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from ..experiments import digits_learning_rate
from ..plots import COLOURS
from .canvas import Canvas, Notice, explained

RATES = (1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3, 0.7, 2.0, 7.0, 20.0, 100.0)
SEED = 42
GUESSING = math.log(10)
"""The loss of a network that gives each of the ten digits the probability 1/10."""

_TOP = 3.0  # of the loss axis, the same for every rate, so that runs can be compared
_ADVICE = {
    "too small": "The steps are so small that the loss has hardly moved, or is still falling from "
    "high up at the end. Try a larger rate.",
    "right": "The loss falls steeply, then gently, and ends far below guessing.",
    "noisy": "The steps often overshoot: the loss jumps up and down. Try a third or a tenth.",
    "diverging": "The first steps throw the network so far away that it ends no better than "
    "guessing. The curve may then look flat, but it needs a much smaller rate.",
}


def verdict(losses) -> str:
    """Judge a learning rate by the training loss that it led to, one number an epoch.

    The loss is compared with that of guessing, log(10). A rise is an epoch whose loss is higher
    than the one before by more than a thousandth of that. The first that fits, of:

    1. "diverging": a loss is not a finite number; or the last one is not below guessing, and on the
       way the loss rose or was more than 1.2 times that of guessing.
    2. "noisy": it rose at least twice.
    3. "too small": the last one is above a quarter of the loss of guessing.
    4. "right".

    Raises:
        ValueError: there is no loss.
    """
    losses = np.asarray(losses, dtype=np.float64)
    if losses.size == 0:
        raise ValueError("there is no loss to judge: train for at least one epoch")
    if not np.isfinite(losses).all():
        return "diverging"
    rises = int((np.diff(losses) > GUESSING / 1000).sum())
    if losses[-1] >= GUESSING and (rises or losses.max() > 1.2 * GUESSING):
        return "diverging"
    if rises >= 2:
        return "noisy"
    return "too small" if losses[-1] > GUESSING / 4 else "right"


def off_the_axis(losses, top=_TOP) -> str:
    """What an axis from 0 to `top` can't show of these losses, in words; "" if it shows all."""
    losses = np.asarray(losses, dtype=np.float64)
    finite = np.isfinite(losses)
    above = np.flatnonzero(finite & (losses > top))
    parts = []
    if above.size:
        highest = above[losses[above].argmax()]
        epochs = "epoch" if above.size == 1 else "epochs"
        value = f"{losses[highest]:,.{0 if losses[highest] >= 100 else 1}f}"
        parts.append(
            f"{above.size} {epochs} above the axis (▲), the highest: {value} in epoch {highest}"
        )
    if not finite.all():
        parts.append(f"not a number from epoch {np.flatnonzero(~finite)[0]} on")
    return "; ".join(parts)


def describe(rate, losses) -> str:
    """The verdict on one run, in words, with its last loss."""
    what = verdict(losses)
    beyond = off_the_axis(losses)
    return (
        f"Learning rate {plain(rate)}: {what}. {_ADVICE[what]} Loss in epoch {len(losses) - 1}: "
        f"{losses[-1]:.3g}; guessing: {GUESSING:.2g}."
        + (f" Not shown: {beyond}." if beyond else "")
    )


def plain(rate) -> str:
    """A learning rate as it is written in a lesson: 0.00001, not 1e-05."""
    return f"{rate:f}".rstrip("0").rstrip(".")


def joined(runs):
    """Several curves as one with gaps between, to be drawn as one line.

    Args:
        runs: lists of losses.

    Returns:
        The epochs and the losses, two float64 arrays of equal length; a gap is a nan in both.
    """
    epochs = [np.append(np.arange(len(run), dtype=np.float64), np.nan) for run in runs]
    losses = [np.append(np.asarray(run, dtype=np.float64), np.nan) for run in runs]
    nothing = [np.empty(0)]
    return np.concatenate(epochs or nothing), np.concatenate(losses or nothing)


class LearningRateExplorer(ipywidgets.VBox):
    """Choose a learning rate; a small network trains with it at once, and its loss is judged.

    The network is that of lesson 01: 700 digits, Dense(30, relu), Dense(10, softmax), plain SGD,
    batches of 10. Every run has the same start and the same batches. The runs so far stay visible
    in grey; on the right is the last loss of each.

    A rate that was trained already is only drawn again; the button trains it anew. The kernel's
    interrupt button stops a training; the epochs so far are kept.

    Args:
        epochs: how many epochs a run has.

    Attributes:
        rate: the slider; letting it go trains.
        train: the button.
        picture: an `ipywidgets.Image`.
        words: the verdict on the run, in words.
        notice: what goes on, or went wrong.
        history: dict of rate -> list of the training losses, one an epoch.
    """

    def __init__(self, epochs=20):
        self.history = {}
        self._digits = None
        self.words, self.notice = Notice(), Notice()
        self._epochs = 20
        if isinstance(epochs, (int, np.integer)) and not isinstance(epochs, bool) and epochs > 0:
            self._epochs = int(epochs)
        else:
            self.notice.complain(
                f"epochs must be a whole number of at least 1, not {epochs!r}; 20 are trained"
            )
        self.rate = explained(
            ipywidgets.SelectionSlider(
                options=[(plain(rate), rate) for rate in RATES],
                value=RATES[0],
                description="learning rate",
                continuous_update=False,
                style={"description_width": "initial"},
                layout={"width": "480px"},
            ),
            "The share of the gradient that is subtracted in a step; trains when let go",
        )
        self.train = explained(
            ipywidgets.Button(description="Train", button_style="primary"),
            "Train with this rate, from the same start",
        )
        self._make_picture()
        controls = ipywidgets.HBox([self.rate, self.train], layout={"flex_flow": "row wrap"})
        super().__init__([controls, self.notice, self.picture, self.words])
        self.words.say("Move the slider, or press Train: nothing is trained yet.")
        self._draw(self.rate.value)
        self.rate.observe(self._moved, "value")
        self.train.on_click(lambda _button: self._train())

    # --- the picture ----------------------------------------------------------------------------

    def _make_picture(self):
        self._canvas = Canvas(
            figsize=(9.4, 3.9),
        )
        self.picture = self._canvas.image
        figure = self._canvas.figure
        with self._canvas.style():
            figure.subplots_adjust(left=0.075, right=0.98, top=0.88, bottom=0.15, wspace=0.24)
            left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
            left.set(
                xlabel="epoch", ylabel="training loss", xlim=(-0.5, self._epochs), ylim=(0, _TOP)
            )
            left.xaxis.set_major_locator(MaxNLocator("auto", integer=True, min_n_ticks=1))
            right.set(xscale="log", xlim=(RATES[0] / 2, RATES[-1] * 2), ylim=(0, _TOP))
            right.set(xlabel="learning rate")
            right.set_title("last loss of each run, ◆ this one", loc="left")
            right.xaxis.set_major_locator(LogLocator(numticks=20))
            right.xaxis.set_minor_formatter(NullFormatter())
            right.set_xticks([1e-5, 1e-3, 0.1, 10])
            right.set_xticklabels(["0.00001", "0.001", "0.1", "10"])
            for ax in (left, right):
                ax.axhline(GUESSING, color="0.35", linestyle=":", marker="", linewidth=1.8)
            right.text(0.01, GUESSING + 0.06, "guessing", ha="center", color="0.35")
            self._title = left.text(0, 1.04, "", transform=left.transAxes, fontsize=14, zorder=5)
            self._earlier = _line(left, "-", color="0.6", linewidth=1.3, zorder=3.1)
            self._curve = _line(left, "-", color=COLOURS[0], marker="o", markersize=5, zorder=3.3)
            self._above = _line(
                left, "none", color=COLOURS[6], marker="^", markersize=9, zorder=3.4
            )
            self._ends = _line(right, "-", color="0.6", linewidth=1.3, marker="o", zorder=3.1)
            self._end = _line(
                right, "none", color=COLOURS[2], marker="D", markersize=11, zorder=3.3
            )
            self._ends_above = _line(right, "none", color=COLOURS[6], marker="^", zorder=3.4)
        for line in (self._above, self._end, self._ends_above):
            line.set_clip_on(False)
        self._canvas.freeze(
            [
                self._title,
                self._earlier,
                self._curve,
                self._above,
                self._ends,
                self._end,
                self._ends_above,
            ]
        )

    def _draw(self, rate):
        """Draw all runs, the one with `rate` in front."""
        losses = np.array(self.history.get(rate, []), dtype=np.float64)
        earlier = {r: run for r, run in self.history.items() if r != rate}
        self._title.set_text(f"learning rate {plain(rate)}")
        self._earlier.set_data(*joined(earlier.values()))
        self._curve.set_data(np.arange(len(losses)), losses)
        beyond = np.flatnonzero(~(losses <= _TOP))
        self._above.set_data(beyond, np.full(len(beyond), _TOP))
        last = {r: self.history[r][-1] for r in sorted(self.history)}
        high = [r for r, loss in last.items() if not loss <= _TOP]
        self._ends.set_data(list(last), list(last.values()))
        here = [_TOP if rate in high else last[rate]] if rate in last else []
        self._end.set_data([rate] * len(here), here)
        self._ends_above.set_data(high, np.full(len(high), _TOP))
        self._canvas.show()

    # --- the training ---------------------------------------------------------------------------

    def _moved(self, _change):
        """Draw the run with the slider's rate, after training it if that wasn't done yet."""
        rate = self.rate.value
        if len(self.history.get(rate, [])) < self._epochs:
            self._train()
        else:
            self.notice.clear()
            self.words.say(describe(rate, self.history[rate]))
            self._draw(rate)

    def _train(self):
        """Train with the slider's rate. It runs in a callback, so nothing may be raised."""
        rate = self.rate.value
        self.train.disabled = True
        self.history.pop(rate, None)
        self.words.clear()
        try:
            self.notice.say(f"Training with the learning rate {plain(rate)}")
            self._draw(rate)
            self._fit(rate)
            self.notice.clear()
        except KeyboardInterrupt:
            done = len(self.history.get(rate, []))
            self.notice.say(f"Stopped by hand after {done} of {self._epochs} epochs.")
        except Exception as error:  # raised, it would vanish in the notebook's log
            self.notice.complain(f"{type(error).__name__} in the training: {error!s:.2000}")
        finally:
            self.train.disabled = False
        if rate in self.history:
            self.words.say(describe(rate, self.history[rate]))

    def _fit(self, rate):
        """Train one run and draw it epoch by epoch."""
        training = digits_learning_rate(SEED, rate, self._epochs)
        if self._digits is None:
            self._digits = training.load()
        draw = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._epoch_ended(rate, logs)
        )
        training.train(self._digits, callbacks=[draw])

    def _epoch_ended(self, rate, logs):
        self.history.setdefault(rate, []).append(float(logs["loss"]))
        self._draw(rate)


def _line(ax, style, **looks):
    return ax.plot([], [], linestyle=style, **{"marker": "", **looks})[0]
