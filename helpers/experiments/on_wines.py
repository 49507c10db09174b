"""Trainings on the wine table: red or white?"""

from functools import partial

import keras

from ..datasets import load_wine
from ..seeding import set_random_seed
from .recipe import THREE_SEEDS, Experiment


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


RECORDED = {
    "wine": (wine, THREE_SEEDS),
    "wine_scaled": (partial(wine, scaled=True, epochs=600), THREE_SEEDS),
}
"""See `helpers.experiments.RECORDED`."""
