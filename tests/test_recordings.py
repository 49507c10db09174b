import hashlib
import json
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from helpers import data_files, load_recording, plot_history, recordings
from helpers.authoring import record
from helpers.data_files import SUMS, read_sums
from helpers.experiments import RECORDED, experiment
from helpers.experiments.on_clothes import clothes
from helpers.experiments.on_digits import digits
from helpers.experiments.on_wines import wine
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
    monkeypatch.setattr(data_files, "ROOT", tmp_path)
    monkeypatch.setattr(recordings, "FOLDER", tmp_path / "data" / "recordings")
    return recordings.FOLDER


def test_what_is_written_is_read_to_the_last_digit(folder):
    write_recording(MADE_UP, folder)
    assert load_recording("made_up", 7) == MADE_UP
    assert load_recording("made_up", 7).epoch == [0, 1, 2]


def test_writing_again_gives_the_same_bytes(folder):
    first = write_recording(MADE_UP, folder).read_bytes()
    assert write_recording(load_recording("made_up", 7), folder).read_bytes() == first


def test_the_folder_is_not_listed_for_a_recording_that_is_there(folder, monkeypatch):
    write_recording(MADE_UP, folder)
    monkeypatch.setattr(recordings, "_seeds_by_name", lambda: pytest.fail("listed"))
    assert load_recording("made_up", np.int64(7)) == MADE_UP


@pytest.fixture
def several(folder):
    """A folder with the recordings of three names, two seeds each."""
    for name in ("fashion_adam", "fashion_rmsprop", "wine"):
        for seed in (42, 7):
            write_recording(replace(MADE_UP, name=name, seed=seed), folder)
    return folder


@pytest.mark.parametrize("name", ["fashion_rmsprpo", "rmsprop", "fashion_rmsprop_seed42"])
def test_an_unknown_name_is_told_with_all_names_those_like_it_first(several, name):
    with pytest.raises(ValueError) as error:
        load_recording(name)
    told, _, known = str(error.value).partition("; there are: ")
    assert told.startswith(f"there is no recording named {name!r}")
    assert sorted(known.split(", ")) == ["fashion_adam", "fashion_rmsprop", "wine"]
    assert known.startswith("fashion_rmsprop")


@pytest.mark.parametrize("seed", [1, "42", True, 42.5, None, []])
def test_an_unknown_seed_is_told_with_those_of_that_name(several, seed):
    write_recording(replace(MADE_UP, name="wine", seed=99), several)
    with pytest.raises(ValueError) as error:
        load_recording("fashion_adam", seed)
    assert f"no recording of 'fashion_adam' with the seed {seed!r}" in str(error.value)
    assert str(error.value).endswith("; there are: 7, 42")


@pytest.mark.parametrize("name", [None, 3, ["wine"], "../wine", "", "*"])
def test_what_is_no_name_is_told_with_all_names(several, name):
    with pytest.raises(ValueError, match="no recording named .*there are: .*wine"):
        load_recording(name)


def test_without_any_recording_that_is_told_with_the_folder_and_the_way_back(folder):
    with pytest.raises(ValueError, match="there are: none. .*unpack course.zip again") as error:
        load_recording("wine")
    assert str(folder) in str(error.value)


@pytest.mark.parametrize("other", [{"name": "fashion_rmsprop"}, {"seed": 43}])
def test_a_file_that_holds_another_recording_is_refused(folder, other):
    asked = replace(MADE_UP, name="fashion_adam", seed=42)
    path = write_recording(asked, folder)
    write_recording(replace(asked, **other), folder).replace(path)
    held = f"it holds '{other.get('name', asked.name)}' with the seed {other.get('seed', 42)}"
    with pytest.raises(ValueError, match=f"fashion_adam_seed42.json is damaged: {held}"):
        load_recording("fashion_adam", 42)


