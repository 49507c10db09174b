"""LivePlot in fit, and in a real kernel."""

import math
import signal
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import keras
import matplotlib
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from helpers import LivePlot, live_plot, plots
from helpers.authoring.execute import NativeKernelManager

ROOT = Path(__file__).resolve().parent.parent

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = X.sum(axis=1)


def fit(live, epochs=3, learning_rate=0.01, callbacks=(), **arguments):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(learning_rate), "mse", metrics=["mae"])
    arguments = {"validation_split": 0.25, **arguments}
    return model.fit(X, Y, epochs=epochs, verbose=0, callbacks=[*callbacks, live], **arguments)


@pytest.fixture
def texts(monkeypatch):
    """What each picture said, in order."""
    said = []
    monkeypatch.setattr(live_plot._Picture, "show", lambda self, png, text: said.append(text))
    return said


@pytest.fixture
def drawn(monkeypatch):
    """The figure of each picture, in order."""
    figures, to_png = [], live_plot.to_png

    def keep(figure):
        figures.append(figure)
        return to_png(figure)

    monkeypatch.setattr(live_plot, "to_png", keep)
    return figures


@pytest.fixture(autouse=True)
def plain_interrupts():
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Slow(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.3)


def test_it_keeps_the_history_that_fit_returns(texts):
    live = LivePlot()
    history = fit(live)
    assert isinstance(live.history, keras.callbacks.History)
    assert live.history.history == history.history
    assert live.history.epoch == history.epoch
    assert live.history.params == history.params
    assert live.history.model is live.model.history.model
    assert live.png.startswith(b"\x89PNG")


def test_epoch_progress_and_time_left_are_told(texts):
    fit(LivePlot(), epochs=4, callbacks=[Slow()])
    assert texts[0].startswith("epoch 1 of 4 (25%), about ")
    assert texts[0].endswith(" s left")
    assert texts[-1].startswith("4 of 4 epochs in ")


def test_short_epochs_are_not_all_drawn(texts):
    fit(LivePlot(), epochs=40)
    assert 2 <= len(texts) < 20


def test_drawing_keeps_to_its_share_of_the_time(monkeypatch):
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(live_plot, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    pace = live_plot._Pace()
    assert pace.time_to_draw()
    for _ in range(3):
        pace.drawn(0.04)
        now.seconds += 0.04 * (1 / live_plot.SHARE_OF_TIME - 1) - 0.001
        assert not pace.time_to_draw()
        now.seconds += 0.002
        assert pace.time_to_draw()


def test_it_says_who_stopped(texts):
    fit(LivePlot(), callbacks=[keras.callbacks.TerminateOnNaN()], epochs=9, learning_rate=1e30)
    assert texts[-1].endswith("stopped by a callback")
    assert texts[-1].startswith("1 of 9 epochs")


def test_a_diverging_run_is_trained_to_its_end(texts):
    live = LivePlot()
    history = fit(live, epochs=3, learning_rate=1e30)
    assert math.isnan(history.history["loss"][-1])
    assert len(live.history.epoch) == 3
    assert live.png


@pytest.mark.parametrize("metrics", ["loss", "val_loss", ("loss", "val_loss")])
def test_epochs_without_validation_are_left_out_as_in_keras(texts, drawn, metrics):
    live = LivePlot(metrics)
    history = fit(live, epochs=5, validation_freq=2)
    assert live.history.history == history.history
    assert len(live.history.history["val_loss"]) == 2
    for panel in drawn[-1].axes:
        *_, validation = panel.get_lines()
        assert validation.get_xdata().tolist() == [1, 3]
        assert validation.get_ydata().tolist() == history.history["val_loss"]


def test_a_metric_with_many_numbers_does_not_stop_the_training(texts):
    class PerClass(keras.metrics.Metric):
        def update_state(self, *arguments, **keywords):
            pass

        def result(self):
            return keras.ops.zeros(3)

    live = LivePlot()
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[PerClass(name="per_class")])
    keras.utils.set_random_seed(0)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[live])
    assert len(live.history.epoch) == 2


def test_a_continued_training_says_which_epochs(texts):
    live = LivePlot()
    fit(live, epochs=6, initial_epoch=4)
    assert texts[-1].startswith("epochs 5 to 6 of 6 in ")
    assert live.history.epoch == [4, 5]


def test_it_can_be_used_again(texts):
    live = LivePlot(metrics=("loss", "mae"))
    fit(live, epochs=3)
    fit(live, epochs=2)
    assert live.history.epoch == [0, 1]


def test_a_metric_that_is_not_logged_is_named(texts):
    with pytest.raises(ValueError, match="can't draw 'accuracy'.*'mae'"):
        fit(LivePlot("accuracy"))
    with pytest.raises(ValueError, match="metrics is empty"):
        LivePlot(metrics=())


@pytest.mark.parametrize(
    ("metric", "near"),
    [("val_acuracy", "val_accuracy"), ("acuracy", "accuracy"), ("val_los", "val_loss")],
)
def test_a_misspelt_metric_is_told_after_one_epoch_with_the_near_one(texts, metric, near):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    live = LivePlot(["loss", metric])
    with pytest.raises(ValueError, match=f"can't draw {metric!r}: .*Did you mean {near!r}?"):
        model.fit(X, Y > 0, epochs=9, validation_split=0.25, verbose=0, callbacks=[live])
    assert live.history.epoch == [0]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_what_is_logged_under_no_such_name_is_told_without_a_guess(texts):
    with pytest.raises(ValueError, match="fit logs only 'loss', 'mae', 'val_loss', 'val_mae'$"):
        fit(LivePlot("zzz"))


