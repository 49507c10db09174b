"""Dropout's rate on a slider: recorded runs at once, and a real training at a click."""

import time
from typing import NamedTuple

import ipywidgets
import keras
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Polygon
from matplotlib.ticker import MaxNLocator

from ..experiments import DROPOUT_RATES as RATES
from ..experiments import TEN_SEEDS as SEEDS
from ..experiments import clothes
from ..plots import COLOURS, RUN_COLOURS
from ..recordings import load_recording
from .canvas import Canvas, Notice, explained

NEW_SEEDS = tuple(SEEDS[-1] + more for more in (1, 2, 3))
EPOCHS, IMAGES = 20, 6_000  # of the recorded runs
KEYS = ("loss", "val_loss")

_RECORDED, _OWN = RUN_COLOURS[1], COLOURS[6]
_TOP = 1.4  # of the loss axis, the same for every rate, so that moves can be compared


class Band(NamedTuple):
    """Several runs as one: three float64 arrays, of shape (epochs,) or (rates,)."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def band(runs) -> Band:
    """The mean, the lowest and the highest of several runs, epoch by epoch.

    Args:
        runs: one list of floats a run, all of the same length.

    Raises:
        ValueError: there is no run, or they differ in length.
    """
    lengths = {len(run) for run in runs}
    if len(lengths) != 1:
        told = ", ".join(str(length) for length in sorted(lengths)) or "none"
        raise ValueError(f"runs of one length are needed, and their numbers of epochs are: {told}")
    table = np.asarray(runs, dtype=np.float64)
    return Band(table.mean(axis=0), table.min(axis=0), table.max(axis=0))


def valley(bands):
    """How the last epoch depends on the rate.

    Args:
        bands: rate -> Band over the epochs, at least one.

    Returns:
        The rates, ascending, of shape (rates,), and the Band of the last epoch over them.
    """
    rates = sorted(bands)
    last = [[column[-1] for column in bands[rate]] for rate in rates]
    return np.array(rates), Band(*np.array(last, dtype=np.float64).T)


def read_runs(rate, seeds) -> dict:
    """The recorded runs with this rate: seed -> history.

    Raises:
        ValueError: a recording is missing or damaged.
    """
    try:
        name = f"clothes_{IMAGES}_dropout_{rate:.1f}"
        return {seed: load_recording(name, seed).history for seed in seeds}
    except ValueError as error:
        raise ValueError(
            f"the recorded runs with the dropout rate {rate:.1f} can't be shown: {error}"
        ) from error


def bands_of(runs) -> dict:
    """Runs, given as seed -> history, as "loss" and "val_loss" with their Bands over the epochs.

    Raises:
        ValueError: there is no run, or they differ in length.
    """
    return {key: band([run[key] for run in runs.values()]) for key in KEYS}


def recorded_rate(rate) -> float:
    """The recorded rate that is meant by `rate`, which may have a rounding error.

    Raises:
        ValueError: no run was recorded with such a rate.
    """
    for known in RATES:
        if abs(rate - known) < 1e-6:
            return known
    raise ValueError(
        f"no run was recorded with the dropout rate {rate:g}: choose one of "
        f"{', '.join(map(str, RATES))}. 'Train it here' works with every rate below 1."
    )


def check_data(data, images):
    """Check that so many images can be trained on.

    Args:
        data: what `load_fashion_mnist` returned.
        images: how many.

    Raises:
        ValueError: `data` is something else, or has too few images.
    """
    try:
        arrays = {"train_scaled": data.train_scaled, "val_scaled": data.val_scaled}
    except AttributeError as error:
        raise ValueError(
            f"data must be what load_fashion_mnist() returned, not {type(data).__name__}: {error}"
        ) from error
    for name, array in arrays.items():
        if np.shape(array)[1:] != (28, 28):
            raise ValueError(
                f"data.{name} has the shape {np.shape(array)}, and the course's model takes images "
                "of 28x28 pixels: give what load_fashion_mnist() returned"
            )
    if len(data.train_scaled) < images:
        raise ValueError(
            f"data has only {len(data.train_scaled):,} training images: choose fewer than "
            f"{images:,}, or give what load_fashion_mnist() returned"
        )


def seconds_left(ends, planned):
    """The seconds that the remaining epochs will take; None if that can't be told yet.

    Args:
        ends: when each epoch so far ended, in seconds. The first also built the graph, so only
            what came after it says how long an epoch takes.
        planned: the number of epochs in all.
    """
    if len(ends) < 2:
        return None
    return (ends[-1] - ends[0]) / (len(ends) - 1) * (planned - len(ends))


def summary(rate, bands):
    """What the recorded runs say about one rate, in words; `bands` is rate -> key -> Band."""
    loss, val_loss = (bands[rate][key].mean[-1] for key in KEYS)
    rates, last = valley({rate: bands[rate]["val_loss"] for rate in bands})
    best = int(np.argmin(last.mean))
    return (
        f"Dropout rate {rate:.1f}, after epoch {len(bands[rate]['loss'].mean) - 1}: training loss "
        f"{loss:.2f}, validation loss {val_loss:.3f}. The lowest validation loss of all recorded "
        f"rates is {last.mean[best]:.3f}, with the rate {rates[best]:.1f}."
    )


def outcome(losses, seed, recorded):
    """How a training of one's own ended, in words.

    Args:
        losses: its validation losses, one an epoch.
        seed: its seed.
        recorded: the last validation losses of the recorded runs, by seed; {} if there are none
            that it can be compared with.
    """
    last = round(float(losses[-1]), 3)
    told = f"Its last validation loss is {last:.3f}"
    if not recorded:
        return told + "."
    if seed in recorded:
        return f"{told}; recorded with seed {seed}: {recorded[seed]:.3f}."
    low, high = (round(end(recorded.values()), 3) for end in (min, max))
    inside = "inside" if low <= last <= high else "outside"
    return (
        f"{told}, {inside} the recorded {low:.3f} to {high:.3f}. Of new seeds, "
        f"{share_inside(len(recorded)):.0%} are to be expected inside."
    )


def share_inside(count) -> float:
    """How often a new run ends between the lowest and the highest of so many recorded ones.

    All are draws from one distribution, so each of the count + 1 is as likely the lowest as any
    other, and as likely the highest.
    """
    return (count - 1) / (count + 1)


def on_the_axis(value, bottom, top):
    """Where to draw a value, and with which marker: an arrowhead at the edge if it lies beyond."""
    if value > top:
        return top, "^"
    if value < bottom:
        return bottom, "v"
    return value, "o"


def difference(epochs, images):
    """What differs between the recorded runs and the next training, in words; "" if nothing."""
    if (epochs, images) == (EPOCHS, IMAGES):
        return ""
    return (
        f" The next training can't be compared fairly: {images:,} images and {epochs} epochs, "
        f"recorded were {IMAGES:,} and {EPOCHS}."
    )


class DropoutExplorer(ipywidgets.VBox):
    """Move the dropout rate and see its curves; press a button to train such a network yourself.

    On the left the recorded runs: Fashion-MNIST, 6,000 images, 20 epochs, ten seeds. The line is
    their mean, the band reaches from the lowest to the highest. On the right the validation loss
    after the last epoch for every rate.

    "Train it here" trains `model_fn(keras.layers.Dropout(rate))` as the recorded runs were trained:
    with a recorded seed it is that run once more, up to rounding. The kernel's interrupt button
    stops it; the epochs so far are kept.

    Args:
        data: what `load_fashion_mnist` returned; read at the first training if None.
        seeds: which recorded seeds to show, of 42 to 51.

    Attributes:
        rate: the slider.
        train: the button.
        seed, epochs, images: choices for the next training.
        picture: an `ipywidgets.Image`.
        words: what the recorded runs say, in words.
        notice: the training's progress, or what was wrong.
        history: the last training's `keras.callbacks.History`; a dict of lists if it was stopped or
            failed; None if nothing was trained.
    """

    def __init__(self, data=None, seeds=SEEDS):
        self._data = data
        self._seeds = tuple(seeds) if np.iterable(seeds) else (seeds,)
        self._runs, self._bands, self._trouble = {}, {}, {}
        for rate in RATES:
            try:
                self._runs[rate] = read_runs(rate, self._seeds)
                self._bands[rate] = bands_of(self._runs[rate])
            except (ValueError, TypeError) as error:
                self._trouble[rate] = str(error)
        self.history = None
        self._result = ""
        self._make_controls()
        self._make_picture()
        self.words, self.notice = Notice(), Notice()
        super().__init__(
            [
                ipywidgets.HBox([self.rate, self.train], layout={"flex_flow": "row wrap"}),
                ipywidgets.HBox(
                    [self.seed, self.epochs, self.images], layout={"flex_flow": "row wrap"}
                ),
                self.notice,
                self.picture,
                self.words,
            ]
        )
        self.rate.observe(self._move, "value")
        self.epochs.observe(self._move, "value")
        self.images.observe(self._move, "value")
        self.train.on_click(self._train)
        self._move()
        if self._trouble:
            self.notice.complain(next(iter(self._trouble.values())))

    def _make_controls(self):
        self.rate = explained(
            ipywidgets.FloatSlider(
                value=0.3,
                min=0.0,
                max=0.9,
                step=0.1,
                readout_format=".1f",
                description="dropout rate",
                style={"description_width": "initial"},
                layout={"width": "420px"},
            ),
            "The share of the hidden layer's outputs set to 0 in each training step",
        )
        self.train = explained(
            ipywidgets.Button(description="Train it here", button_style="primary"),
            "Train a network with this rate, here and now; interrupt the kernel to stop",
        )
        self.seed = explained(
            _choice(
                "seed",
                [(f"{seed}, recorded", seed) for seed in self._seeds or SEEDS]
                + [(f"{seed}, new", seed) for seed in NEW_SEEDS],
            ),
            "What draws the first weights and the order of the images",
        )
        self.epochs = explained(
            _choice("epochs", [(str(n), n) for n in (5, 10, EPOCHS, 40)], EPOCHS),
            "How many epochs 'Train it here' trains",
        )
        counts = (1_000, 3_000, IMAGES, 12_000, 24_000, 48_000)
        self.images = explained(
            _choice("training images", [(f"{n:,}", n) for n in counts], IMAGES),
            "How many images 'Train it here' trains on",
        )

    # --- the picture ----------------------------------------------------------------------------

    def _make_picture(self):
        self._canvas = Canvas(
            figsize=(9.4, 4.1),
        )
        self.picture = self._canvas.image
        figure = self._canvas.figure
        with self._canvas.style():
            figure.subplots_adjust(left=0.075, right=0.985, top=0.82, bottom=0.14, wspace=0.24)
            self._left, self._right = figure.subplots(1, 2, width_ratios=(1.5, 1))
            self._draw_left()
            self._draw_right()
            self._note = self._left.text(
                *(0.985, 0.03, ""),
                ha="right",
                color=_OWN,
                fontsize=11,
                zorder=5,
                transform=self._left.transAxes,
            )
            figure.legend(
                handles=[
                    Line2D([], [], color="0.25", marker="", label="training"),
                    Line2D([], [], color="0.25", marker="", linestyle="--", label="validation"),
                    Patch(
                        facecolor=_RECORDED,
                        alpha=0.3,
                        label=f"recorded: mean, lowest to highest of {len(self._seeds)} seeds",
                    ),
                ],
                loc="center left",
                bbox_to_anchor=(0.0, 0.957),
                ncols=3,
                fontsize=11,
                columnspacing=1.2,
            )
        self._moving = [*self._areas.values(), *self._means.values(), *self._own.values()]
        self._moving += [self._title, self._note, self._here, self._own_end]
        self._freeze(EPOCHS)

    def _draw_left(self):
        ax = self._left
        ax.set(xlabel="epoch", ylabel="loss", ylim=(0, _TOP))
        ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))
        self._title = ax.text(0, 1.04, "", transform=ax.transAxes, fontsize=14, zorder=5)
        self._areas, self._means, self._own = {}, {}, {}
        for key, line in zip(KEYS, ("-", "--"), strict=True):
            self._areas[key] = ax.add_patch(
                Polygon(np.zeros((1, 2)), facecolor=_RECORDED, alpha=0.25, linewidth=0, zorder=3.1)
            )
            (self._means[key],) = ax.plot([], [], line, color=_RECORDED, marker="", zorder=3.2)
            (self._own[key],) = ax.plot(
                [],
                [],
                line,
                color=_OWN,
                marker="o",
                markersize=5,
                markerfacecolor=_OWN if line == "-" else "white",
                zorder=3.3,
            )

    def _draw_right(self):
        ax = self._right
        ax.set(xlabel="dropout rate", xlim=(-0.05, 0.95), xticks=[0, 0.2, 0.4, 0.6, 0.8])
        ax.set_title("last validation loss, ◆ this rate", loc="left")
        if self._bands:
            rates, last = valley({rate: keys["val_loss"] for rate, keys in self._bands.items()})
            ax.fill_between(rates, last.low, last.high, color=_RECORDED, alpha=0.25, linewidth=0)
            ax.plot(rates, last.mean, "--", color=_RECORDED, marker="o", markerfacecolor="white")
        (self._here,) = ax.plot([], [], "D", color=COLOURS[2], markersize=11, zorder=3.2)
        (self._own_end,) = ax.plot([], [], "o", color=_OWN, markersize=9, zorder=3.3)

    def _freeze(self, epochs):
        """Draw what stands still, with room for so many epochs."""
        self._left.set_xlim(-0.5, max(EPOCHS, epochs) - 0.5)
        self._canvas.freeze(self._moving)

    def _move(self, _change=None):
        """Draw the recorded runs of the slider's rate, and say in words what they show."""
        self.notice.say(self._result)
        bands, words = None, ""
        try:
            rate = recorded_rate(self.rate.value)
            if rate in self._trouble:
                raise ValueError(self._trouble[rate])
            bands, words = self._bands[rate], summary(rate, self._bands)
        except ValueError as error:
            self.notice.complain(str(error))
        self._title.set_text(f"dropout rate {self.rate.value:g}")
        for key in KEYS:
            self._draw_band(key, bands[key] if bands else None)
        self._here.set_data(*(([rate], [bands["val_loss"].mean[-1]]) if bands else ([], [])))
        self._canvas.show()
        self.words.say(words + difference(self.epochs.value, self.images.value))

    def _draw_band(self, key, values):
        """Put the mean and the band of one key in place, or away if there is none."""
        self._areas[key].set_visible(values is not None)
        self._means[key].set_visible(values is not None)
        if values is not None:
            epochs = np.arange(len(values.mean))
            self._means[key].set_data(epochs, values.mean)
            there_and_back = np.concatenate([epochs, epochs[::-1]])
            outline = np.concatenate([values.low, values.high[::-1]])
            self._areas[key].set_xy(np.column_stack([there_and_back, outline]))

    # --- the training ---------------------------------------------------------------------------

    def _train(self, _button):
        """Train as the controls say. It runs in the button's callback, so nothing may be raised."""
        planned = self.epochs.value
        self.train.disabled = True
        self.history, self._run, self._ends = None, {}, []
        try:
            self.notice.say("Getting ready: reading the images, building the network")
            self._begin(planned)
            begun = time.monotonic()
            self.history = self._fit(planned)
            seconds = time.monotonic() - begun
            self._result = f"Trained {self._count(planned)} in {seconds:.1f} s. {self._ending()}"
            self.notice.say(self._result)
        except KeyboardInterrupt:
            self._result = f"Stopped by hand after {self._count(planned)}." + self._keep()
            self.notice.say(self._result)
        except Exception as error:  # raised, it would vanish in the notebook's log
            self._result = ""
            self.notice.complain(
                f"{type(error).__name__} after {self._count(planned)}: {error!s:.2000}"
                + self._keep()
            )
        finally:
            self.train.disabled = False

    def _ending(self):
        recorded = {}
        trained = self._trained
        if (trained.epochs, self._images, len(self._ends)) == (EPOCHS, IMAGES, EPOCHS):
            runs = self._runs.get(self._rate, {})
            recorded = {seed: run["val_loss"][-1] for seed, run in runs.items()}
        return outcome(self._run["val_loss"], trained.seed, recorded)

    def _count(self, planned):
        return f"{len(self._ends)} of {planned} epochs"

    def _keep(self):
        """Keep the epochs that ended before the training did, and say so."""
        if not self._run:
            return " Nothing was trained."
        self.history = self._run
        return " The epochs so far are kept."

    def _begin(self, epochs):
        """Clear the last training's curve and make room for the next one's."""
        self._note.set_text("")
        for line in (*self._own.values(), self._own_end):
            line.set_data([], [])
        self._freeze(epochs)
        self._canvas.show()

    def _fit(self, epochs):
        """Train as the recordings were trained."""
        self._rate, self._images = round(self.rate.value, 6), self.images.value
        self._trained = clothes(
            self.seed.value, rate=self._rate, images=self._images, epochs=epochs
        )
        if self._data is None:
            self._data = self._trained.load()
        check_data(self._data, self._images)
        self._note.set_text(
            f"● trained here: rate {self._rate:g}, seed {self._trained.seed}, {self._images:,} "
            f"images, {epochs} epochs"
        )
        draw = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._epoch_ended(logs, epochs)
        )
        return self._trained.train(self._data, callbacks=[draw])

    def _epoch_ended(self, logs, planned):
        self._ends.append(time.monotonic())
        for key, value in logs.items():
            self._run.setdefault(key, []).append(float(value))
        for key in KEYS:
            self._own[key].set_data(np.arange(len(self._ends)), self._run[key])
        end, marker = on_the_axis(self._run["val_loss"][-1], *self._right.get_ylim())
        self._own_end.set_data([self._rate], [end])
        self._own_end.set(marker=marker, clip_on=False)
        left = seconds_left(self._ends, planned)
        about = "" if left is None else f", about {left:.0f} s left"
        self.notice.say(f"{self._count(planned)} done{about}")
        self._canvas.show()


def _choice(label, options, value=None):
    """A drop-down list of (text, value) pairs."""
    return ipywidgets.Dropdown(
        options=options,
        value=options[0][1] if value is None else value,
        description=label,
        style={"description_width": "initial"},
        layout={"width": "auto"},
    )
