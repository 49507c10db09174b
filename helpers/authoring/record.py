"""Train the runs that lessons read as recordings, and write them to `data/recordings/`.

python -m helpers.authoring.record                     all of them, about half an hour
python -m helpers.authoring.record fashion_adam wine_3500    only these
"""

import argparse
import datetime
import platform
import time
from importlib.metadata import version
from typing import NamedTuple

import keras
import tensorflow as tf

from ..datasets import load_fashion_mnist, load_mnist_small, load_wine
from ..models import model_fn
from ..recordings import FOLDER, Recording, write_recording

SEEDS = (42, 43, 44)
PACKAGES = ("tensorflow", "keras", "numpy", "pandas")


class Run(NamedTuple):
    """A trained run: what `fit` returned, the line that made it, and what `evaluate` said after."""

    history: keras.callbacks.History
    code: str
    evaluation: dict


def fashion(seed, optimizer="adam", rate=None, epochs=20, images=48_000):
    """The course's model on Fashion-MNIST; every run of a seed has the same start and batches."""
    data = load_fashion_mnist()
    keras.utils.set_random_seed(seed)
    start = model_fn().get_weights()
    keras.utils.set_random_seed(seed)
    model = model_fn(None if rate is None else keras.layers.Dropout(rate))
    model.set_weights(start)
    model.compile(
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=100,
    )
    history = model.fit(
        data.train_scaled[:images],
        data.train_target[:images],
        epochs=epochs,
        validation_data=(data.val_scaled, data.val_target),
        verbose=0,
    )
    part = "" if images == 48_000 else f"[:{images}]"
    code = (
        f"history = model.fit(train_scaled{part}, train_target{part}, epochs={epochs}, "
        "validation_data=(val_scaled, val_target))"
    )
    return Run(history, code, {})


def mnist_small(seed, epochs, callbacks=()):
    """A small network on 700 digits, with the test set looked at once, at the end."""
    data = load_mnist_small()
    keras.utils.set_random_seed(seed)
    train = tf.data.Dataset.from_tensor_slices((data.train_scaled, data.train_target))
    train_batches = train.cache().shuffle(700, seed=seed).batch(10)
    val_batches = tf.data.Dataset.from_tensor_slices((data.val_scaled, data.val_target)).batch(300)
    model = keras.Sequential(
        [
            keras.Input(shape=(784,)),
            keras.layers.Dense(2, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer="sgd",
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=70,
    )
    history = model.fit(
        train_batches,
        epochs=epochs,
        validation_data=val_batches.cache(),
        shuffle=False,
        callbacks=list(callbacks),
        verbose=0,
    )
    test = model.evaluate(data.test_scaled, data.test_target, return_dict=True, verbose=0)
    patience = "".join(f", callbacks=[EarlyStopping(patience={c.patience})]" for c in callbacks)
    code = (
        f"history = model.fit(train_batches, epochs={epochs}, validation_data=val_batches, "
        f"shuffle=False{patience})"
    )
    return Run(history, code, {"test": test})


def mnist_small_patience(seed, patience):
    """The same network, stopped by EarlyStopping."""
    return mnist_small(seed, 3000, [keras.callbacks.EarlyStopping(patience=patience)])


def wine(seed, epochs=3500):
    """Red or white, from a draw of 975 wines."""
    sample = load_wine().sample(frac=0.15, random_state=seed)
    keras.utils.set_random_seed(seed)
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
    history = model.fit(
        sample.iloc[:, :12].to_numpy("float32"),
        sample.iloc[:, 12].to_numpy("float32"),
        batch_size=500,
        epochs=epochs,
        validation_split=0.33,
        verbose=0,
    )
    code = f"history = model.fit(x, y, batch_size=500, epochs={epochs}, validation_split=0.33)"
    return Run(history, code, {})


EXPERIMENTS = {
    "fashion_rmsprop": (fashion, {"optimizer": "rmsprop"}),
    "fashion_adam": (fashion, {}),
    "fashion_dropout_0.5": (fashion, {"rate": 0.5}),
    "fashion_dropout_0.3_100": (fashion, {"rate": 0.3, "epochs": 100}),
    **{
        f"fashion_6000_dropout_{tenths / 10}": (fashion, {"rate": tenths / 10, "images": 6_000})
        for tenths in range(10)
    },
    "mnist_small_3000": (mnist_small, {"epochs": 3000}),
    "mnist_small_patience_0": (mnist_small_patience, {"patience": 0}),
    "mnist_small_patience_30": (mnist_small_patience, {"patience": 30}),
    "wine_3500": (wine, {}),
}


def record(name, seed) -> Recording:
    """Train the experiment `name` with `seed` from scratch."""
    function, arguments = EXPERIMENTS[name]
    run = function(seed, **arguments)
    return Recording(
        name=name,
        seed=seed,
        code=run.code,
        history={key: [float(v) for v in column] for key, column in run.history.history.items()},
        evaluation={
            part: {k: float(v) for k, v in e.items()} for part, e in run.evaluation.items()
        },
        versions={"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        processor=_processor(),
        date=datetime.date.today().isoformat(),
    )


def _processor():
    """The processor's model name, where the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [
                line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
            ]
    except OSError:
        names = []
    name = names[0] if names else platform.processor() or "unknown"
    return f"{name} ({platform.machine()}, {platform.system()})"


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(EXPERIMENTS)}")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.names if name not in EXPERIMENTS]
    if unknown:
        parser.error(
            f"no experiment named {', '.join(unknown)}; there are {', '.join(EXPERIMENTS)}"
        )
    for name in chosen.names or EXPERIMENTS:
        for seed in chosen.seeds:
            begun = time.monotonic()
            path = write_recording(record(name, seed))
            seconds = time.monotonic() - begun
            print(f"{path.relative_to(FOLDER.parent.parent)}  {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
