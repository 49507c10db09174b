"""Trainings that differ in their activation, in how many hidden layers there are, and how wide."""

from functools import partial

import keras
import numpy as np

from ..datasets import load_fashion_mnist
from ..gradients import gradient_sizes
from ..seeding import generator_kept, set_random_seed
from ..spirals import load_spirals
from .on_clothes import first_clothes, on_clothes
from .recipe import THREE_SEEDS, Experiment

ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu")
DEPTHS, WIDTHS = (1, 2, 3, 4, 5), (4, 8, 16)
"""Of the networks on the spirals: hidden layers, and neurons in each."""
CLOTHES_DEPTHS, CLOTHES_WIDTH = (1, 2, 4, 8), 32
"""Of those on Fashion-MNIST."""


def all_points(data):
    """The points that train, and those that validate."""
    return data.train_points, data.train_target, data.val_points, data.val_target


def spirals_model(seed, activation, depth, width):
    """So many hidden layers of so many neurons, and one output: the probability of spiral 1."""
    set_random_seed(seed)
    hidden = [keras.layers.Dense(width, activation=activation) for _ in range(depth)]
    output = keras.layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input(shape=(2,)), *hidden, output])
    model.compile(
        optimizer=keras.optimizers.Adam(0.01),
        loss="binary_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=13,
    )
    return model


def spirals(seed, activation, depth, width, epochs=120):
    """Two spirals, 400 points, in batches of 32."""
    model_with = {"seed": seed, "activation": activation, "depth": depth, "width": width}
    return Experiment(
        seed=seed,
        load=load_spirals,
        examples=all_points,
        examples_with={},
        model=spirals_model,
        model_with=model_with,
        batch_size=32,
        epochs=epochs,
        measure_model=partial(measured_on_spirals, model_with),
    )


def deep_clothes_model(seed, activation, depth, width):
    """So many hidden layers of so many neurons, on pictures of clothes."""
    set_random_seed(seed)
    hidden = [keras.layers.Dense(width, activation=activation) for _ in range(depth)]
    output = keras.layers.Dense(10, activation="softmax")
    model = keras.Sequential([keras.Input(shape=(28, 28)), keras.layers.Flatten(), *hidden, output])
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=100,
    )
    return model


def clothes_activated(seed, activation, depth, width=CLOTHES_WIDTH, epochs=20):
    """Fashion-MNIST, 6,000 pictures."""
    model_with = {"seed": seed, "activation": activation, "depth": depth, "width": width}
    return on_clothes(
        deep_clothes_model,
        model_with,
        seed,
        6000,
        epochs,
        measure_model=partial(measured_on_clothes, model_with),
    )


def measured_on_spirals(model_with, trained) -> dict:
    """What is kept of a network on the spirals: its weights, and its gradients' sizes.

    Args:
        model_with: what `spirals_model` made it with.
        trained: it, after its training.

    Returns:
        "weights": its arrays as lists, in the order of `get_weights`, with four digits each; and
        "gradients": "start" and "end", each the sizes by `gradient_sizes` on the training points.
    """
    data = load_spirals()
    return {
        "weights": [_rounded(array) for array in trained.get_weights()],
        "gradients": _gradients(
            spirals_model, model_with, trained, data.train_points, data.train_target
        ),
    }


def measured_on_clothes(model_with, trained) -> dict:
    """What is kept of a network on clothes: its gradients' sizes, as above, on its pictures."""
    x, y, *_ = first_clothes(load_fashion_mnist(), 6000)
    return {"gradients": _gradients(deep_clothes_model, model_with, trained, x, y)}


def _gradients(make, model_with, trained, x, y):
    with generator_kept():
        start = make(**model_with)
    sizes = {"start": gradient_sizes(start, x, y), "end": gradient_sizes(trained, x, y)}
    return {when: _rounded(values) for when, values in sizes.items()}


def _rounded(array):
    """Nested lists of an array's numbers, with four digits each."""
    if np.ndim(array) == 0:
        return float(f"{array:.4g}")
    return [_rounded(part) for part in array]


def spirals_name(activation, depth, width) -> str:
    """The name of the recorded runs on the spirals with such networks."""
    return f"spirals_{activation}_{depth}_layers_of_{width}"


def clothes_activated_name(activation, depth) -> str:
    """The name of the recorded runs on Fashion-MNIST with such networks, of 32 neurons a layer."""
    return f"clothes_6000_{activation}_{depth}_layers"


RECORDED = {
    **{
        spirals_name(activation, depth, width): (
            partial(spirals, activation=activation, depth=depth, width=width),
            THREE_SEEDS,
        )
        for activation in ACTIVATIONS
        for depth in DEPTHS
        for width in WIDTHS
    },
    **{
        clothes_activated_name(activation, depth): (
            partial(clothes_activated, activation=activation, depth=depth),
            THREE_SEEDS,
        )
        for activation in ACTIVATIONS
        for depth in CLOTHES_DEPTHS
    },
}
"""See `helpers.experiments.RECORDED`."""
