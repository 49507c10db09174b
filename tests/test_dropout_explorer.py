"""DropoutExplorer: every control moved and pressed as a learner does it, and what can be read."""

import signal
import threading
import types

import keras
import numpy as np
import pytest
from looking import read, shown
from matplotlib import pyplot

from helpers import DropoutExplorer, load_fashion_mnist, model_fn, recordings
from helpers.experiments import on_clothes
from helpers.experiments.on_clothes import DROPOUT_RATES
from helpers.experiments.recipe import TEN_SEEDS
from helpers.recordings import load_recording

KEYS = ("loss", "val_loss")


def data(count=1_000, shape=(28, 28)):
    """The first clothes, of which fifty validate too."""
    clothes = load_fashion_mnist()
    x = clothes.train_scaled[:count].reshape(count, *shape)
    y = clothes.train_target[:count]
    return types.SimpleNamespace(
        train_scaled=x, train_target=y, val_scaled=x[:50], val_target=y[:50]
    )


def explorer(given=None, epochs=5, **arguments):
    """One that trains few epochs on 1,000 images."""
    made = DropoutExplorer(data() if given is None else given, **arguments)
    made.epochs.value, made.images.value = epochs, 1_000
    return made


def recorded_ends(rate, key="val_loss", seeds=TEN_SEEDS):
    runs = [load_recording(f"clothes_6000_dropout_{rate}", seed).history for seed in seeds]
    return [run[key][-1] for run in runs]


# --- the slider -----------------------------------------------------------------------------------


def test_each_rate_has_its_own_picture_and_words_and_trains_nothing(trainings):
    moved = DropoutExplorer()
    pictures, words = set(), set()
    for rate in DROPOUT_RATES:
        moved.rate.value = rate
        pictures.add(moved.picture.value)
        words.add(read(moved.words))
        told = f"training loss {np.mean(recorded_ends(rate, 'loss')):.2f}, "
        told += f"validation loss {np.mean(recorded_ends(rate)):.3f}."
        assert f"Dropout rate {rate:.1f}, after epoch 19: {told}" in read(moved.words)
        assert read(moved.notice) == ""
    assert len(pictures) == len(words) == len(DROPOUT_RATES)
    assert all(bytes(picture).startswith(b"\x89PNG") for picture in pictures)
    assert moved.history is None and trainings.made == []


def test_a_dragged_rate_is_a_recorded_one():
    moved = DropoutExplorer()
    for tenths in range(10):
        moved.rate.slider.value = tenths * 0.1
        assert f"Dropout rate {tenths / 10:.1f}" in read(moved.words)
        assert read(moved.notice) == "" and moved.rate.field.value == tenths / 10


def test_the_same_rate_again_has_the_same_picture():
    moved = DropoutExplorer()
    first = moved.picture.value
    for rate in (0.7, 0.2, 0.0):
        moved.rate.value = rate
    assert moved.picture.value == first


def test_only_the_seeds_that_are_wanted_are_shown():
    moved = DropoutExplorer(seeds=(43, 44))
    assert f"validation loss {np.mean(recorded_ends(0.0, seeds=(43, 44))):.3f}" in read(moved.words)
    assert [seed for _, seed in moved.seed.options] == [43, 44, 45, 46, 47]
    assert moved.picture.value != DropoutExplorer().picture.value


def test_choices_that_differ_from_the_recordings_are_told():
    moved = DropoutExplorer()
    assert "fairly" not in read(moved.words)
    moved.images.value = 12_000
    assert "12,000 images and 20 epochs, recorded were 6,000 and 20" in read(moved.words)
    moved.epochs.value = 40
    assert "12,000 images and 40 epochs" in read(moved.words)
    moved.rate.value = 0.5
    assert "12,000 images and 40 epochs" in read(moved.words)
    moved.epochs.value, moved.images.value = 20, 6_000
    assert "fairly" not in read(moved.words)


