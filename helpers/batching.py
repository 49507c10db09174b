"""How a training's examples are dealt: in batches, in a new order in each epoch."""

import itertools
import warnings
import weakref

import keras
import numpy as np
import tensorflow as tf

from .wording import kind, shown

_ROWS_AT_ONCE = 2048  # handed to TensorFlow, which cuts them: quicker than batch by batch


def batches(x, y, batch_size=32, seed=42):
    """Deal the examples out in batches for `model.fit`, in a new order in each epoch.

    `model.fit(batches(x, y), epochs=20)` stands in for `model.fit(x, y, epochs=20)`. Given arrays,
    `fit` repeats one and the same order in every epoch once a seed is set (Keras 3.13 and 3.15 with
    TensorFlow); without a seed it shuffles anew, as this does, but can't be repeated.

    The orders depend on `seed` alone: each call with the same seed deals the same orders again, and
    `fast_fit` deals them too. Each pass over the result deals the next order, a look at its first
    batch included. So call `batches` anew for each training that is to be compared with another.
    It is for `fit` and `evaluate`, not for `predict`, whose answers would come shuffled.

    Args:
        x: array of shape (n, ...), one example a row.
        y: array of shape (n, ...), their targets.
        batch_size: examples per batch; the last one of an epoch may have fewer.
        seed: a whole number from 0 up.

    Returns:
        A `tf.data.Dataset` of pairs of tensors of shape (batch_size, ...). Floats become
        `keras.config.floatx()`, usually float32, as in `fit`; arrays that already are that, or of
        whole numbers, are not copied.

    Raises:
        TypeError: `x` or `y` is not an array of numbers.
        ValueError: they differ in length or are empty; `batch_size` or `seed` is not such a number.
    """
    x, y = paired_arrays("x", x, "y", y)
    batch_size = whole_number("batch_size", batch_size, 1)
    deals, steps = orders(len(x), seed), -(-len(x) // batch_size)
    held = [x, y]

    def one_epoch():
        x, y = held
        order = next(deals)
        for begin in range(0, len(order), _ROWS_AT_ONCE):
            rows = order[begin : begin + _ROWS_AT_ONCE]
            yield x[rows], y[rows]

    dealt = tf.data.Dataset.from_generator(
        one_epoch,
        output_signature=tuple(tf.TensorSpec((None, *a.shape[1:]), a.dtype) for a in (x, y)),
    ).rebatch(min(batch_size, len(x)))
    dealt = dealt.apply(tf.data.experimental.assert_cardinality(steps)).prefetch(tf.data.AUTOTUNE)
    # TensorFlow keeps `one_epoch` for ever, which must not keep the arrays alive.
    weakref.finalize(dealt, held.clear)
    # Keras 3.15 warns of `shuffle=True`, its own default, whenever it is given a Dataset.
    warnings.filterwarnings("ignore", message="`shuffle=True` was passed", category=UserWarning)
    return dealt


def orders(count, seed):
    """Yield an order of `count` rows for each epoch: int64 of shape (count,), without end.

    Raises:
        ValueError: `seed` is not a whole number from 0 up.
    """
    generator = np.random.default_rng(whole_number("seed", seed, 0))
    return (generator.permutation(count) for _ in itertools.count())


def paired_arrays(x_name, x, y_name, y):
    """Check examples and their targets, and return them as NumPy arrays of equal length.

    Raises:
        TypeError: one of them is not an array of numbers.
        ValueError: they differ in length or are empty.
    """
    x, y = _array(x_name, x), _array(y_name, y)
    if len(x) != len(y):
        raise ValueError(
            f"{x_name} and {y_name} must have the same length, one target for each example, not "
            f"{len(x)} and {len(y)}"
        )
    if len(x) == 0:
        raise ValueError(f"{x_name} and {y_name} are empty: give at least one example")
    return x, y


def whole_number(name, value, least):
    """Return `value` as an int; say what is wrong with it if it is no whole number from `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"{name} must be a whole number from {least} up, not {shown(value)}")
    return int(value)


def _array(name, value):
    is_one_array = hasattr(value, "__array__") and hasattr(value, "shape")
    array = np.asarray(value) if is_one_array else None
    if array is None or array.ndim == 0 or array.dtype.kind not in "biuf":
        given = shown(value) if is_one_array else kind(value)
        raise TypeError(
            f"{name} must be one array of numbers with a row for each example, not {given}. "
            "model.fit may accept other kinds of data"
        )
    return array.astype(keras.config.floatx(), copy=False) if array.dtype.kind == "f" else array
