"""DropoutExplorer: its arithmetic, and every control moved as the notebook moves it."""

import signal
import types

import keras
import numpy as np
import pytest
from matplotlib import pyplot

from helpers import experiments, load_fashion_mnist, load_recording, model_fn, recordings
from helpers.explorers import dropout
from helpers.explorers.dropout import DropoutExplorer

LOGS = {"loss": 1.0, "val_loss": 0.9, "accuracy": 0.5, "val_accuracy": 0.6}


def data(count=1_000, shape=(28, 28)):
    random = np.random.default_rng(0)
    x = random.random((count, *shape), dtype="float32")
    y = random.integers(0, 10, count).astype("int32")
    return types.SimpleNamespace(
        train_scaled=x, train_target=y, val_scaled=x[:50], val_target=y[:50]
    )


def explorer(given=None, **arguments):
    """One that trains 2 epochs on 1,000 images."""
    made = DropoutExplorer(data() if given is None else given, **arguments)
    made.epochs.options = (2, 20)
    made.epochs.value = 2
    made.images.value = 1_000
    return made


@pytest.fixture
def fit(monkeypatch):
    """A fast_fit that trains nothing: it calls the callbacks, and what `during` does an epoch."""

    def fast_fit(model, x, y, batch_size=32, epochs=1, validation_data=None, callbacks=None, **_):
        calls.append((model, x, y, epochs, validation_data))
        history = keras.callbacks.History()
        history.on_train_begin()
        history.set_model(model)
        for epoch in range(epochs):
            fast_fit.during(epoch)
            for callback in [history, *callbacks]:
                callback.on_epoch_end(epoch, dict(LOGS))
        return history

    calls = fast_fit.calls = []
    fast_fit.during = lambda epoch: None
    monkeypatch.setattr(experiments, "fast_fit", fast_fit)
    return fast_fit


# --- the arithmetic -------------------------------------------------------------------------------


def test_a_band_is_mean_lowest_and_highest():
    mean, low, high = dropout.band([[1.0, 4.0], [2.0, 2.0], [6.0, 3.0]])
    assert (mean.tolist(), low.tolist(), high.tolist()) == ([3, 3], [1, 2], [6, 4])


@pytest.mark.parametrize(("runs", "told"), [([], "none"), ([[1.0], [1.0, 2.0]], "1, 2")])
def test_a_band_needs_runs_of_one_length(runs, told):
    with pytest.raises(ValueError, match=told):
        dropout.band(runs)


def test_the_valley_is_the_last_epoch_over_ascending_rates():
    bands = {0.5: dropout.band([[9.0, 1.0], [9.0, 3.0]]), 0.0: dropout.band([[9.0, 5.0]])}
    rates, last = dropout.valley(bands)
    assert rates.tolist() == [0.0, 0.5]
    assert last.mean.tolist() == [5, 2]
    assert (last.low.tolist(), last.high.tolist()) == ([5, 1], [5, 3])


def test_the_recorded_band_is_that_of_the_recordings():
    runs = dropout.read_runs(0.4, (42, 43))
    for seed, run in runs.items():
        assert run == load_recording("clothes_6000_dropout_0.4", seed).history
    bands = dropout.bands_of(runs)
    for key in dropout.KEYS:
        assert bands[key].low[7] == min(run[key][7] for run in runs.values())
        assert len(bands[key].mean) == dropout.EPOCHS


@pytest.mark.parametrize("known", dropout.RATES)
def test_a_rate_with_a_rounding_error_is_known(known):
    assert dropout.recorded_rate(known + 1e-9) == known


def test_other_rates_are_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="0.25.*0.0, 0.1, .* 0.9"):
        dropout.recorded_rate(0.25)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((1, 2), "load_fashion_mnist.*not tuple"),
        (data(30, (784,)), r"\(30, 784\).*28x28"),
        (data(10), "only 10 training images"),
    ],
)
def test_other_data_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        dropout.check_data(given, 20)


def test_the_time_left_does_not_count_the_first_epoch():
    assert dropout.seconds_left([], 4) is None
    assert dropout.seconds_left([10.0], 4) is None
    assert dropout.seconds_left([10.0, 11.0, 12.0], 5) == 2
    assert dropout.seconds_left([10.0, 11.0], 2) == 0


def test_what_differs_from_the_recordings_is_said():
    assert dropout.difference(20, 6_000) == ""
    assert "1,000 images and 5 epochs, recorded were 6,000 and 20" in dropout.difference(5, 1_000)
    assert dropout.difference(5, 6_000) and dropout.difference(20, 1_000)


