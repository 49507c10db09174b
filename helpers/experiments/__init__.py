"""The course's experiments: what is recorded, what a slider's button trains, what lessons train.

An experiment is written once, in a module of this package. Its functions for the examples and the
model are also what a learner reads: `Experiment.code` prints them, ready to run in a notebook.
"""

import difflib

from . import on_clothes, on_digits, on_wines, regularized
from .recipe import Experiment

RECORDED = on_clothes.RECORDED | on_digits.RECORDED | on_wines.RECORDED | regularized.RECORDED
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
