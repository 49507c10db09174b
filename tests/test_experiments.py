"""The experiments: one recipe for the recordings, the sliders, the lessons and the reader."""

import functools
import itertools
import re
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers import (
    batches,
    load_fashion_mnist,
    load_mnist_small,
    load_recording,
)
from helpers.authoring.execute import run_cells
from helpers.experiments import RECORDED, experiment
from helpers.experiments.activated import ACTIVATIONS, clothes_activated, spirals
from helpers.experiments.on_clothes import (
    clothes,
    clothes_by_size,
    clothes_deeper,
    clothes_model,
    clothes_sgd,
)
from helpers.experiments.on_digits import digits, digits_learning_rate
from helpers.experiments.on_wines import wine
from helpers.experiments.regularized import regularized

import keras  # isort: skip  (after helpers, which load TensorFlow quietly)

ROOT = Path(__file__).resolve().parents[1]
FIND_THE_COURSE = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
KINDS = {
    "clothes": clothes(43, images=1000, epochs=2),
    "dropout": clothes(43, rate=0.3, images=1000, epochs=2),
    "same order": clothes(43, "rmsprop", images=1000, epochs=2, same_order=True),
    "digits": digits(43, epochs=3),
    "patience": digits(43, patience=0, epochs=3),
    "learning rate": digits_learning_rate(43, 0.1, epochs=2),
    "wine": wine(43, epochs=3),
    "scaled wine": wine(43, scaled=True, epochs=3),
    "size": clothes_by_size(43, neurons=8, images=1000, epochs=2),
    "deeper": clothes_deeper(43, 0.5, 0.3, epochs=1),
    "falling rate": clothes_sgd(43, reduce={"factor": 0.3, "patience": 0}, images=1000, epochs=4),
    "spirals": spirals(43, "tanh", depth=2, width=8, epochs=2),
    "activated": clothes_activated(43, "sigmoid", depth=2, width=8, epochs=1),
    "regularized": regularized(
        43, images=500, epochs=2, l2=0.001, activity_l1=0.01, max_norm=2.0, dropout=0.3, shift=1
    ),
    "regularized, stopped": regularized(43, images=500, epochs=9, patience=0, l1=0.0001, decay=1.0),
}


@functools.cache
def loaded(load):
    """The data that one of the course's functions loads: once for all tests."""
    return load()


@pytest.mark.parametrize("kind", KINDS)
def test_the_code_trains_what_the_experiment_trains(kind):
    names = {}
    exec(KINDS[kind].code(), names)
    trained, read = KINDS[kind].train().history, names["history"].history
    assert trained.keys() == read.keys()
    for key, values in trained.items():
        np.testing.assert_allclose(values, read[key], rtol=1e-5, err_msg=key)


def test_the_code_of_a_recording_runs_as_it_stands_in_a_fresh_notebook(tmp_path):
    """A whole run, with `fit`. Another processor rounds otherwise, and over epochs that grows."""
    recording = load_recording("clothes_6000_dropout_0.3", 44)
    show = "print('RUN', history.history['val_loss'])"
    cells = [nbformat.v4.new_code_cell(text) for text in (FIND_THE_COURSE, recording.code, show)]
    executed, _ = run_cells(nbformat.v4.new_notebook(cells=cells), tmp_path)
    printed = "".join(output.get("text", "") for output in executed.cells[-1].outputs)
    val_loss = [float(number) for number in re.findall(r"\d+\.\d+", printed)]
    recorded = recording.history["val_loss"]
    np.testing.assert_allclose(val_loss[:3], recorded[:3], rtol=5e-3)
    assert len(val_loss) == len(recorded)
    assert np.abs(np.subtract(val_loss, recorded)).mean() < 0.01


NUMBER = re.compile(r"(?<=_)[\d.]+(?=_|$)")


def has_one_method(name):
    """Whether a recording is one of a single method against overfitting."""
    return name.startswith("regularized") and len(NUMBER.findall(name)) == 1


def first_and_last_of_each_kind():
    """Recordings whose names differ in numbers or in the activation alone are of one kind.

    So are all pairs of methods against overfitting. Of each single one the strongest will do.
    """
    kinds = {}
    for name in RECORDED:
        kind = re.sub("|".join(ACTIVATIONS), "#", NUMBER.sub("#", name))
        kind = re.sub("^regularized_.*#_.*#$", "regularized pair", kind)
        kinds.setdefault(kind, []).append(name)
    last = {names[-1] for names in kinds.values()}
    return sorted(last | {names[0] for names in kinds.values() if not has_one_method(names[0])})


@pytest.mark.parametrize("name", first_and_last_of_each_kind())
def test_a_recorded_seed_trained_here_lands_on_its_recording(name):
    short = replace(experiment(name, 44), epochs=1 if has_one_method(name) else 2)
    trained = short.train(loaded(short.load)).history
    recorded = load_recording(name, 44).history
    assert trained.keys() == recorded.keys()
    for key, values in trained.items():
        np.testing.assert_allclose(values, recorded[key][: len(values)], rtol=2e-3, err_msg=key)


@pytest.mark.parametrize("patience", [0, 30])
def test_a_run_stopped_by_patience_is_the_beginning_of_the_long_one(patience):
    for seed in RECORDED["digits_3000"][1]:
        stopped = load_recording(f"digits_patience_{patience}", seed).history
        whole = load_recording("digits_3000", seed).history
        assert len(stopped["loss"]) < 3000
        for key, values in stopped.items():
            assert values == whole[key][: len(values)]


