"""The button that trains: one training at a time, drawn, stopped, kept, told."""

import dataclasses
import signal
import threading

import keras
import numpy as np
import pytest
from looking import read

from helpers.controls import whole_numbers
from helpers.experiments import Experiment
from helpers.explorers.flow import Flow
from helpers.explorers.training_explorer import TrainingExplorer

POINTS = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")


def load_points():
    return POINTS, POINTS.sum(axis=1), POINTS, POINTS.sum(axis=1)


def line_model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


@dataclasses.dataclass(frozen=True)
class Watched(Experiment):
    """An experiment in which something is done when an epoch begins."""

    during: object = None

    def own_callbacks(self, x, y):
        return [keras.callbacks.LambdaCallback(on_epoch_begin=self.during)]


class Line(TrainingExplorer):
    """Trains nine epochs; `during[epoch]()` is called when that epoch begins."""

    def __init__(self, data=None, load=load_points):
        self.number = whole_numbers("number", "any", 0, 9, 0)
        self.during, self.load = {}, load
        self.trainings, self.seen = [], []
        super().__init__([[self.number]], (2, 1), "A line", data=data)
        self.when(self.move, self.number)
        self.begin(self.draw)

    def draw(self):
        self.canvas.draw(self.make)
        self.move()

    def make(self, figure):
        self.bar = figure.text(0.1, 0.5, "", color="black", fontsize=10, zorder=4)
        return [self.bar]

    def move(self):
        self.show(f"number {self.number.value}. {self.result}")

    def experiment(self):
        if self.number.value == 9:
            raise ValueError("nine can't be trained")
        return Watched(
            seed=42,
            load=self.load,
            examples=lambda data: data,
            examples_with={},
            model=line_model,
            model_with={},
            batch_size=16,
            epochs=9,
            validated=False,
            during=self.epoch_begins,
        )

    def epoch_begins(self, epoch, logs):
        if epoch == 0:
            self.trainings.append(threading.current_thread())
        buttons = self.train.disabled, self.stop.disabled
        self.seen.append((read(self.notice), self.picture.value, buttons))
        self.during.get(epoch, lambda: None)()

    def check(self, experiment, data):
        if len(data[0]) != 16:
            raise ValueError("16 points <are> needed")

    def draw_training(self, experiment, history):
        self.bar.set_text("|" * (len(history.epoch) if history else 0))
        self.move()

    def outcome(self, experiment, history):
        return f"The last loss is {history.history['loss'][-1]:.3f}."