def test_every_control_has_a_label_and_a_tooltip():
    made = DropoutExplorer()
    for control in (made.rate.field, made.train, made.stop, made.seed, made.epochs, made.images):
        name = "tooltip" if "tooltip" in control.keys else "description_tooltip"
        assert control.description and getattr(control, name)


def test_a_rate_that_was_not_recorded_is_told_and_the_next_one_is_fine():
    moved = DropoutExplorer()
    moved.rate.field.value = 0.25
    assert moved.rate.value == moved.rate.slider.value == 0.25
    assert "alert" in moved.notice.value
    assert "no run was recorded with the dropout rate 0.25" in moved.notice.value
    moved.rate.slider.value = 0.30000000000000004  # as a slider adds up its steps
    assert moved.rate.value == moved.rate.field.value == 0.3
    assert "alert" not in moved.notice.value and "Dropout rate 0.3" in moved.words.value


def test_a_rate_that_was_not_recorded_is_told_and_can_be_trained(monkeypatch):
    monkeypatch.setattr("helpers.explorers.dropout.DROPOUT_RATES", (0.2, 0.3, 0.4))
    moved = explorer()
    moved.rate.value = 0.5
    assert 'role="alert"' in moved.notice.value and "Dropout rate" not in read(moved.words)
    assert "dropout rate 0.5: choose one of 0.2, 0.3, 0.4, or train it here" in read(moved.notice)
    moved.train.click()
    assert len(moved.history.epoch) == 5
    assert "Dropout rate 0.5, seed 42. Its last validation loss is" in read(moved.words)
    moved.rate.value = 0.2
    assert read(moved.notice) == "" and "Dropout rate 0.2, after" in read(moved.words)


def test_missing_recordings_are_told_and_a_training_works_without_them(monkeypatch, tmp_path):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    made = explorer()
    assert "alert" in made.notice.value and "git checkout" in read(made.notice)
    made.rate.value = 0.5
    assert "clothes_6000_dropout_0.5" in read(made.notice)
    before = made.picture.value
    made.train.click()
    assert len(made.history.history["loss"]) == 5
    assert "Trained 5 of 5 epochs" in read(made.words) and made.picture.value != before


