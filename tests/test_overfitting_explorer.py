"""OverfittingExplorer: every control moved and pressed as a learner does it, and what is read."""

import threading
import types

import keras
import matplotlib
import numpy as np
import pytest
from looking import ODD_SETTINGS, has_a_white_edge, read, shown
from matplotlib import pyplot

from helpers import OverfittingExplorer, load_fashion_mnist, recordings
from helpers.capacity import MAPS
from helpers.experiments.on_clothes import IMAGES, NEURONS
from helpers.experiments.recipe import THREE_SEEDS
from helpers.plots import TRAINING, VALIDATION
from helpers.recordings import load_recording

PLACES = [(neurons, images) for neurons in NEURONS for images in IMAGES]


def data(count=600):
    """The first clothes, of which fifty validate too."""
    clothes = load_fashion_mnist()
    x, y = clothes.train_scaled[:count], clothes.train_target[:count]
    return types.SimpleNamespace(
        train_scaled=x, train_target=y, val_scaled=x[:50], val_target=y[:50]
    )


def explorer(given=None, neurons=8, images=500, **arguments):
    made = OverfittingExplorer(data() if given is None else given, **arguments)
    made.neurons.value, made.images.value = neurons, images
    return made


def recorded_runs(neurons, images, seeds=THREE_SEEDS):
    return [load_recording(f"clothes_{images}_neurons_{neurons}", s).history for s in seeds]


def mean_of_the_last(neurons, images, key):
    return np.mean([run[key][-1] for run in recorded_runs(neurons, images)])


# --- the sliders ----------------------------------------------------------------------------------


def test_each_place_has_its_own_picture_and_words_and_trains_nothing(trainings):
    moved = OverfittingExplorer()
    pictures, words = set(), set()
    for neurons, images in PLACES:
        moved.neurons.value, moved.images.value = neurons, images
        pictures.add(moved.picture.value)
        told = read(moved.words)
        words.add(told)
        ends = {
            key: mean_of_the_last(neurons, images, key)
            for key in ("loss", "val_loss", "accuracy", "val_accuracy")
        }
        assert (
            f"{neurons} neurons, {images:,} pictures, mean of 3 seeds. After epoch 39: training "
            f"loss {ends['loss']:.3f}, validation loss {ends['val_loss']:.3f}, gap "
            f"{ends['val_loss'] - ends['loss']:.3f}; training accuracy {ends['accuracy']:.3f}, "
            f"validation accuracy {ends['val_accuracy']:.3f}."
        ) in told
        assert read(moved.notice) == "" and shown(moved)
    assert len(pictures) == len(words) == len(PLACES) == 25
    assert moved.history is None and trainings.made == []


def test_the_slider_may_be_moved_by_its_places_and_by_the_list():
    moved = OverfittingExplorer()
    moved.neurons.slider.index = 0
    moved.images.field.label = "24,000"
    assert (moved.neurons.value, moved.images.value) == (2, 24_000)
    assert "2 neurons, 24,000 pictures" in read(moved.words)


def test_each_map_has_its_own_picture_and_numbers():
    moved = explorer(neurons=512, images=6_000)
    words, pictures = read(moved.words), set()
    assert list(moved.map.options) == list(MAPS)
    for name in MAPS:
        moved.map.value = name
        pictures.add(moved.picture.value)
        assert read(moved.words) == words
        right = moved.canvas.figure.axes[1]
        assert right.get_title(loc="left") == f"map: {name}"
        told = [text.get_text() for text in right.texts]
        assert len(told) == 25 and len(set(told)) > 5
    assert len(pictures) == 3
    runs = recorded_runs(512, 6_000)
    mean = np.mean([run["val_loss"] for run in runs], axis=0)
    assert told[4 * 5 + 2] == str(mean.argmin())


def test_the_numbers_of_a_map_can_be_read_on_their_colours():
    moved = OverfittingExplorer()
    for name in MAPS:
        moved.map.value = name
        right = moved.canvas.figure.axes[1]
        (mesh,) = right.collections
        colours = mesh.to_rgba(mesh.get_array())
        for text, colour in zip(right.texts, colours.reshape(-1, 4), strict=True):
            light = np.dot(colour[:3] ** 2.2, (0.2126, 0.7152, 0.0722))
            own = 1 if text.get_color() == "white" else 0
            contrast = (max(light, own) + 0.05) / (min(light, own) + 0.05)
            assert contrast > 4.5