@pytest.fixture(autouse=True)
def interrupts_given_back():
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def in_a_thread(work):
    """Do something as a message does that comes in a thread of its own."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def press(times=1):
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def fail(kind=RuntimeError, text="no <memory> left"):
    raise kind(text)


def assert_ready_again(explorer):
    """Whether a further training runs to its end."""
    assert (explorer.train.disabled, explorer.stop.disabled) == (False, True)
    explorer.during.clear()
    explorer.number.value, before = 1, len(explorer.trainings)
    explorer.train.click()
    assert len(explorer.trainings) == before + 1
    assert len(explorer.history.epoch) == 9
    assert "alert" not in explorer.notice.value
    assert "Trained 9 of 9 epochs in " in read(explorer.words)


# --- a training to its end ------------------------------------------------------------------------


def test_before_the_first_training_there_is_no_history():
    line = Line()
    assert line.history is None and line.result == ""
    assert (line.train.disabled, line.stop.disabled) == (False, True)
    line.number.value = 3
    assert line.history is None and line.trainings == []


def test_a_finished_training_leaves_its_history_and_is_told():
    line = Line()
    line.train.click()
    assert type(line.history) is keras.callbacks.History
    assert line.history.epoch == list(range(9))
    losses = line.history.history["loss"]
    assert losses[-1] < losses[0]
    assert line.history.model.history.history == line.history.history
    told = read(line.words)
    assert told.startswith("number 0. Trained 9 of 9 epochs in ")
    assert told.endswith(f"The last loss is {losses[-1]:.3f}.") and "stopped" not in told
    assert read(line.notice) == ""
    assert_ready_again(line)


def test_each_epoch_is_drawn_and_told():
    line = Line()
    line.train.click()
    notices, pictures, _ = zip(*line.seen, strict=True)
    assert notices[0].startswith("Getting ready")
    for epoch in range(1, 9):
        assert notices[epoch].startswith(f"Training: epoch {epoch} of 9 ({epoch / 9:.0%}), about ")
        assert "Interrupt the kernel (■) ends it" in notices[epoch]
    assert len({*pictures, line.picture.value}) == 10


def test_where_pictures_have_no_room_epochs_are_told_and_the_last_is_drawn(monkeypatch):
    free = Line()
    free.train.click()
    flow = Flow(rate=1.0, burst=100.0, now=lambda: 0.0, sleep=lambda seconds: None)
    flow.send(100)
    monkeypatch.setattr("helpers.explorers.training_explorer.FLOW", flow)
    line = Line()
    line.train.click()
    notices, pictures, _ = zip(*line.seen, strict=True)
    assert len(set(pictures)) == 1
    for epoch in range(1, 9):
        assert notices[epoch].startswith(f"Training: epoch {epoch} of 9")
    assert line.picture.value == free.picture.value
    assert len(line.history.epoch) == 9


def test_the_button_is_disabled_as_long_as_it_trains():
    line = Line()
    line.train.click()
    assert {train for _, _, (train, _) in line.seen} == {True}
    assert line.train.disabled is False


def test_where_stop_does_not_get_through_it_stays_disabled_and_the_notice_says_what_does():
    line = Line()
    line.train.click()
    assert {stop for _, _, (_, stop) in line.seen} == {True}
    assert "Stop ends it" not in line.seen[3][0]


def test_where_stop_gets_through_it_is_enabled_and_told(monkeypatch):
    monkeypatch.setattr("helpers.kernel.messages_get_through", lambda: True)
    line = Line()
    line.train.click()
    assert {stop for _, _, (_, stop) in line.seen} == {False}
    assert "Stop ends it" in line.seen[3][0]
    assert_ready_again(line)


def test_the_result_stays_when_the_slider_moves():
    line = Line()
    line.train.click()
    result = read(line.words).removeprefix("number 0. ")
    line.number.value = 4
    assert read(line.words) == f"number 4. {result}"


def test_the_curve_of_an_earlier_training_goes_when_the_next_begins():
    line = Line()
    before = line.picture.value
    line.train.click()
    assert line.picture.value != before
    words = []
    line.during[0] = lambda: words.append((read(line.words), line.picture.value, line.history))
    line.train.click()
    assert words == [("number 0.", before, None)]


def test_the_data_are_loaded_at_the_first_training_only():
    loaded = []

    def load():
        loaded.append(1)
        return load_points()

    line = Line(load=load)
    assert loaded == []
    line.train.click()
    line.train.click()
    assert loaded == [1]
    Line(data=load_points(), load=load).train.click()
    assert loaded == [1]


# --- while it trains ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [in_a_thread, lambda work: work()], ids=["a thread", "main"])
def test_a_second_click_starts_no_second_training(how):
    line = Line()
    line.during[2] = lambda: how(line.train.click)
    line.train.click()
    assert len(line.trainings) == 1 and len(line.history.epoch) == 9
    assert_ready_again(line)


def test_a_moved_slider_keeps_the_progress_in_the_notice():
    line = Line()
    seen = []

    def move(to):
        def moved():
            in_a_thread(lambda: setattr(line.number, "value", to))
            seen.append((read(line.notice), read(line.words)))

        return moved

    line.during = {0: move(3), 4: move(5)}
    line.train.click()
    (ready, first), (progress, second) = seen
    assert ready.startswith("Getting ready") and first == "number 3."
    assert progress.startswith("Training: epoch 4 of 9") and second == "number 5."
    assert len(line.history.epoch) == 9 and read(line.notice) == ""


def test_a_training_runs_in_the_main_thread():
    line = Line()
    line.train.click()
    assert line.trainings == [threading.main_thread()]


# --- stopped --------------------------------------------------------------------------------------


def test_the_stop_button_ends_it_after_the_running_epoch():
    line = Line()
    line.during[3] = lambda: in_a_thread(line.stop.click)
    line.train.click()
    assert type(line.history) is keras.callbacks.History
    assert line.history.epoch == [0, 1, 2, 3]
    assert "Trained 4 of 9 epochs in " in read(line.words)
    assert ", stopped by hand. The last loss is" in read(line.words)
    assert "alert" not in line.notice.value
    assert_ready_again(line)


def test_stopped_while_the_data_are_read_it_trains_nothing():
    def load():
        in_a_thread(line.stop.click)
        return load_points()

    line = Line(load=load)
    line.train.click()
    assert line.history is None and line.trainings == []
    assert read(line.words) == "number 0. Trained no epoch, stopped by hand."
    assert_ready_again(line)


def test_an_interrupt_ends_it_after_the_running_epoch():
    line = Line()
    line.during[3] = press
    line.train.click()
    assert line.history.epoch == [0, 1, 2, 3]
    assert "stopped by hand" in read(line.words) and "alert" not in line.notice.value
    assert_ready_again(line)


@pytest.mark.parametrize("stop", [lambda: press(2), lambda: fail(KeyboardInterrupt, "")])
def test_a_second_interrupt_ends_it_at_once_and_keeps_the_epochs(stop):
    line = Line()
    line.during[3] = stop
    line.train.click()
    assert type(line.history) is keras.callbacks.History
    assert line.history.epoch == [0, 1, 2] and len(line.history.history["loss"]) == 3
    assert "Trained 3 of 9 epochs in " in read(line.words)
    assert "stopped by hand" in read(line.words) and "alert" not in line.notice.value
    assert_ready_again(line)


def test_interrupted_at_once_before_the_first_epoch_ends_there_is_no_history():
    line = Line()
    line.during[0] = lambda: press(2)
    line.train.click()
    assert line.history is None
    assert read(line.words) == "number 0. Trained no epoch, stopped by hand."
    assert_ready_again(line)


def test_an_interrupt_while_the_data_are_read_is_taken_as_stop():
    def load():
        if not loads:
            loads.append(1)
            press()
        return load_points()

    loads = []
    line = Line(load=load)
    line.train.click()
    assert line.history is None and "stopped by hand" in read(line.words)
    assert_ready_again(line)


# --- failed ---------------------------------------------------------------------------------------


def test_an_error_is_told_by_its_name_and_the_epochs_before_it_are_kept():
    line = Line()
    line.during[2] = fail
    line.train.click()
    assert read(line.notice) == "This did not work: RuntimeError: no <memory> left"
    assert "no &lt;memory&gt; left" in line.notice.value and 'role="alert"' in line.notice.value
    assert type(line.history) is keras.callbacks.History
    assert line.history.epoch == [0, 1]
    assert "Trained 2 of 9 epochs in " in read(line.words)
    assert "stopped" not in read(line.words)
    assert_ready_again(line)


def test_an_error_before_the_first_epoch_ends_leaves_no_history():
    line = Line()
    line.during[0] = fail
    line.train.click()
    assert "RuntimeError" in read(line.notice) and line.history is None
    assert_ready_again(line)


def test_after_a_good_training_one_that_fails_leaves_no_old_history():
    line = Line()
    line.train.click()
    line.during[0] = fail
    line.train.click()
    assert line.history is None and "The last loss" not in read(line.words)


def test_bad_data_are_told_and_nothing_is_trained():
    line = Line(data=(POINTS[:3],) * 4)
    line.train.click()
    assert "16 points <are> needed" in read(line.notice)
    assert "&lt;are&gt;" in line.notice.value and 'role="alert"' in line.notice.value
    assert line.history is None and line.trainings == []
    assert not line.train.disabled


def test_data_that_can_not_be_loaded_are_told_and_are_loaded_by_the_next_click():
    def load():
        if not tried:
            tried.append(1)
            fail(OSError, "bring it back with git checkout")
        return load_points()

    tried = []
    line = Line(load=load)
    line.train.click()
    assert "OSError: bring it back with git checkout" in read(line.notice)
    assert line.history is None
    assert_ready_again(line)


def test_what_can_not_be_trained_is_told():
    line = Line()
    line.number.value = 9
    line.train.click()
    assert read(line.notice) == "This did not work: nine can't be trained"
    assert line.history is None and line.trainings == []
    assert_ready_again(line)


def test_a_long_error_is_told_in_part():
    line = Line()
    line.during[0] = lambda: fail(text="x" * 100_000)
    line.train.click()
    assert 1_000 < len(read(line.notice)) < 3_000


# --- closed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("epoch", [0, 3])
def test_closed_while_it_trains_it_ends_without_an_error(epoch, caplog):
    line = Line()
    line.during[epoch] = lambda: in_a_thread(line.close)
    line.train.click()
    assert len(line.seen) == epoch + 1
    assert len(line.history.epoch) == epoch + 1
    assert read(line.notice) == "" and caplog.records == []


def test_closed_before_the_kernel_is_free_it_trains_nothing(monkeypatch):
    """As when its cell, which runs again, was waiting before the press."""
    waiting = []
    monkeypatch.setattr("helpers.kernel.in_main_thread", waiting.append)
    line = Line()
    line.train.click()
    assert read(line.notice) == "It trains as soon as the kernel is free."
    assert line.train.disabled
    line.close()
    (train,) = waiting
    train()
    assert line.trainings == [] and line.history is None


def test_a_picture_that_fails_is_told_and_the_next_training_works(monkeypatch):
    explorer = Line()
    right = explorer.draw_training

    def broken(experiment, history):
        if history is not None:
            raise RuntimeError("no <room>")
        right(experiment, history)

    monkeypatch.setattr(explorer, "draw_training", broken)
    explorer.train.click()
    assert "RuntimeError: no <room>" in read(explorer.notice)
    assert "Training" not in read(explorer.notice)
    monkeypatch.setattr(explorer, "draw_training", right)
    assert_ready_again(explorer)
    assert len(explorer.history.epoch) == 9 and read(explorer.notice) == ""


def test_whatever_fails_before_a_training_is_told_and_the_button_is_ready_again(monkeypatch):
    explorer = Line()

    def broken():
        raise RuntimeError("no such experiment")

    with monkeypatch.context() as patched:
        patched.setattr(explorer, "experiment", broken)
        explorer.train.click()
    assert "no such experiment" in read(explorer.notice)
    assert explorer.history is None
    assert_ready_again(explorer)


def test_a_move_that_waited_while_its_explorer_was_closed_does_nothing():
    explorer = Line()
    explorer.close()
    explorer.begin(explorer.move)
    assert explorer.picture.value == b""


def test_before_the_first_epoch_the_interrupt_works_where_the_kernel_ignores_it():
    """A work that was handed to the main thread's loop runs while SIGINT is ignored."""

    def load():
        signal.raise_signal(signal.SIGINT)
        return load_points()

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    explorer = Line(load=load)
    explorer.train.click()
    assert explorer.history is None
    assert "stopped by hand" in read(explorer.words)
    after = signal.signal(signal.SIGINT, signal.default_int_handler)
    assert after is signal.SIG_IGN
