"""What explorers share whose button trains: one training at a time, drawn, stopped, kept."""

import threading

import keras

from .. import kernel
from ..controls import button
from ..training_run import TrainingRun
from .explorer import ALIVE, Explorer
from .flow import FLOW


class TrainingExplorer(Explorer):
    """An explorer with a button that trains an experiment, here and now.

    The training runs in the main thread, where the kernel's interrupt reaches it and where no cell
    runs meanwhile. A new kind says, beside what every explorer says:

    - `experiment()`: what to train, as the controls stand;
    - `check(experiment, data)`: whether it can be trained on the learner's data;
    - `draw_training(experiment, history)`: draw the epochs so far over what is recorded;
    - `outcome(experiment, history)`: how the training ended, in words.

    Attributes:
        train, stop: the buttons.
        result: how the last training ended, in words, for `show`; "" before it ends.
        history: the `keras.callbacks.History` of the last training, of as many epochs as it came
            to; None if none has ended an epoch.
    """

    def __init__(self, rows, *arguments, data=None, **more):
        """Put the parts together, as in `Explorer`; the buttons are added to the first row.

        Args:
            data: what the experiment's loader returned; loaded at the first training if None.
        """
        self.train = button("Train it here", "Train a network as the controls say", "primary")
        self.stop = button("Stop", "End the training after the running epoch; its epochs are kept")
        self.stop.disabled = True
        self.history, self.result = None, ""
        self._data, self._run = data, None
        self._busy = threading.Lock()
        super().__init__([[*rows[0], self.train, self.stop], *rows[1:]], *arguments, **more)
        self.train.on_click(lambda _button: self._pressed())
        self.stop.on_click(lambda _button: self._run.stop())

    def experiment(self):
        """The `Experiment` that the controls now stand for."""
        raise NotImplementedError

    def check(self, experiment, data):
        """Raise a ValueError if the experiment can't be trained on this data."""

    def draw_training(self, experiment, history):
        """Put the epochs so far, or none if `history` is None, into the picture, and show it."""
        raise NotImplementedError

    def outcome(self, experiment, history):
        """How the training ended, in words."""
        raise NotImplementedError

    def training_ended(self) -> bool:
        """Whether the last training came to its end, on its own or by stop, and told callbacks so.

        Not if it was ended at once, or by an error.
        """
        return self._run.ended

    def close(self):
        if self._run is not None:
            self._run.stop()
        super().close()

    def _pressed(self):
        if not self._busy.acquire(blocking=False):
            return  # the second click of two
        self._run = TrainingRun()
        self.train.disabled = True
        try:
            experiment = self.experiment()
            through = kernel.messages_get_through()
            self._how_to_stop = "Stop" if through else "Interrupt the kernel (■)"
            self.tell("It trains as soon as the kernel is free.")
            self.stop.disabled = not through
        except Exception as error:  # raised, it would vanish in the notebook's log
            self.tell("")
            self.notice.complain(str(error))
            self._ready()
            return
        kernel.in_main_thread(lambda: self._train(experiment))

    def _train(self, experiment):
        try:
            if kernel.messages_get_through():
                for explorer in list(ALIVE):
                    explorer.answer_as_this_message_came()
            self._train_and_tell(experiment, self._run)
        finally:
            self.stop.disabled = True
            kernel.when_messages_are_read(self._ready)

    def _train_and_tell(self, experiment, run):
        """Train, and tell in words how it ended: what is raised here, nobody would see."""
        wrong = ""
        self.history, self.result = None, ""
        run.prepare()
        try:
            self._fit(experiment, run)
        except KeyboardInterrupt:  # pressed twice; the epochs before it are kept
            run.stop()
        except Exception as error:
            wrong = f"{type(error).__name__}: {error!s:.2000}"
        run.release()
        with self._one_at_a_time:
            self.result = f"Trained {run.summary()}."
            try:
                if self.history:
                    self.result += f" {self.outcome(experiment, self.history)}"
                self._put(experiment, self.history)
            except (Exception, KeyboardInterrupt) as error:
                wrong = wrong or f"{type(error).__name__}: {error!s:.2000}"
            self.tell("")
            if wrong:
                self.notice.complain(wrong)

    def _fit(self, experiment, run):
        with self._one_at_a_time:
            self.tell("Getting ready: reading the data, building the network.")
            self._put(experiment, None)
        if self.comm is None:
            run.stop()  # its cell ran again while this waited
        if run.asked_to_stop:
            return
        if self._data is None:
            self._data = experiment.load()
        self.check(experiment, self._data)
        draw = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: self._epoch_ended(experiment, run)
        )
        if not run.asked_to_stop:
            experiment.train(self._data, callbacks=[run, draw])

    def _epoch_ended(self, experiment, run):
        with self._one_at_a_time:
            self.history = run.history
            self.tell(f"Training: {run.progress()}. {self._how_to_stop} ends it.")
            if FLOW.has_room():
                self._put(experiment, run.history)

    def _put(self, experiment, history):
        if self.comm is not None:  # its cell may have run again meanwhile, and closed it
            self.draw_training(experiment, history)

    def _ready(self):
        self.train.disabled = False
        self._busy.release()
