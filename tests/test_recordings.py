import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from helpers import load_recording, model_fn, plot_history, recordings
from helpers.authoring import record
from helpers.recordings import Recording, write_recording

MADE_UP = Recording(
    name="made_up",
    seed=7,
    code="history = model.fit(x, y, epochs=3)",
    history={"loss": [0.1 + 0.2, 1e-300, 2 / 3], "val_loss": [1.0, float("inf"), 3.0]},
    evaluation={"test": {"loss": 1 / 3}},
    versions={"python": "3.11.0"},
    processor="a processor",
    date="2026-01-31",
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    return tmp_path


def test_what_is_written_is_read_to_the_last_digit(folder):
    write_recording(MADE_UP, folder)
    assert load_recording("made_up", 7) == MADE_UP
    assert load_recording("made_up", 7).epoch == [0, 1, 2]


def test_writing_again_gives_the_same_bytes(folder):
    first = write_recording(MADE_UP, folder).read_bytes()
    assert write_recording(load_recording("made_up", 7), folder).read_bytes() == first


def test_an_unknown_recording_is_told_with_those_there_are(folder):
    write_recording(MADE_UP, folder)
    with pytest.raises(ValueError, match="no recording 'fashion_seed42'.*made_up_seed7"):
        load_recording("fashion")


def test_every_kind_of_damage_is_told_with_the_way_back(folder):
    path = write_recording(MADE_UP, folder)
    whole = path.read_text()
    damages = {
        "cut off": whole[: len(whole) // 2],
        "altered": whole.replace("1e-300", "1e-301"),
        "another seed": whole.replace('"seed": 7', '"seed": 8'),
        "a field too few": whole.replace(' "date": "2026-01-31",\n', ""),
        "no object": "[]",
        "empty": "",
    }
    for name, text in damages.items():
        assert text != whole, name
        path.write_text(text)
        with pytest.raises(ValueError, match="made_up_seed7.json is damaged.*git checkout"):
            load_recording("made_up", 7)


@pytest.mark.parametrize("name", record.EXPERIMENTS)
@pytest.mark.parametrize("seed", record.SEEDS)
def test_each_experiment_is_recorded_whole(name, seed):
    recording = load_recording(name, seed)
    assert recording.code.startswith("history = model.fit(")
    assert {"loss", "val_loss", "accuracy", "val_accuracy"} == set(recording.history)
    assert {"python", "tensorflow", "keras", "numpy"} <= set(recording.versions)
    assert recording.processor and recording.date
    epochs = record.EXPERIMENTS[name][1].get("epochs", {"wine": 3500, "fash": 20}.get(name[:4]))
    if epochs is not None:
        assert len(recording.epoch) == epochs


def test_no_recording_is_left_over():
    known = {f"{name}_seed{seed}.json" for name in record.EXPERIMENTS for seed in record.SEEDS}
    assert {path.name for path in recordings.FOLDER.glob("*.json")} == known


def test_a_recording_can_be_drawn():
    from matplotlib.figure import Figure

    ax = plot_history(load_recording("fashion_adam"), ax=Figure().add_subplot())
    assert len(ax.get_lines()) == 2


def test_recording_trains_for_real_and_is_repeatable(monkeypatch):
    experiment = {"epochs": 2, "images": 320}
    monkeypatch.setitem(record.EXPERIMENTS, "small", (record.fashion, experiment))
    first, again = record.record("small", 5), record.record("small", 5)
    other = record.record("small", 6)
    assert first.history == again.history
    assert first.history != other.history
    assert first.epoch == [0, 1]
    assert "epochs=2" in first.code and "[:320]" in first.code
    json.dumps(first.versions)


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_dropout_changes_neither_start_nor_batches(rate):
    """The mean of a batch's targets, taken as its loss, tells the batches apart."""

    def start_and_batches(layer):
        keras.utils.set_random_seed(5)
        start = model_fn().get_weights()
        keras.utils.set_random_seed(5)
        model = model_fn(layer)
        model.set_weights(start)
        begun_with = model.get_weights()
        model.compile(
            keras.optimizers.SGD(0.0),
            lambda target, output: keras.ops.mean(target) + 0 * keras.ops.mean(output),
        )
        running_means = []
        watch = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: running_means.append(logs["loss"])
        )
        x, y = np.zeros((320, 28, 28), "float32"), np.arange(320, dtype="float32")
        model.fit(x, y, epochs=2, verbose=0, callbacks=[watch])
        return begun_with, running_means

    weights, batches = start_and_batches(None)
    other_weights, other_batches = start_and_batches(keras.layers.Dropout(rate))
    assert all(map(np.array_equal, weights, other_weights))
    assert batches == other_batches
    assert len(set(batches)) > 5


def test_an_unknown_experiment_is_told_with_those_there_are(capsys):
    with pytest.raises(SystemExit):
        record.main(["fashion_adma"])
    assert "no experiment named fashion_adma; there are fashion_rmsprop" in capsys.readouterr().err


def test_a_changed_recording_has_another_checksum(folder):
    one = write_recording(MADE_UP, folder).read_text()
    two = write_recording(replace(MADE_UP, date="2026-02-01"), folder).read_text()
    assert json.loads(one)["sha256"] != json.loads(two)["sha256"]
