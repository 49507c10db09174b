"""What Keras' EarlyStopping would have done with a run that is already recorded."""

from typing import NamedTuple

import keras

from .histories import read_history


class Replay(NamedTuple):
    """The outcome of a replay. Epochs count from 0, as in Keras."""

    stopped_epoch: int
    """The epoch after which training stopped; 0 if it never did."""
    best_epoch: int
    """The epoch whose weights `restore_best_weights` would bring back."""
    best: float | None
    """The monitored value there; None if no epoch was looked at."""
    epochs_run: int
    """How many epochs would have been trained."""


def replay_early_stopping(
    history,
    monitor="val_loss",
    min_delta=0,
    patience=0,
    mode="auto",
    baseline=None,
    start_from_epoch=0,
) -> Replay:
    """Replay a recorded run through the installed `keras.callbacks.EarlyStopping`.

    The callback itself is driven, epoch by epoch, with the recorded numbers. So the answer is what
    Keras would have done, and not another telling of its rule. The arguments after `history`
    are EarlyStopping's own, with its meanings and defaults.

    Args:
        history: the run: a `keras.callbacks.History`, a dict of lists or a DataFrame.

    Returns:
        A `Replay`: `stopped_epoch`, `best_epoch`, `best`, `epochs_run`.

    Raises:
        ValueError: the history is empty or ragged or lacks `monitor`; or `mode="auto"` and Keras
            knows no metric named `monitor`.
    """
    columns = read_history(history)
    model = _RecordedModel(getattr(history, "model", None))
    early_stopping = keras.callbacks.EarlyStopping(
        monitor=monitor,
        min_delta=min_delta,
        patience=patience,
        mode=model.mode(monitor) if mode == "auto" else mode,
        baseline=baseline,
        start_from_epoch=start_from_epoch,
    )
    early_stopping.set_model(model)
    early_stopping.on_train_begin()
    epochs_run = 0
    for epoch, value in zip(columns.epochs.tolist(), columns[monitor].tolist(), strict=True):
        early_stopping.on_epoch_end(epoch, {monitor: value})
        epochs_run += 1
        if model.stop_training:
            break
    return Replay(
        early_stopping.stopped_epoch, early_stopping.best_epoch, early_stopping.best, epochs_run
    )


class _RecordedModel:
    """All that EarlyStopping asks of a model whose training is already over."""

    def __init__(self, model):
        self.stop_training = False
        self.metrics = getattr(model, "metrics", [])

    def mode(self, monitor):
        """What "auto" means here. With a real model Keras asks its metrics; without one we do."""
        if self.metrics:
            return "auto"
        try:
            metric = keras.metrics.get(monitor.removeprefix("val_"))
        except ValueError:
            return "auto"
        return {"up": "max", "down": "min"}.get(getattr(metric, "_direction", None), "auto")
