"""What is said about methods against overfitting, on made-up runs and on the recorded ones."""

import math

import numpy as np
import pytest

from helpers import load_recording, recordings, regularization, replay_early_stopping
from helpers.experiments.recipe import THREE_SEEDS
from helpers.experiments.regularized import EPOCHS, STRENGTHS
from helpers.recordings import Recording
from helpers.regularization import (
    GUESSING,
    PATIENCES,
    RegularizedRuns,
    chosen,
    longest_first,
    named,
    strengths,
    weight_shares,
)
from helpers.regularization_words import summary

MEASURED = {"weights": [0] * 24 + [10, 30] + [0] * 24, "beyond": [4, 6], "norms": [1.0, 3.0, 2.0]}


def recording(training, validation, measured=MEASURED, penalty=0.0):
    history = {
        "loss": training,
        "cross_entropy": training,
        "val_cross_entropy": validation,
        "val_loss": [value + penalty for value in validation],
        "accuracy": [0.5] * len(training),
        "val_accuracy": [0.25] * len(training),
    }
    return Recording("made", 42, "", history, {}, {}, "", "", measured)


PLAIN = ([1.0, 0.5, 0.1], [1.0, 0.6, 0.9])


@pytest.fixture
def made(monkeypatch):
    """Makes RegularizedRuns of made-up runs: name -> runs by seed, or one for all seeds."""

    def make(seeds=(42,), **runs):
        runs = {"none": PLAIN, **runs}

        def load(name, seed):
            run = runs.get(name.removeprefix("regularized_"))
            if run is None:
                raise ValueError(f"no {name}")
            run = run[seed] if isinstance(run, dict) else run
            return run if isinstance(run, Recording) else recording(*run)

        monkeypatch.setattr(regularization, "load_recording", load)
        return RegularizedRuns(seeds)

    return make


L2 = chosen(l2=0.001)


# --- names ----------------------------------------------------------------------------------------


def test_what_is_chosen_is_told_in_words():
    assert named(chosen()) == "no method: the plain network"
    assert named(chosen(dropout=0.3, l2=0.001)) == "L2 0.001 + dropout 0.3"
    assert named(chosen(l1=1e-05, shift=1)) == "L1 0.00001 + augmentation 1 pixel"
    assert named(chosen(max_norm=2.0, patience=5)) == "MaxNorm 2 + patience 5"
    assert named(chosen(patience=1)) == "early stopping, patience 1"
    assert chosen(dropout=0.3, l2=0.001) == chosen(l2=0.001, dropout=0.3)


@pytest.mark.parametrize("method", [*STRENGTHS, "patience"])
def test_every_method_has_four_strengths(method):
    texts, values = zip(*strengths(method), strict=True)
    assert len(set(texts)) == len(set(values)) == 4


def test_the_sources_strengths_are_among_them():
    assert 0.01 in STRENGTHS["l2"] and 0.01 in STRENGTHS["activity_l1"]
    assert 2.0 in STRENGTHS["max_norm"] and 0.5 in STRENGTHS["dropout"]


# --- a point --------------------------------------------------------------------------------------


def test_a_point_is_made_of_its_seeds(made):
    other = {**MEASURED, "norms": [5.0, 2.0, 1.0]}
    runs = {
        42: recording([1.0, 0.3], [0.5, 0.7], penalty=0.1),
        43: recording([1.0, 0.1], [0.6, 0.5], other),
    }
    point = made(seeds=(42, 43), **{"l2_0.001": runs}).point(L2)
    assert point.ends == {42: 0.7, 43: 0.5} and point.lowest == {42: 0.5, 43: 0.5}
    assert point.epochs == {42: 0, 43: 1}
    assert (point.end, point.best) == (pytest.approx(0.6), 0.5)
    assert point.mean("cross_entropy") == pytest.approx(0.2)
    assert point.norms.tolist() == [4.0, 2.0, 1.0]
    assert point.near_zero == pytest.approx(40 / 50)


