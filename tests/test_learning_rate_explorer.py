"""LearningRateExplorer: its verdict, and every control moved as the notebook moves it."""

import math
import signal

import numpy as np
import pytest
from matplotlib import pyplot

from helpers import experiments
from helpers.explorers import learning_rate
from helpers.explorers.learning_rate import LearningRateExplorer, off_the_axis, verdict

NAN = math.nan


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([2.382, 2.381, 2.380, 2.379], "too small"),  # still above guessing, but it only fell
        ([2.35, 2.2, 2.1, 2.0, 1.9, 1.8], "too small"),
        ([2.38, 2.37, 2.371, 2.369, 2.3695], "too small"),  # less than a rise
        ([1.4, 0.6, 0.4, 0.2, 0.1], "right"),
        ([1.4, 0.6, 0.5, 0.51, 0.3, 0.1], "right"),  # rose once
        ([1.2, 0.3, 0.010, 0.011, 0.010, 0.011, 0.009], "right"),  # trembles at the bottom
        ([1.7, 1.2, 0.9, 1.0, 0.6, 0.7, 0.3], "noisy"),
        ([2.3, 2.0, 2.05, 1.95, 1.96, 1.94], "noisy"),
        ([4.2, 2.35, 2.36, 2.34, 2.36], "diverging"),
        ([3.5, 2.37, 2.369, 2.368], "diverging"),  # thrown away at once, never came back
        ([5519.9, 34.0, 6.6, 5.8, 6.2], "diverging"),
        ([1.0, 0.5, NAN, NAN], "diverging"),
        ([1.0, math.inf, 0.5], "diverging"),
        ([NAN], "diverging"),
        ([0.4], "right"),
    ],
)
def test_the_verdict(losses, expected):
    assert verdict(losses) == verdict(np.array(losses)) == expected


def test_no_losses_have_no_verdict():
    with pytest.raises(ValueError, match="no loss to judge"):
        verdict([])


@pytest.mark.parametrize(
    ("losses", "told"),
    [
        ([2.0, 1.0, 3.0], ""),
        ([5519.9, 34.0, 2.0], "2 epochs above the axis (▲), the highest: 5,520 in epoch 0"),
        ([2.0, 4.0], "1 epoch above the axis (▲), the highest: 4.0 in epoch 1"),
        ([2.0, NAN, NAN], "not a number from epoch 1 on"),
        (
            [9.0, math.inf],
            "1 epoch above the axis (▲), the highest: 9.0 in epoch 0; not a number from epoch 1 on",
        ),
    ],
)
def test_what_the_axis_does_not_show_is_told(losses, told):
    assert off_the_axis(losses, top=3) == told


def test_a_rate_is_written_plainly():
    assert [learning_rate.plain(r) for r in (1e-5, 0.1, 100.0)] == ["0.00001", "0.1", "100"]


def test_curves_are_joined_with_gaps():
    epochs, losses = learning_rate.joined([[3.0, 2.0], [1.0]])
    np.testing.assert_array_equal(epochs, [0, 1, NAN, 0, NAN])
    np.testing.assert_array_equal(losses, [3, 2, NAN, 1, NAN])
    assert [len(part) for part in learning_rate.joined([])] == [0, 0]


@pytest.fixture
def fit(monkeypatch):
    """A fast_fit that trains nothing: the loss falls the faster the higher the rate is."""

    def fast_fit(model, x, y, batch_size=32, epochs=1, validation_data=None, callbacks=None, **_):
        rate = float(model.optimizer.learning_rate)
        fast_fit.rates.append(rate)
        for epoch in range(epochs):
            fast_fit.during(epoch)
            loss = fast_fit.loss(rate, epoch)
            for callback in callbacks:
                callback.on_epoch_end(epoch, {"loss": loss})

    fast_fit.rates = []
    fast_fit.during = lambda epoch: None
    fast_fit.loss = lambda rate, epoch: 2.3 / (1 + rate * (epoch + 1))
    monkeypatch.setattr(experiments, "fast_fit", fast_fit)
    return fast_fit


