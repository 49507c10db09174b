"""TrainingRun in real trainings: what it keeps and tells, and every way to stop it."""

import gc
import signal
import subprocess
import sys
import threading
import weakref
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest

from helpers import LivePlot, fast_fit, live_plot, training_run
from helpers.training_run import TrainingRun, in_words

ROOT = Path(__file__).resolve().parent.parent

X = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
Y = X.sum(axis=1)


@pytest.fixture(autouse=True)
def plain_interrupts():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on only when a test says so."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(training_run, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    return now


def new_model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def fit(*callbacks, model=None, epochs=9, **arguments):
    model = model or new_model()
    return model.fit(X, Y, epochs=epochs, verbose=0, callbacks=list(callbacks), **arguments)


def at_epoch(wanted, do):
    """A callback that calls `do()` when this epoch begins."""

    def act(epoch, logs):
        if epoch == wanted:
            do()

    return keras.callbacks.LambdaCallback(on_epoch_begin=act)


def press(times=1):
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def run_for(clock, seconds, planned=10, first=0):
    """A run whose epochs have taken so many seconds, one after the other."""
    run = TrainingRun()
    run.set_model(new_model())
    run.set_params({"epochs": planned})
    run.on_train_begin()
    for epoch, duration in enumerate(seconds, first):
        run.on_epoch_begin(epoch)
        clock.seconds += duration
        run.on_epoch_end(epoch, {"loss": 1.0})
    run.on_train_end()
    return run


# --- what it keeps --------------------------------------------------------------------------------


def test_the_history_is_what_fit_returns():
    run = TrainingRun()
    model = new_model()
    returned = fit(run, model=model, epochs=3, validation_split=0.25)
    assert type(run.history) is keras.callbacks.History
    assert run.history.history == returned.history
    assert set(run.history.history) == {"loss", "val_loss"}
    assert run.history.epoch == returned.epoch == [0, 1, 2]
    assert run.history.params == returned.params
    assert run.history.model is returned.model is model
    assert model.history is returned is not run.history
    assert run.epochs == 3 and not run.asked_to_stop


def test_in_fast_fit_it_keeps_the_same():
    run = TrainingRun()
    returned = fast_fit(new_model(), X, Y, epochs=3, callbacks=[run])
    assert run.history.history == returned.history and len(returned.epoch) == 3
    assert run.history.params == returned.params


def test_before_a_training_there_is_no_history():
    run = TrainingRun()
    assert (run.history, run.epochs, run.share_done()) == (None, 0, 0)
    assert run.summary() == "no epoch"
    run.stop()
    assert run.summary() == "no epoch, stopped by hand"


def test_a_second_training_begins_anew():
    run = TrainingRun()
    fit(run, epochs=3)
    returned = fit(run, epochs=2)
    assert run.history.epoch == [0, 1]
    assert run.history.history == returned.history


# --- what it tells --------------------------------------------------------------------------------


def test_the_first_epoch_does_not_count_for_the_time_left(clock):
    assert run_for(clock, [60]).seconds_left() == 9 * 60
    assert run_for(clock, [60, 2]).seconds_left() == 8 * 2
    assert run_for(clock, [60, 2, 4]).seconds_left() == 7 * 3
    assert run_for(clock, [60, 2], planned=2).seconds_left() == 0
    assert run_for(clock, [60, 2], planned=10, first=6).seconds_left() == 2 * 2


def test_progress_is_told_with_the_time_left(clock):
    assert run_for(clock, [60, 2, 4]).progress() == "epoch 3 of 10 (30%), about 21 s left"
    assert run_for(clock, [50, 15, 15]).progress() == "epoch 3 of 10 (30%), about 1 min 45 s left"
    continued = run_for(clock, [9.0, 0.5], first=6)
    assert continued.progress() == "epoch 8 of 10 (80%), about 1.0 s left"
    assert continued.share_done() == 0.8


