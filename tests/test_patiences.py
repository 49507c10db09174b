import math

import numpy as np
import pytest

from helpers import load_recording, replay_early_stopping
from helpers.histories import read_history
from helpers.patiences import Patiences, limits_without_peaks, longer_than_the_run, monitors

NAN = math.nan
RUN = {
    "loss": [1.0, 0.8, 0.6, 0.5, 0.4, 0.3],
    "val_loss": [0.9, 0.7, 0.75, 0.8, 0.6, 0.65],
    "val_accuracy": [0.5, 0.6, 0.65, 0.6, 0.6, 0.7],
}


def test_every_patience_of_a_recorded_run():
    run = load_recording("clothes_adam")
    patiences = Patiences(run, min_delta=0.001, start_from_epoch=2)
    assert len(patiences.replays) == 21
    for patience, replay in enumerate(patiences.replays):
        assert replay == replay_early_stopping(
            run, patience=patience, min_delta=0.001, start_from_epoch=2
        )
        assert patiences.last_epochs[patience] == replay.epochs_run - 1
        assert patiences.monitored[patience] == replay.best


def test_a_continued_run_keeps_its_epochs_numbers():
    class History:
        history = {"val_loss": [3.0, 2.0, 4.0, 5.0]}
        epoch = [5, 6, 7, 8]

    patiences = Patiences(History())
    assert patiences.last_epochs.tolist() == [7, 7, 8, 8, 8]
    assert patiences.monitored.tolist() == [2.0] * 5
    assert patiences.rows(1)["stops"] == "after epoch 7, 3 of 4 trained"


def test_the_rows():
    patiences = Patiences(RUN)
    assert patiences.rows(2) == {
        "stops": "after epoch 3, 4 of 6 trained",
        "restores": "epoch 1, val_loss 0.7000",
        "epochs saved": "2",
        "val_loss kept": "0.7000 (epoch 1)",
        "best of the whole run": "0.6000 (epoch 4)",
        "given away": "0.1000 val_loss",
    }
    rows = patiences.rows(4)
    assert rows["stops"] == "never, 6 of 6 trained"
    assert (rows["epochs saved"], rows["given away"]) == ("0", "nothing")


def test_a_stop_after_the_last_epoch_is_a_stop():
    assert Patiences({"val_loss": [1.0, 2.0]}).rows(1)["stops"] == "after epoch 1, 2 of 2 trained"
    assert Patiences({"val_loss": [1.0]}).rows(0)["stops"] == "never, 1 of 1 trained"


def test_what_is_watched_need_not_be_what_judges():
    rows = Patiences(RUN, "val_accuracy").rows(1)
    assert rows["restores"] == "epoch 2, val_accuracy 0.6500"
    assert rows["val_loss kept"] == "0.7500 (epoch 2)"
    assert rows["given away"] == "0.1500 val_loss"
    rows = Patiences({"loss": [3.0, 2.0, 4.0]}, "loss").rows(1)
    assert rows["loss kept"] == "2.0000 (epoch 1)"


def test_no_epoch_looked_at():
    rows = Patiences(RUN, start_from_epoch=6).rows(0)
    assert rows["restores"] == "nothing: no epoch was looked at, so you keep the last"
    assert rows["val_loss kept"] == "0.6500 (epoch 5)"


def test_what_is_no_number_is_said():
    run = {"loss": [3.0, 2.0, 1.0], "val_loss": [1.0, 2.0, NAN]}
    rows = Patiences(run, "loss").rows(3)
    assert rows["val_loss kept"] == "not a number (epoch 2)"
    assert rows["given away"] == "not a number val_loss"


def test_the_goal_is_the_smallest_patience_that_keeps_the_best_epoch():
    made = Patiences(RUN)
    assert made.smallest == 3
    for patience in (0, 1, 2, 4, 5, 6):
        told = made.goal(patience)
        assert told.found == "" and told.aim == (
            "find the smallest patience that keeps the best epoch of the whole run (monitor "
            "val_loss, min_delta 0, start_from_epoch 0)."
        )
    assert made.goal(3).found == (
        "with patience 3 it keeps epoch 4, the best one; with 2 it keeps epoch 1 and gives away "
        "0.1000."
    )