def test_the_field_of_the_place_is_framed_and_its_lowest_point_has_a_star():
    moved = explorer(neurons=128, images=2_000)
    left, right = moved.canvas.figure.axes[:2]
    assert {frame.get_xy() for frame in right.patches} == {(1, 3)}
    (star,) = (line for line in left.get_lines() if line.get_marker() == "*")
    mean = np.mean([run["val_loss"] for run in recorded_runs(128, 2_000)], axis=0)
    assert star.get_xdata() == [mean.argmin()] and star.get_ydata() == [pytest.approx(mean.min())]


def test_all_places_have_the_same_axis_and_what_is_beyond_is_told():
    moved = OverfittingExplorer()
    limits = set()
    for neurons, images in PLACES:
        moved.neurons.value, moved.images.value = neurons, images
        limits.add(moved.canvas.figure.axes[0].get_ylim())
        runs = recorded_runs(neurons, images)
        means = [np.mean([run[key] for run in runs], axis=0) for key in ("loss", "val_loss")]
        beyond = (np.max(means, axis=0) > 1.8).sum()
        assert ("Not shown: " in read(moved.words)) == (beyond > 0)
        assert beyond == 0 or f"Not shown: {beyond} epoch" in read(moved.words)
    assert limits == {(0, 1.8)}


def test_no_line_is_trainings_blue_or_validations_orange():
    made = OverfittingExplorer()
    used = {
        matplotlib.colors.to_hex(line.get_color())
        for ax in made.canvas.figure.axes
        for line in ax.get_lines()
    }
    assert used and not used & {TRAINING.lower(), VALIDATION.lower()}


def test_a_move_sends_one_picture_and_then_the_words():
    made = OverfittingExplorer()
    sent = []
    for part in ("picture", "words", "notice"):
        getattr(made, part).observe(lambda change, part=part: sent.append(part), "value")
    made.neurons.value = 2
    assert sent == ["picture", "words"]
    made.map.value = "epoch of the lowest"
    assert sent == ["picture", "words", "picture"]


def test_a_move_draws_nothing_anew_and_a_new_map_does(monkeypatch):
    made = OverfittingExplorer()
    drawn = []
    canvas = made.canvas.figure.canvas
    monkeypatch.setattr(canvas, "draw", lambda: drawn.append(1))
    made.neurons.value, made.images.value = 2, 500
    assert drawn == []
    made.map.value = "lowest validation loss"
    assert drawn == [1]


def test_the_same_place_and_map_again_have_the_same_picture():
    moved = OverfittingExplorer()
    first = moved.picture.value
    moved.neurons.value, moved.map.value = 512, "epoch of the lowest"
    moved.images.value = 500
    there = moved.picture.value
    moved.images.value, moved.neurons.value, moved.map.value = 6_000, 32, "gap at the end"
    assert moved.picture.value == first
    again = OverfittingExplorer()
    again.map.value, again.images.value, again.neurons.value = "epoch of the lowest", 500, 512
    assert again.picture.value == there


@pytest.mark.parametrize(
    ("control", "value"), [("neurons", 2), ("images", 500), ("map", "epoch of the lowest")]
)
def test_a_learners_settings_of_matplotlib_change_no_move(control, value):
    plain, odd = OverfittingExplorer(), OverfittingExplorer()
    before = plain.picture.value
    getattr(plain, control).value = value
    with matplotlib.rc_context(ODD_SETTINGS):
        getattr(odd, control).value = value
    assert odd.picture.value == plain.picture.value != before


@pytest.mark.parametrize("place", [(2, 500), (512, 500), (512, 48_000), (8, 6_000)])
def test_nothing_is_cut(place):
    made = OverfittingExplorer()
    made.neurons.value, made.images.value = place
    for name in MAPS:
        made.map.value = name
        assert has_a_white_edge(made.picture)


def test_only_the_seeds_that_are_wanted_are_shown():
    moved = OverfittingExplorer(seeds=(43,))
    (run,) = recorded_runs(32, 6_000, seeds=(43,))
    assert "mean of 1 seed. " in read(moved.words)
    assert f"validation loss {run['val_loss'][-1]:.3f}, gap" in read(moved.words)
    assert [seed for _, seed in moved.seed.options] == [43, 44, 45, 46]


