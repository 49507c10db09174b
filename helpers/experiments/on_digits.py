"""Trainings on MNIST small, with a small network and plain SGD."""

from functools import partial

import keras

from ..datasets import load_mnist_small
from ..seeding import set_random_seed
from ..wording import decimal
from .recipe import TEN_SEEDS, THREE_SEEDS, Experiment

LEARNING_RATES = (1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3, 0.7, 2.0, 7.0, 20.0, 100.0)


def all_digits(data):
    """The 700 digits that train, and the 300 that validate."""
    return data.train_scaled, data.train_target, data.val_scaled, data.val_target


def digits_model(seed, neurons, learning_rate):
    """One hidden layer and plain SGD."""
    set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(neurons, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=70,
    )
    return model


def digits(seed, patience=None, epochs=3000):
    """MNIST small and two hidden neurons, stopped by EarlyStopping if it gets a patience."""
    return Experiment(
        seed=seed,
        load=load_mnist_small,
        examples=all_digits,
        examples_with={},
        model=digits_model,
        model_with={"seed": seed, "neurons": 2, "learning_rate": 0.01},
        batch_size=10,
        epochs=epochs,
        patience=patience,
        tested=True,
    )


def digits_learning_rate(seed, learning_rate, epochs=20):
    """MNIST small, 30 hidden neurons, and a learning rate that may be far off."""
    return Experiment(
        seed=seed,
        load=load_mnist_small,
        examples=all_digits,
        examples_with={},
        model=digits_model,
        model_with={"seed": seed, "neurons": 30, "learning_rate": learning_rate},
        batch_size=10,
        epochs=epochs,
        validated=False,
    )


def learning_rate_name(rate) -> str:
    """The name of the recorded runs with this learning rate: ..._0.00001, not ..._1e-05."""
    return f"digits_learning_rate_{decimal(rate)}"


RECORDED = {
    "digits_3000": (digits, THREE_SEEDS),
    "digits_patience_0": (partial(digits, patience=0), THREE_SEEDS),
    "digits_patience_30": (partial(digits, patience=30), THREE_SEEDS),
    **{
        learning_rate_name(rate): (partial(digits_learning_rate, learning_rate=rate), TEN_SEEDS)
        for rate in LEARNING_RATES
    },
}
"""See `helpers.experiments.RECORDED`."""
