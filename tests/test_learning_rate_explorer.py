"""LearningRateExplorer: every control moved and pressed as a learner does it, and what is read."""

import math
import re
import threading
from collections import Counter

import keras
import numpy as np
import pytest
from looking import read
from matplotlib import pyplot

from helpers import LearningRateExplorer, recordings
from helpers.experiments.on_digits import LEARNING_RATES, learning_rate_name
from helpers.experiments.recipe import TEN_SEEDS
from helpers.learning_rates import GUESSING, verdict
from helpers.recordings import load_recording
from helpers.wording import decimal


def recorded(rate, seeds=TEN_SEEDS):
    return [load_recording(learning_rate_name(rate), seed).history["loss"] for seed in seeds]


# --- the slider -----------------------------------------------------------------------------------


def test_each_rate_has_its_own_picture_and_words_and_trains_nothing(trainings):
    moved = LearningRateExplorer()
    pictures, words = set(), set()
    for rate in LEARNING_RATES:
        moved.rate.value = rate
        pictures.add(moved.picture.value)
        told = read(moved.words)
        words.add(told)
        runs = recorded(rate)
        head, _, rest = told.partition(" of 10 seeds. ")
        name, _, counts = head.partition(": ")
        assert name == f"Learning rate {decimal(rate)}"
        counted = {what: int(n) for what, n in re.findall(r"([a-z ]+?) in (\d+)", counts)}
        counted = {what.removeprefix(" and ").strip(): n for what, n in counted.items()}
        assert counted == Counter(map(verdict, runs))
        last = [run[-1] for run in runs]
        assert f"Last loss {min(last):.2g} to {max(last):.2g}; guessing: 2.3." in rest
        beyond = any(not value <= 3 for run in runs for value in run)
        assert ("Not shown: " in rest) == beyond
        assert read(moved.notice) == ""
    assert len(pictures) == len(words) == len(LEARNING_RATES)
    assert moved.history is None and trainings.made == []


def test_the_slider_may_be_moved_by_its_places_and_by_the_list():
    moved = LearningRateExplorer()
    moved.rate.slider.index = 6
    assert moved.rate.value == LEARNING_RATES[6] and moved.rate.field.index == 6
    moved.rate.field.label = "100"
    assert moved.rate.value == 100 and "Learning rate 100: " in read(moved.words)


def test_the_same_rate_again_has_the_same_picture():
    moved = LearningRateExplorer()
    first = moved.picture.value
    moved.rate.value = 0.1
    assert moved.picture.value != first
    moved.rate.value = LEARNING_RATES[0]
    assert moved.picture.value == first


def test_only_the_seeds_that_are_wanted_are_shown():
    moved = LearningRateExplorer(seeds=(43, 44, 45))
    moved.rate.value = 0.3
    last = [run[-1] for run in recorded(0.3, (43, 44, 45))]
    assert "of 3 seeds. " in read(moved.words)
    assert f"Last loss {min(last):.2g} to {max(last):.2g};" in read(moved.words)


def test_every_control_has_a_label_and_a_tooltip():
    made = LearningRateExplorer()
    for control in (made.rate.field, made.train, made.stop, made.seed):
        name = "tooltip" if "tooltip" in control.keys else "description_tooltip"
        assert control.description and getattr(control, name)


def test_a_rate_that_is_not_in_the_list_is_refused_and_the_next_one_is_fine():
    moved = LearningRateExplorer()
    with pytest.raises(Exception, match="Invalid selection: value not found"):
        moved.rate.field.value = 0.5
    moved.rate.value = 0.1
    assert read(moved.notice) == "" and "Learning rate 0.1: " in read(moved.words)


def test_missing_recordings_are_told_and_a_training_works_without_them(monkeypatch, tmp_path):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    made = LearningRateExplorer()
    assert "alert" in made.notice.value and "git checkout" in read(made.notice)
    made.rate.value = 0.1
    assert "digits_learning_rate_0.1" in read(made.notice)
    made.train.click()
    assert len(made.history.epoch) == 20
    assert "Trained 20 of 20 epochs" in read(made.words) and "Verdict: right." in read(made.words)


