"""Watch a training while it runs."""

import contextlib
import signal
import threading
import time

import keras
import matplotlib
import numpy as np
import pandas
from IPython import get_ipython
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .plots import STYLE, metric_names, plain_text, plot_history, to_png

SHARE_OF_TIME = 0.04
"""The share of the training time that drawing may take."""


class LivePlot(keras.callbacks.Callback):
    """Draw the curves while `fit` runs: `model.fit(..., callbacks=[LivePlot()])`.

    One picture grows epoch by epoch, with the epoch, the progress and the time left. Drawing takes
    at most about 4 % of the training time: where epochs are very short, it skips some. The last
    picture stays in the notebook.

    The stop button ends the training after the epoch that is running, and `fit` returns the history
    so far. Press it twice to stop at once; the history is then in `.history` of this object.

    Args:
        metrics: names of metrics, one panel each; with validation data their `val_` twins too.

    Attributes:
        history: dict of lists, as in `keras.callbacks.History`.
        epoch: the numbers of the epochs trained, counted from 0.
        png: the last picture, as bytes; None before the first epoch ends.

    Raises:
        ValueError: at the end of the first epoch, if a metric is not among the logs.
    """

    def __init__(self, metrics=("loss",)):
        super().__init__()
        self.metrics = metric_names(metrics)
        self.history = {}
        self.epoch = []
        self.png = None

    def set_model(self, model=None):
        # Keras calls this first. Called on the class itself, it finds the model in `self`.
        if not isinstance(self, LivePlot):
            raise TypeError(
                "the brackets are missing behind LivePlot: write callbacks=[LivePlot()]"
            )
        super().set_model(model)

    def on_train_begin(self, logs=None):
        self.history, self.epoch, self.png = {}, [], None
        self._epochs_of = {}
        self._stop_button = _StopButton()
        self._picture = _Picture()
        self._clock = _Clock()

    def on_epoch_begin(self, epoch, logs=None):
        self._clock.epoch_begins()

    def on_epoch_end(self, epoch, logs=None):
        self._clock.epoch_ends()
        self.epoch.append(epoch)
        for key, value in (logs or {}).items():
            self.history.setdefault(key, []).append(value)
            self._epochs_of.setdefault(key, []).append(epoch)
        self._check_metrics()
        if self._stop_button.pressed:
            self.model.stop_training = True
        if self._clock.time_to_draw():
            self._draw(self._progress())

    def on_train_end(self, logs=None):
        self._stop_button.release()
        if self.epoch:
            self._draw(self._summary())

    def _check_metrics(self):
        """Raise if a metric is never logged; a `val_` one may be logged in a later epoch."""
        for metric in self.metrics:
            if metric not in self.history and not metric.startswith("val_"):
                self._stop_button.release()
                logged = ", ".join(repr(key) for key in self.history)
                raise ValueError(f"LivePlot can't draw {metric!r}: fit logs only {logged}")

    def _progress(self):
        done, planned = self.epoch[-1] + 1, self.params["epochs"]
        left = self._clock.seconds_an_epoch() * (planned - done)
        return f"epoch {done} of {planned} ({done / planned:.0%}), about {_seconds(left)} left"

    def _summary(self):
        last, planned = self.epoch[-1] + 1, self.params["epochs"]
        stopped = ""
        if self._stop_button.pressed:
            stopped = ", stopped by hand"
        elif last < planned:
            stopped = ", stopped by a callback"
        trained = f"{last} of {planned} epochs"
        if self.epoch[0] > 0:
            trained = f"epochs {self.epoch[0] + 1} to {last} of {planned}"
        return f"{trained} in {_seconds(self._clock.elapsed())}{stopped}"

    def _draw(self, text):
        with self._clock.drawing():
            fraction = (self.epoch[-1] + 1) / self.params["epochs"]
            panels = {metric: self._curves(metric) for metric in self.metrics}
            self.png = to_png(_figure(panels, text, fraction))
            self._picture.show(self.png, text)

    def _curves(self, metric):
        """The metric's curves so far: key -> DataFrame of the epochs in which it was logged."""
        return {
            key: pandas.DataFrame({key: self.history[key]}, index=self._epochs_of[key])
            for key in (metric, f"val_{metric}")
            if key in self.history
        }


class _StopButton:
    """Turns the first interrupt into a wish to stop; a second one interrupts as it always does."""

    def __init__(self):
        self.pressed = False
        self._before = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._press)
            if isinstance(getattr(self._before, "__self__", None), _StopButton):
                # Left over from a training that an error ended, so that nobody released it.
                self._before = self._before.__self__._before

    def _press(self, number, frame):
        self.pressed = True
        self.release()

    def release(self):
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
            self._before = None


class _Clock:
    """Times the epochs and the drawing, in seconds."""

    def __init__(self):
        self._begun = self._drawn = time.monotonic()
        self._epochs = []
        self._cost = None

    def elapsed(self):
        return time.monotonic() - self._begun

    def epoch_begins(self):
        self._epoch_begun = time.monotonic()

    def epoch_ends(self):
        self._epochs.append(time.monotonic() - self._epoch_begun)

    def seconds_an_epoch(self):
        """The mean, without the first epoch, which also builds the graph."""
        return float(np.mean(self._epochs[1:] or self._epochs))

    def time_to_draw(self):
        if self._cost is None:
            return True
        return time.monotonic() - self._drawn >= self._cost * (1 / SHARE_OF_TIME - 1)

    @contextlib.contextmanager
    def drawing(self):
        begun = time.monotonic()
        yield
        self._drawn = time.monotonic()
        self._cost = self._drawn - begun


class _Picture:
    """One place in the notebook's output; showing a new picture replaces the old one there."""

    def __init__(self):
        self._handle = None

    def show(self, png, text):
        if get_ipython() is None:
            return
        content = {"image/png": png, "text/plain": text}
        if self._handle is None:
            self._handle = display(content, raw=True, display_id=True)
        else:
            self._handle.update(content, raw=True)


def _figure(panels, text, fraction):
    """The curves so far, one panel a metric, under `text` and a bar of the `fraction` done."""
    with matplotlib.rc_context({**STYLE, "figure.constrained_layout.use": False}):
        figure = Figure(figsize=(7 if len(panels) == 1 else 10, 3.8))
        FigureCanvasAgg(figure)
        left = 0.13 if len(panels) == 1 else 0.09
        figure.subplots_adjust(left=left, right=0.98, top=0.86, bottom=0.17, wspace=0.25)
        figure.suptitle(text, x=0.02, y=0.97, ha="left", fontsize=13)
        figure.add_artist(Rectangle((0, 0), fraction, 0.02, color="0.4", linewidth=0))
        axes = figure.subplots(1, len(panels), squeeze=False)[0]
        for ax, (metric, curves) in zip(axes, panels.items(), strict=True):
            _panel(ax, metric, curves)
    return figure


def _panel(ax, metric, curves):
    """One metric's curves. One with no number to draw is told in words: training must go on."""
    lost = []
    for key, curve in curves.items():
        try:
            plot_history(curve, key, ax)
        except ValueError:
            lost.append(key)
    ax.set(xlabel="epoch", ylabel=plain_text(metric))
    if lost:
        told = plain_text(f"{' and '.join(lost)}: not a number")
        ax.text(0.5, 0.5, told, transform=ax.transAxes, ha="center")


def _seconds(seconds):
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
