"""Recorded runs over a setting: their arithmetic, and what a damaged file spoils."""

import math

import numpy as np
import pytest

from helpers import load_recording, recordings
from helpers.recorded_runs import (
    RecordedRuns,
    band,
    beside_the_recorded,
    off_the_axis,
    on_the_axis,
    seeds_to_train,
    share_inside,
)

NAMES = {0.5: "clothes_6000_dropout_0.5", 0.0: "clothes_6000_dropout_0.0"}


def recorded(names=None, seeds=(42, 43)):
    return RecordedRuns("dropout rate", names or NAMES, seeds)


@pytest.fixture
def damaged(tmp_path, monkeypatch):
    """A copy of the recordings, one of which is damaged."""
    for name in NAMES.values():
        for path in recordings.FOLDER.glob(f"{name}*"):
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    (tmp_path / "clothes_6000_dropout_0.5_seed43.json").write_text("{")


def test_a_band_is_mean_lowest_and_highest():
    mean, low, high = band([[1.0, 4.0], [2.0, 2.0], [6.0, 3.0]])
    assert (mean.tolist(), low.tolist(), high.tolist()) == ([3, 3], [1, 2], [6, 4])


@pytest.mark.parametrize(
    ("runs", "told"), [([], "none"), ([[1.0], [1.0, 2.0]], "1, 2"), ([[1.0] * 3, []], "0, 3")]
)
def test_a_band_needs_runs_of_one_length(runs, told):
    with pytest.raises(ValueError, match=f"numbers of epochs are: {told}$"):
        band(runs)


def test_they_are_the_recordings():
    runs = recorded()
    assert runs.values == (0.0, 0.5) and runs.seeds == (42, 43) and runs.trouble == {}
    assert runs.epochs == 20
    for value, name in NAMES.items():
        for seed in (42, 43):
            assert runs.runs[value][seed] == load_recording(name, seed).history


def test_the_band_of_a_value_is_that_of_its_seeds():
    both = [load_recording(NAMES[0.5], seed).history["val_loss"] for seed in (42, 43)]
    mean, low, high = recorded().band(0.5, "val_loss")
    for epoch in range(20):
        ends = both[0][epoch], both[1][epoch]
        assert (low[epoch], high[epoch]) == (min(ends), max(ends))
        assert mean[epoch] == pytest.approx(sum(ends) / 2)


def test_the_last_epoch_over_ascending_values():
    values, last = recorded().last("loss")
    assert values.tolist() == [0.0, 0.5]
    for place, value in enumerate(values):
        ends = [load_recording(NAMES[value], seed).history["loss"][-1] for seed in (42, 43)]
        assert (last.low[place], last.high[place]) == (min(ends), max(ends))
        assert last.mean[place] == pytest.approx(sum(ends) / 2)
    assert recorded().ends(0.5, "loss") == {
        seed: load_recording(NAMES[0.5], seed).history["loss"][-1] for seed in (42, 43)
    }


def test_one_seed_will_do():
    assert recorded(seeds=43).seeds == (43,)
    one = recorded(seeds=43).band(0.5, "loss")
    assert one.low.tolist() == one.high.tolist() == one.mean.tolist()


@pytest.mark.parametrize("known", [0.0, 0.5])
@pytest.mark.parametrize("error", [0, 1e-10, -1e-10])
def test_a_value_with_a_rounding_error_is_known(known, error):
    assert recorded().known(known + error) == known


def test_small_values_are_told_apart():
    names = {1e-5: "digits_learning_rate_0.00001", 1e-4: "digits_learning_rate_0.0001"}
    runs = RecordedRuns("learning rate", names, (42,))
    assert [runs.known(rate) for rate in (1e-5, 1e-4)] == [1e-5, 1e-4]
    with pytest.raises(ValueError, match="learning rate 2e-05: choose one of 1e-05, 0.0001"):
        runs.known(2e-5)


def test_other_values_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="dropout rate 0.25: choose one of 0, 0.5, or train it"):
        recorded().known(0.25)


def test_a_value_may_be_of_texts_and_numbers():
    names = {(which, 6000): f"clothes_6000_{which}" for which in ("sgd", "sgd_reduced")}
    runs = RecordedRuns("kind and pictures", names, (42,))
    assert runs.known(("sgd", 6000.0000001)) == ("sgd", 6000)
    with pytest.raises(ValueError, match="pictures adam and 6000: choose one of sgd and 6000, sgd"):
        runs.known(("adam", 6000))


