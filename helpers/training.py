"""A whole epoch of a Keras model as one compiled graph, for arrays that fit in memory.

`fit` hands its model one batch after another, and each handing-over costs more than a small
network's step. Here the arrays become tensors once, and a loop inside the graph cuts them into
batches. What happens in a step is Keras' own `train_step` and `test_step`.
"""

import keras
import numpy as np
import tensorflow as tf

VALIDATION_BATCH = 1024
"""Pictures measured at once; the mean over them does not depend on it."""


def fast_fit(
    model, x, y, batch_size=32, epochs=1, validation_data=None, callbacks=None, shuffle=True
):
    """Train a compiled model as `model.fit` does, several times faster.

    Model, optimizer, loss, metrics, regularizers and callbacks are the real ones. With
    `shuffle=False` and no dropout the numbers are those of `fit` up to rounding. With
    `shuffle=True` each epoch has a new order, drawn with NumPy's generator, which
    `keras.utils.set_random_seed` seeds; `fit` draws its order in another way.

    A model compiled with `jit_compile=True` runs its epochs through XLA. Compiling takes seconds
    then, and an epoch about half the time: for long runs, and for models without dropout, as XLA is
    slow at random numbers on a processor.

    Callbacks are called as with `steps_per_execution` set to a whole epoch: the methods for a batch
    once an epoch. A `KeyboardInterrupt` leaves the epochs so far in `model.history`.

    Args:
        model: a compiled `keras.Model` on the TensorFlow backend.
        x: array of shape (n, ...), float32 for speed.
        y: array of shape (n, ...).
        batch_size: examples a step; a shorter last batch is trained too.
        epochs: how many.
        validation_data: (x_val, y_val), measured after each epoch.
        callbacks: list of `keras.callbacks.Callback`.
        shuffle: whether each epoch sees the examples in a new order.

    Returns:
        The `keras.callbacks.History`.

    Raises:
        ValueError: the model is not compiled; `x` and `y` differ in length or are empty;
            `batch_size` or `epochs` is not a whole number from 1 up.
    """
    _check(model, x, y, batch_size, epochs)
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    train, test = _graphs(model, x[:1], y[:1])
    if validation_data is not None:
        x_val, y_val = map(tf.convert_to_tensor, validation_data)
        in_order = tf.range(len(x_val))

    count = len(x)
    steps = -(-count // batch_size)
    callbacks = keras.callbacks.CallbackList(
        callbacks, add_history=True, model=model, epochs=epochs, steps=steps, verbose=0
    )
    model.stop_training = False
    callbacks.on_train_begin()
    logs = {}
    for epoch in range(epochs):
        callbacks.on_epoch_begin(epoch)
        order = np.random.permutation(count) if shuffle else np.arange(count)
        callbacks.on_train_batch_begin(0)
        logs = _run(train, x, y, tf.constant(order, tf.int32), batch_size)
        callbacks.on_train_batch_end(steps - 1, logs)
        if validation_data is not None:
            callbacks.on_test_begin()
            measured = _run(test, x_val, y_val, in_order, VALIDATION_BATCH)
            callbacks.on_test_end(measured)
            logs.update({f"val_{key}": value for key, value in measured.items()})
        callbacks.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_variables)
    callbacks.on_train_end(logs)
    return model.history


def _check(model, x, y, batch_size, epochs):
    if not getattr(model, "compiled", False):
        raise ValueError("the model is not compiled: call model.compile(optimizer=..., loss=...)")
    for name, value in (("batch_size", batch_size), ("epochs", epochs)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise ValueError(f"{name} must be a whole number from 1 up, not {value!r}")
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(f"x and y must be as long as each other, not {len(x)} and {len(y)}")


def _run(graph, x, y, order, batch_size):
    """Run one epoch and return what the metrics say, as floats by name."""
    results = keras.tree.map_structure(np.asarray, graph(x, y, order, batch_size))
    return {name: float(value) if value.ndim == 0 else value for name, value in results.items()}


def _graphs(model, x, y):
    """The model's compiled epochs: made once for an optimizer, as `compile` brings a new one."""
    kept = getattr(model, "_fast_graphs", None)
    if kept is None or kept[0] is not model.optimizer:
        _make_variables(model, x, y)
        kept = (model.optimizer, _epoch(model, model.train_step), _epoch(model, model.test_step))
        model._fast_graphs = kept
    return kept[1:]


def _make_variables(model, x, y):
    """Make all variables, those of the metrics too: a graph may not make any. Train nothing."""
    predicted = model(x, training=False)
    model.compute_loss(x=x, y=y, y_pred=predicted, training=False)
    model.compute_metrics(x=x, y=y, y_pred=predicted, sample_weight=None)
    model.optimizer.build(model.trainable_variables)


def _epoch(model, step):
    """One pass over the rows of x and y in the given order, as one graph that returns metrics."""

    def epoch(x, y, order, batch_size):
        model.reset_metrics()
        batch_size = min(batch_size, order.shape[0])
        whole = order.shape[0] // batch_size
        batches = tf.reshape(order[: whole * batch_size], (whole, batch_size))
        if model.jit_compile:  # XLA is quicker with all rows laid out beforehand
            x_batches, y_batches = tf.gather(x, batches), tf.gather(y, batches)
            for i in tf.range(whole):
                step((x_batches[i], y_batches[i]))
        else:
            for i in tf.range(whole):
                step((tf.gather(x, batches[i]), tf.gather(y, batches[i])))
        rest = order[whole * batch_size :]
        if rest.shape[0]:
            step((tf.gather(x, rest), tf.gather(y, rest)))
        return model.get_metrics_result()

    return tf.function(epoch, jit_compile=model.jit_compile)
