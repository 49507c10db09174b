"""Seeds: the models are those that Keras' own function gives, and the learner's draws go on."""

import random
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import load_wine, model_fn
from helpers.experiments import on_clothes, on_digits, on_wines
from helpers.experiments import regularized as regularizing
from helpers.experiments.on_clothes import clothes, clothes_model
from helpers.experiments.on_digits import digits, digits_model
from helpers.experiments.on_wines import wine, wine_model
from helpers.experiments.regularized import regularized, regularized_model
from helpers.seeding import generator_kept, set_random_seed

import keras  # isort: skip  (after helpers, which load TensorFlow quietly)
import tensorflow as tf  # isort: skip

MODELS = {
    "clothes": partial(clothes_model, optimizer="adam", rate=None),
    "clothes, dropout": partial(clothes_model, optimizer="rmsprop", rate=0.4),
    "digits": partial(digits_model, neurons=2, learning_rate=0.01),
    "wine": wine_model,
    "regularized": partial(regularized_model, dropout=0.4, shift=4),
}


def weights_and_masks(make, seed):
    """The first weights of a model, and what it makes of an input in three training steps."""
    model = make(seed)
    x = np.ones((5, *model.input_shape[1:]), "float32")
    steps = [np.asarray(model(x, training=True)) for _ in range(3)]
    return [*model.get_weights(), *steps]


def same(one, other):
    return all(map(np.array_equal, one, other))


@pytest.mark.parametrize("name", MODELS)
def test_the_models_are_those_of_keras_own_seeds(name, monkeypatch):
    quiet = weights_and_masks(MODELS[name], 43)
    assert not same(quiet, weights_and_masks(MODELS[name], 44))
    for module in (on_clothes, on_digits, on_wines, regularizing):
        monkeypatch.setattr(module, "set_random_seed", keras.utils.set_random_seed)
    assert same(quiet, weights_and_masks(MODELS[name], 43))


def test_dropout_draws_other_masks_in_each_step():
    *_, first, second, third = weights_and_masks(MODELS["clothes, dropout"], 43)
    assert not np.array_equal(first, second) and not np.array_equal(second, third)


def test_a_model_of_the_reader_is_seeded_as_keras_does_it():
    set_random_seed(7)
    here = model_fn(keras.layers.Dropout(0.5))
    keras.utils.set_random_seed(7)
    there = model_fn(keras.layers.Dropout(0.5))
    assert same(here.get_weights(), there.get_weights())


def test_only_pythons_generator_is_seeded():
    np.random.seed(3)
    tf.random.set_seed(3)
    expected = np.random.random(), tf.random.uniform([]).numpy()
    np.random.seed(3)
    tf.random.set_seed(3)
    set_random_seed(42)
    assert (np.random.random(), tf.random.uniform([]).numpy()) == expected


def test_pythons_generator_goes_on_after_the_context_and_after_an_error_in_it():
    random.seed(1)
    expected = random.random()
    random.seed(1)
    with pytest.raises(ZeroDivisionError), generator_kept():
        set_random_seed(2)
        random.random()
        raise ZeroDivisionError
    assert random.random() == expected


# --- what the learner draws -----------------------------------------------------------------------


def made_up_data(shape):
    generator = np.random.default_rng(0)
    x = generator.random((200, *shape), dtype="float32")
    y = generator.integers(0, 10, 200)
    return SimpleNamespace(train_scaled=x, train_target=y, val_scaled=x[:50], val_target=y[:50])


TRAININGS = {
    "clothes": lambda: clothes(42, rate=0.5, images=200, epochs=2).train(made_up_data((28, 28))),
    "digits": lambda: digits(42, epochs=2).train(made_up_data((784,))),
    "wine": lambda: wine(42, epochs=2).train(load_wine()),
    "regularized": lambda: regularized(42, images=200, epochs=2, dropout=0.5, shift=1).train(
        made_up_data((28, 28))
    ),
}


def drawn_by_a_learner(between):
    """What a learner draws from all generators, before and after something else is done."""
    keras.utils.set_random_seed(5)
    numbers = []

    def draw():
        numbers.append(random.random())
        numbers.append(np.random.random())
        numbers.append(float(keras.random.uniform(())))
        numbers.append(float(tf.random.uniform(())))
        numbers.append(float(np.sum(keras.layers.Dense(3).kernel_initializer((3, 3)))))

    draw()
    between()
    draw()
    draw()
    return numbers


@pytest.mark.parametrize("name", TRAININGS)
def test_a_training_leaves_the_learners_random_numbers_as_they_are(name):
    expected = drawn_by_a_learner(lambda: None)
    assert len(set(expected)) == len(expected)
    assert drawn_by_a_learner(TRAININGS[name]) == expected


def test_a_training_at_the_very_beginning_leaves_them_too():
    """Before the learner has drawn anything."""

    def first_draws(before):
        keras.utils.set_random_seed(5)
        before()
        numbers = random.random(), np.random.random()
        return *numbers, float(keras.random.uniform(())), float(tf.random.uniform(()))

    assert first_draws(TRAININGS["clothes"]) == first_draws(lambda: None)


def test_the_learners_draws_do_not_change_a_training():
    first = TRAININGS["clothes"]()
    keras.utils.set_random_seed(99)
    random.random()
    second = TRAININGS["clothes"]()
    assert first.history == second.history
