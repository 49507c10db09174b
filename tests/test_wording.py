"""How messages name what a learner gave, and how numbers are written."""

import numpy as np
import pandas as pd
import pytest

from helpers.wording import decimal, kind, shown


@pytest.mark.parametrize(
    "value, told",
    [
        (None, "None"),
        ("loss", "'loss'"),
        ("a\nb", r"'a\nb'"),
        (dict, "the class dict"),
        (iter([1]), "a list_iterator"),
        (len, "the function len"),
        (object(), "an object"),
        pytest.param(10**5_000, "an int", id="5,001 digits"),
        (np.array([1.5, 2]), "[1.5, 2.0]"),
        (np.zeros((2, 3)), "an array of shape (2, 3)"),
        (pd.Series(["a", 1]), "['a', 1]"),
        (pd.DataFrame({"loss": [1]}), "a DataFrame of shape (1, 1)"),
    ],
)
def test_a_value_is_shown_as_a_learner_knows_it(value, told):
    assert shown(value) == told


@pytest.mark.parametrize("value", ["x" * 1_000, list(range(99)), np.arange(1_000)])
def test_a_long_value_is_cut_off_and_that_shows(value):
    assert len(shown(value)) == 80 and shown(value).endswith("…")


def test_a_long_list_is_told_by_its_length():
    assert shown([np.zeros(784)] * 48_000) == "a list of 48,000"


def test_a_value_that_cannot_tell_itself_is_shown_by_its_kind():
    class Odd:
        def __repr__(self):
            raise RuntimeError("not ready")

    assert shown(Odd()) == "an Odd"


@pytest.mark.parametrize("value, told", [(None, "None"), ([], "a list"), (np.zeros(2), "an array")])
def test_a_kind_is_told_with_its_article(value, told):
    assert kind(value) == told


def test_a_number_is_written_plainly():
    written = [decimal(number) for number in (1e-5, 0.003, 0.1, 7.0, 20.0, 100.0)]
    assert written == ["0.00001", "0.003", "0.1", "7", "20", "100"]