def test_recorded_seeds_and_three_new_ones_can_be_trained():
    assert [text for text, _ in OverfittingExplorer().seed.options] == [
        *("42, recorded", "43, recorded", "44, recorded", "45, new", "46, new", "47, new"),
    ]


def test_a_long_training_is_warned_of_before():
    made = explorer(neurons=512, images=48_000)
    assert "take minutes to train here. Stop ends" in read(made.words)
    made.images.value = 500
    assert "minutes" not in read(made.words)


def test_every_control_has_a_label_and_a_tooltip():
    made = OverfittingExplorer()
    fields = made.neurons.field, made.images.field
    for control in (*fields, made.map, made.train, made.stop, made.seed):
        name = "tooltip" if "tooltip" in control.keys else "description_tooltip"
        assert control.description and getattr(control, name)


def test_many_moves_leave_nothing_behind():
    moved = OverfittingExplorer()
    figure = moved.canvas.figure
    before = len(figure.findobj())
    for move in range(200):
        moved.neurons.value = NEURONS[move % 5]
    for move in range(10):
        moved.map.value = list(MAPS)[move % 3]
    moved.neurons.value = 32
    assert len(figure.findobj()) == before and len(figure.axes) == 3
    assert pyplot.get_fignums() == []


# --- the goal -------------------------------------------------------------------------------------


def test_the_goal_is_reached_in_one_place_and_nowhere_else():
    moved = OverfittingExplorer()
    start = read(moved.goal)
    assert start.startswith("Goal: find the neurons and pictures with the lowest validation loss")
    reached = {}
    for neurons, images in PLACES:
        moved.neurons.value, moved.images.value = neurons, images
        if read(moved.goal) != start:
            reached[neurons, images] = read(moved.goal)
    lowest = {
        (neurons, images): np.mean(
            [run["val_loss"] for run in recorded_runs(neurons, images)], axis=0
        ).min()
        for neurons, images in PLACES
    }
    best = min(lowest, key=lowest.get)
    assert list(reached) == [best] and "It overfits" in words_at(moved, best)
    assert reached[best].startswith(f"Goal reached: {lowest[best]:.3f} in epoch ")
    assert "although it overfits" in reached[best]
    moved.images.value = 500
    assert read(moved.goal) == start


def words_at(explorer, place):
    explorer.neurons.value, explorer.images.value = place
    return read(explorer.words)


def test_the_map_does_not_change_the_goal():
    moved = OverfittingExplorer()
    before = read(moved.goal)
    moved.map.value = "lowest validation loss"
    assert read(moved.goal) == before


# --- recordings that are not whole ----------------------------------------------------------------


def test_missing_recordings_are_told_and_a_training_works_without_them(
    monkeypatch, tmp_path, trainings
):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    made = explorer()
    assert "alert" in made.notice.value and "git checkout" in read(made.notice)
    assert "clothes_500_neurons_8" in read(made.notice)
    made.map.value = "lowest validation loss"
    assert "clothes_500_neurons_8" in read(made.notice)
    before = made.picture.value
    made.train.click()
    assert len(made.history.history["loss"]) == 40
    assert "Trained 40 of 40 epochs" in read(made.words) and made.picture.value != before


