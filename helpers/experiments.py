"""The course's experiments: what is recorded, what a slider's button trains, what lessons train.

An experiment is written once, here. Its functions for the examples and the model are also what a
learner reads: `Experiment.code` prints them, ready to run in a notebook.
"""

import difflib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras

from .datasets import load_fashion_mnist, load_mnist_small, load_wine
from .models import model_fn
from .seeding import generator_kept, set_random_seed
from .training import fast_fit

TEN_SEEDS = tuple(range(42, 52))
THREE_SEEDS = TEN_SEEDS[:3]


@dataclass(frozen=True)
class Experiment:
    """One training, from the data to the last epoch, with one seed.

    The seed draws the first weights, what dropout drops and the order of the batches; and the rows,
    where rows are drawn.
    """

    seed: int
    load: Callable
    """Returns the data: a loader of the course."""
    examples: Callable
    """(data, **examples_with) -> x, y, x_val, y_val"""
    examples_with: dict
    model: Callable
    """(**model_with) -> the compiled model, with its first weights"""
    model_with: dict
    batch_size: int
    epochs: int
    patience: int | None = None
    """For Keras' EarlyStopping, if it takes part."""
    reduce: dict | None = None
    """For Keras' ReduceLROnPlateau, if it takes part: its arguments."""
    validated: bool = True
    """Whether the validation loss is measured after each epoch."""
    same_order: bool = False
    """Whether `fit` gets the arrays, and so repeats one order of the batches in every epoch."""
    tested: bool = False
    """Whether the test set is looked at, once, at the end."""

    def train(self, data=None, callbacks=()) -> keras.callbacks.History:
        """Train from scratch.

        No generator of the learner's is seeded or drawn from, unless the order is repeated.

        Args:
            data: what `load` returned, if it was called already.
            callbacks: more Keras callbacks; see `fast_fit` for which.

        Returns:
            The History; the trained model is its `.model`.
        """
        data = self.load() if data is None else data
        x, y, *validation = self.examples(data, **self.examples_with)
        with generator_kept():
            model = self.model(**self.model_with)
        arguments = {
            "epochs": self.epochs,
            "validation_data": tuple(validation) if self.validated else None,
            "callbacks": [*self.own_callbacks(), *callbacks],
        }
        if self.same_order:
            keras.utils.set_random_seed(self.seed)  # what draws the order is TensorFlow's generator
            return model.fit(x, y, batch_size=self.batch_size, verbose=0, **arguments)
        arguments |= {"batch_size": self.batch_size, "seed": self.seed}
        return fast_fit(model, x, y, validation_batch_size=1000, **arguments)

    def own_callbacks(self) -> list:
        """The callbacks that belong to the experiment, made anew."""
        return [
            getattr(keras.callbacks, name)(**arguments)
            for name, arguments in self._callbacks().items()
        ]

    def _callbacks(self):
        """The arguments of its callbacks, by the names of their classes."""
        given = {}
        if self.patience is not None:
            given["EarlyStopping"] = {"patience": self.patience}
        if self.reduce is not None:
            given["ReduceLROnPlateau"] = self.reduce
        return given

    def code(self) -> str:
        """The experiment as a notebook's code: `fit` in the open, nothing left out."""
        fit = [f"batches(x, y, batch_size={self.batch_size}, seed={self.seed})"]
        if self.same_order:
            fit = ["x, y", f"batch_size={self.batch_size}"]
        fit.append(f"epochs={self.epochs}")
        if self.validated:
            fit.append("validation_data=(x_val, y_val)")
        if self._callbacks():
            told = (_call(f"keras.callbacks.{name}", **a) for name, a in self._callbacks().items())
            fit.append(f"callbacks=[{', '.join(told)}]")
        lines = [
            f"from helpers import {', '.join(self._helpers())}",
            "",
            "import keras",
            "from keras.utils import set_random_seed",
            "",
            "",
            inspect.getsource(self.examples),
            "",
            inspect.getsource(self.model),
            "",
            f"data = {self.load.__name__}()",
            f"x, y, x_val, y_val = {_call(self.examples.__name__, 'data', **self.examples_with)}",
            f"model = {_call(self.model.__name__, **self.model_with)}",
            "history = model.fit(",
            *(f"    {argument}," for argument in [*fit, "verbose=0"]),
            ")",
        ]
        if self.tested:
            lines.append("model.evaluate(data.test_scaled, data.test_target, verbose=0)")
        return "\n".join(lines)

    def _helpers(self):
        names = [] if self.same_order else ["batches"]
        own = ["model_fn"] if "model_fn(" in inspect.getsource(self.model) else []
        return [*names, self.load.__name__, *own]


