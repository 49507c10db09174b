"""The bench: methods against overfitting, compared once and for all on pictures of their own."""

import io

import numpy as np
import pandas as pd

from .data_files import ROOT, read_whole

PATH = ROOT / "data" / "bench" / "regularization.csv"

PLAIN = "none"
"""The row that the others are compared with."""


def load_bench(each_seed=False) -> pd.DataFrame:
    """Read what `python -m helpers.authoring.bench` measured.

    Every network trained on the same 6,000 pictures of Fashion-MNIST for 40 epochs (with early
    stopping for fewer), began with the same weights for a seed, and saw the same batches. The
    strengths were chosen on the validation pictures alone. What is told here was measured once, on
    12,000 other pictures, which neither trained nor validated and are not the test set.

    Args:
        each_seed: whether to return the single runs instead.

    Returns:
        A DataFrame with a row a method, the plain network, "none", first:

        - `strength`: as text.
        - `end`, `end_low`, `end_high`: the cross-entropy without penalty of the weights that the
          training leaves, mean, lowest and highest over the seeds; with early stopping these are
          the weights it restores.
        - `kept`, `kept_low`, `kept_high`: the same of the weights of the epoch with the lowest
          validation cross-entropy.
        - `accuracy`, `kept_accuracy`: of both, mean.
        - `seconds`: of the processor's time for an epoch with its validation, the median over
          epochs and then over seeds, and `times` what that is in epochs of "none" with the same
          seed, the median over the seeds.
        - `end_wins`, `kept_wins`: with how many seeds it is below "none" with the same seed.
        - `seeds`: how many there are.

        Or, for each seed, the columns `method`, `strength`, `seed`, `end`, `accuracy`, `kept`,
        `kept_accuracy`, `kept_epoch`, `val_end`, `val_kept` (validation cross-entropy of the same
        weights), `epochs` (trained) and `seconds` (of an epoch).

    Raises:
        FileNotFoundError: the file is missing, or the SHA256SUMS beside it.
        ValueError: one of them is damaged.
        OSError: one of them can't be read.
    """
    text = read_whole(PATH).decode()
    runs = pd.read_csv(
        io.StringIO(text), dtype={"strength": str}, keep_default_na=False, na_values=[""]
    )
    return runs if each_seed else compared(runs)


def compared(runs) -> pd.DataFrame:
    """The means, bands and wins of runs, in the form of `load_bench`.

    Args:
        runs: a DataFrame as `load_bench(each_seed=True)` returns it.

    Raises:
        ValueError: there is no row "none", or a method lacks a seed that "none" has.
    """
    by_seed = runs.set_index(["method", "seed"])
    if PLAIN not in by_seed.index.get_level_values("method"):
        raise ValueError(f"the runs have no method {PLAIN!r}, with which the others are compared")
    plain = by_seed.loc[PLAIN]
    rows = {}
    for method in runs["method"].unique():
        own = by_seed.loc[method]
        if set(own.index) != set(plain.index):
            raise ValueError(f"{method!r} has other seeds than {PLAIN!r}")
        beside = plain.loc[own.index]
        rows[method] = {
            "strength": own["strength"].iloc[0],
            **_band("end", own["end"]),
            **_band("kept", own["kept"]),
            "accuracy": own["accuracy"].mean(),
            "kept_accuracy": own["kept_accuracy"].mean(),
            "seconds": own["seconds"].median(),
            "times": float(np.median(own["seconds"] / beside["seconds"])),
            "end_wins": int((own["end"] < beside["end"]).sum()),
            "kept_wins": int((own["kept"] < beside["kept"]).sum()),
            "seeds": len(own),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def _band(name, values):
    values = values.to_numpy()  # for which a run that diverged, nan, is not left out
    return {name: values.mean(), f"{name}_low": values.min(), f"{name}_high": values.max()}
