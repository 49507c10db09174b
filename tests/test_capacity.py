"""What is said about sizes and pictures, on made-up runs and on the recorded ones."""

import numpy as np
import pytest

from helpers.capacity import Capacity, how_long, named
from helpers.experiments import RECORDED
from helpers.experiments.on_clothes import IMAGES, NEURONS
from helpers.experiments.recipe import THREE_SEEDS
from helpers.recorded_runs import RecordedRuns
from helpers.recordings import load_recording


class Made:
    """Runs as a `RecordedRuns` has them, from losses by (neurons, images) and seed."""

    def __init__(self, losses, values=None):
        self.values = tuple(values or losses)
        self.runs = {
            value: {
                seed: {
                    "loss": loss,
                    "val_loss": val_loss,
                    "accuracy": [0.5] * len(loss),
                    "val_accuracy": [0.25] * len(loss),
                }
                for seed, (loss, val_loss) in enumerate(runs)
            }
            for value, runs in losses.items()
        }

    band = RecordedRuns.band


FALLING = [2.0 - 0.1 * epoch for epoch in range(11)]  # ends at 1.0
OVER = ([1.5, 0.5, 0.1], [1.4, 0.8, 1.0])


def capacity(**places):
    """A Capacity of one seed: neurons_images=(loss, val_loss)."""
    return Capacity(
        Made({tuple(map(int, name[1:].split("_"))): [runs] for name, runs in places.items()})
    )


def recorded():
    names = {(n, i): f"clothes_{i}_neurons_{n}" for n in NEURONS for i in IMAGES}
    return RecordedRuns("neurons and pictures", names, THREE_SEEDS)


@pytest.fixture(scope="module")
def measured():
    return Capacity(recorded())


# --- one place ------------------------------------------------------------------------------------


def test_a_place_is_the_mean_of_its_seeds():
    runs = [([3.0, 2.0, 1.0], [3.0, 1.0, 2.0]), ([1.0, 1.0, 0.0], [1.0, 2.0, 3.0])]
    place = Capacity(Made({(2, 500): runs})).places[2, 500]
    assert (place.loss, place.val_loss, place.gap) == (0.5, 2.5, 2.0)
    assert (place.accuracy, place.val_accuracy) == (0.5, 0.25)
    assert (place.lowest, place.epoch, place.epochs, place.last_epoch) == (1.5, 1, [1, 0], 2)


@pytest.mark.parametrize(
    ("val_loss", "expected"),
    [
        ([1.0, 0.8, 1.0], "overfits"),
        ([1.0, 0.8, 0.841], "overfits"),
        ([1.0, 0.8, 0.839], "holds"),
        ([1.0, 0.9, 0.8], "still falls"),
    ],
)
def test_what_the_validation_loss_does_after_its_lowest_point(val_loss, expected):
    assert capacity(_8_500=([1.5, 0.5, 0.1], val_loss)).verdict((8, 500)) == expected


def test_the_last_tenth_of_the_epochs_is_the_end():
    loss = [0.1] * 41
    for lowest, expected in ((36, "holds"), (37, "still falls")):
        val_loss = [1.0] * 41
        val_loss[lowest] = 0.99
        assert capacity(_8_500=(loss, val_loss)).verdict((8, 500)) == expected


def test_it_underfits_if_its_training_loss_ends_above_anothers_validation_loss():
    places = {"_2_500": (FALLING, FALLING), "_8_500": OVER}
    assert capacity(**places).verdict((2, 500)) == "underfits"
    assert capacity(**places).verdict((8, 500)) == "overfits"
    assert capacity(_2_500=(FALLING, FALLING), _8_2000=OVER).verdict((2, 500)) == "still falls"
    overfitted_too = ([1.5, 0.9, 0.81], [1.0, 0.9, 1.1])
    assert capacity(_2_500=overfitted_too, _8_500=OVER).verdict((2, 500)) == "underfits"


def test_the_summary_tells_ends_the_lowest_point_and_what_they_mean():
    made = capacity(_8_500=OVER)
    assert made.summary((8, 500), top=2) == (
        "8 neurons, 500 pictures, mean of 1 seed. After epoch 2: training loss 0.100, validation "
        "loss 1.000, gap 0.900; training accuracy 0.500, validation accuracy 0.250.\n"
        "Lowest validation loss: 0.800 in epoch 1. It overfits: from there the validation loss "
        "rises by 0.200, 25% of its lowest value, while the training loss falls on."
    )
    assert made.summary((8, 500), top=1.45).endswith(
        "\nNot shown: 1 epoch above the axis, the highest: 1.5 in epoch 0."
    )


def test_the_seeds_own_epochs_are_told_where_there_are_several():
    made = Capacity(Made({(8, 500): [OVER, OVER, (OVER[0], [1.4, 1.0, 0.9])]}))
    assert "mean of 3 seeds. " in made.summary((8, 500), 2)
    assert "in epoch 1 (for each seed alone: 1, 1, 2). " in made.summary((8, 500), 2)