def test_one_damaged_recording_spoils_only_its_rate(monkeypatch, tmp_path):
    for path in recordings.FOLDER.glob("digits_learning_rate*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    (tmp_path / "digits_learning_rate_0.03_seed43.json").write_text("{")
    made = LearningRateExplorer()
    for rate in LEARNING_RATES:
        made.rate.value = rate
        if rate == 0.03:
            assert "rate_0.03_seed43.json is damaged" in read(made.notice)
            assert "Learning rate" not in read(made.words)
        else:
            assert read(made.notice) == "" and f"rate {decimal(rate)}: " in read(made.words)


@pytest.mark.parametrize("seeds", [(), (99,), 99, "ab", None])
def test_other_seeds_are_told(seeds):
    made = LearningRateExplorer(seeds=seeds)
    assert 'role="alert"' in made.notice.value
    made.rate.value = 0.1
    assert "learning rate 0.1 can't be shown" in read(made.notice)


def test_moves_leave_no_figure_open():
    moved = LearningRateExplorer()
    for move in range(200):
        moved.rate.value = LEARNING_RATES[move % 13]
    assert pyplot.get_fignums() == []
    last = LearningRateExplorer()
    last.rate.value = moved.rate.value
    assert moved.picture.value == last.picture.value


# --- the goal -------------------------------------------------------------------------------------


def test_the_goal_is_reached_at_one_rate_and_nowhere_else():
    moved = LearningRateExplorer()
    assert read(moved.goal) == (
        "Goal: find the largest learning rate whose recorded runs all end below a loss of 0.1."
    )
    said = {}
    for rate in LEARNING_RATES:
        moved.rate.value = rate
        said[rate] = read(moved.goal)
    (reached,) = (rate for rate, told in said.items() if told.startswith("Goal reached: "))
    below = [rate for rate in LEARNING_RATES if all(run[-1] < 0.1 for run in recorded(rate))]
    assert reached == max(below) != LEARNING_RATES[0] and len(below) > 2
    moved.rate.value = LEARNING_RATES[0]
    assert read(moved.goal).startswith("Goal: find")


def test_without_recordings_there_is_no_goal(monkeypatch, tmp_path):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    made = LearningRateExplorer()
    assert read(made.goal) == "" and made.goal.layout.display == "none"


# --- the training ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "seed"), [(0.1, 42), (1e-5, 44), (20.0, 46)])
def test_a_recorded_seed_trained_here_is_its_recording(trainings, rate, seed):
    trained = LearningRateExplorer()
    trained.rate.value, trained.seed.value = rate, seed
    before = trained.picture.value
    trained.train.click()
    assert isinstance(trained.history, keras.callbacks.History)
    (given,) = trainings.made
    assert given["learning_rate"] == pytest.approx(rate) and given["seed"] == seed
    (there,) = recorded(rate, (seed,))
    here = trained.history.history["loss"]
    np.testing.assert_allclose(here[:3], there[:3], rtol=5e-3)
    assert len(here) == len(there) == 20 and verdict(here) == verdict(there)
    told = read(trained.words)
    assert f"Learning rate {decimal(rate)}, seed {seed}. Its last loss is {here[-1]:.3f}; " in told
    assert f"recorded with seed {seed}: {there[-1]:.3f}. Verdict: {verdict(there)}." in told
    assert trained.picture.value != before and not trained.train.disabled


def test_a_new_seed_is_told_beside_all_recorded_ones():
    trained = LearningRateExplorer()
    trained.rate.value, trained.seed.value = 0.1, 53
    trained.train.click()
    ends = [run[-1] for run in recorded(0.1)]
    last = trained.history.history["loss"][-1]
    assert f"Its last loss is {last:.3f}, " in read(trained.words)
    assert f"the recorded {min(ends):.3f} to {max(ends):.3f}. Of new seeds, 82%" in read(
        trained.words
    )


def test_the_trained_curve_stays_when_the_slider_moves():
    trained, fresh = LearningRateExplorer(), LearningRateExplorer()
    trained.rate.value = 0.1
    trained.train.click()
    for moved in (trained, fresh):
        moved.rate.value = 0.3
    assert trained.picture.value != fresh.picture.value
    assert "Learning rate 0.3: " in read(trained.words)
    assert "Learning rate 0.1, seed 42. Its last loss is" in read(trained.words)


def test_every_epoch_is_drawn(trainings):
    moved = LearningRateExplorer()
    seen = []
    trainings.begin = lambda model, epoch: seen.append(moved.picture.value)
    moved.rate.value = 0.03
    moved.train.click()
    assert len({*seen, moved.picture.value}) == 21


def test_a_loss_that_is_not_a_number_is_trained_to_the_end_drawn_and_told(trainings):
    def spoil(model, epoch):
        if epoch == 3:
            model.set_weights([weight * np.nan for weight in model.get_weights()])

    trainings.begin = spoil
    moved = LearningRateExplorer()
    moved.rate.value = 0.1
    before = moved.picture.value
    moved.train.click()
    assert len(moved.history.epoch) == 20 and math.isnan(moved.history.history["loss"][-1])
    assert "Its last loss is nan; recorded with seed 42" in read(moved.words)
    assert "Verdict: diverging." in read(moved.words) and "alert" not in moved.notice.value
    assert moved.picture.value != before


def test_a_loss_beyond_the_axis_is_drawn_at_its_edge():
    moved = LearningRateExplorer()
    moved.rate.value = 100.0
    before = moved.picture.value
    moved.train.click()
    assert max(moved.history.history["loss"]) > 3 > GUESSING
    assert moved.picture.value != before and "Verdict: diverging." in read(moved.words)


def test_the_stop_button_keeps_the_epochs_so_far(trainings):
    moved = LearningRateExplorer()
    moved.rate.value = 0.1

    def stop(model, epoch):
        if epoch == 3:
            thread = threading.Thread(target=moved.stop.click)
            thread.start()
            thread.join()

    trainings.begin = stop
    moved.train.click()
    assert moved.history.epoch == [0, 1, 2, 3]
    told = read(moved.words)
    assert "Trained 4 of 20 epochs in " in told and "stopped by hand" in told
    assert "recorded with seed" not in told
    assert not moved.train.disabled


def test_an_error_in_the_training_is_told(trainings):
    moved = LearningRateExplorer()

    def fail(model, epoch):
        raise RuntimeError("no memory left")

    trainings.begin = fail
    moved.train.click()
    assert "RuntimeError: no memory left" in read(moved.notice)
    assert moved.history is None and not moved.train.disabled


def test_missing_data_are_told(monkeypatch, tmp_path):
    monkeypatch.setattr("helpers.datasets.DATA_DIR", tmp_path)
    moved = LearningRateExplorer()
    moved.train.click()
    assert "alert" in moved.notice.value and "git checkout" in read(moved.notice)
    assert moved.history is None and not moved.train.disabled