@pytest.mark.parametrize(
    ("last", "where"),
    [(0.5, "inside"), (0.39999, "inside"), (0.399, "outside"), (0.61, "outside")],
)
def test_how_a_training_with_a_new_seed_ended_is_said(last, where):
    recorded = dict(zip(range(42, 52), np.linspace(0.4, 0.6, 10), strict=True))
    assert dropout.outcome([1.0, last], 52, recorded) == (
        f"Its last validation loss is {last:.3f}, {where} the recorded 0.400 to 0.600. "
        "Of new seeds, 82% are to be expected inside."
    )


def test_a_recorded_seed_is_told_beside_its_recording():
    told = dropout.outcome([1.0, 0.4321], 43, {42: 0.5, 43: 0.4322})
    assert told == "Its last validation loss is 0.432; recorded with seed 43: 0.432."


def test_what_can_not_be_compared_is_not():
    assert dropout.outcome([1.0, 0.4], 42, {}) == "Its last validation loss is 0.400."


def test_how_many_new_runs_fall_inside():
    generator = np.random.default_rng(0)
    runs = generator.standard_normal((20_000, 11))
    old, new = runs[:, :10], runs[:, 10]
    inside = (old.min(axis=1) <= new) & (new <= old.max(axis=1))
    assert abs(inside.mean() - dropout.share_inside(10)) < 0.01


def test_what_lies_beyond_the_axis_is_drawn_at_its_edge():
    assert dropout.on_the_axis(0.5, 0.4, 0.7) == (0.5, "o")
    assert dropout.on_the_axis(0.8, 0.4, 0.7) == (0.7, "^")
    assert dropout.on_the_axis(0.3, 0.4, 0.7) == (0.4, "v")


# --- the slider -----------------------------------------------------------------------------------


def test_each_rate_has_its_own_picture_and_words():
    moved = DropoutExplorer()
    pictures, words = set(), set()
    for rate in dropout.RATES:
        moved.rate.value = rate
        pictures.add(moved.picture.value)
        words.add(moved.words.value)
        assert f"Dropout rate {rate:.1f}" in moved.words.value
        runs = [load_recording(f"clothes_6000_dropout_{rate}", s).history for s in dropout.SEEDS]
        assert f"{np.mean([run['val_loss'][-1] for run in runs]):.3f}" in moved.words.value
        assert moved.notice.value == "" or "alert" not in moved.notice.value
    assert len(pictures) == len(words) == len(dropout.RATES)
    assert all(bytes(picture).startswith(b"\x89PNG") for picture in pictures)
    assert moved.history is None


def test_choices_that_differ_from_the_recordings_are_told():
    moved = DropoutExplorer()
    assert "fairly" not in moved.words.value
    moved.images.value = 12_000
    assert "12,000 images and 20 epochs, recorded were 6,000 and 20" in moved.words.value
    moved.epochs.value = 40
    assert "12,000 images and 40 epochs" in moved.words.value


def test_every_control_has_a_label_and_a_tooltip():
    made = DropoutExplorer()
    for control in (made.rate, made.train, made.seed, made.epochs, made.images):
        name = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
        assert control.description and getattr(control, name)


def test_an_unknown_rate_is_told_and_the_next_one_is_fine():
    moved = DropoutExplorer()
    moved.rate.value = 0.25
    assert "alert" in moved.notice.value and "0.25" in moved.notice.value
    moved.rate.value = 0.2
    assert "alert" not in moved.notice.value and "0.2" in moved.words.value


def test_missing_recordings_are_told(monkeypatch, tmp_path, fit):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    made = explorer()
    assert "alert" in made.notice.value and "git checkout" in made.notice.value
    made.rate.value = 0.5
    assert "clothes_6000_dropout_0.5" in made.notice.value
    made.train.click()  # works without them
    assert made.history.history["loss"] == [1.0, 1.0]