@pytest.mark.parametrize("rate", [0.0, 0.3, 0.9])
def test_dropout_changes_no_first_weight(rate):
    without = clothes_model(seed=43, optimizer="adam", rate=None).get_weights()
    dropped = clothes_model(seed=43, optimizer="adam", rate=rate).get_weights()
    other = clothes_model(seed=44, optimizer="adam", rate=rate).get_weights()
    assert all(map(np.array_equal, without, dropped))
    assert not np.array_equal(without[0], other[0])


def test_no_two_names_stand_for_one_experiment():
    made = [experiment(name, 42) for name in RECORDED]
    assert all(one != other for one, other in itertools.combinations(made, 2))


def test_an_unknown_name_is_told_with_near_ones():
    with pytest.raises(ValueError, match="'clothes_adma'; did you mean clothes_adam.*there are"):
        experiment("clothes_adma")
    with pytest.raises(ValueError, match="'zzz'; there are clothes_rmsprop"):
        experiment("zzz")


# --- the lessons train the experiments -------------------------------------------------------

LESSONS = {
    "01 five epochs": ("01", ["imports", "import-model", "fit-five-epochs"], "clothes_rmsprop"),
    "01 twenty epochs": ("01", ["imports", "import-model", "fit-twenty-epochs"], "clothes_rmsprop"),
    "02 three epochs": ("02", ["imports", "train-three-epochs"], "clothes_rmsprop"),
    "02 rmsprop": ("02", ["imports", "train-three-epochs", "train-rmsprop"], "clothes_rmsprop"),
    "03 neurons": ("03", ["imports", "train-two-sizes"], "clothes_2000_neurons_8"),
    "04 without": (
        "04",
        ["imports", "few-pictures", "same-start", "train-without"],
        clothes(42, images=6000),
    ),
    "04 with": (
        "04",
        ["imports", "few-pictures", "same-start", "train-with"],
        "clothes_6000_dropout_0.3",
    ),
    "07 patience 0": (
        "07",
        ["imports", "load-digits", "train-two-patiences"],
        "digits_patience_0",
    ),
}
WITHOUT_VALIDATION = {"01 five epochs", "01 twenty epochs", "02 three epochs"}


class Caught(Exception):
    """Ends a training before it begins, and brings what it was called with."""


def caught(train):
    """What `fit` or `fast_fit` gets in `train()`: the model, the data and the other arguments."""

    def catch(model, *data, **arguments):
        raise Caught(model, data, arguments)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Caught) as stopped:
        patch.setattr(keras.Model, "fit", catch)
        patch.setattr("helpers.experiments.recipe.fast_fit", catch)
        patch.setattr("helpers.fast_fit", catch)
        train()
    return stopped.value.args


def training_of_a_lesson(number, cells):
    """What `fit`, or `fast_fit`, gets first in the last of these cells of a lesson.

    In the cells before, a training is caught, too: they define what the last one needs.
    """
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    sources = {cell.id: cell.source for cell in nbformat.read(path, 4).cells}
    names = {}
    *before, last = [sources[cell] for cell in cells]
    for source in before:
        if ".fit(" in source:
            caught(functools.partial(exec, source, names))
        else:
            exec(source, names)
    if "fast_fit" in names:  # from helpers, before it was to be caught
        del names["fast_fit"]
        last = f"from helpers import fast_fit\n{last}"
    return caught(functools.partial(exec, last, names))


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_trains_the_experiment(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    number, cells, expected = LESSONS[name]
    expected = experiment(expected) if isinstance(expected, str) else expected
    for load in (load_fashion_mnist, load_mnist_small):
        monkeypatch.setattr(f"helpers.{load.__name__}", functools.partial(loaded, load))
    model, (dealt, *answers), arguments = training_of_a_lesson(number, cells)
    if answers:  # of fast_fit, which deals as batches does
        dealt = batches(dealt, *answers)
    twin, data, told = caught(lambda: expected.train(loaded(expected.load)))

    assert told["epochs"] >= arguments["epochs"] > 1
    for one, other in zip(model.get_weights(), twin.get_weights(), strict=True):
        assert np.array_equal(one, other)
    assert [recipe(layer) for layer in model.layers] == [recipe(layer) for layer in twin.layers]
    assert settings(model.optimizer) == settings(twin.optimizer)
    for what in ("loss", "metrics"):
        assert model.get_compile_config()[what] == twin.get_compile_config()[what]
    validated = "validation_data" in arguments
    assert validated != (name in WITHOUT_VALIDATION)
    if validated:
        for one, other in zip(arguments["validation_data"], told["validation_data"], strict=True):
            assert np.array_equal(one, other)
    if expected.patience is not None:
        stopping = keras.callbacks.EarlyStopping
        patiences = [c.patience for c in arguments["callbacks"] if isinstance(c, stopping)]
        assert patiences == [expected.patience]

    dealt_here = batches(*data, told["batch_size"], told["seed"])
    for _ in range(2):
        for batch, twin_batch in zip(dealt, dealt_here, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(batch, twin_batch, strict=True))


def settings(made):
    return made.get_config() | {"name": None}


def recipe(layer):
    """A layer's kind and settings, and the state of its random numbers."""
    generator = getattr(layer, "seed_generator", None)
    return type(layer), settings(layer), generator and generator.state.numpy().tolist()
