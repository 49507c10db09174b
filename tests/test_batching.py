"""How batches are dealt, and what `fit` makes of them."""

import gc
import random
import warnings
import weakref

import numpy as np
import pandas as pd
import pytest

from helpers import batches, fast_fit

import keras  # isort: skip  (after helpers, which load TensorFlow quietly)
import tensorflow as tf  # isort: skip

X = np.arange(46, dtype="float32").reshape(23, 2)
Y = np.arange(23)


def epoch_of(dealt):
    """The targets of one epoch in the order in which they come."""
    return [y.numpy().tolist() for _, y in dealt]


def flat(epoch):
    return [target for batch in epoch for target in batch]


def test_each_epoch_deals_every_row_once_in_a_new_order():
    dealt = batches(X, Y, batch_size=5)
    epochs = [epoch_of(dealt) for _ in range(3)]
    assert len(dealt) == 5
    assert [len(batch) for batch in epochs[0]] == [5, 5, 5, 5, 3]
    assert all(sorted(flat(epoch)) == Y.tolist() for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]


@pytest.mark.parametrize("batch_size", [7, 2048, 3000, 9000])
def test_many_rows_are_dealt_as_few_are(batch_size):
    x = np.arange(5000, dtype="float32")
    epoch = epoch_of(batches(x, x.astype(int), batch_size, seed=3))
    order = np.random.default_rng(3).permutation(5000).tolist()
    assert epoch == [order[i : i + batch_size] for i in range(0, 5000, batch_size)]


def test_a_look_at_the_first_batch_takes_an_order():
    looked_at, twin = batches(X, Y, seed=7), batches(X, Y, seed=7)
    next(iter(looked_at))
    epoch_of(twin)
    assert epoch_of(looked_at) == epoch_of(twin)


def test_the_arrays_go_when_nothing_deals_them_any_more():
    x, y = np.zeros((100, 3), "float32"), np.zeros(100, "int32")
    arrays = [weakref.ref(x), weakref.ref(y)]
    dealt = batches(x, y)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(dealt, verbose=0)
    del x, y, dealt, model
    gc.collect()
    assert [array() for array in arrays] == [None, None]


def test_whatever_is_made_of_it_goes_on_dealing():
    x, y = np.arange(100.0), np.arange(100)
    passes = iter(batches(x, y))
    few, doubled = batches(x, y).take(2), batches(x, y).map(lambda x, y: (2 * x, y))
    gc.collect()
    assert sum(len(targets) for _, targets in passes) == 100
    assert sum(len(targets) for _, targets in few) == 64
    assert sum(float(tf.reduce_sum(examples)) for examples, _ in doubled) == 2 * sum(range(100))


def test_examples_stay_with_their_targets():
    for x, y in batches(X, Y, batch_size=4):
        assert np.array_equal(x, X[y])
        assert x.dtype == "float32" and y.dtype == "int64"


def test_the_same_seed_deals_the_same_again_whatever_other_seeds_are_set():
    def three_epochs(seed, others):
        keras.utils.set_random_seed(others)
        dealt = batches(X, Y, seed=seed, batch_size=4)
        return [epoch_of(dealt) for _ in range(3)]

    assert three_epochs(1, 5) == three_epochs(1, 6)
    assert three_epochs(1, 5) != three_epochs(2, 5)


def test_the_generators_of_the_learner_are_left_alone():
    before = random.getstate(), np.random.get_state()[1].tolist()
    epoch_of(batches(X, Y))
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


def seen_by(train, epochs=3):
    """The targets that a model sees, batch by batch, in each epoch of `train(model)`."""
    seen = tf.Variable(tf.zeros((0,), tf.int64), shape=(None,), trainable=False)

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            seen.assign(tf.concat([seen, tf.cast(data[1], tf.int64)], 0))
            return super().train_step(data)

    keras.utils.set_random_seed(3)
    model = Model()
    model.compile("sgd", "mse")
    train(model)
    return seen.numpy().reshape(epochs, -1).tolist()


def test_fit_sees_the_batches_as_they_are_dealt_and_fast_fit_the_same():
    dealt = batches(X, Y, batch_size=5, seed=9)
    expected = [flat(epoch_of(dealt)) for _ in range(3)]

    def fit(model):
        model.fit(batches(X, Y, batch_size=5, seed=9), epochs=3, verbose=0)

    def fit_fast(model):
        fast_fit(model, X, Y, batch_size=5, seed=9, epochs=3)

    assert seen_by(fit) == expected
    assert seen_by(fit_fast) == expected


def test_the_trap_that_batches_avoids():
    """`fit` on arrays after a seed repeats one order; without a seed it would not."""
    first, *later = seen_by(lambda model: model.fit(X, Y, batch_size=5, epochs=3, verbose=0))
    assert first != Y.tolist()
    assert later == [first, first]


def test_fit_is_quiet():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        model.fit(batches(X / 46, Y / 23), epochs=2, verbose=0)
    assert [str(w.message) for w in heard if w.category is UserWarning] == []


def test_a_table_can_be_dealt_and_doubles_become_floats_of_keras():
    table = pd.DataFrame({"a": Y / 2, "b": Y / 3})
    x, y = next(iter(batches(table, table["a"], batch_size=4)))
    assert x.shape == (4, 2) and x.dtype == y.dtype == keras.config.floatx()


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"y": Y[1:]}, ValueError, "x and y must have the same length.*23 and 22"),
        ({"x": X[:0], "y": Y[:0]}, ValueError, "empty"),
        ({"batch_size": 0}, ValueError, "batch_size .* not 0"),
        ({"batch_size": True}, ValueError, "batch_size .* not True"),
        ({"batch_size": 2.0}, ValueError, "batch_size .* not 2.0"),
        ({"seed": None}, ValueError, "seed .* not None"),
        ({"x": X.tolist()}, TypeError, "x must be one array.*list"),
        ({"x": 3.0}, TypeError, "x must be one array.*float"),
        ({"y": np.array(["a"] * 23)}, TypeError, r"y must be one array.*not \['a', 'a'"),
    ],
)
def test_bad_input_is_told_with_its_value(arguments, error, words):
    with pytest.raises(error, match=words):
        batches(**{"x": X, "y": Y, **arguments})
