"""Trainings on Fashion-MNIST."""

from functools import partial

import keras
import numpy as np

from ..datasets import load_fashion_mnist
from ..models import model_fn
from ..seeding import set_random_seed
from ..wording import shown
from .recipe import TEN_SEEDS, THREE_SEEDS, Experiment

DROPOUT_RATES = tuple(tenths / 10 for tenths in range(10))
NEURONS = (2, 8, 32, 128, 512)
IMAGES = (500, 2_000, 6_000, 24_000, 48_000)
REDUCE = {"factor": 0.3, "patience": 2, "min_lr": 0.0001}


def first_clothes(data, images):
    """The first so many training pictures, and all that validate."""
    return (
        data.train_scaled[:images],
        data.train_target[:images],
        data.val_scaled,
        data.val_target,
    )


def check_clothes(data, images):
    """Check that so many images can be trained on.

    Args:
        data: what `load_fashion_mnist` returned.
        images: how many.

    Raises:
        ValueError: `data` is something else, or has too few images.
    """
    try:
        arrays = {"train_scaled": data.train_scaled, "val_scaled": data.val_scaled}
    except AttributeError as error:
        raise ValueError(
            f"data must be what load_fashion_mnist() returned, not {shown(data)}"
        ) from error
    for name, array in arrays.items():
        if np.shape(array)[1:] != (28, 28):
            raise ValueError(
                f"data.{name} has the shape {np.shape(array)}, and the course's model takes images "
                "of 28x28 pixels: give what load_fashion_mnist() returned"
            )
    if len(data.train_scaled) < images:
        raise ValueError(
            f"data has only {len(data.train_scaled):,} training images: choose fewer than "
            f"{images:,}, or give what load_fashion_mnist() returned"
        )


def on_clothes(model, model_with, seed, images, epochs, **more):
    """A training of this model on so many pictures, in batches of 32."""
    return Experiment(
        seed=seed,
        load=load_fashion_mnist,
        examples=first_clothes,
        examples_with={"images": images},
        model=model,
        model_with=model_with,
        batch_size=32,
        epochs=epochs,
        **more,
    )


def clothes_model(seed, optimizer, rate):
    """The course's model, which starts with the same weights whatever its dropout rate."""
    set_random_seed(seed)
    start = model_fn().get_weights()
    set_random_seed(seed)
    model = model_fn(None if rate is None else keras.layers.Dropout(rate))
    model.set_weights(start)
    model.compile(
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=100,
    )
    return model


def clothes(seed, optimizer="adam", rate=None, images=48_000, epochs=20, same_order=False):
    """Fashion-MNIST, with an optimizer, a dropout rate and a number of pictures to train on."""
    return on_clothes(
        clothes_model,
        {"seed": seed, "optimizer": optimizer, "rate": rate},
        seed,
        images,
        epochs,
        same_order=same_order,
    )


def sized_model(seed, neurons):
    """The course's model, but with so many hidden neurons."""
    set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(neurons, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=100,
    )
    return model


def clothes_by_size(seed, neurons, images, epochs=40):
    """Fashion-MNIST, with a number of hidden neurons and a number of pictures to train on."""
    return on_clothes(sized_model, {"seed": seed, "neurons": neurons}, seed, images, epochs)


def deeper_model(seed, first_rate, second_rate):
    """Two hidden layers with dropout after each; a rate of 0 drops nothing."""
    set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(shape=(28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(128, activation="relu"),
            keras.layers.Dropout(first_rate),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dropout(second_rate),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer="adam",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=100,
    )
    return model


def clothes_deeper(seed, first_rate, second_rate, epochs=20):
    """Fashion-MNIST, all training pictures, and two hidden layers."""
    return on_clothes(
        deeper_model,
        {"seed": seed, "first_rate": first_rate, "second_rate": second_rate},
        seed,
        48_000,
        epochs,
    )


def sgd_model(seed, learning_rate):
    """The course's model with plain SGD."""
    set_random_seed(seed)
    model = model_fn()
    model.compile(
        optimizer=keras.optimizers.SGD(learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=100,
    )
    return model


def clothes_sgd(seed, reduce=None, learning_rate=0.5, images=6000, epochs=30):
    """Fashion-MNIST and large steps of SGD, which ReduceLROnPlateau may make smaller."""
    return on_clothes(
        sgd_model,
        {"seed": seed, "learning_rate": learning_rate},
        seed,
        images,
        epochs,
        reduce=reduce,
    )


def dropout_name(rate) -> str:
    """The name of the recorded runs with this dropout rate."""
    return f"clothes_6000_dropout_{rate:.1f}"


def size_name(neurons, images) -> str:
    """The name of the recorded runs with so many hidden neurons and training pictures."""
    return f"clothes_{images}_neurons_{neurons}"


RECORDED = {
    "clothes_rmsprop": (partial(clothes, optimizer="rmsprop"), TEN_SEEDS),
    "clothes_adam": (partial(clothes, optimizer="adam"), TEN_SEEDS),
    "clothes_dropout_0.3": (partial(clothes, rate=0.3, epochs=100), TEN_SEEDS),
    "clothes_dropout_0.5": (partial(clothes, rate=0.5), TEN_SEEDS),
    **{
        dropout_name(rate): (partial(clothes, rate=rate, images=6000), TEN_SEEDS)
        for rate in DROPOUT_RATES
    },
    **{
        size_name(neurons, images): (
            partial(clothes_by_size, neurons=neurons, images=images),
            THREE_SEEDS,
        )
        for images in IMAGES
        for neurons in NEURONS
    },
    "clothes_deeper": (partial(clothes_deeper, first_rate=0.0, second_rate=0.0), TEN_SEEDS),
    "clothes_deeper_dropout": (partial(clothes_deeper, first_rate=0.5, second_rate=0.3), TEN_SEEDS),
    "clothes_6000_sgd": (clothes_sgd, TEN_SEEDS),
    "clothes_6000_sgd_reduced": (partial(clothes_sgd, reduce=REDUCE), TEN_SEEDS),
    "clothes_rmsprop_same_order": (
        partial(clothes, optimizer="rmsprop", same_order=True),
        TEN_SEEDS,
    ),
    "clothes_adam_same_order": (partial(clothes, optimizer="adam", same_order=True), TEN_SEEDS),
    "clothes_dropout_0.3_same_order": (partial(clothes, rate=0.3, same_order=True), TEN_SEEDS),
}
"""See `helpers.experiments.RECORDED`."""
