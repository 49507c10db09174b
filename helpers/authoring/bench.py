"""Compare methods against overfitting: python -m helpers.authoring.bench (about 15 minutes).

1. The strength of each method is chosen from its recorded runs, on the validation pictures: the one
   with the lowest cross-entropy, mean over the seeds, of the weights that the training leaves. So
   it is chosen by the end of the runs: their lowest points differ little between strengths, so
   that choosing by them would be choosing by chance. Of equals the weaker one is taken. Two
   combinations join, chosen alike: dropout 0.3 with the two methods, at their strengths, that it
   does best with. (Other pairs are recorded too; the bench doesn't look for the best of all.)
2. Each is trained anew with five seeds: the same start, pictures and batches for all with a seed.
3. Each network is judged once, on 12,000 training pictures that neither trained nor validated.

The runs are written to `data/bench/`, where `load_bench` reads them.
"""

import time

import keras
import numpy as np
import pandas as pd

from ..bench import PATH, PLAIN, compared
from ..data_files import note_sum
from ..datasets import load_fashion_mnist
from ..experiments.recipe import THREE_SEEDS
from ..experiments.regularized import EPOCHS, IMAGES, SECOND, STRENGTHS, regularized
from ..files import replace_file
from ..regularization import LABELS, PATIENCES, RegularizedRuns, chosen, strength_text

SEEDS = (42, 43, 44, 45, 46)
JOINED = {"dropout": SECOND["dropout"]}
"""What the combinations are made with: of SECOND the best known one, which lesson 04 teaches."""
JUDGED = slice(6_000, 18_000)
"""Which of the training pictures judge. Those before them train, and others validate."""


class Watch(keras.callbacks.Callback):
    """Keep the weights of the epoch with the lowest validation cross-entropy, and take the time.

    It is the processor's time, in which other programs that run meanwhile don't count. The clock
    stops with the validation, before callbacks measure what no training needs.
    """

    def on_train_begin(self, logs=None):
        self.lowest, self.epoch, self.weights = np.inf, 0, self.model.get_weights()
        self.seconds = []

    def on_epoch_begin(self, epoch, logs=None):
        self._begun = time.process_time()

    def on_test_end(self, logs=None):
        self.seconds.append(time.process_time() - self._begun)

    def on_epoch_end(self, epoch, logs=None):
        if logs["val_cross_entropy"] < self.lowest:
            self.lowest, self.epoch = logs["val_cross_entropy"], epoch
            self.weights = self.model.get_weights()


def choices(recorded) -> list:
    """What is compared: the plain network, each method with its best strength, two combinations.

    Args:
        recorded: a `RegularizedRuns`.
    """
    alone = [
        *([chosen(**{name: value}) for value in values] for name, values in STRENGTHS.items()),
        [chosen(patience=patience) for patience in PATIENCES],
    ]
    pairs = [
        [chosen(**{name: value, **JOINED}) for value in values]
        for name, values in STRENGTHS.items()
        if name not in JOINED
    ]
    best = sorted((_best(recorded, kind) for kind in pairs), key=lambda one: _left(recorded, one))
    return [chosen(), *(_best(recorded, kind) for kind in alone), *best[:2]]


def _best(recorded, choices):
    return min(choices, key=lambda one: _left(recorded, one))


def _left(recorded, choice):
    """The validation cross-entropy of the weights that a choice leaves, mean over the seeds."""
    return np.mean(list(recorded.what_is_left(choice).values()))


def told(choice) -> tuple:
    """A choice's methods and their strengths, as two texts."""
    parts = list(choice.methods)
    if choice.patience is not None:
        parts.append(("patience", choice.patience))
    methods = " + ".join(LABELS[name] for name, _ in parts)
    return methods or PLAIN, " + ".join(strength_text(*part) for part in parts) or "–"


def run(choice, seed, data, judged=JUDGED, images=IMAGES, epochs=EPOCHS) -> dict:
    """Train a choice with a seed, and judge it: a row of `load_bench(each_seed=True)`.

    Args:
        choice: a `Chosen`.
        data: what `load_fashion_mnist` returned.
        judged: which of its training pictures judge, a slice that begins behind those that train.
    """
    if judged.start < images:
        raise ValueError("pictures that train must not judge")
    x, y = data.train_scaled[judged], data.train_target[judged]
    watch = Watch()
    experiment = regularized(
        seed, images=images, epochs=epochs, patience=choice.patience, **dict(choice.methods)
    )
    history = experiment.train(data, [watch])
    model = history.model
    end, accuracy = judge(model, x, y)
    column = history.history["val_cross_entropy"]
    val_end = min(column) if choice.patience is not None else column[-1]
    model.set_weights(watch.weights)
    kept, kept_accuracy = judge(model, x, y)
    methods, strength = told(choice)
    return {
        "method": methods,
        "strength": strength,
        "seed": seed,
        "end": end,
        "accuracy": accuracy,
        "kept": kept,
        "kept_accuracy": kept_accuracy,
        "kept_epoch": watch.epoch,
        "val_end": val_end,
        "val_kept": watch.lowest,
        "epochs": len(column),
        "seconds": float(np.median(watch.seconds[1:])),
    }


def judge(model, x, y) -> tuple:
    """The cross-entropy without penalty, and the accuracy, of a model on pictures."""
    predicted = model(x, training=False)
    loss = keras.losses.sparse_categorical_crossentropy(y, predicted)
    right = np.argmax(predicted, axis=1) == y
    return float(keras.ops.mean(loss)), float(right.mean())


def main():
    data, rows = load_fashion_mnist(), []
    contenders = choices(RegularizedRuns(THREE_SEEDS))
    for seed in SEEDS:
        for choice in contenders:
            rows.append(run(choice, seed, data))
            print(rows[-1], flush=True)
    write(rows)


def write(rows):
    """Write the runs, with their checksum, and print what comes out."""
    runs = pd.DataFrame(rows)
    PATH.parent.mkdir(parents=True, exist_ok=True)
    replace_file(PATH, runs.to_csv(index=False, lineterminator="\n"))
    note_sum(PATH)
    print(compared(runs).round(3).to_string())


if __name__ == "__main__":
    main()