def test_each_verdict_has_its_reason():
    under = capacity(_2_500=(FALLING, FALLING), _8_500=OVER).summary((2, 500), 3)
    assert "It underfits: even on its own pictures its loss ends above 0.800. Another" in under
    still = capacity(_8_500=([1.0, 0.5], [1.0, 0.5])).summary((8, 500), 3)
    assert still.endswith("That is at the end: with more epochs it may fall further.")
    holds = capacity(_8_500=([1.0, 0.5, 0.4], [1.0, 0.5, 0.51])).summary((8, 500), 3)
    assert holds.endswith("From there it hardly rises: it ends 2% higher.")


def test_a_place_in_words():
    assert named((32, 6_000)) == "32 neurons, 6,000 pictures"


def test_only_long_trainings_are_warned_of():
    long = [(n, i) for n in NEURONS for i in IMAGES if how_long((n, i))]
    assert long == [(512, 24_000), (512, 48_000)]
    assert "take minutes" in how_long((512, 48_000)) and "Stop" in how_long((512, 48_000))


# --- the maps -------------------------------------------------------------------------------------


def test_a_map_has_a_number_for_each_place_and_a_dash_where_there_is_none():
    made = capacity(_8_500=OVER, _2_2000=(FALLING, FALLING))
    assert (made.neurons, made.images) == ((2, 8), (500, 2_000))
    gap, texts = made.table("gap at the end")
    assert np.array_equal(gap, [[np.nan, 0.0], [0.9, np.nan]], equal_nan=True)
    assert texts == [["–", "0.00"], ["0.90", "–"]]
    assert made.table("lowest validation loss")[1] == [["–", "1.000"], ["0.800", "–"]]
    assert made.table("epoch of the lowest")[1] == [["–", "10"], ["1", "–"]]


def test_without_any_recording_the_map_is_empty():
    made = Capacity(Made({}, values=[(2, 500), (8, 500)]))
    values, texts = made.table("gap at the end")
    assert np.isnan(values).all() and texts == [["–"], ["–"]]
    assert made.goal(None) is None


# --- the goal -------------------------------------------------------------------------------------


def test_the_goal_is_the_place_with_the_lowest_validation_loss_of_all():
    made = capacity(_8_500=OVER, _2_500=(FALLING, FALLING), _2_2000=(FALLING, FALLING))
    for value in ((2, 500), (2, 2_000), None):
        goal = made.goal(value)
        assert goal.aim.startswith("find the neurons and pictures") and goal.found == ""
    assert made.goal((8, 500)).found == (
        "0.800 in epoch 1 is the lowest of all 3 places, although it overfits and ends at 1.000."
    )


def test_one_that_does_not_overfit_is_not_said_to():
    made = capacity(_8_500=([1.0, 0.5], [1.0, 0.5]), _2_500=(FALLING, FALLING))
    assert made.goal((8, 500)).found == "0.500 in epoch 1 is the lowest of all 2 places."


def test_one_place_alone_is_no_goal():
    assert capacity(_8_500=OVER).goal((8, 500)) is None


# --- the recorded runs ----------------------------------------------------------------------------


def test_all_places_are_recorded(measured):
    assert len(measured.places) == len(NEURONS) * len(IMAGES) == 25
    assert (measured.neurons, measured.images) == (NEURONS, IMAGES)
    for (neurons, images), place in measured.places.items():
        assert RECORDED[f"clothes_{images}_neurons_{neurons}"][1] == THREE_SEEDS
        runs = [load_recording(f"clothes_{images}_neurons_{neurons}", s) for s in THREE_SEEDS]
        mean = np.mean([run.history["val_loss"] for run in runs], axis=0)
        assert (place.lowest, place.epoch) == (pytest.approx(mean.min()), mean.argmin())
        assert place.last_epoch == 39 and len(place.epochs) == 3


def test_the_gap_grows_with_neurons_and_shrinks_with_pictures(measured):
    gap, _ = measured.table("gap at the end")
    assert (np.diff(gap, axis=0) > 0).all() and (np.diff(gap, axis=1) < 0).all()


def test_and_yet_large_networks_have_the_lowest_validation_loss(measured):
    lowest, _ = measured.table("lowest validation loss")
    assert (np.diff(lowest[:4], axis=0) < 0).all()  # from 2 to 128 neurons
    assert (lowest[-1] < lowest[2]).all()  # 512 are better than 32
    epoch, _ = measured.table("epoch of the lowest")
    assert (epoch[-1] < epoch[1]).all()


def test_two_neurons_underfit_and_512_overfit_with_any_number_of_pictures(measured):
    assert {measured.verdict((2, images)) for images in IMAGES} == {"underfits"}
    assert {measured.verdict((512, images)) for images in IMAGES} == {"overfits"}
    assert measured.verdict((8, 48_000)) == "underfits" != measured.verdict((8, 500))


def test_the_goal_is_reached_in_one_place_which_overfits(measured):
    found = {place: measured.goal(place).found for place in measured.places}
    (best,) = (place for place, told in found.items() if told)
    assert best[1] == 48_000 and best[0] >= 128
    assert "although it overfits" in found[best]
