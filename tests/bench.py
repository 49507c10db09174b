"""How fast is a live training? Prints a table; it is a script, and no test.

    python tests/bench.py [--rounds 5]

Each row compares ways of doing the same training, taken in turn in one process, so that a slow
moment of the machine hits all of them. What counts is the median of the ratios.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from helpers import fast_fit, load_fashion_mnist, load_mnist_small, model_fn

import keras  # isort: skip  (after helpers, which load TensorFlow quietly)


def compiled(model, optimizer, **arguments):
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"], **arguments)
    return model


def fashion_model(**arguments):
    return compiled(model_fn(), "adam", **arguments)


def small_model(**arguments):
    layers = [keras.layers.Dense(2, activation="relu"), keras.layers.Dense(10, "softmax")]
    return compiled(keras.Sequential([keras.Input((784,)), *layers]), "sgd", **arguments)


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


def seconds(function):
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def epochs_of(fit, model, x, y, batch_size, epochs):
    """A warm training: a call trains some epochs and builds nothing."""
    run = {"epochs": epochs, "batch_size": batch_size}
    fit(model, x, y, **run)
    return lambda: fit(model, x, y, **run)


def plain_fit(model, *arguments, **keywords):
    return model.fit(*arguments, **keywords, verbose=0)


def fashion_epoch():
    data = load_fashion_mnist()
    x, y = data.train_scaled, data.train_target
    by_hand, flat = NumpyLoop(), x.reshape(len(x), -1)
    return {
        "plain fit": epochs_of(plain_fit, fashion_model(), x, y, 32, 3),
        "fast_fit": epochs_of(fast_fit, fashion_model(jit_compile=True), x, y, 32, 3),
        "without XLA": epochs_of(fast_fit, fashion_model(), x, y, 32, 3),
        "NumPy by hand": lambda: [by_hand.epoch(flat, y, 32) for _ in range(3)],
    }


def small_epochs():
    data = load_mnist_small()

    arguments = (data.train_scaled, data.train_target, 10, 100)
    return {
        "plain fit": epochs_of(plain_fit, small_model(), *arguments),
        "fast_fit": epochs_of(fast_fit, small_model(jit_compile=True), *arguments),
        "without XLA": epochs_of(fast_fit, small_model(), *arguments),
    }


def train_it_here():
    data = load_fashion_mnist()
    x, y = data.train_scaled[:6000], data.train_target[:6000]
    rates = iter(np.linspace(0.1, 0.6, 1000))

    def train(fit):
        model = compiled(model_fn(keras.layers.Dropout(next(rates))), "adam")
        fit(model, x, y, epochs=20, validation_data=(data.val_scaled, data.val_target))

    return {"plain fit": lambda: train(plain_fit), "fast_fit": lambda: train(fast_fit)}


BENCHES = {
    "Fashion-MNIST, 48,000 images, batch 32: three epochs": fashion_epoch,
    "MNIST small, batch 10: 100 epochs": small_epochs,
    "Train it here: new model, 20 epochs on 6,000 images": train_it_here,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="part of a row's title")
    options = parser.parse_args()
    rounds = options.rounds
    for title, prepare in BENCHES.items():
        if options.only not in title:
            continue
        ways = prepare()
        taken = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                taken[name].append(seconds(way))
        print(title)
        for name, times in taken.items():
            ratios = [mine / ours for mine, ours in zip(times, taken["fast_fit"], strict=True)]
            print(
                f"  {name:14} {statistics.median(times):8.3f} s   "
                f"{statistics.median(ratios):6.2f} x fast_fit",
                flush=True,
            )


if __name__ == "__main__":
    main()