def test_letting_the_slider_go_trains_and_each_rate_has_its_picture(fit):
    moved = LearningRateExplorer(epochs=3)
    assert moved.rate.continuous_update is False and fit.rates == []
    pictures = {moved.picture.value}
    for rate in learning_rate.RATES[1:]:
        moved.rate.value = rate
        pictures.add(moved.picture.value)
        assert f"Learning rate {learning_rate.plain(rate)}: " in moved.words.value
        assert moved.notice.value == ""
    assert len(pictures) == len(learning_rate.RATES)
    assert list(moved.history) == list(learning_rate.RATES[1:])
    assert all(len(losses) == 3 for losses in moved.history.values())
    np.testing.assert_allclose(fit.rates, learning_rate.RATES[1:], rtol=1e-6)


def test_a_known_rate_is_only_drawn_again_but_the_button_trains(fit):
    moved = LearningRateExplorer(epochs=3)
    for rate in (0.1, 0.3, 0.1):
        moved.rate.value = rate
    assert len(fit.rates) == 2 and "Learning rate 0.1" in moved.words.value
    moved.train.click()
    assert len(fit.rates) == 3
    assert set(moved.history) == {0.1, 0.3}


def test_every_epoch_is_drawn(fit):
    moved = LearningRateExplorer(epochs=3)
    seen = []
    fit.during = lambda epoch: seen.append(moved.picture.value)
    moved.rate.value = 0.3
    assert len({*seen, moved.picture.value}) == 4


def test_earlier_runs_stay_visible(fit):
    one, two = LearningRateExplorer(epochs=3), LearningRateExplorer(epochs=3)
    two.rate.value = 0.1
    for moved in (one, two):
        moved.rate.value = 0.3
    assert one.picture.value != two.picture.value


@pytest.mark.parametrize("loss", [1e9, NAN, math.inf])
def test_what_is_off_the_axis_is_told_and_drawn(fit, loss):
    fit.loss = lambda rate, epoch: loss
    moved = LearningRateExplorer(epochs=3)
    before = moved.picture.value
    moved.rate.value = 20.0
    assert "diverging" in moved.words.value and "Not shown" in moved.words.value
    assert moved.picture.value != before


def test_every_control_has_a_label_and_a_tooltip():
    made = LearningRateExplorer()
    for control in (made.rate, made.train):
        name = "tooltip" if control.has_trait("tooltip") else "description_tooltip"
        assert control.description and getattr(control, name)


@pytest.mark.parametrize("epochs", [0, -3, 2.5, "20", None, True])
def test_other_epochs_are_told(epochs):
    assert f"not {epochs!r}" in LearningRateExplorer(epochs).notice.value


@pytest.mark.parametrize("how", ["signal", "exception"])
def test_an_interrupt_keeps_the_epochs_so_far(fit, how):
    moved = LearningRateExplorer(epochs=9)

    def interrupt(epoch):
        if epoch == 3:
            if how == "exception":
                raise KeyboardInterrupt
            signal.raise_signal(signal.SIGINT)

    fit.during = interrupt
    moved.rate.value = 0.1
    assert len(moved.history[0.1]) == 3
    assert "Stopped by hand after 3 of 9 epochs" in moved.notice.value
    assert not moved.train.disabled
    fit.during = lambda epoch: None
    moved.rate.value = 0.3
    moved.rate.value = 0.1
    assert len(moved.history[0.1]) == 9


def test_an_error_in_the_training_is_told(fit):
    moved = LearningRateExplorer(epochs=3)

    def fail(epoch):
        raise RuntimeError("no memory left")

    fit.during = fail
    moved.train.click()
    assert "RuntimeError in the training: no memory left" in moved.notice.value
    assert moved.history == {} and not moved.train.disabled


def test_missing_data_are_told(monkeypatch, tmp_path, fit):
    monkeypatch.setattr("helpers.datasets.DATA_DIR", tmp_path)
    moved = LearningRateExplorer(epochs=3)
    moved.train.click()
    assert "alert" in moved.notice.value and "git checkout" in moved.notice.value


def test_moves_leave_no_figure_open(fit):
    moved = LearningRateExplorer(epochs=1)
    for move in range(200):
        moved.rate.value = learning_rate.RATES[move % 13]
    assert pyplot.get_fignums() == []


def test_real_runs_start_alike_and_get_the_right_verdicts():
    moved = LearningRateExplorer(epochs=20)
    for rate, expected in ((0.1, "right"), (20.0, "diverging"), (0.00001, "too small")):
        moved.rate.value = rate
        assert verdict(moved.history[rate]) == expected
    first = moved.history[0.1]
    moved.rate.value = 0.1
    moved.train.click()
    assert np.allclose(moved.history[0.1], first, rtol=1e-3)