def test_a_damaged_file_spoils_only_its_value(damaged):
    runs = recorded()
    assert set(runs.runs) == {0.0} and set(runs.trouble) == {0.5}
    assert runs.known(0.0) == 0.0
    with pytest.raises(ValueError, match="dropout rate 0.5 can't be shown: .*seed43.*damaged"):
        runs.known(0.5)
    values, last = runs.last("loss")
    assert values.tolist() == [0.0] and len(last.mean) == len(last.low) == len(last.high) == 1
    assert runs.ends(0.5, "loss") == {} and runs.epochs == 20


@pytest.mark.parametrize("seeds", [(), (99,), 99, "ab", None, [[42]], 4.2])
def test_other_seeds_spoil_all_values_and_raise_nothing(seeds):
    runs = recorded(seeds=seeds)
    assert set(runs.trouble) == {0.0, 0.5} and runs.epochs == 0
    values, last = runs.last("loss")
    assert len(values) == len(last.mean) == len(last.low) == len(last.high) == 0
    with pytest.raises(ValueError, match="can't be shown"):
        runs.known(0.5)


# --- one's own training beside them ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "where"),
    [
        (0.5, "inside"),
        (0.39999, "inside"),
        (0.6004, "inside"),
        (0.399, "outside"),
        (0.61, "outside"),
    ],
)
def test_how_a_training_with_a_new_seed_ended_is_said(last, where):
    ends = dict(zip(range(42, 52), np.linspace(0.4, 0.6, 10), strict=True))
    assert beside_the_recorded(last, 52, ends, "validation loss") == (
        f"Its last validation loss is {last:.3f}, {where} the recorded 0.400 to 0.600. "
        "Of new seeds, 82% are to be expected inside."
    )


def test_one_that_is_not_a_number_is_outside():
    assert "is nan, outside the recorded" in beside_the_recorded(
        float("nan"), 52, {42: 0.4, 43: 0.5}, "loss"
    )


def test_a_recorded_seed_is_told_beside_its_recording():
    told = beside_the_recorded(0.4321, 43, {42: 0.5, 43: 0.4322}, "loss")
    assert told == "Its last loss is 0.432; recorded with seed 43: 0.432."


def test_what_can_not_be_compared_is_not():
    assert beside_the_recorded(0.4, 42, {}, "loss") == "Its last loss is 0.400."


@pytest.mark.parametrize("count", [3, 10])
def test_how_many_new_runs_fall_inside(count):
    runs = np.random.default_rng(0).standard_normal((20_000, count + 1))
    old, new = runs[:, :count], runs[:, count]
    inside = (old.min(axis=1) <= new) & (new <= old.max(axis=1))
    assert abs(inside.mean() - share_inside(count)) < 0.01


def test_what_lies_beyond_the_axis_is_drawn_at_its_edge():
    assert on_the_axis(0.5, 0.4, 0.7) == (0.5, "o")
    assert on_the_axis(0.8, 0.4, 0.7) == (0.7, "^")
    assert on_the_axis(0.3, 0.4, 0.7) == (0.4, "v")
    assert on_the_axis(float("nan"), 0.4, 0.7) == on_the_axis(float("inf"), 0.4, 0.7) == (0.7, "^")


@pytest.mark.parametrize(
    ("seeds", "told"),
    [
        ((42, 43), "42, recorded; 43, recorded; 44, new; 45, new; 46, new"),
        (np.arange(7, 8), "7, recorded; 8, new; 9, new; 10, new"),
        ((), "42"),
        (("a", None), "42"),
    ],
)
def test_the_seeds_to_choose_from(seeds, told):
    choices = seeds_to_train(seeds)
    assert "; ".join(text for text, _ in choices) == told
    assert [seed for _, seed in choices] == [int(text.split(",")[0]) for text, _ in choices]


@pytest.mark.parametrize(
    ("losses", "told"),
    [
        ([2.0, 1.0, 3.0], ""),
        ([5519.9, 34.0, 2.0], "2 epochs above the axis, the highest: 5,520 in epoch 0"),
        ([2.0, 4.0], "1 epoch above the axis, the highest: 4.0 in epoch 1"),
        ([2.0, math.nan, math.nan], "not a number from epoch 1 on"),
        (
            [9.0, math.inf],
            "1 epoch above the axis, the highest: 9.0 in epoch 0; not a number from epoch 1 on",
        ),
    ],
)
def test_what_the_axis_does_not_show_is_told(losses, told):
    assert off_the_axis(losses, top=3) == told
