"""A training from the data to the last epoch, as one recipe: to train, or to read as code."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import keras

from ..seeding import generator_kept
from ..training import fast_fit

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
    stopping: dict = field(default_factory=dict)
    """More arguments for it."""
    reduce: dict | None = None
    """For Keras' ReduceLROnPlateau, if it takes part: its arguments."""
    validated: bool = True
    """Whether the validation loss is measured after each epoch."""
    same_order: bool = False
    """Whether `fit` gets the arrays, and so repeats one order of the batches in every epoch."""
    tested: bool = False
    """Whether the test set is looked at, once, at the end."""
    measure_training: Callable | None = None
    """Makes a callback from (x, y), which measures after each epoch what trained: a class."""
    measure_model: Callable | None = None
    """(trained model) -> dict of what is recorded of it, beside its history."""
    needs: tuple = ()
    """What of the course the model is made of: classes, whose code is the reader's too."""

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
            "callbacks": [*self.own_callbacks(x, y), *callbacks],
        }
        if self.same_order:
            keras.utils.set_random_seed(self.seed)  # what draws the order is TensorFlow's generator
            return model.fit(x, y, batch_size=self.batch_size, verbose=0, **arguments)
        arguments |= {"batch_size": self.batch_size, "seed": self.seed}
        return fast_fit(model, x, y, validation_batch_size=1000, **arguments)

    def own_callbacks(self, x, y) -> list:
        """The callbacks that belong to the experiment, made anew.

        Args:
            x, y: what it trains on.
        """
        measure = [self.measure_training(x, y)] if self.measure_training else []
        return measure + [
            getattr(keras.callbacks, name)(**arguments)
            for name, arguments in self._callbacks().items()
        ]

    def _callbacks(self):
        """The arguments of its callbacks, by the names of their classes."""
        given = {}
        if self.patience is not None:
            given["EarlyStopping"] = {"patience": self.patience, **self.stopping}
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
        told = [_call(f"keras.callbacks.{name}", **a) for name, a in self._callbacks().items()]
        needs = list(self.needs)
        if self.measure_training:
            told.insert(0, _call(self.measure_training.__name__, "x", "y"))
            needs.insert(0, self.measure_training)
        if told:
            fit.append(f"callbacks=[{', '.join(told)}]")
        lines = [
            f"from helpers import {', '.join(self._helpers())}",
            "",
            "import keras",
            "from keras.utils import set_random_seed",
            "",
            "",
            *(f"{inspect.getsource(made)}\n" for made in [*needs, self.examples]),
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