def test_the_summary_tells_epochs_and_time(clock):
    assert run_for(clock, [60, 2, 4], planned=3).summary() == "3 of 3 epochs in 1 min 6 s"
    assert run_for(clock, [1, 2], planned=6, first=4).summary() == "epochs 5 to 6 of 6 in 3.0 s"


def test_the_summary_tells_who_stopped(clock):
    run = TrainingRun()
    fit(run, at_epoch(1, run.stop))
    assert run.summary() == "2 of 9 epochs in 0.0 s, stopped by hand"

    class StopAt2(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 2

    run = TrainingRun()
    fit(run, StopAt2())
    assert run.summary() == "3 of 9 epochs in 0.0 s, stopped by a callback"


def test_an_error_is_not_taken_for_a_callback_that_stops(clock):
    run = TrainingRun()
    with pytest.raises(ZeroDivisionError):
        fit(run, at_epoch(2, lambda: 1 / 0))
    run.release()
    assert run.summary() == "2 of 9 epochs in 0.0 s"


def test_a_continued_training_is_told_with_its_epochs(clock):
    run = TrainingRun()
    fit(run, epochs=6, initial_epoch=4)
    assert run.history.epoch == [4, 5]
    assert run.summary() == "epochs 5 to 6 of 6 in 0.0 s"


def test_times_are_told_as_people_say_them():
    told = [in_words(s) for s in (0.04, 9.94, 9.96, 59.4, 59.6, 61, 600)]
    assert told == ["0.0 s", "9.9 s", "10 s", "59 s", "1 min 0 s", "1 min 1 s", "10 min 0 s"]


# --- stopping -------------------------------------------------------------------------------------


def test_it_can_be_stopped_from_another_thread():
    run = TrainingRun()

    def stop_elsewhere():
        thread = threading.Thread(target=run.stop)
        thread.start()
        thread.join()

    returned = fit(run, at_epoch(2, stop_elsewhere))
    assert len(returned.epoch) == run.epochs == 3
    assert run.asked_to_stop and run.summary().endswith("stopped by hand")


def test_stopped_before_it_begins_it_trains_one_epoch():
    run = TrainingRun()
    run.stop()
    assert len(fit(run).epoch) == 1


def test_one_press_ends_the_training_after_the_running_epoch():
    run = TrainingRun()
    returned = fit(run, at_epoch(2, press))
    assert returned.epoch == run.history.epoch == [0, 1, 2]
    assert run.asked_to_stop and run.ended


def test_a_second_press_raises_at_once_and_keeps_the_epochs():
    run, model = TrainingRun(), new_model()
    with pytest.raises(KeyboardInterrupt):
        fit(run, at_epoch(2, lambda: press(2)), model=model)
    assert run.history.epoch == [0, 1]
    assert len(run.history.history["loss"]) == 2
    assert run.asked_to_stop and not run.ended
    assert run.summary().startswith("2 of 9 epochs in ")
    assert run.summary().endswith("stopped by hand")


def test_a_press_reaches_a_training_in_fast_fit():
    run = TrainingRun()
    callbacks = [run, at_epoch(2, press)]
    assert len(fast_fit(new_model(), X, Y, epochs=9, callbacks=callbacks).epoch) == 3


def test_two_in_one_fit_agree_on_who_stopped():
    runs = [TrainingRun(), TrainingRun()]
    assert len(fit(*runs, at_epoch(1, press)).epoch) == 2
    assert all(run.summary().endswith("stopped by hand") for run in runs)
    with pytest.raises(KeyboardInterrupt):
        fit(TrainingRun(), TrainingRun(), at_epoch(1, lambda: press(2)))


@pytest.fixture(params=[TrainingRun, LivePlot])
def inner_kind(request, monkeypatch):
    monkeypatch.setattr(live_plot._Picture, "show", lambda self, png, text: None)
    return request.param


def test_a_training_within_another_leaves_it_its_stop_button(inner_kind):
    outer, inner = TrainingRun(), inner_kind()
    within = at_epoch(1, lambda: fit(inner, epochs=2))
    assert fit(outer, within, at_epoch(3, press)).epoch == [0, 1, 2, 3]
    assert inner.epochs == 2 and not inner.asked_to_stop
    with pytest.raises(KeyboardInterrupt):
        fit(TrainingRun(), at_epoch(1, lambda: fit(inner, epochs=2)), at_epoch(3, lambda: press(2)))


def test_a_press_in_a_training_within_another_stops_both(inner_kind):
    outer, inner = TrainingRun(), inner_kind()
    fit(outer, at_epoch(1, lambda: fit(inner, at_epoch(2, press))))
    assert (outer.epochs, inner.epochs) == (2, 3)
    assert outer.asked_to_stop and inner.asked_to_stop


def test_an_error_in_a_training_within_another_leaves_the_outer_its_stop_button():
    outer, inner = TrainingRun(), TrainingRun()

    def fails():
        with pytest.raises(ZeroDivisionError):
            fit(inner, at_epoch(1, lambda: 1 / 0))

    assert len(fit(outer, at_epoch(1, fails), at_epoch(3, press)).epoch) == 4
    assert not inner.asked_to_stop


def test_after_an_error_the_next_training_can_be_stopped():
    failed = TrainingRun()
    with pytest.raises(ZeroDivisionError):
        fit(failed, at_epoch(1, lambda: 1 / 0))
    assert len(fit(TrainingRun(), at_epoch(2, press)).epoch) == 3
    assert not failed.asked_to_stop


def test_after_an_error_the_first_press_raises():
    with pytest.raises(ZeroDivisionError):
        fit(TrainingRun(), at_epoch(1, lambda: 1 / 0))
    with pytest.raises(KeyboardInterrupt):
        press()


SCRIPT = """
import os, signal, sys
sys.path.insert(0, {root!r})
from helpers import LivePlot
from helpers.training_run import TrainingRun
import keras, numpy as np
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
def fail(epoch, logs):
    raise ZeroDivisionError
try:
    model.fit(np.ones((8, 4)), np.ones(8), epochs=9, verbose=0, callbacks=[
        {kind}(), keras.callbacks.LambdaCallback(on_epoch_end=fail)])
except ZeroDivisionError:
    print("failed")
try:
    os.kill(os.getpid(), signal.SIGINT)
    print("nothing happened")
except KeyboardInterrupt:
    print("interrupted", signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.parametrize("kind", ["LivePlot", "TrainingRun"])
def test_in_a_script_the_first_interrupt_after_a_failed_training_is_heard(kind):
    code = SCRIPT.format(root=str(ROOT), kind=kind)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["failed", "interrupted True"], done.stderr


def test_a_failed_training_does_not_keep_its_model_alive():
    def fail():
        model = new_model()
        with pytest.raises(ZeroDivisionError):
            fit(TrainingRun(), at_epoch(1, lambda: 1 / 0), model=model)
        return weakref.ref(model)

    model = fail()
    gc.collect()
    assert model() is None
    with pytest.raises(KeyboardInterrupt):
        press()


def test_where_interrupts_are_ignored_one_stops_the_training_and_they_are_ignored_again():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert len(fit(TrainingRun(), at_epoch(1, press)).epoch) == 2
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    press()  # nothing happens
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_a_handler_of_ones_own_is_given_back():
    pressed = []

    def own(number, frame):
        pressed.append(number)

    signal.signal(signal.SIGINT, own)
    assert len(fit(TrainingRun(), at_epoch(1, press)).epoch) == 2
    assert pressed == []
    press()
    assert pressed == [signal.SIGINT]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_outside_the_main_thread_it_works_but_for_interrupts():
    run, handlers = TrainingRun(), []
    look = at_epoch(1, lambda: handlers.append(signal.getsignal(signal.SIGINT)))
    thread = threading.Thread(target=fit, args=[run, look, at_epoch(2, run.stop)])
    thread.start()
    thread.join()
    assert run.history.epoch == [0, 1, 2]
    assert run.summary().endswith("stopped by hand")
    assert handlers == [signal.default_int_handler]