def test_a_write_that_fails_leaves_the_recording_as_it_was(folder, monkeypatch):
    path = write_recording(MADE_UP, folder)
    before = path.read_bytes()

    def full_disk(path, content, *arguments, **keywords):
        with open(path, "wb") as half:
            half.write(content[: len(content) // 2].encode() if str is type(content) else b"{")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full_disk)
    monkeypatch.setattr("pathlib.Path.write_text", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_recording(replace(MADE_UP, history={"loss": [1.0]}), folder)
    assert path.read_bytes() == before
    assert {file.name for file in folder.iterdir()} == {path.name, SUMS}


def test_code_of_several_lines_is_kept(folder):
    made = replace(MADE_UP, code="model = model_fn()\nhistory = model.fit(\n    x, y\n)\n")
    write_recording(made, folder)
    assert load_recording("made_up", 7).code == made.code


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
        "null": "null",
        "nested too deep": "[" * 100_000,
        "a number too long": "1" * 5_000,
    }
    for name, text in damages.items():
        assert text != whole, name
        path.write_text(text)
        with pytest.raises(ValueError, match="made_up_seed7.json is damaged.*unpack course.zip"):
            load_recording("made_up", 7)


@pytest.mark.parametrize("name", RECORDED)
def test_each_experiment_is_recorded_whole_with_its_seeds(name):
    for seed in RECORDED[name][1]:
        recording, made = load_recording(name, seed), experiment(name, seed)
        assert recording.code == made.code()
        validated = {"val_loss", "val_accuracy"} if made.validated else set()
        falling = {"learning_rate"} if made.reduce else set()
        beside = {"cross_entropy", "val_cross_entropy"} if made.measure_training else set()
        assert set(recording.history) == {"loss", "accuracy"} | validated | falling | beside
        assert bool(recording.measured) == bool(made.measure_model)
        assert set(recording.evaluation) == ({"test"} if made.tested else set())
        assert {"python", "tensorflow", "keras", "numpy"} <= set(recording.versions)
        assert recording.processor and recording.date
        if made.patience is None:
            assert len(recording.epoch) == made.epochs


def test_no_recording_is_left_over():
    known = {f"{name}_seed{seed}.json" for name, (_, seeds) in RECORDED.items() for seed in seeds}
    assert {path.name for path in recordings.FOLDER.glob("*.json")} == known


def test_the_readme_of_the_recordings_names_them_all():
    told = (recordings.FOLDER / "README.md").read_text()
    named = set(re.findall(r"`(\w[\w.]*)`", told))
    first_of_many = {
        r"_6000_dropout_0\.\d$": "_6000_dropout_0.0",
        r"_rate_[\d.]+$": "_rate_0.00001",
        r"clothes_\d+_neurons_\d+$": "clothes_500_neurons_2",
        r"spirals_\w+_\d_layers_of_\d+$": "spirals_linear_1_layers_of_4",
        r"clothes_6000_\w+_\d_layers$": "clothes_6000_linear_1_layers",
        r"^regularized_.+": "regularized_none",
    }
    for name in RECORDED:
        for many, first in first_of_many.items():
            name = re.sub(many, first, name)
        assert name in named


def test_a_recording_can_be_drawn():
    from matplotlib.figure import Figure

    ax = plot_history(load_recording("clothes_adam"), ax=Figure().add_subplot())
    assert len(ax.get_lines()) == 2


def test_recording_trains_for_real_and_is_repeatable(monkeypatch):
    small = partial(clothes, images=320, epochs=2)
    monkeypatch.setitem(RECORDED, "small", (small, (5, 6)))
    first, again, other = (record.record("small", seed) for seed in (5, 5, 6))
    assert first.history == again.history
    assert first.history != other.history
    assert first.epoch == [0, 1] and (first.name, first.seed) == ("small", 5)
    assert first.code == small(5).code()
    json.dumps(first.versions)


def test_the_test_set_is_looked_at_at_the_end(monkeypatch):
    monkeypatch.setitem(RECORDED, "short", (partial(digits, epochs=2), (5,)))
    assert 0 < record.record("short", 5).evaluation["test"]["accuracy"] < 1


def test_the_command_records_what_is_named(folder, monkeypatch, capsys):
    monkeypatch.setattr(record, "FOLDER", folder)
    monkeypatch.setattr(record, "write_recording", lambda made: write_recording(made, folder))
    monkeypatch.setitem(RECORDED, "wine", (partial(wine, epochs=2), (42, 43)))
    record.main(["wine"])
    assert [path.name for path in sorted(folder.iterdir())] == [
        SUMS,
        "wine_seed42.json",
        "wine_seed43.json",
    ]
    record.main(["wine", "--seeds", "7"])
    assert load_recording("wine", 7).epoch == [0, 1]


def test_what_is_written_is_noted_in_the_checksums(folder):
    paths = [write_recording(replace(MADE_UP, seed=seed), folder) for seed in (8, 7, 8)]
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    assert read_sums(folder) == sums


def test_a_folder_in_a_recordings_place_is_told(folder):
    (folder / "wine_seed42.json").mkdir(parents=True)
    with pytest.raises(ValueError, match="wine_seed42.json must be a file, and a folder"):
        load_recording("wine")


@pytest.mark.parametrize("name", ["x" * 5_000, "wine\0", "../recordings/wine", int])
def test_a_name_that_no_file_can_have_is_told_in_a_short_line(several, name):
    with pytest.raises(ValueError, match="no recording named .*there are: .*wine") as error:
        load_recording(name)
    assert "<class" not in str(error.value) and len(str(error.value)) < 400


def test_a_seed_that_is_too_long_to_show_is_told(several):
    with pytest.raises(ValueError, match="'wine' with the seed an int; there are: 7, 42"):
        load_recording("wine", 10**5_000)


def test_an_unknown_experiment_is_told_with_those_there_are(capsys):
    with pytest.raises(SystemExit):
        record.main(["clothes_adma"])
    assert "'clothes_adma'; did you mean clothes_adam" in capsys.readouterr().err


def test_numbers_are_kept_with_as_few_digits_as_a_float32_needs(folder):
    for value in np.random.default_rng(0).normal(size=100).astype(np.float32):
        assert np.float32(record.shortest(value)) == value
        assert len(repr(record.shortest(value))) < 16
    assert np.isnan(record.shortest(np.float32("nan")))


def test_what_was_measured_of_the_model_is_kept_and_guarded(folder):
    measured = {"norms": [0.5, 1 / 3], "weights": [3, 4]}
    path = write_recording(replace(MADE_UP, measured=measured), folder)
    assert load_recording("made_up", 7).measured == measured
    path.write_text(path.read_text().replace("[3, 4]", "[3, 5]"))
    with pytest.raises(ValueError, match="made_up_seed7.json is damaged"):
        load_recording("made_up", 7)


def test_where_nothing_was_measured_the_file_says_nothing_of_it(folder):
    """So files from before there was such a field stay what they were."""
    text = write_recording(MADE_UP, folder).read_text()
    assert "measured" not in text and load_recording("made_up", 7).measured == {}
    old = Path(__file__).parents[1] / "data" / "recordings" / "clothes_adam_seed42.json"
    (folder / old.name).write_bytes(old.read_bytes())
    again = write_recording(load_recording("clothes_adam", 42), folder)
    assert again.read_bytes() == old.read_bytes()


def test_a_changed_recording_has_another_checksum(folder):
    one = write_recording(MADE_UP, folder).read_text()
    two = write_recording(replace(MADE_UP, date="2026-02-01"), folder).read_text()
    assert json.loads(one)["sha256"] != json.loads(two)["sha256"]
