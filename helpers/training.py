"""A whole epoch of a Keras model as one compiled graph, for arrays that fit in memory.

`fit` hands its model one batch after another, and each handing-over costs more than a small
network's step. Here the arrays become tensors once, and a loop inside the graph cuts them into
batches. What happens in a step is Keras' own `train_step` and `test_step`.
"""

import keras
import numpy as np
import tensorflow as tf

from .batching import orders, paired_arrays, whole_number
from .wording import shown


def fast_fit(
    model,
    x,
    y,
    batch_size=32,
    epochs=1,
    validation_data=None,
    callbacks=None,
    shuffle=True,
    seed=42,
    validation_batch_size=None,
    verbose=0,
):
    """Train a compiled model as `model.fit` does, several times faster.

    Model, optimizer, loss, metrics, regularizers and callbacks are the real ones, and the numbers
    are those of `model.fit(batches(x, y, batch_size, seed), validation_batch_size=batch_size, ...)`
    up to rounding, dropout included; with `shuffle=False` those of
    `model.fit(x, y, batch_size, shuffle=False, ...)`. What can't be done as `fit` does it is
    refused. Two things remain: with `jit_compile=True` dropout may drop other neurons than in
    `fit`, and a layer of your own that calls `tf.random` instead of `keras.random` draws other
    numbers.

    The graph is made anew in each call, as after a new `compile`: it takes about a second, and some
    megabytes that TensorFlow doesn't give back. So train many epochs in one call rather than one
    epoch in many. A model compiled with `jit_compile=True` runs its epochs through XLA. Compiling
    takes seconds then, and an epoch about half the time: for long runs, and for models without
    dropout, as XLA is slow at random numbers on a processor.

    The stop button raises a `KeyboardInterrupt` when the running epoch is over. The epochs before
    it are then in `model.history`.

    Args:
        model: a compiled `keras.Model` with one input and one output, on the TensorFlow backend.
        x: array of shape (n, ...).
        y: array of shape (n, ...).
        batch_size: examples per step; a shorter last batch is trained too.
        epochs: how many.
        validation_data: (x_val, y_val), measured after each epoch.
        callbacks: list of `keras.callbacks.Callback` that act at the ends of epochs, of validations
            and of the training, not of batches.
        shuffle: whether each epoch sees the examples in a new order.
        seed: what draws these orders, a whole number from 0 up; the same seed, the same orders.
        validation_batch_size: examples measured at once; `batch_size` if None. A loss that is a
            mean over examples, as usual, doesn't depend on it, and many at once are quicker.
        verbose: 0 and "auto" print nothing; nothing else is known. To watch, take `LivePlot`.

    Returns:
        The `keras.callbacks.History`.

    Raises:
        ValueError: the model is not compiled, or in a way that only `fit` can train; `x` and `y`
            differ in length, are empty or don't fit the model; a number is not a whole number, or
            too small; a callback acts between batches, or stops the training at the beginning of an
            epoch.
        TypeError: `model` is no Keras model; `x`, `y` or `validation_data` is not made of arrays of
            numbers; one of the callbacks isn't a Keras callback.
    """
    _check_model(model)
    x, y = paired_arrays("x", x, "y", y)
    _check_fits(model, "x", x, "y", y)
    batch_size = whole_number("batch_size", batch_size, 1)
    epochs = whole_number("epochs", epochs, 1)
    if not isinstance(shuffle, (bool, np.bool_)):
        raise ValueError(f"shuffle must be True or False, not {shown(shuffle)}")
    dealt = orders(len(x), seed) if shuffle else None
    if validation_batch_size is None:
        validation_batch_size = batch_size
    validation_batch_size = whole_number("validation_batch_size", validation_batch_size, 1)
    if not isinstance(verbose, (int, str)) or verbose not in (0, "auto"):
        raise ValueError(
            f"verbose must be 0, not {shown(verbose)}: to watch, use LivePlot or model.fit"
        )
    if validation_data is not None:
        x_val, y_val = _validation(validation_data)
        _check_fits(model, "x_val", x_val, "y_val", y_val)
        x_val, y_val = tf.convert_to_tensor(x_val), tf.convert_to_tensor(y_val)
        measure = _Epoch(model, model.test_step, len(x_val), validation_batch_size)
    train = _Epoch(model, model.train_step, len(x), batch_size)
    callbacks = _callback_list(callbacks, model, epochs, train.steps)

    # Given to the graph at each call: a graph that held them would keep them long after.
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    model.stop_training = False
    callbacks.on_train_begin()
    logs = {}
    for epoch in range(getattr(model, "_initial_epoch", None) or 0, epochs):  # BackupAndRestore's
        callbacks.on_epoch_begin(epoch)
        if model.stop_training:
            raise ValueError(
                "a callback stops the training at the beginning of an epoch, where fit still "
                "trains some batches: let it stop at an epoch's end, or use model.fit"
            )
        callbacks.on_train_batch_begin(0)
        logs = train.run(x, y, next(dealt) if shuffle else np.arange(len(x)))
        callbacks.on_train_batch_end(train.steps - 1, logs)
        if validation_data is not None:
            callbacks.on_test_begin()
            measured = measure.run(x_val, y_val, np.arange(len(x_val)))
            callbacks.on_test_end(measured)
            logs.update({f"val_{name}": value for name, value in measured.items()})
        callbacks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_variables)
    callbacks.on_train_end(logs)
    return model.history