def _call(name, *arguments, **keywords):
    told = [*arguments, *(f"{name}={value!r}" for name, value in keywords.items())]
    return f"{name}({', '.join(told)})"


# --- clothes: Fashion-MNIST and the course's model -----------------------------------------------


def first_clothes(data, images):
    """The first so many training pictures, and all that validate."""
    return (
        data.train_scaled[:images],
        data.train_target[:images],
        data.val_scaled,
        data.val_target,
    )


def _on_clothes(model, model_with, seed, images, epochs, **more):
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
    return _on_clothes(
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
    return _on_clothes(sized_model, {"seed": seed, "neurons": neurons}, seed, images, epochs)


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
    return _on_clothes(
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
    return _on_clothes(
        sgd_model,
        {"seed": seed, "learning_rate": learning_rate},
        seed,
        images,
        epochs,
        reduce=reduce,
    )


# --- digits: MNIST small and a small network -----------------------------------------------------


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


# --- wine: red or white? -------------------------------------------------------------------------


def drawn_wines(table, seed, scaled):
    """975 wines drawn at random, no row twice: the first 653 train, the other 322 validate."""
    drawn = table.drop_duplicates().sample(n=975, random_state=seed).to_numpy("float32")
    x, y = drawn[:, :12], drawn[:, 12]
    if scaled:
        x = (x - x[:653].mean(axis=0)) / x[:653].std(axis=0)
    return x[:653], y[:653], x[653:], y[653:]


def wine_model(seed):
    """Three hidden layers, and one output: how sure the network is that the wine is red."""
    set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input(shape=(12,)),
            keras.layers.Dense(30, activation="relu"),
            keras.layers.Dense(12, activation="relu"),
            keras.layers.Dense(8, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"], steps_per_execution=2
    )
    return model


def wine(seed, scaled=False, epochs=3500):
    """The wine table without repeats, and a network that tells red from white."""
    return Experiment(
        seed=seed,
        load=load_wine,
        examples=drawn_wines,
        examples_with={"seed": seed, "scaled": scaled},
        model=wine_model,
        model_with={"seed": seed},
        batch_size=500,
        epochs=epochs,
    )


# --- by name ---------------------------------------------------------------------------------

DROPOUT_RATES = tuple(tenths / 10 for tenths in range(10))
NEURONS = (2, 8, 32, 128, 512)
IMAGES = (500, 2_000, 6_000, 24_000, 48_000)
REDUCE = {"factor": 0.3, "patience": 2, "min_lr": 0.0001}
LEARNING_RATES = (1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3, 0.7, 2.0, 7.0, 20.0, 100.0)


def dropout_name(rate) -> str:
    """The name of the recorded runs with this dropout rate."""
    return f"clothes_6000_dropout_{rate:.1f}"


def size_name(neurons, images) -> str:
    """The name of the recorded runs with so many hidden neurons and training pictures."""
    return f"clothes_{images}_neurons_{neurons}"


def learning_rate_name(rate) -> str:
    """The name of the recorded runs with this learning rate: ..._0.00001, not ..._1e-05."""
    return f"digits_learning_rate_{rate:f}".rstrip("0").rstrip(".")


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
    "digits_3000": (digits, THREE_SEEDS),
    "digits_patience_0": (partial(digits, patience=0), THREE_SEEDS),
    "digits_patience_30": (partial(digits, patience=30), THREE_SEEDS),
    **{
        learning_rate_name(rate): (partial(digits_learning_rate, learning_rate=rate), TEN_SEEDS)
        for rate in LEARNING_RATES
    },
    "wine": (wine, THREE_SEEDS),
    "wine_scaled": (partial(wine, scaled=True, epochs=600), THREE_SEEDS),
}
"""What is recorded: name -> what makes the experiment of a seed, and the seeds."""


def experiment(name, seed=42) -> Experiment:
    """The recorded experiment of that name, with any seed.

    Raises:
        ValueError: no experiment has that name.
    """
    if name not in RECORDED:
        near = difflib.get_close_matches(str(name), RECORDED, n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(f"no experiment is named {name!r}; {hint}there are {', '.join(RECORDED)}")
    return RECORDED[name][0](seed=seed)