def test_one_damaged_recording_spoils_only_its_rate(monkeypatch, tmp_path):
    for path in recordings.FOLDER.glob("clothes_6000*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    (tmp_path / "clothes_6000_dropout_0.7_seed43.json").write_text("{")
    made = DropoutExplorer()
    assert "damaged" in made.notice.value
    made.rate.value = 0.4
    assert "alert" not in made.notice.value and "0.4" in made.words.value
    made.rate.value = 0.7
    assert "damaged" in made.notice.value


@pytest.mark.parametrize("seeds", [(), (99,), 99, "ab", None])
def test_other_seeds_are_told(seeds):
    assert "alert" in DropoutExplorer(seeds=seeds).notice.value


def test_moves_leave_no_figure_open():
    moved = DropoutExplorer()
    for move in range(200):
        moved.rate.value = dropout.RATES[(move + 1) % 10]
    assert pyplot.get_fignums() == []
    last = DropoutExplorer()
    last.rate.value = moved.rate.value
    assert moved.picture.value == last.picture.value


# --- the training ---------------------------------------------------------------------------------


def test_a_real_training_leaves_a_history_and_a_curve():
    trained = explorer()
    before = trained.picture.value
    trained.train.click()
    assert set(trained.history.history) == set(LOGS)
    assert len(trained.history.history["val_loss"]) == 2
    assert "Trained 2 of 2 epochs" in trained.notice.value
    assert trained.picture.value != before
    assert not trained.train.disabled


def test_what_is_trained_is_what_the_controls_say(fit):
    trained = explorer(seeds=(42, 43))
    trained.seed.value, trained.rate.value = 43, 0.6
    trained.train.click()
    ((model, x, y, epochs, (val_x, _)),) = fit.calls
    assert (x.shape, y.shape, epochs, len(val_x)) == ((1_000, 28, 28), (1_000,), 2, 50)
    (layer,) = [layer for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert layer.rate == 0.6
    keras.utils.set_random_seed(43)
    start = model_fn().get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(start, model.get_weights(), strict=True))


def test_each_epoch_is_drawn_and_counted(fit):
    trained = explorer()
    seen = []
    fit.during = lambda epoch: seen.append((trained.picture.value, trained.notice.value))
    trained.train.click()
    assert seen[0][0] != seen[1][0] != trained.picture.value
    assert "1 of 2 epochs done" in seen[1][1]
    assert trained.train.disabled is False


def test_the_time_left_is_told(fit):
    trained = explorer()
    trained.epochs.value = 20
    seen = []
    fit.during = lambda epoch: seen.append(trained.notice.value)
    trained.train.click()
    assert "7 of 20 epochs done, about 0 s left" in seen[7]


def test_the_trained_curve_stays_when_the_slider_moves(fit):
    trained, fresh = explorer(), explorer()
    trained.rate.value = 0.5
    trained.train.click()
    for moved in (trained, fresh):
        moved.rate.value = 0.1
    assert trained.picture.value != fresh.picture.value
    assert "rate 0.5, seed 42" in trained._note.get_text()
    assert list(trained._own["val_loss"].get_ydata()) == [0.9, 0.9]


def test_a_recorded_seed_trained_here_is_its_recording():
    trained = DropoutExplorer(load_fashion_mnist())
    trained.rate.value, trained.seed.value = 0.4, 45
    trained.train.click()
    recorded = load_recording("clothes_6000_dropout_0.4", 45).history
    for key in dropout.KEYS:
        here, there = np.array(trained.history.history[key]), np.array(recorded[key])
        np.testing.assert_allclose(here[:3], there[:3], rtol=5e-3)
        # Another processor rounds otherwise, and in twenty epochs that grows.
        assert np.abs(here - there).mean() < 0.01
    assert "recorded with seed 45" in trained.notice.value


@pytest.mark.parametrize("how", ["signal", "exception"])
def test_an_interrupt_keeps_the_epochs_so_far(fit, how):
    trained = explorer()
    trained.epochs.value = 20

    def interrupt(epoch):
        if epoch == 3:
            if how == "exception":
                raise KeyboardInterrupt
            signal.raise_signal(signal.SIGINT)

    fit.during = interrupt
    trained.train.click()
    assert trained.history["loss"] == [1.0] * 3
    assert "Stopped by hand after 3 of 20 epochs" in trained.notice.value
    assert "alert" not in trained.notice.value
    assert not trained.train.disabled


def test_an_interrupt_before_the_first_epoch(fit):
    trained = explorer()

    def interrupt(epoch):
        raise KeyboardInterrupt

    fit.during = interrupt
    trained.train.click()
    assert trained.history is None
    assert "after 0 of 2 epochs. Nothing was trained" in trained.notice.value
    fit.during = lambda epoch: None
    trained.train.click()
    assert trained.history.history["loss"] == [1.0, 1.0]


def test_an_error_in_the_training_is_told(fit):
    trained = explorer()

    def fail(epoch):
        if epoch == 1:
            raise RuntimeError("no <memory> left")

    fit.during = fail
    trained.train.click()
    assert "RuntimeError after 1 of 2 epochs: no &lt;memory&gt; left" in trained.notice.value
    assert "alert" in trained.notice.value
    assert trained.history["loss"] == [1.0]
    assert not trained.train.disabled


@pytest.mark.parametrize(
    ("given", "words"),
    [("nonsense", "load_fashion_mnist"), (data(1_000, (784,)), "28x28"), (data(60), "only 60")],
)
def test_other_data_are_told_when_trained(fit, given, words):
    trained = explorer(given)
    trained.train.click()
    assert "alert" in trained.notice.value and words in trained.notice.value
    assert trained.history is None and fit.calls == []


def test_the_data_are_loaded_at_the_first_training_only(monkeypatch, fit):
    loaded = []

    def load():
        loaded.append(1)
        return data()

    monkeypatch.setattr(experiments, "load_fashion_mnist", load)
    made = DropoutExplorer()
    made.images.value = 1_000
    assert loaded == []
    made.train.click()
    made.train.click()
    assert loaded == [1]
