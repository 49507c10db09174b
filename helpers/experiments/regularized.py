"""Trainings on Fashion-MNIST with methods against overfitting, one of them or two at once.

What they are compared by is the cross-entropy without any penalty, with nothing dropped and no
picture moved. So their histories hold, beside what `fit` logs for each epoch:

- `loss`, `val_loss`: what the training makes small, the penalty included; `loss` is a mean over the
  epoch, while dropout and the moving of pictures were on.
- `cross_entropy`, `accuracy`: of the pictures that train, measured after the epoch as the others
  are (see `MeasureTraining`).
- `val_cross_entropy`, `val_accuracy`: of the pictures that validate.
"""

import itertools
from functools import partial

import keras
import numpy as np

from ..datasets import load_fashion_mnist
from ..models import model_fn
from ..seeding import set_random_seed
from ..wording import decimal
from .on_clothes import first_clothes
from .recipe import THREE_SEEDS, Experiment

IMAGES, EPOCHS = 6_000, 40

STRENGTHS = {
    "l2": (0.0001, 0.001, 0.01, 0.1),
    "l1": (0.00001, 0.0001, 0.001, 0.01),
    "activity_l1": (0.001, 0.01, 0.1, 1.0),
    "max_norm": (4.0, 2.0, 1.0, 0.5),
    "dropout": (0.1, 0.3, 0.5, 0.9),
    "shift": (1, 2, 4, 8),
    "decay": (0.01, 0.1, 1.0, 10.0),
}
"""What is recorded of each method, from the weakest to the strongest; see `regularized_model`."""

SECOND = {"dropout": 0.3, "shift": 1}
"""The methods that are recorded beside another one, each with the one strength it has there."""

STOPPING = {"monitor": "val_cross_entropy", "mode": "min", "restore_best_weights": True}
"""What early stopping is told, beside its patience."""

WEIGHT_EDGES = np.linspace(-0.5, 0.5, 51)
"""The edges of the 50 bins in which the weights of the hidden layer are counted."""


class MeasureTraining(keras.callbacks.Callback):
    """Measure the training pictures after each epoch as the validation is: with nothing dropped."""

    def __init__(self, x, y):
        super().__init__()
        self.x, self.y = x, y

    def on_epoch_end(self, epoch, logs=None):
        predicted = self.model(self.x, training=False)
        loss = keras.losses.sparse_categorical_crossentropy(self.y, predicted)
        right = keras.ops.argmax(predicted, axis=1) == self.y
        logs["cross_entropy"] = float(keras.ops.mean(loss))
        logs["accuracy"] = float(keras.ops.mean(right))


class ActivityL1(keras.layers.Layer):
    """Add to the loss: the sum of a picture's activations, times a strength.

    `activity_regularizer=L1(strength)` means this. But from Keras 3.0 to 3.13 it adds up the
    pictures of a batch too, and so is 32 times as strong with 32 of them.
    """

    def __init__(self, strength):
        super().__init__()
        self.strength = strength

    def call(self, activations):
        of_each = keras.ops.sum(keras.ops.abs(activations), axis=-1)
        self.add_loss(self.strength * keras.ops.mean(of_each))
        return activations


def regularized_model(
    seed, l2=0, l1=0, activity_l1=0, max_norm=None, dropout=0, shift=None, decay=None
):
    """The course's model with brakes. It starts with the same weights whatever they are."""
    set_random_seed(seed)
    start = model_fn().get_weights()
    set_random_seed(seed)
    on_weights = {
        "kernel_regularizer": keras.regularizers.L1L2(l1, l2) if l1 or l2 else None,
        "kernel_constraint": keras.constraints.MaxNorm(max_norm) if max_norm else None,
    }
    layers = [keras.Input(shape=(28, 28))]
    if shift is not None:  # by so many pixels at most, up or down and to a side, and flipped or not
        layers += [
            keras.layers.Reshape((28, 28, 1)),
            keras.layers.RandomTranslation(
                shift / 28, shift / 28, fill_mode="constant", interpolation="nearest"
            ),
            keras.layers.RandomFlip("horizontal"),
        ]
    layers += [
        keras.layers.Flatten(),
        keras.layers.Dense(100, activation="relu", **on_weights),
    ]
    if activity_l1:
        layers.append(ActivityL1(activity_l1))
    if dropout:
        layers.append(keras.layers.Dropout(dropout))
    layers.append(keras.layers.Dense(10, activation="softmax", **on_weights))
    model = keras.Sequential(layers)
    model.set_weights(start)
    model.compile(
        optimizer="adam" if decay is None else keras.optimizers.AdamW(weight_decay=decay),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy(name="cross_entropy")],
        steps_per_execution=100,
    )
    return model


def measured_weights(model) -> dict:
    """What is kept of the hidden layer's weights after the last epoch.

    Returns:
        `weights`, a list of 50 counts, one for each bin of WEIGHT_EDGES; `beyond`, how many weights
        lie below and above all bins; and `norms`, for each of the 100 neurons the length of the
        vector of its 784 incoming weights, rounded to four decimals.
    """
    weights = model_weights(model)
    counts, _ = np.histogram(weights, WEIGHT_EDGES)
    beyond = (weights < WEIGHT_EDGES[0]).sum(), (weights > WEIGHT_EDGES[-1]).sum()
    norms = np.sqrt((weights.astype(np.float64) ** 2).sum(axis=0))
    return {
        "weights": counts.tolist(),
        "beyond": [int(count) for count in beyond],
        "norms": norms.round(4).tolist(),
    }


def model_weights(model):
    """The incoming weights of the hidden neurons: float32 of shape (784, 100)."""
    return next(
        layer for layer in model.layers if isinstance(layer, keras.layers.Dense)
    ).get_weights()[0]


def regularized(seed, epochs=EPOCHS, images=IMAGES, patience=None, **methods):
    """Fashion-MNIST, few pictures, and these methods with their strengths, none of them or more.

    Args:
        patience: of early stopping, which watches STOPPING's value; None for no stop.
        **methods: of STRENGTHS, name -> strength.
    """
    return Experiment(
        seed=seed,
        load=load_fashion_mnist,
        examples=first_clothes,
        examples_with={"images": images},
        model=regularized_model,
        model_with={"seed": seed, **methods},
        batch_size=32,
        epochs=epochs,
        patience=patience,
        stopping=STOPPING if patience is not None else {},
        measure_training=MeasureTraining,
        measure_model=measured_weights,
        needs=(ActivityL1,) if "activity_l1" in methods else (),
    )


def regularized_name(methods) -> str:
    """The name of the recorded runs with these methods: regularized_l2_0.001_dropout_0.3.

    Args:
        methods: name -> strength, in any order.
    """
    told = [f"_{name}_{decimal(methods[name])}" for name in STRENGTHS if name in methods]
    return "regularized" + ("".join(told) or "_none")


def recorded_methods() -> list:
    """What is recorded: dicts, name -> strength. None, each alone, and each with one of SECOND.

    Where both are of SECOND the pair comes twice, with one name.
    """
    alone = [{name: strength} for name, values in STRENGTHS.items() for strength in values]
    pairs = [
        one | {name: strength}
        for one, (name, strength) in itertools.product(alone, SECOND.items())
        if name not in one
    ]
    return [{}, *alone, *pairs]


RECORDED = {
    regularized_name(methods): (partial(regularized, **methods), THREE_SEEDS)
    for methods in recorded_methods()
}
"""See `helpers.experiments.RECORDED`."""