def test_one_damaged_recording_spoils_only_its_rate(monkeypatch, tmp_path):
    for path in recordings.FOLDER.glob("clothes_6000*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    (tmp_path / "clothes_6000_dropout_0.7_seed43.json").write_text("{")
    made = DropoutExplorer()
    for rate in DROPOUT_RATES:
        made.rate.value = rate
        if rate == 0.7:
            assert "dropout_0.7_seed43.json is damaged" in read(made.notice)
            assert "alert" in made.notice.value and "Dropout rate" not in read(made.words)
        else:
            assert read(made.notice) == "" and f"Dropout rate {rate}" in read(made.words)


@pytest.mark.parametrize("seeds", [(), (99,), 99, "ab", None])
def test_other_seeds_are_told(seeds):
    made = DropoutExplorer(seeds=seeds)
    assert 'role="alert"' in made.notice.value
    assert "dropout rate 0 can't be shown" in read(made.notice)
    made.rate.value = 0.5
    assert "dropout rate 0.5 can't be shown" in read(made.notice)


def test_moves_leave_no_figure_open():
    moved = DropoutExplorer()
    for move in range(200):
        moved.rate.value = DROPOUT_RATES[(move + 1) % 10]
    assert pyplot.get_fignums() == []
    last = DropoutExplorer()
    last.rate.value = moved.rate.value
    assert moved.picture.value == last.picture.value


# --- the goal -------------------------------------------------------------------------------------


def test_the_goal_is_reached_at_one_rate_and_nowhere_else():
    moved = DropoutExplorer()
    assert read(moved.goal).startswith("Goal: find the dropout rate") and shown(moved)
    said = {}
    for rate in DROPOUT_RATES:
        moved.rate.value = rate
        said[rate] = read(moved.goal)
    (reached,) = (rate for rate, told in said.items() if told.startswith("Goal reached: "))
    assert reached == min(DROPOUT_RATES, key=lambda rate: np.mean(recorded_ends(rate))) != 0.0
    assert len(set(said.values())) == 2 and said[0.0] == read(DropoutExplorer().goal)


def test_the_words_do_not_give_the_goal_away():
    assert "lowest" not in read(DropoutExplorer().words)


def test_a_rate_that_was_not_recorded_reaches_no_goal():
    moved = DropoutExplorer()
    moved.rate.value = 0.3
    assert "Goal reached: " in read(moved.goal)
    moved.rate.value = 0.25
    assert read(moved.goal).startswith("Goal: find")


def test_without_recordings_there_is_no_goal(monkeypatch, tmp_path):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    made = DropoutExplorer()
    assert read(made.goal) == "" and made.goal.layout.display == "none"


# --- the training ---------------------------------------------------------------------------------


def test_a_real_training_leaves_a_history_and_a_curve():
    trained = explorer()
    before = trained.picture.value
    trained.train.click()
    assert isinstance(trained.history, keras.callbacks.History)
    assert set(trained.history.history) == {"loss", "val_loss", "accuracy", "val_accuracy"}
    assert len(trained.history.history["val_loss"]) == 5
    last = trained.history.history["val_loss"][-1]
    assert "Trained 5 of 5 epochs in " in read(trained.words)
    assert f"Dropout rate 0, seed 42. Its last validation loss is {last:.3f}." in read(
        trained.words
    )
    assert trained.picture.value != before
    assert not trained.train.disabled


def test_what_is_trained_is_what_the_controls_say(trainings):
    trained = explorer(seeds=(42, 43))
    trained.seed.value, trained.rate.value = 43, 0.6
    trained.train.click()
    (given,) = trainings.made
    assert (given["x"].shape, given["y"].shape) == ((1_000, 28, 28), (1_000,))
    assert (given["epochs"], given["seed"], given["batch_size"]) == (5, 43, 32)
    assert len(given["validation_data"][0]) == 50
    (layer,) = (la for la in given["model"].layers if isinstance(la, keras.layers.Dropout))
    assert layer.rate == 0.6
    keras.utils.set_random_seed(43)
    start = model_fn().get_weights()
    assert all(map(np.array_equal, start, given["weights"]))


def test_each_epoch_is_drawn_and_told(trainings):
    trained = explorer()
    seen = []
    trainings.end = lambda model, epoch: seen.append((trained.picture.value, read(trained.notice)))
    trained.train.click()
    pictures, notices = zip(*seen, strict=True)
    assert len({*pictures, trained.picture.value}) == 5  # the last picture is that of epoch 4
    for epoch, notice in enumerate(notices, 1):
        assert notice.startswith(f"Training: epoch {epoch} of 5 ({epoch * 20}%), about ")
    assert read(trained.notice) == ""


def test_the_trained_curve_stays_when_the_slider_moves():
    trained, fresh = explorer(), explorer()
    trained.rate.value = 0.5
    trained.train.click()
    for moved in (trained, fresh):
        moved.rate.value = 0.1
    assert trained.picture.value != fresh.picture.value
    assert "Dropout rate 0.1, after epoch 19" in read(trained.words)
    assert "Dropout rate 0.5, seed 42. Its last validation loss is" in read(trained.words)


def test_a_longer_training_than_the_recorded_ones_gets_a_longer_axis():
    trained = explorer(epochs=40)
    seen = trained.picture.value
    trained.train.click()
    assert len(trained.history.epoch) == 40
    again = explorer(epochs=5)
    again.epochs.value = 40
    assert again.picture.value == seen != trained.picture.value


def test_a_recorded_seed_trained_here_is_its_recording():
    trained = DropoutExplorer(load_fashion_mnist())
    trained.rate.value, trained.seed.value = 0.4, 45
    trained.train.click()
    recorded = load_recording("clothes_6000_dropout_0.4", 45).history
    for key in KEYS:
        here, there = np.array(trained.history.history[key]), np.array(recorded[key])
        np.testing.assert_allclose(here[:3], there[:3], rtol=5e-3)
        # Another processor rounds otherwise, and in twenty epochs that grows.
        assert np.abs(here - there).mean() < 0.01
    end = recorded["val_loss"][-1]
    assert f"recorded with seed 45: {end:.3f}." in read(trained.words)


def test_a_new_seed_is_told_beside_all_recorded_ones():
    made = load_fashion_mnist()
    trained = DropoutExplorer(made)
    trained.seed.value = 52
    trained.train.click()
    low, high = min(recorded_ends(0.0)), max(recorded_ends(0.0))
    last = trained.history.history["val_loss"][-1]
    where = "inside" if round(low, 3) <= round(last, 3) <= round(high, 3) else "outside"
    assert (
        f"Dropout rate 0, seed 52. Its last validation loss is {last:.3f}, {where} the recorded "
        f"{low:.3f} to {high:.3f}. Of new seeds, 82% are to be expected inside."
    ) in read(trained.words)


def test_a_stopped_training_is_not_compared_with_whole_ones(trainings):
    trained = DropoutExplorer(data(6_000))

    def stop(model, epoch):
        if epoch == 1:
            thread = threading.Thread(target=trained.stop.click)
            thread.start()
            thread.join()

    trainings.end = stop
    trained.train.click()
    assert "stopped by hand" in read(trained.words)
    assert len(trained.history.epoch) < 20
    last = trained.history.history["val_loss"][-1]
    assert read(trained.words).endswith(f"Its last validation loss is {last:.3f}.")


@pytest.mark.parametrize("how", ["signal", "exception"])
def test_an_interrupt_keeps_the_epochs_so_far(trainings, how):
    trained = explorer(epochs=20)

    def interrupt(model, epoch):
        if epoch == 2:
            if how == "exception":
                raise KeyboardInterrupt
            signal.raise_signal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    trainings.end = interrupt
    trained.train.click()
    assert trained.history.epoch == ([0, 1, 2, 3] if how == "signal" else [0, 1, 2])
    assert "of 20 epochs in " in read(trained.words) and "by hand" in read(trained.words)
    assert "alert" not in trained.notice.value
    assert not trained.train.disabled


def test_an_error_in_the_training_is_told(trainings):
    trained = explorer()

    def fail(model, epoch):
        if epoch == 1:
            raise RuntimeError("no <memory> left")

    trainings.end = fail
    trained.train.click()
    assert "RuntimeError: no &lt;memory&gt; left" in trained.notice.value
    assert "alert" in trained.notice.value and "Trained 2 of 5 epochs" in read(trained.words)
    assert trained.history.epoch == [0, 1]
    assert not trained.train.disabled


@pytest.mark.parametrize(
    ("given", "words"),
    [("nonsense", "load_fashion_mnist"), (data(1_000, (784,)), "28x28"), (data(60), "only 60")],
)
def test_other_data_are_told_when_trained(trainings, given, words):
    trained = explorer(given)
    trained.train.click()
    assert "alert" in trained.notice.value and words in read(trained.notice)
    assert trained.history is None and trainings.made == []
    assert not trained.train.disabled


def test_the_data_are_loaded_at_the_first_training_only(monkeypatch):
    loaded = []

    def load():
        loaded.append(1)
        return data()

    monkeypatch.setattr(on_clothes, "load_fashion_mnist", load)
    made = DropoutExplorer()
    made.images.value, made.epochs.value = 1_000, 5
    assert loaded == []
    made.train.click()
    made.train.click()
    assert loaded == [1] and len(made.history.epoch) == 5


def test_a_rate_that_was_not_recorded_can_be_trained_and_its_progress_is_told(monkeypatch):
    trained = DropoutExplorer(data())
    trained.rate.value, trained.epochs.value, trained.images.value = 0.25, 5, 1_000
    said = []
    trained.notice.observe(lambda change: said.append(read(trained.notice)), "value")
    trained.train.click()
    assert len(trained.history.epoch) == 5
    assert any("Training: epoch 3 of 5" in text for text in said)
    assert not any("no run was recorded" in text for text in said)
    assert "Dropout rate 0.25, seed 42" in read(trained.words)