def test_shares_are_of_all_weights_and_norms_are_sorted():
    assert weight_shares(MEASURED).sum() == pytest.approx(0.8)
    assert longest_first(MEASURED).tolist() == [3.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("training", "validation", "expected"),
    [
        ([2.3, 2.3, 2.3], [2.3, 2.3, 2.303], "learns nothing"),
        ([2.3, 2.3, float("nan")], [2.3, 2.3, float("nan")], "learns nothing"),
        ([2.0, 2.0, 2.0], [2.1, 2.1, 0.94 * GUESSING], "underfits"),
        ([1.0, 0.9, 0.61], [1.0, 0.9, 0.7], "underfits"),
        ([1.0, 0.9, 0.59], [1.0, 0.9, 0.7], "holds"),
        ([1.0, 0.5, 0.2], [1.0, 0.6, 0.631], "overfits"),
        ([1.0, 0.5, 0.2], [1.0, 0.6, 0.629], "holds"),
    ],
)
def test_the_verdict(made, training, validation, expected):
    assert made(**{"l2_0.001": (training, validation)}).verdict(L2) == expected


def test_the_plain_network_overfits_by_the_same_rule(made):
    assert made().verdict(chosen()) == "overfits"


def test_without_the_plain_network_nothing_is_compared_with_it(made):
    runs = made(none=None, **{"l2_0.001": ([1.0, 0.7], [1.0, 0.7])})
    assert runs.plain() is None and runs.verdict(L2) == "holds"
    assert "plain" not in summary(runs, L2, top=1)


def test_what_the_axis_does_not_show_is_told(made):
    runs = made(**{"l2_0.001": ([1.4, 0.5, 0.2], [1.3, 1.1, 0.6])})
    told = summary(runs, L2, top=1)
    assert told.endswith("\nNot shown: 2 epochs above the axis, the highest: 1.4 in epoch 0.")
    assert "Not shown" not in summary(runs, L2, top=1.5)


# --- early stopping -------------------------------------------------------------------------------


def test_early_stopping_is_keras_own_and_watches_the_cross_entropy(made):
    run = recording([1.0, 0.5, 0.4, 0.3, 0.2], [0.9, 0.6, 0.7, 0.8, 0.5])
    run.history["val_loss"] = [5.0, 4.0, 3.0, 2.0, 1.0]
    runs = made(**{"l2_0.001": run})
    choice = chosen(l2=0.001, patience=2)
    assert runs.stops(choice) == {
        42: replay_early_stopping(run, "val_cross_entropy", patience=2, mode="min")
    }
    assert runs.stops(choice)[42][:2] == (3, 1)
    assert runs.what_is_left(choice) == {42: 0.6} and runs.what_is_left(L2) == {42: 0.5}
    assert runs.stops(L2) == {}
    told = summary(runs, choice, top=1)
    assert "ends it after epoch 3 and keeps epoch 1: 0.600, 0.100 above the lowest" in told
    assert "Trained to the end it " in told


def test_runs_that_early_stopping_never_ends_are_told_so(made):
    falls = ([1.0, 0.5, 0.4, 0.3], [0.9, 0.6, 0.5, 0.45])
    rises = ([1.0, 0.5, 0.4, 0.3], [0.9, 0.6, 0.7, 0.8])
    choice = chosen(l2=0.001, patience=1)

    def told(*runs):
        seeds = range(42, 42 + len(runs))
        by_seed = {seed: recording(*run) for seed, run in zip(seeds, runs, strict=True)}
        runs = made(seeds=tuple(seeds), **{"l2_0.001": by_seed})
        return summary(runs, choice, top=1)

    assert "Early stopping never ends it and keeps epoch 3: 0.450, 0.000 above" in told(falls)
    none = told(falls, falls)
    assert "Early stopping ends none of them and keeps epoch 3 and 3: 0.450" in none
    assert "saved" not in none
    some = told(rises, falls, rises)
    assert "ends 2 of the 3, after epoch 2 and 2, and keeps epoch 1, 3 and 1: 0.550" in some
    assert "of the epochs saved" in some
    assert "ends them after epoch 2 and 2 and keeps" in told(rises, rises)


