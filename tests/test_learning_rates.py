"""The verdict on a learning rate, on made-up losses and on the recorded ones."""

import math
from collections import Counter

import numpy as np
import pytest

from helpers import load_recording
from helpers.experiments import RECORDED, experiment
from helpers.experiments.on_digits import LEARNING_RATES, learning_rate_name
from helpers.experiments.recipe import TEN_SEEDS
from helpers.learning_rates import GUESSING, goal, summary, verdict
from helpers.wording import decimal

NAN = math.nan


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.382, 2.381, 2.380, 2.379], "too small"),  # still above guessing, but it only fell
        ([2.35, 2.2, 2.1, 2.0, 1.9, 1.8], "too small"),
        ([2.38, 2.37, 2.371, 2.369, 2.3695], "too small"),  # less than a rise
        ([1.4, 0.6, 0.4, 0.2, 0.1], "right"),
        ([1.4, 0.6, 0.5, 0.51, 0.3, 0.1], "right"),  # rose once
        ([1.2, 0.3, 0.010, 0.011, 0.010, 0.011, 0.009], "right"),  # trembles at the bottom
        ([1.7, 1.2, 0.9, 1.0, 0.6, 0.7, 0.3], "noisy"),
        ([2.3, 2.0, 2.05, 1.95, 1.96, 1.94], "noisy"),
        ([4.2, 2.35, 2.36, 2.34, 2.36], "diverging"),
        ([3.5, 2.37, 2.369, 2.368], "diverging"),  # thrown away at once, never came back
        ([5519.9, 34.0, 6.6, 5.8, 6.2], "diverging"),
        ([1.0, 0.5, NAN, NAN], "diverging"),
        ([1.0, math.inf, 0.5], "diverging"),
        ([NAN], "diverging"),
        ([0.4], "right"),
    ],
)
def test_the_verdict(losses, expected):
    assert verdict(losses) == verdict(np.array(losses)) == expected


def test_no_losses_have_no_verdict():
    with pytest.raises(ValueError, match="no loss to judge"):
        verdict([])


def test_several_runs_are_told_by_their_verdicts_the_most_frequent_first():
    right, noisy = [1.4, 0.5, 0.1], [1.7, 0.9, 1.0, 0.6, 0.7, 0.3]
    told = summary(0.3, [noisy[:3] + noisy[3:], [*right, 0.09, 0.08, 0.07]] + [noisy] * 2, top=3)
    assert told.startswith("Learning rate 0.3: noisy in 3 and right in 1 of 4 seeds. The steps ")
    assert told.endswith("Last loss 0.07 to 0.3; guessing: 2.3.")


def test_the_advice_is_that_of_the_most_frequent_verdict():
    runs = {"too small": [2.3, 2.2], "right": [1.0, 0.1], "diverging": [9.0, 4.0]}
    told = {name: summary(0.1, [run], top=3) for name, run in runs.items()}
    assert "Try a larger rate" in told["too small"]
    assert "steeply, then gently" in told["right"] and "Not shown" not in told["right"]
    assert "much smaller rate" in told["diverging"]
    assert "Not shown: 2 epochs above the axis, the highest: 9.0 in epoch 0" in told["diverging"]


class Made:
    """Recorded runs of two seeds, from their last losses."""

    def __init__(self, **ends):
        self.runs = {
            float(name.strip("_").replace("_", ".")): dict(
                enumerate({"loss": [9, end]} for end in two)
            )
            for name, two in ends.items()
        }


def test_the_goal_is_the_largest_rate_that_always_ends_below():
    made = Made(_0_1=(0.02, 0.09), _0_3=(0.01, 0.099), _0_5=(0.01, 0.11), _0_7=(1.5, 2.25))
    for rate in (0.1, 0.5, 0.7, None):
        assert goal(rate, made).found == ""
    assert goal(0.3, made).aim == goal(None, made).aim
    assert goal(0.3, made).found == (
        "with 0.3 all 2 runs end below 0.1; with 0.5 they end at 0.01 to 0.11."
    )


def test_the_goal_may_be_the_largest_of_all_or_none():
    assert goal(0.3, Made(_0_3=(0.01, 0.02))).found == "with 0.3 all 2 runs end below 0.1."
    assert goal(0.3, Made(_0_3=(0.1, 0.3), _0_5=(NAN, 0.1))) is None
    assert goal(None, Made()) is None


# --- the recorded rates ---------------------------------------------------------------------------


def losses_of(rate):
    name = learning_rate_name(rate)
    return [load_recording(name, seed).history["loss"] for seed in TEN_SEEDS]


@pytest.mark.parametrize("rate", LEARNING_RATES)
def test_each_rate_is_recorded_with_ten_seeds(rate):
    name = learning_rate_name(rate)
    assert name == f"digits_learning_rate_{decimal(rate)}"
    assert RECORDED[name][1] == TEN_SEEDS and len(TEN_SEEDS) == 10
    for seed in TEN_SEEDS:
        recording, made = load_recording(name, seed), experiment(name, seed)
        assert len(recording.epoch) == made.epochs == 20
        assert made.model_with["learning_rate"] == rate
        assert recording.code == made.code() and f"learning_rate={rate!r}" in recording.code


def test_the_names_of_the_rates_differ():
    assert len({learning_rate_name(rate) for rate in LEARNING_RATES}) == len(LEARNING_RATES) == 13


def test_from_small_to_large_the_recorded_rates_have_all_verdicts_in_order():
    most = [Counter(map(verdict, losses_of(rate))).most_common(1)[0][0] for rate in LEARNING_RATES]
    assert list(dict.fromkeys(most)) == ["too small", "right", "noisy", "diverging"]
    assert min(min(run) for run in losses_of(1e-5)) > GUESSING * 0.9
