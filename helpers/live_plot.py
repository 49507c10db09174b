"""Watch a training while it runs."""

import difflib
import time

import pandas
from IPython import get_ipython
from IPython.display import display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from .plots import course_style, metric_names, plain_text, plot_history, to_png
from .training_run import TrainingRun
from .wording import shown

SHARE_OF_TIME = 0.04
"""The share of the training time that drawing may take."""


class LivePlot(TrainingRun):
    """Draw the curves while `fit` runs: `model.fit(..., callbacks=[LivePlot()])`.

    One picture grows epoch by epoch, with the epoch, the progress and the time left. Drawing takes
    at most about 4 % of the training time: where epochs are very short, it skips some. The last
    picture stays in the notebook.

    The stop button ends the training after the epoch that is running, and `fit` returns the history
    so far. Press it twice to stop at once; the history is then in `.history` of this object.

    Args:
        metrics: names of metrics, one panel each; with validation data their `val_` twins too.

    Attributes:
        history: a `keras.callbacks.History` of the epochs so far; None before the training.
        png: the last picture, as bytes; None before the first epoch ends.

    Raises:
        ValueError: at the end of the first epoch, if a metric is not among the logs.
    """

    def __init__(self, metrics=("loss",)):
        super().__init__()
        self.metrics = metric_names(metrics)
        self.png = None

    def set_model(self, model=None):
        # Keras calls this first. Called on the class itself, it finds the model in `self`.
        if not isinstance(self, LivePlot):
            raise TypeError(
                "the brackets are missing behind LivePlot: write callbacks=[LivePlot()]"
            )
        super().set_model(model)

    def on_train_begin(self, logs=None):
        self.png, self.asked_to_stop = None, False  # it may have watched another training
        self._epochs_of = {}
        self._picture, self._pace = _Picture(), _Pace()
        super().on_train_begin(logs)

    def on_epoch_end(self, epoch, logs=None):
        super().on_epoch_end(epoch, logs)
        for key in logs or {}:
            self._epochs_of.setdefault(key, []).append(epoch)
        self._check_metrics()
        if self._pace.time_to_draw():
            self._draw(self.progress())

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        if self.epochs:
            self._draw(self.summary())

    def _check_metrics(self):
        """Raise if a metric is never logged; its `val_` twin may be logged in a later epoch."""
        logged = self.history.history
        for metric in self.metrics:
            if metric not in logged and metric.removeprefix("val_") not in logged:
                self.release()
                near = difflib.get_close_matches(metric, logged, n=1)
                meant = f". Did you mean {near[0]!r}?" if near else ""
                listing = ", ".join(map(repr, logged))
                raise ValueError(
                    f"LivePlot can't draw {shown(metric)}: fit logs only {listing}{meant}"
                )

    def _draw(self, text):
        begun = time.monotonic()
        panels = {metric: self._curves(metric) for metric in self.metrics}
        self.png = to_png(_figure(panels, text, self.share_done()))
        self._picture.show(self.png, text)
        self._pace.drawn(time.monotonic() - begun)

    def _curves(self, metric):
        """The metric's curves so far: key -> DataFrame of the epochs in which it was logged."""
        return {
            key: pandas.DataFrame({key: self.history.history[key]}, index=self._epochs_of[key])
            for key in (metric, f"val_{metric}")
            if key in self._epochs_of
        }


class _Pace:
    """Keeps drawing to its share of the time."""

    def __init__(self):
        self._ended, self._cost = 0.0, 0.0

    def time_to_draw(self):
        return time.monotonic() - self._ended >= self._cost * (1 / SHARE_OF_TIME - 1)

    def drawn(self, seconds):
        """Note that a drawing took so long and has just ended."""
        self._ended, self._cost = time.monotonic(), seconds


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
    with course_style(**{"figure.constrained_layout.use": False}):
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
    told = f"{' and '.join(lost)}: not a number" if lost else "" if curves else "not measured yet"
    if told:
        ax.text(0.5, 0.5, plain_text(told), transform=ax.transAxes, ha="center")