# --- the recorded runs ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def measured():
    return RegularizedRuns(THREE_SEEDS)


def every_single():
    methods = [chosen(**{name: v}) for name, values in STRENGTHS.items() for v in values]
    return methods + [chosen(patience=patience) for patience in PATIENCES]


def test_the_words_have_the_recordings_numbers(measured):
    told = summary(measured, L2, top=1)
    runs = [load_recording("regularized_l2_0.001", seed).history for seed in THREE_SEEDS]
    ends = {key: np.mean([run[key][-1] for run in runs]) for key in runs[0]}
    assert told.startswith(
        f"L2 0.001, mean of 3 seeds. Cross-entropy after epoch {EPOCHS - 1}: training "
        f"{ends['cross_entropy']:.3f}, validation {ends['val_cross_entropy']:.3f} (plain: "
    )
    assert f"holds the penalty, says {ends['val_loss']:.3f}" in told
    assert "3 of 3 seeds" in told
    assert "val_loss" not in summary(measured, chosen(dropout=0.3), top=1)


def test_each_method_but_early_stopping_has_a_strength_that_plainly_hurts(measured):
    for name, values in STRENGTHS.items():
        strongest = chosen(**{name: values[-1]})
        assert measured.verdict(strongest) in ("underfits", "learns nothing")
        assert measured.point(strongest).end > measured.plain().end


def test_each_method_has_a_strength_that_helps(measured):
    for name, values in STRENGTHS.items():
        assert min(measured.point(chosen(**{name: v})).end for v in values) < measured.plain().end


def test_a_penalty_on_activations_can_stop_all_learning(measured):
    strongest = chosen(activity_l1=1.0)
    assert measured.verdict(strongest) == "learns nothing"
    assert measured.point(strongest).end == pytest.approx(math.log(10), abs=0.01)
    told = summary(measured, strongest, top=1)
    assert "learns nothing" in told and "2.303" in told


def test_the_limit_of_the_norms_holds(measured):
    for limit in STRENGTHS["max_norm"]:
        assert measured.point(chosen(max_norm=limit)).norms.max() <= limit + 1e-3


def test_the_goal_is_reached_with_one_method_and_strength_alone(measured):
    left = {one: np.mean(list(measured.what_is_left(one).values())) for one in every_single()}
    best = min(left, key=left.get)
    found = {one for one in every_single() if measured.goal(one).found}
    assert found == {best}
    assert f"leaves {left[best]:.3f}" in measured.goal(best).found
    joined = best._replace(patience=5)
    assert not measured.goal(joined).found and not measured.goal(None).found
    assert not measured.goal(chosen()).found


def test_a_damaged_file_spoils_only_its_choice(monkeypatch, tmp_path):
    for path in recordings.FOLDER.glob("regularized_*"):
        (tmp_path / path.name).symlink_to(path)
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    path = tmp_path / "regularized_l2_0.001_seed43.json"
    path.unlink()
    path.write_text("{")
    runs = RegularizedRuns(THREE_SEEDS)
    with pytest.raises(ValueError, match=r"recorded runs \(L2 0.001\) can't be shown: .*seed43"):
        runs.known(L2)
    assert runs.ends(L2, "val_cross_entropy") == {}
    assert runs.known(chosen(l2=0.01)) and runs.goal(L2).aim


@pytest.mark.parametrize("seeds", [(), (99,), 99, "ab", None])
def test_other_seeds_are_told(seeds):
    runs = RegularizedRuns(seeds)
    with pytest.raises(ValueError, match="can't be shown"):
        runs.known(chosen())
    assert runs.plain() is None and runs.goal(chosen()) is None