def test_the_goal_may_be_no_patience_at_all():
    made = Patiences({"val_loss": [3.0, 2.0, 1.0, 1.5]})
    assert made.goal(0).found == "with patience 0 it keeps epoch 2, the best one."
    assert made.goal(1).found == ""


@pytest.mark.parametrize("arguments", [("val_loss", 0.01), ("val_loss", 0, 1), ("val_accuracy",)])
def test_with_other_arguments_the_goal_is_not_reached(arguments):
    made = Patiences(RUN, *arguments)
    assert not any(made.goal(patience).found for patience in range(7))


def test_a_goal_that_no_patience_reaches_is_said_to_be_out_of_reach():
    made = Patiences({"val_loss": [3.0, -math.inf, 1.0, 2.0]})
    assert made.smallest is None
    assert not any(made.goal(patience).found for patience in range(5))
    assert made.goal(2).aim.endswith(" Here none does, up to 4.")


@pytest.mark.parametrize(
    ("val_loss", "first"),
    [
        (RUN["val_loss"], 5),
        ([9.0, 2.0, 3.0, 3.0, 3.0, 3.0, 1.0, 2.0], 0),  # the goal is 5
        ([3.0, 2.0, 2.5], 3),
        ([3.0], 1),
    ],
)
def test_the_first_patience_is_not_the_goal(val_loss, first):
    made = Patiences({"val_loss": val_loss})
    assert made.first_patience() == first and not made.goal(first).found


@pytest.mark.parametrize("name", ["clothes_adam", "clothes_dropout_0.3", "digits_3000", "wine"])
@pytest.mark.parametrize("seed", [42, 43, 44])
def test_the_goal_of_each_recorded_run_can_be_reached(name, seed):
    made = Patiences(load_recording(name, seed))
    assert 0 < made.smallest < len(made.replays) and made.goal(made.smallest).found
    assert made.kept.given_away[made.smallest] == 0 < made.kept.given_away[made.smallest - 1]


def test_a_monitor_that_does_not_judge_is_remarked_on():
    assert Patiences(RUN).remark() == ""
    assert Patiences({"loss": [1.0]}, "loss").remark() == ""
    remark = Patiences(RUN, "val_accuracy").remark()
    assert "watches val_accuracy" in remark and "judged by val_loss" in remark
    assert "learns from" not in remark
    assert "learns from" in Patiences(RUN, "loss").remark()


@pytest.mark.parametrize(
    ("history", "arguments", "error", "words"),
    [
        (3, (), TypeError, "not 3"),
        ({"loss": [1.0]}, (), ValueError, "no 'val_loss'; it has 'loss'"),
        ({"val_loss": [NAN, NAN]}, (), ValueError, "no finite value"),
        ({"wobble": [1.0, 2.0]}, ("wobble",), ValueError, "mode="),
    ],
)
def test_bad_input_is_named(history, arguments, error, words):
    with pytest.raises(error, match=words):
        Patiences(history, *arguments)


def test_val_loss_comes_first_of_what_can_be_watched():
    run = {"loss": [1.0], "accuracy": [1.0], "val_accuracy": [1.0], "val_loss": [1.0]}
    assert monitors(read_history(run)) == ["val_loss", "val_accuracy", "loss", "accuracy"]


def test_a_patience_longer_than_the_run():
    assert longer_than_the_run(50, 6).startswith("A patience of 50 never stops a run of 6 epochs:")


def test_a_few_high_values_do_not_flatten_the_rest():
    quiet = np.linspace(1, 2, 200)
    bottom, top = limits_without_peaks([quiet, np.array([50.0, NAN])])
    assert bottom < 1 and 2 < top < 3
    assert limits_without_peaks([quiet]) is None
    assert limits_without_peaks([np.ones(5)]) is None
