"""Judges a learning rate by the training losses that it led to."""

import math
from collections import Counter

import numpy as np

from .goals import Goal
from .recorded_runs import off_the_axis
from .wording import decimal

GUESSING = math.log(10)
"""The loss of a network that gives each of the ten digits the probability 1/10."""
WANTED = 0.1
"""Below this loss all runs with the rate that is to be found end."""

_ADVICE = {
    "too small": "The steps are so small that the loss has hardly moved, or is still falling from "
    "high up at the end. Try a larger rate.",
    "right": "The loss falls steeply, then gently, and ends far below guessing.",
    "noisy": "The steps often overshoot: the loss jumps up and down. Try a third or a tenth.",
    "diverging": "The first steps throw the network so far away that it ends no better than "
    "guessing. The curve may then look flat, but it needs a much smaller rate.",
}


def verdict(losses) -> str:
    """Judge a learning rate by the training loss that it led to, one number an epoch.

    The loss is compared with that of guessing, log(10). A rise is an epoch whose loss is higher
    than the one before by more than a thousandth of that. The first that fits, of:

    1. "diverging": a loss is not a finite number; or the last one is not below guessing, and on the
       way the loss rose or was more than 1.2 times that of guessing.
    2. "noisy": it rose at least twice.
    3. "too small": the last one is above a quarter of the loss of guessing.
    4. "right".

    Raises:
        ValueError: there is no loss.
    """
    losses = np.asarray(losses, dtype=np.float64)
    if losses.size == 0:
        raise ValueError("there is no loss to judge: train for at least one epoch")
    if not np.isfinite(losses).all():
        return "diverging"
    rises = int((np.diff(losses) > GUESSING / 1000).sum())
    if losses[-1] >= GUESSING and (rises or losses.max() > 1.2 * GUESSING):
        return "diverging"
    if rises >= 2:
        return "noisy"
    return "too small" if losses[-1] > GUESSING / 4 else "right"


def summary(rate, runs, top) -> str:
    """The verdict on the recorded runs with one rate, in words.

    Args:
        rate: it.
        runs: a list of training losses for each seed.
        top: of the axis on which they are drawn.
    """
    counted = Counter(verdict(run) for run in runs).most_common()
    told = " and ".join(f"{what} in {count}" for what, count in counted)
    last = [run[-1] for run in runs]
    beyond = off_the_axis(np.max(runs, axis=0), top)
    return (
        f"Learning rate {decimal(rate)}: {told} of {len(runs)} seeds. {_ADVICE[counted[0][0]]} "
        f"Last loss {min(last):.2g} to {max(last):.2g}; guessing: {GUESSING:.2g}."
        + (f" Not shown: {beyond}." if beyond else "")
    )


def goal(rate, recorded) -> Goal | None:
    """Find the largest rate whose recorded runs all end below WANTED; None if there is none.

    Args:
        rate: a recorded one, or None.
        recorded: the `RecordedRuns` of learning rates.
    """
    ends = {
        known: [run["loss"][-1] for run in runs.values()] for known, runs in recorded.runs.items()
    }
    fitting = [known for known, last in ends.items() if all(end < WANTED for end in last)]
    if not fitting:
        return None
    best = max(fitting)
    aim = f"find the largest learning rate whose recorded runs all end below a loss of {WANTED}."
    if rate != best:
        return Goal(aim)
    told = f"with {decimal(best)} all {len(ends[best])} runs end below {WANTED}"
    larger = [known for known in ends if known > best]
    if larger:
        after = min(larger)
        told += (
            f"; with {decimal(after)} they end at {min(ends[after]):.2g} to {max(ends[after]):.2g}"
        )
    return Goal(aim, told + ".")
