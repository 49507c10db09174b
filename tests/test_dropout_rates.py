"""What is said about dropout rates, and what can be trained beside the recorded runs."""

from helpers.dropout_rates import difference, goal, summary
from helpers.experiments.on_clothes import DROPOUT_RATES
from helpers.experiments.recipe import TEN_SEEDS
from helpers.recorded_runs import RecordedRuns
from helpers.recordings import load_recording


def ends(rate, key):
    names = f"clothes_6000_dropout_{rate}"
    return [load_recording(names, seed).history[key][-1] for seed in TEN_SEEDS]


def mean_of_the_last(rate, key):
    return sum(ends(rate, key)) / 10


def recorded(rates=DROPOUT_RATES):
    names = {rate: f"clothes_6000_dropout_{rate}" for rate in rates}
    return RecordedRuns("dropout rate", names, TEN_SEEDS)


def test_a_rate_is_told_with_its_spread_and_not_beside_the_best_one():
    runs = recorded()
    for rate in DROPOUT_RATES:
        last = ends(rate, "val_loss")
        loss, val_loss = mean_of_the_last(rate, "loss"), mean_of_the_last(rate, "val_loss")
        assert summary(rate, runs) == (
            f"Dropout rate {rate}, after epoch 19: training loss {loss:.2f}, validation loss "
            f"{val_loss:.3f}. The 10 seeds end with a validation loss of {min(last):.3f} to "
            f"{max(last):.3f}."
        )


def test_the_goal_is_the_rate_that_ends_lowest_on_average():
    runs = recorded()
    best = min(DROPOUT_RATES, key=lambda rate: mean_of_the_last(rate, "val_loss"))
    assert best != 0.0, "where the slider begins"
    for rate in (*DROPOUT_RATES, None):
        told = goal(rate, runs)
        assert f"{best}" not in told.aim and (told.found != "") == (rate == best)
    mean = mean_of_the_last(best, "val_loss")
    assert goal(best, runs).found.startswith(
        f"with {best} the mean validation loss ends lowest, at {mean:.3f}; with "
    )


def test_the_goal_may_be_the_first_or_the_last_rate():
    lower, higher = recorded((0.3, 0.8)), recorded((0.0, 0.3))
    assert goal(0.3, lower).found.endswith(
        f"; with 0.8 at {mean_of_the_last(0.8, 'val_loss'):.3f}."
    )
    assert goal(0.3, higher).found.endswith(
        f"; with 0.0 at {mean_of_the_last(0.0, 'val_loss'):.3f}."
    )


def test_of_one_rate_there_is_nothing_to_find():
    assert goal(0.3, recorded((0.3,))) is None


def test_what_differs_from_the_recordings_is_said():
    assert difference(20, 6_000) == ""
    assert "1,000 images and 5 epochs, recorded were 6,000 and 20" in difference(5, 1_000)
    assert difference(5, 6_000) and difference(20, 1_000)