class _Epoch:
    """One pass over all examples as one graph, which an order of the rows cuts into batches."""

    def __init__(self, model, step, count, batch_size):
        self.steps = -(-count // batch_size)
        self._model, self._step = model, tf.function(step, autograph=False)
        self._is_keras_own = step.__func__ is getattr(keras.Model, step.__name__)
        self._count, self._batch_size = count, min(batch_size, count)
        self._graph = None

    def run(self, x, y, order):
        """Run the epoch over `order`, int of shape (count,); return what `fit` logs, by name."""
        if self._graph is None:
            self._make_graph(x, y)
        logs = self._graph(x, y, tf.constant(order, tf.int32))
        return {name: np.asarray(value) for name, value in logs.items()}

    def _make_graph(self, x, y):
        # A loop in a graph can't make variables. In a step of Keras' own they are made quickest
        # outside of any graph; for all else one step is traced before the loop, and not run.
        model, batch = self._model, (x[: self._batch_size], y[: self._batch_size])
        if model.built and self._is_keras_own:
            model.optimizer.build(model.trainable_variables)
            predicted = model(batch[0], training=False)
            model.compute_metrics(*batch, predicted, sample_weight=None)
        self._logs = self._step.get_concrete_function(batch).structured_outputs
        if not isinstance(self._logs, dict):
            raise ValueError(
                f"{self._step.python_function.__qualname__} must return a dict of logs by name, "
                f"not {type(self._logs).__name__}: model.fit may accept that"
            )
        # As `fit` does: its own metrics' results, unless a step of one's own logs something else.
        self._own_logs = self._logs.keys() != self._model.get_metrics_result().keys()
        self._graph = tf.function(self._epoch, autograph=False, jit_compile=self._model.jit_compile)

    def _epoch(self, x, y, order):
        self._model.reset_metrics()
        steps = self._count // self._batch_size
        whole, rest = tf.split(order, [steps * self._batch_size, -1])
        whole = tf.reshape(whole, (steps, self._batch_size))
        if self._model.jit_compile:  # XLA is quicker with all rows laid out beforehand
            x_laid_out, y_laid_out = tf.gather(x, whole), tf.gather(y, whole)

        def one_step(i, _logs):
            if self._model.jit_compile:
                batch = x_laid_out[i], y_laid_out[i]
            else:
                batch = tf.gather(x, whole[i]), tf.gather(y, whole[i])
            return i + 1, self._carried(self._step(batch))

        nothing_yet = {name: tf.zeros(v.shape, v.dtype) for name, v in self._logs.items()}
        _, logs = tf.while_loop(
            lambda i, _logs: i < steps, one_step, (0, self._carried(nothing_yet))
        )
        if self._count % self._batch_size:
            logs = self._carried(self._step((tf.gather(x, rest), tf.gather(y, rest))))
        return logs if self._own_logs else self._model.get_metrics_result()

    def _carried(self, logs):
        """What goes from step to step: logs of one's own, as the last step's are the epoch's."""
        return logs if self._own_logs else {}


# --- what only `fit` can do ------------------------------------------------------------------

_BATCH_METHODS = [
    f"on_{part}batch_{moment}" for part in ("", "train_", "test_") for moment in ("begin", "end")
]


def _check_model(model):
    if not isinstance(model, keras.Model):
        raise TypeError(f"model must be a Keras model, such as model_fn(), not {shown(model)}")
    if not model.compiled:
        raise ValueError("the model is not compiled: call model.compile(optimizer=..., loss=...)")
    overridden = [
        name
        for name in ("fit", "evaluate", "make_train_function", "make_test_function")
        if getattr(type(model), name) is not getattr(keras.Model, name)
    ]
    cannot = None
    if model.run_eagerly:
        cannot = "train a model compiled with run_eagerly=True"
    elif overridden:
        cannot = f"train a model with a method {overridden[0]} of its own"
    elif tf.distribute.has_strategy() or model.distribute_strategy is not (
        tf.distribute.get_strategy()
    ):
        cannot = "train under a tf.distribute strategy"
    elif keras.config.max_epochs() or keras.config.max_steps_per_epoch():
        cannot = "keep to the most epochs or steps that keras.config allows"
    if cannot:
        raise ValueError(f"fast_fit can't {cannot}: use model.fit")


def _check_fits(model, x_name, x, y_name, y):
    """Tell in words what would fail deep inside a graph, where the model says what it takes."""
    takes = getattr(model, "input_shape", None)
    if _is_fixed(takes) and _without_ones(x.shape[1:]) != _without_ones(takes[1:]):
        raise ValueError(
            f"the model takes examples of shape {takes[1:]}, and those in {x_name} have the shape "
            f"{x.shape[1:]}: reshape {x_name}, or build the model for it"
        )
    gives = getattr(model, "output_shape", None)
    if model.loss != "sparse_categorical_crossentropy" or not _is_fixed(gives) or len(gives) != 2:
        return
    if _without_ones(y.shape[1:]):
        raise ValueError(
            f"with this loss {y_name} must have one class number for each example, and its shape "
            f"is {y.shape}. For one-hot targets compile with loss='categorical_crossentropy'"
        )
    if not (y.min() >= 0 and y.max() < gives[1] and (y % 1 == 0).all()):
        raise ValueError(
            f"with this loss {y_name} must have class numbers from 0 to {gives[1] - 1}, as the "
            f"model has {gives[1]} outputs; they are from {y.min()} to {y.max()}"
        )


def _is_fixed(shape):
    """Whether this is the shape of one array, known but for the number of examples."""
    lengths = shape[1:] if isinstance(shape, tuple) else ()
    return bool(lengths) and all(isinstance(length, int) for length in lengths)


def _without_ones(shape):
    """What of a shape counts: Keras adds and drops an axis of length 1 by itself."""
    return [length for length in shape if length != 1]


def _validation(validation_data):
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
        what = type(validation_data).__name__
        if isinstance(validation_data, (tuple, list)):
            what = f"{what} of {len(validation_data)}"
        raise TypeError(
            f"validation_data must be a pair of arrays, (x_val, y_val), not a {what}. "
            "For sample weights, a Dataset or a generator use model.fit"
        )
    return paired_arrays("x_val", validation_data[0], "y_val", validation_data[1])


def _callback_list(callbacks, model, epochs, steps):
    """The callbacks as `fit` takes them, checked."""
    made = callbacks if isinstance(callbacks, keras.callbacks.CallbackList) else None
    given = made.callbacks if made else keras.tree.flatten([] if callbacks is None else callbacks)
    for callback in given:
        _check_callback(callback)
    return made or keras.callbacks.CallbackList(
        given, add_history=True, model=model, epochs=epochs, steps=steps, verbose=0
    )


def _check_callback(callback):
    if isinstance(callback, type):
        raise TypeError(
            f"the brackets are missing behind {callback.__name__}: a callback must be made, as in "
            f"callbacks=[{callback.__name__}(...)]"
        )
    if not isinstance(callback, keras.callbacks.Callback):
        raise TypeError(f"callbacks must be a list of Keras callbacks, not {shown(callback)}")
    if _acts_between_batches(callback):
        raise ValueError(
            f"{type(callback).__name__} acts between batches, and fast_fit trains a whole epoch at "
            "once: use model.fit"
        )


def _acts_between_batches(callback):
    """Whether a callback does more than count, before or after a batch."""
    methods = {name: getattr(callback, name) for name in _BATCH_METHODS}
    own = [
        method
        for name, method in methods.items()
        if getattr(method, "__func__", None) is not getattr(keras.callbacks.Callback, name)
    ]
    if not own or not all(method.__module__.startswith("keras.") for method in own):
        return bool(own)
    # Only Keras' own methods are left. Some of its callbacks can be told to leave batches alone.
    if isinstance(callback, keras.callbacks.TensorBoard):
        by_batches = callback.update_freq != "epoch" or callback.write_steps_per_second
        return by_batches or callback._should_trace
    return getattr(callback, "save_freq", "batch") != "epoch"
