"""How repeating one order of the batches, as `fit` on arrays does after a seed, changes a curve.

    python -m helpers.authoring.compare_orders            the table, from the recordings
    python -m helpers.authoring.compare_orders --record   train all of its runs first: half an hour

The same trainings with the same ten seeds, once given to `fit` as arrays and once dealt anew in
each epoch by `batches`: rmsprop, adam, and adam with dropout 0.3; 20 epochs on 48,000 pictures.
"""

import argparse

import numpy as np
import pandas as pd

from ..experiments import RECORDED
from ..recordings import load_recording
from . import record

EPOCHS = 20
NAMES = ("clothes_rmsprop", "clothes_adam", "clothes_dropout_0.3")


def table(names=NAMES) -> pd.DataFrame:
    """Both ways side by side: a row for a training and a way, columns as told by `summary`."""
    rows = {}
    for name in names:
        for way, recorded in (("repeated", f"{name}_same_order"), ("dealt anew", name)):
            seeds = RECORDED[recorded][1]
            rows[name, way] = summary([load_recording(recorded, s).history for s in seeds])
    return pd.DataFrame.from_dict(rows, orient="index")


def summary(runs) -> dict:
    """The validation loss of several runs over their first 20 epochs, each as "lowest to highest".

    Args:
        runs: a history each, with a `val_loss` of at least 20 epochs.
    """
    losses = np.array([run["val_loss"][:EPOCHS] for run in runs])
    return {
        "seeds": len(runs),
        "lowest": _span(losses.min(axis=1)),
        "in epoch": _span(losses.argmin(axis=1), "d"),
        "at the end": _span(losses[:, -1]),
        "rise, mean": f"{(losses[:, -1] - losses.min(axis=1)).mean():.3f}",
    }


def _span(values, form=".3f"):
    return f"{values.min():{form}} to {values.max():{form}}, mean {values.mean():.3g}"


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--record", action="store_true", help="train all runs anew first")
    if parser.parse_args(arguments).record:
        record.main([*NAMES, *(f"{name}_same_order" for name in NAMES)])
    print(table().to_string())


if __name__ == "__main__":
    main()
