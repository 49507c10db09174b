"""The bench: its arithmetic on made-up runs, one run for real, and the file as it is."""

import itertools
import math
import types

import numpy as np
import pandas as pd
import pytest

from helpers import bench, load_bench, load_fashion_mnist
from helpers.authoring import bench as making
from helpers.bench import compared
from helpers.data_files import note_sum
from helpers.experiments.recipe import THREE_SEEDS
from helpers.experiments.regularized import STRENGTHS, MeasureTraining
from helpers.regularization import PATIENCES, RegularizedRuns, chosen


def runs(**ends):
    """Rows of the bench, from the ends of each method's seeds."""
    return pd.DataFrame(
        {
            "method": method,
            "strength": "0.5",
            "seed": 42 + place,
            "end": end,
            "accuracy": 0.8,
            "kept": end - 0.1 * place,
            "kept_accuracy": 0.9,
            "seconds": 1.0 + place if method == "none" else 3.0 * (1 + place),
        }
        for method, values in ends.items()
        for place, end in enumerate(values)
    )


def test_means_bands_and_wins_are_those_of_the_seeds():
    table = compared(runs(none=[0.5, 0.6, 0.7], method=[0.4, 0.6, 0.5]))
    assert list(table.index) == ["none", "method"] and table.index.name == "method"
    method = table.loc["method"]
    assert (method["end"], method["end_low"], method["end_high"]) == (pytest.approx(0.5), 0.4, 0.6)
    assert method["kept"] == pytest.approx(0.4) and method["kept_low"] == pytest.approx(0.3)
    assert (method["end_wins"], method["kept_wins"], method["seeds"]) == (2, 2, 3)
    assert (method["seconds"], method["times"]) == (6.0, 3.0)
    assert (table.loc["none", "times"], table.loc["none", "end_wins"]) == (1.0, 0)


def test_seeds_are_compared_with_their_own_whatever_the_order():
    given = runs(none=[0.5, 0.6], method=[0.55, 0.55])
    assert compared(given.iloc[::-1]).loc["method", "end_wins"] == 1


def test_without_the_plain_network_or_with_other_seeds_nothing_is_compared():
    with pytest.raises(ValueError, match="no method 'none'"):
        compared(runs(method=[0.5]))
    with pytest.raises(ValueError, match="'method' has other seeds than 'none'"):
        compared(runs(none=[0.5, 0.6], method=[0.5]))


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "PATH", tmp_path / "regularization.csv")
    return bench.PATH


def test_a_missing_or_damaged_file_is_told_with_the_way_back(path):
    with pytest.raises(FileNotFoundError, match="Missing: .*regularization.csv.*\n.*restore"):
        load_bench()
    runs(none=[0.5]).to_csv(path, index=False)
    note_sum(path)
    assert len(load_bench()) == 1
    path.write_text(path.read_text().replace("0.8", "0.9"))
    with pytest.raises(ValueError, match="is damaged or was altered.*restore"):
        load_bench()


SIZES = {"judged": slice(200, 300), "images": 100, "epochs": 3}


def few_pictures():
    whole = load_fashion_mnist()
    return types.SimpleNamespace(
        train_scaled=whole.train_scaled[:300].copy(),
        train_target=whole.train_target[:300],
        val_scaled=whole.val_scaled[:50],
        val_target=whole.val_target[:50],
    )


def test_one_run_is_trained_and_judged_on_pictures_that_neither_trained_nor_validated():
    data = few_pictures()
    row = making.run(chosen(l2=0.001, dropout=0.3), 45, data, **SIZES)
    assert (row["method"], row["strength"], row["seed"]) == ("L2 + dropout", "0.001 + 0.3", 45)
    assert 0 < row["kept"] < 3 and row["epochs"] == 3 and row["seconds"] > 0
    assert row["val_kept"] <= row["val_end"]
    data.train_scaled[200:] = 0.0  # which change nothing but the judgement
    again = making.run(chosen(l2=0.001, dropout=0.3), 45, data, **SIZES)
    assert again["val_end"] == pytest.approx(row["val_end"]) and again["end"] != row["end"]
    with pytest.raises(ValueError, match="must not judge"):
        making.run(chosen(), 42, data, judged=slice(50, 150), images=100)


def test_a_run_that_diverged_is_told_as_not_a_number(path):
    given = runs(none=[0.5, 0.6], method=[0.5, float("nan")])
    given.to_csv(path, index=False)
    note_sum(path)
    assert load_bench(each_seed=True)["end"].dtype == float
    told = load_bench().loc["method"]
    assert told[["end", "end_low", "kept_high"]].isna().all() and told["end_wins"] == 0
    assert load_bench().loc["none", "end"] == pytest.approx(0.55)


def test_the_clock_stops_before_what_only_the_bench_measures(monkeypatch):
    clock = itertools.count()
    monkeypatch.setattr(making, "time", types.SimpleNamespace(process_time=lambda: next(clock)))
    measure = MeasureTraining.on_epoch_end

    def take_long(self, epoch, logs=None):
        for _ in range(100):
            next(clock)
        measure(self, epoch, logs)

    monkeypatch.setattr(MeasureTraining, "on_epoch_end", take_long)
    row = making.run(chosen(), 42, few_pictures(), **SIZES)
    assert row["seconds"] == 1


def test_judging_counts_no_penalty():
    model = lambda x, training: np.full((len(x), 10), 0.1, "float32")  # noqa: E731
    loss, accuracy = making.judge(model, np.zeros((5, 28, 28)), np.array([0, 0, 1, 2, 3]))
    assert loss == pytest.approx(math.log(10), rel=1e-5) and accuracy == 0.4


# --- the file as it is ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured():
    return load_bench(each_seed=True)


def test_all_methods_and_two_combinations_ran_with_five_seeds(measured):
    assert sorted(set(measured["seed"])) == list(making.SEEDS)
    assert (measured.groupby("method")["seed"].nunique() == 5).all()
    methods = list(load_bench().index)
    assert methods[0] == "none" and len(methods) == 1 + len(STRENGTHS) + 1 + 2
    assert sum(" + " in method for method in methods) == 2
    assert not measured.isna().any().any()
    early = measured[measured["method"] == "early stopping"]
    assert (early["epochs"] < 40).any() and (early["end"] == early["kept"]).all()
    assert (measured["val_kept"] <= measured["val_end"] + 1e-6).all()


def test_the_strengths_are_those_that_validation_chose(measured):
    expected = [making.told(choice) for choice in making.choices(RegularizedRuns(THREE_SEEDS))]
    rows = measured.drop_duplicates("method")
    assert list(zip(rows["method"], rows["strength"], strict=True)) == expected
    strengths = dict(expected)
    assert strengths["early stopping"] in [f"patience {value}" for value in PATIENCES]


def test_runs_with_a_recorded_seed_are_the_recorded_ones(measured):
    """Both were made on the same machine, where no rounding differs."""
    recorded = RegularizedRuns(THREE_SEEDS)
    for choice in making.choices(recorded):
        ends = recorded.what_is_left(choice)
        method, _ = making.told(choice)
        own = measured[measured["method"] == method].set_index("seed")["val_end"]
        assert all(abs(own[seed] - end) < 1e-3 for seed, end in ends.items())