@pytest.mark.parametrize("metrics", [3, None, ["loss", 3]])
def test_what_are_no_names_of_metrics_is_told(metrics):
    with pytest.raises(ValueError, match="metrics must be names of metrics, .* not"):
        LivePlot(metrics)


def test_of_the_class_instead_of_an_object_it_is_told_that_the_brackets_are_missing(texts):
    with pytest.raises(TypeError, match=r"brackets are missing.*callbacks=\[LivePlot\(\)\]"):
        fit(LivePlot)


@pytest.mark.parametrize("name", ["$", "$lr$", r"$\frac$", "_hidden", "a $ or two $"])
@pytest.mark.parametrize("learning_rate", [0.01, 1e30])
def test_no_name_of_a_metric_ends_the_training(texts, name, learning_rate):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    error = keras.metrics.MeanSquaredError(name=name)
    model.compile(keras.optimizers.SGD(learning_rate), "mse", metrics=[error])
    live = LivePlot(["loss", name])
    model.fit(X, Y, epochs=2, validation_split=0.25, verbose=0, callbacks=[live])
    assert live.history.epoch == [0, 1]


def test_training_is_blue_and_validation_orange_as_in_every_plot(texts, drawn):
    fit(LivePlot(), validation_freq=2)
    (ax,) = drawn[-1].axes
    assert [line.get_color() for line in ax.get_lines()] == [plots.TRAINING, plots.VALIDATION]
    assert [line.get_linestyle() for line in ax.get_lines()] == ["-", "--"]


def test_each_metric_has_a_panel_and_the_bar_shows_what_is_done(texts, drawn):
    fit(LivePlot(["loss", "mae"]), epochs=4, callbacks=[Slow()])
    assert [ax.get_ylabel() for ax in drawn[0].axes] == ["loss", "mae"]
    assert [figure.artists[0].get_width() for figure in (drawn[0], drawn[-1])] == [0.25, 1]
    assert drawn[-1].get_suptitle() == texts[-1]


def test_drawing_changes_no_setting_of_matplotlib(texts):
    before = dict(matplotlib.rcParams)
    fit(LivePlot())
    assert dict(matplotlib.rcParams) == before


class PressStop(keras.callbacks.Callback):
    """Presses the stop button in the middle of the second epoch."""

    def __init__(self, times):
        super().__init__()
        self.times = times

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)


def test_the_stop_button_ends_fit_with_the_history_so_far(texts):
    before = signal.getsignal(signal.SIGINT)
    history = fit(LivePlot(), epochs=9, callbacks=[PressStop(1)])
    assert len(history.epoch) == 2
    assert texts[-1].startswith("2 of 9 epochs") and texts[-1].endswith("stopped by hand")
    assert signal.getsignal(signal.SIGINT) is before


def test_pressed_twice_it_stops_at_once_and_keeps_history_and_picture(texts):
    live = LivePlot()
    with pytest.raises(KeyboardInterrupt):
        fit(live, epochs=9, callbacks=[PressStop(2)])
    assert live.history.epoch == [0]
    assert live.png


def test_after_an_error_in_fit_the_stop_button_still_works(texts):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ValueError):
        fit(LivePlot("no such metric"))
    assert signal.getsignal(signal.SIGINT) is before

    class Broken(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fit(LivePlot(), callbacks=[Broken()])
    history = fit(LivePlot(), epochs=9, callbacks=[PressStop(1)])
    assert len(history.epoch) == 2
    assert signal.getsignal(signal.SIGINT) is before


def test_outside_the_main_thread_it_still_draws(texts):
    live = LivePlot()
    thread = threading.Thread(target=fit, args=[live])
    thread.start()
    thread.join()
    assert len(live.history.epoch) == 3


CODE = """
import sys; sys.path.insert(0, {root!r})
from helpers import LivePlot
import keras, numpy as np, signal, time
x = np.ones((64, 4), "float32")
keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
class Wait(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        time.sleep(0.4)
        if {press} and epoch == 2:
            signal.raise_signal(signal.SIGINT)
history = model.fit(x, x[:, 0], epochs=5, verbose=0, callbacks=[Wait(), LivePlot()])
"""


@pytest.mark.parametrize("press", [False, True])
def test_in_a_notebook_one_picture_is_replaced(press):
    cells = [CODE.format(root=str(ROOT), press=press), "print(len(history.epoch))"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    updates = []

    class Client(NotebookClient):
        def process_message(self, message, cell, cell_index):
            updates.append(message["msg_type"])
            return super().process_message(message, cell, cell_index)

    Client(notebook, kernel_name="python3", kernel_manager_class=NativeKernelManager).execute()
    first, second = notebook.cells
    assert [output.output_type for output in first.outputs] == ["display_data"]
    assert "image/png" in first.outputs[0].data
    expected = "3 of 5 epochs" if press else "5 of 5 epochs"
    assert first.outputs[0].data["text/plain"].startswith(expected)
    assert second.outputs[0].text == ("3\n" if press else "5\n")
    assert updates.count("display_data") == 1
    assert updates.count("update_display_data") >= 1