def test_one_damaged_recording_spoils_only_its_place(monkeypatch, tmp_path):
    for path in recordings.FOLDER.glob("clothes_*_neurons_*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    (tmp_path / "clothes_2000_neurons_8_seed43.json").write_text("{")
    made = OverfittingExplorer()
    for neurons, images in PLACES:
        made.neurons.value, made.images.value = neurons, images
        if (neurons, images) == (8, 2_000):
            assert "pictures 8 and 2000 can't be shown" in read(made.notice)
            assert "neurons_8_seed43.json is damaged" in read(made.notice)
            assert "alert" in made.notice.value and read(made.words) == ""
            assert not any(frame.get_visible() for frame in made.canvas.figure.axes[1].patches)
        else:
            assert read(made.notice) == "" and f"{neurons} neurons, " in read(made.words)
    told = [text.get_text() for text in made.canvas.figure.axes[1].texts]
    assert told.count("–") == 1 and told[1 * 5 + 1] == "–"


@pytest.mark.parametrize("seeds", [(), (99,), 99, "ab", None])
def test_other_seeds_are_told(seeds):
    made = OverfittingExplorer(seeds=seeds)
    assert 'role="alert"' in made.notice.value
    assert "neurons and pictures 32 and 6000 can't be shown" in read(made.notice)
    made.map.value = "epoch of the lowest"
    assert "32 and 6000 can't be shown" in read(made.notice)


# --- the training ---------------------------------------------------------------------------------


def test_what_is_trained_is_what_the_controls_say(trainings):
    trained = explorer(neurons=32)
    trained.seed.value = 46
    before = trained.picture.value
    trained.train.click()
    assert isinstance(trained.history, keras.callbacks.History)
    (given,) = trainings.made
    assert (given["x"].shape, given["y"].shape) == ((500, 28, 28), (500,))
    assert (given["epochs"], given["seed"], given["batch_size"]) == (40, 46, 32)
    assert given["model"].layers[1].units == 32
    last = trained.history.history["val_loss"][-1]
    ended = f"32 neurons, 500 pictures, seed 46. Its last validation loss is {last:.3f}, "
    assert ended in read(trained.words) and "Of new seeds, 50% are to be" in read(trained.words)
    assert trained.picture.value != before and not trained.train.disabled


def test_a_recorded_seed_trained_here_is_its_recording():
    trained = explorer(load_fashion_mnist(), neurons=8, images=500)
    trained.seed.value = 44
    trained.train.click()
    (recorded,) = recorded_runs(8, 500, seeds=(44,))
    for key in ("loss", "val_loss"):
        here, there = np.array(trained.history.history[key]), np.array(recorded[key])
        np.testing.assert_allclose(here[:3], there[:3], rtol=5e-3)
        assert np.abs(here - there).mean() < 0.02
    assert f"recorded with seed 44: {recorded['val_loss'][-1]:.3f}." in read(trained.words)


def test_each_epoch_is_drawn_and_told(trainings):
    trained = explorer(neurons=128)  # all of whose losses are on the axis
    seen = []
    trainings.end = lambda model, epoch: seen.append((trained.picture.value, read(trained.notice)))
    trained.train.click()
    pictures, notices = zip(*seen, strict=True)
    assert len(set(pictures)) == 40
    assert notices[9].startswith("Training: epoch 10 of 40 (25%), about ")
    assert read(trained.notice) == ""


def test_the_trained_run_and_its_place_stay_when_the_sliders_or_the_map_move():
    trained = explorer()
    trained.train.click()
    trained.images.value, trained.map.value = 2_000, "epoch of the lowest"
    left, right = trained.canvas.figure.axes[:2]
    own = trained.history.history
    drawn = [list(line.get_ydata()) for line in left.get_lines()]
    assert own["loss"] in drawn and own["val_loss"] in drawn
    (mark,) = right.get_lines()
    assert (int(mark.get_xdata()[0]), int(mark.get_ydata()[0])) == (0, 1)
    assert "8 neurons, 2,000 pictures, mean" in read(trained.words)
    assert "8 neurons, 500 pictures, seed 42. Its last" in read(trained.words)


def test_the_stop_button_keeps_the_epochs_so_far(trainings):
    trained = explorer()

    def stop(model, epoch):
        if epoch == 3:
            thread = threading.Thread(target=trained.stop.click)
            thread.start()
            thread.join()

    trainings.begin = stop
    trained.train.click()
    assert trained.history.epoch == [0, 1, 2, 3]
    told = read(trained.words)
    assert "Trained 4 of 40 epochs in " in told and "stopped by hand" in told
    last = trained.history.history["val_loss"][-1]
    assert told.endswith(f"Its last validation loss is {last:.3f}.")


@pytest.mark.parametrize(
    ("given", "words"), [("nonsense", "load_fashion_mnist"), (data(60), "only 60")]
)
def test_other_data_are_told_when_trained(trainings, given, words):
    trained = explorer(given)
    trained.train.click()
    assert "alert" in trained.notice.value and words in read(trained.notice)
    assert trained.history is None and trainings.made == []
    assert not trained.train.disabled


def test_closed_it_says_nothing_more():
    made = OverfittingExplorer()
    made.close()
    made.close()
    assert made.picture.value == b"" and made.canvas.figure is None
