"""A training under way: how far it is, how long it still takes, and the wish to stop it."""

import signal
import sys
import threading
import time
import weakref

import keras


class TrainingRun(keras.callbacks.Callback):
    """A callback that keeps the epochs of a training, tells its progress, and can end it.

    The stop button of the notebook, or Ctrl-C, ends the training after the epoch that is running,
    and with it every other training under way, such as one that runs inside of another's callback.
    Pressed again, it raises a `KeyboardInterrupt` at once. That needs the main thread; `stop()`
    works from any.

    Attributes:
        history: a `keras.callbacks.History` of the epochs so far, each value as Keras logs it; None
            until the training begins.
        asked_to_stop: whether somebody pressed stop.
        ended: whether the training came to its end: no error ended it, and no second press.
    """

    def __init__(self):
        super().__init__()
        self.history = None
        self.asked_to_stop = self.ended = False
        self._trains_in = None

    def stop(self):
        """End the training after the running epoch; if it has not begun, after its first."""
        self.asked_to_stop = True

    def prepare(self):
        """Have the interrupt stop this run from now on, until its caller returns or it ends."""
        self._trains_in = sys._getframe(1)
        _INTERRUPTS.reach(self)

    def on_train_begin(self, logs=None):
        self.history = keras.callbacks.History()
        self.history.set_model(self.model)
        self.history.set_params(self.params)
        self.history.on_train_begin()
        self._begun, self._seconds = time.monotonic(), []
        self._trains_in = _frame_that_trains(self)
        _INTERRUPTS.reach(self)

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch_begun = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        self._seconds.append(time.monotonic() - self._epoch_begun)
        self.history.epoch.append(epoch)
        for key, value in (logs or {}).items():
            self.history.history.setdefault(key, []).append(value)
        if self.asked_to_stop:
            self.model.stop_training = True

    def on_train_end(self, logs=None):
        self.ended = True
        self.release()

    def release(self):
        """Let go of the stop button, which then does what it did before the training."""
        self._trains_in = None
        _INTERRUPTS.let_go()

    def is_under_way_in(self, frame):
        """Whether this frame, or one that waits for it, is that of the training.

        A training that an error ended doesn't tell its callbacks, and leaves the stack as well.
        """
        while frame is not None:
            if frame is self._trains_in:
                return True
            frame = frame.f_back
        return False

    @property
    def epochs(self) -> int:
        """How many epochs have ended."""
        return len(self.history.epoch) if self.history else 0

    def share_done(self) -> float:
        """How much of the training is done, from 0 to 1."""
        return (self.history.epoch[-1] + 1) / self.params["epochs"] if self.epochs else 0.0

    def seconds_left(self) -> float:
        """The seconds that the remaining epochs will take. Ask it when an epoch has ended.

        The first epoch, which also builds the graph, counts only as long as it is the only one.
        """
        counted = self._seconds[1:] or self._seconds
        left = self.params["epochs"] - self.history.epoch[-1] - 1
        return left * sum(counted) / len(counted)

    def progress(self) -> str:
        """How far the training is, in words. Ask it when an epoch has ended."""
        done, planned = self.history.epoch[-1] + 1, self.params["epochs"]
        left = in_words(self.seconds_left())
        return f"epoch {done} of {planned} ({self.share_done():.0%}), about {left} left"

    def summary(self) -> str:
        """How many epochs were trained in which time, and who stopped, in words."""
        if not self.epochs:
            return "no epoch" + (", stopped by hand" if self.asked_to_stop else "")
        first, last, planned = self.history.epoch[0], self.history.epoch[-1], self.params["epochs"]
        trained = f"{last + 1} of {planned} epochs"
        if first > 0:
            trained = f"epochs {first + 1} to {last + 1} of {planned}"
        stopped = ""
        if self.asked_to_stop:
            stopped = ", stopped by hand"
        elif last + 1 < planned and self.model.stop_training:  # no error ended it
            stopped = ", stopped by a callback"
        return f"{trained} in {in_words(time.monotonic() - self._begun)}{stopped}"


def in_words(seconds) -> str:
    """A time as people say it: "9.9 s", "59 s", "1 min 1 s"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


class _Interrupts:
    """What SIGINT does while trainings are under way: one handler for all of them."""

    def __init__(self):
        self._runs = []  # weak references: one that failed must not keep its model alive
        self._before = None

    def reach(self, run):
        """Have the next interrupt stop this run too. Only the main thread can be interrupted."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._runs = [weakref.ref(other) for other in self._under_way(sys._getframe())]
        self._runs.append(weakref.ref(run))
        if signal.getsignal(signal.SIGINT) != self._pressed:
            self._before = signal.signal(signal.SIGINT, self._pressed)

    def let_go(self):
        """Give SIGINT back if no run is under way any more."""
        if threading.current_thread() is threading.main_thread() and not self._under_way(
            sys._getframe()
        ):
            self._give_back()

    def _under_way(self, frame):
        runs = [reference() for reference in self._runs]
        return [run for run in runs if run is not None and run.is_under_way_in(frame)]

    def _pressed(self, number, frame):
        runs = self._under_way(frame)
        if not runs:  # an error ended them, and nobody gave the interrupt back
            self._give_back()
            signal.raise_signal(number)
        elif all(run.asked_to_stop for run in runs):
            self._give_back()
            raise KeyboardInterrupt
        for run in runs:
            run.stop()

    def _give_back(self):
        self._runs = []
        if signal.getsignal(signal.SIGINT) == self._pressed:
            # None is a handler that was not set by Python, and can't be set again by it.
            before = signal.default_int_handler if self._before is None else self._before
            signal.signal(signal.SIGINT, before)


_INTERRUPTS = _Interrupts()


def _frame_that_trains(callback):
    """The frame of `fit`, or of whatever else calls this callback's `on_train_begin`."""
    frame = sys._getframe(1)
    while frame.f_locals.get("self") is callback or frame.f_globals.get("__name__", "").startswith(
        "keras.src.callbacks"
    ):
        frame = frame.f_back
    return frame
