"""How fast is a live training? Prints a table; it is a script, and no test.

    python tests/benchmarks/training.py [--rounds 5] [--before FOLDER]

Each row compares ways of doing the same training, taken in turn in one process, so that a slow
moment of the machine hits all of them. What counts is the median of the ratios. With `--before`,
the fast_fit of another checkout of the project takes part.
"""

import argparse
import importlib.util
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from helpers import batches, fast_fit, load_fashion_mnist, load_mnist_small, model_fn

import keras  # isort: skip  (after helpers, which load TensorFlow quietly)


def compiled(model, optimizer, **arguments):
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **arguments)
    return model


def fashion_model(**arguments):
    return compiled(model_fn(), "adam", **arguments)


def small_model(**arguments):
    layers = [keras.layers.Dense(2, activation="relu"), keras.layers.Dense(10, "softmax")]
    return compiled(keras.Sequential([keras.Input((784,)), *layers]), "sgd", **arguments)


def fast_fit_of(folder):
    """The fast_fit of the project in another folder."""
    package = Path(folder, "helpers")
    spec = importlib.util.spec_from_file_location(
        "before", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    sys.modules["before"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["before"])
    return sys.modules["before"].fast_fit


class NumpyLoop:
    """The course's model and Adam written out by hand, float32: forward, backward, update."""

    def __init__(self):
        self.weights = [weight.astype("float32") for weight in model_fn().get_weights()]
        self.first = [np.zeros_like(weight) for weight in self.weights]
        self.second = [np.zeros_like(weight) for weight in self.weights]
        self.step = 0

    def epoch(self, x, y, batch_size):
        order = np.random.permutation(len(x))
        total = right = 0.0
        for begin in range(0, len(x), batch_size):
            rows = order[begin : begin + batch_size]
            loss, hits = self.train_step(x[rows], y[rows])
            total, right = total + loss, right + hits
        return total / len(x), right / len(x)

    def train_step(self, x, y):
        w1, b1, w2, b2 = self.weights
        hidden = np.maximum(x @ w1 + b1, 0)
        logits = hidden @ w2 + b2
        logits -= logits.max(axis=1, keepdims=True)
        probabilities = np.exp(logits)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        rows = np.arange(len(x))
        loss = -np.log(probabilities[rows, y] + 1e-7).sum()
        hits = (probabilities.argmax(axis=1) == y).sum()
        slope = probabilities
        slope[rows, y] -= 1
        slope /= len(x)
        slope_hidden = (slope @ w2.T) * (hidden > 0)
        gradients = [x.T @ slope_hidden, slope_hidden.sum(0), hidden.T @ slope, slope.sum(0)]
        self.adam(gradients)
        return loss, hits

    def adam(self, gradients, rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        self.step += 1
        alpha = np.float32(rate * np.sqrt(1 - beta_2**self.step) / (1 - beta_1**self.step))
        parts = zip(self.weights, self.first, self.second, gradients, strict=True)
        for weight, first, second, gradient in parts:
            first += (gradient - first) * np.float32(1 - beta_1)
            second += (gradient * gradient - second) * np.float32(1 - beta_2)
            weight -= alpha * first / (np.sqrt(second) + np.float32(epsilon))


class Ends(keras.callbacks.Callback):
    """Keeps when each epoch ended."""

    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_epoch_end(self, epoch, logs=None):
        self.seconds.append(time.perf_counter())


def an_epoch(fit, model, x, y, batch_size, epochs):
    """Seconds for an epoch, without the first, which builds the graph."""
    ends = Ends()
    fit(model(), x, y, batch_size=batch_size, epochs=epochs + 1, callbacks=[ends])
    return (ends.seconds[-1] - ends.seconds[0]) / epochs


def plain_fit(model, *arguments, **keywords):
    return model.fit(*arguments, **keywords, verbose=0)


def fit_of_a_lesson(model, x, y, batch_size=32, **keywords):
    model.steps_per_execution = 100
    return model.fit(batches(x, y, batch_size), **keywords, verbose=0)


def epochs_of(model, x, y, batch_size, epochs, before):
    """Ways to train epochs: name -> function that returns the seconds of one."""

    def way(fit, **arguments):
        def build():
            return model(**arguments)

        return lambda: an_epoch(fit, build, x, y, batch_size, epochs)

    ways = {
        "plain fit": way(plain_fit),
        "fit of a lesson": way(fit_of_a_lesson),
        "fast_fit": way(fast_fit),
        "fast_fit, XLA": way(fast_fit, jit_compile=True),
    }
    if before:
        ways |= {"before": way(before), "before, XLA": way(before, jit_compile=True)}
    return ways


def fashion_epoch(before):
    data = load_fashion_mnist()
    x, y = data.train_scaled, data.train_target
    by_hand, flat = NumpyLoop(), x.reshape(len(x), -1)

    def numpy_epoch():
        begun = time.perf_counter()
        by_hand.epoch(flat, y, 32)
        return time.perf_counter() - begun

    return {**epochs_of(fashion_model, x, y, 32, 3, before), "NumPy by hand": numpy_epoch}


def small_epoch(before):
    data = load_mnist_small()
    return epochs_of(small_model, data.train_scaled, data.train_target, 10, 100, before)


def train_it_here(before):
    data = load_fashion_mnist()
    x, y = data.train_scaled[:6000], data.train_target[:6000]
    firsts = {}

    def train(name, fit, **arguments):
        model = compiled(model_fn(keras.layers.Dropout(0.3)), "adam")
        ends = Ends()
        validation = (data.val_scaled, data.val_target)
        begun = time.perf_counter()
        fit(model, x, y, epochs=20, validation_data=validation, callbacks=[ends], **arguments)
        firsts.setdefault(name, []).append(ends.seconds[0] - begun)
        return time.perf_counter() - begun

    def way(name, *arguments, **keywords):
        def timed():
            seconds = train(name, *arguments, **keywords)
            print(f"    {name}: first epoch after {statistics.median(firsts[name]):.2f} s")
            return seconds

        return timed

    ways = {
        "plain fit": way("plain fit", plain_fit),
        "fast_fit": way("fast_fit", fast_fit, validation_batch_size=1000),
    }
    return {**ways, "before": way("before", before)} if before else ways


BENCHES = {
    "Fashion-MNIST, 48,000 images, batch 32: an epoch": fashion_epoch,
    "MNIST small, batch 10: an epoch": small_epoch,
    "Train it here: new model, 20 epochs on 6,000 images, first to last": train_it_here,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="part of a row's title")
    parser.add_argument("--before", help="a folder with another checkout of the project")
    options = parser.parse_args()
    before = fast_fit_of(options.before) if options.before else None
    for title, prepare in BENCHES.items():
        if options.only not in title:
            continue
        ways = prepare(before)
        taken = {name: [] for name in ways}
        for _ in range(options.rounds):
            for name, way in ways.items():
                taken[name].append(way())
        print(title)
        for name, times in taken.items():
            ratios = [mine / ours for mine, ours in zip(times, taken["fast_fit"], strict=True)]
            print(
                f"  {name:16} {statistics.median(times):9.4f} s   "
                f"{statistics.median(ratios):6.2f} x fast_fit",
                flush=True,
            )


if __name__ == "__main__":
    main()
