"""Checks that can fail: where an experiment of a lesson is spoiled, its check goes red.

Each row changes the code of a lesson in one place, runs the cells that its check needs, and expects
that very claim to fail. That the checks hold where nothing is spoiled is shown by running the
lessons.
"""

import functools
import re

import nbformat
import pytest

from helpers import load_fashion_mnist, load_mnist_small
from helpers.authoring import execute

LESSONS = {path.name[:2]: path for path in execute.lessons()}

# The lesson, its cells, what is changed in them, and the claim that fails in the last one.
SPOILED = {
    "a learning rate of 0": (
        "01 imports train-with-learning-rates check-learning-rates",
        {"SGD(float(rate))": "SGD(0 * float(rate))"},
        "it falls far",
    ),
    "one size of batches": (
        "01 imports import-model loss-by-hand fit-batch-sizes check-batch-size",
        {
            "answers = model.predict(few, verbose=0)": "",
            "p = answers[np.arange(6000), few_target]": "",
            "by_hand = -np.log(p).mean()": "",
            'print("answers:", answers.shape, "  p of the right answers:", p.shape, '
            '"  loss:", by_hand)': "",
            "batch_size=size": "batch_size=512",
        },
        "more steps, a lower loss",
    ),
    "answers shuffled": (
        "02 imports train-three-epochs check-evaluate",
        {
            "data.train_target), epochs=3": "np.roll(data.train_target, 7)), epochs=1",
        },
        "on the training part",
    ),
    "no learning": (
        "02 imports train-three-epochs train-rmsprop best-epoch check-validation-curve",
        {"epochs=3": "epochs=1", "optimizer=optimizer": "optimizer=keras.optimizers.SGD(0.0)"},
        "turns before the end",
    ),
    "two networks of one size": (
        "03 imports make-points fit-a-curve draw-curves curve-losses reveal-wild-curve "
        "check-curves",
        {"fit_curve(100, 600)": "fit_curve(4, 600)"},
        "it goes up and down more",
    ),
    "answers not shuffled": (
        "03 imports train-two-sizes train-on-noise check-noise",
        {
            "[:1000], noise, epochs=100": "[:1000], data.train_target[:1000], epochs=20",
            "epochs=20, validation_data": "epochs=1, validation_data",
        },
        "as good as guessing",
    ),
    "8 neurons for 512": (
        "03 imports train-two-sizes reveal-better-size sizes-table check-sizes",
        {"(8, 512)": "(512, 8)", "epochs=20": "epochs=8"}
        | {
            '["8 neurons"]': '["512 neurons"]',
            'two_sizes["512 neurons"]': 'two_sizes["8 neurons"]',
        },
        "live: lower, with the larger gap",
    ),
    "a dropout rate of 0": (
        "04 imports same-start train-without train-with reveal-dropout-curves check-dropout-curves",
        {"keras.layers.Dropout(0.3))\nhistory": "keras.layers.Dropout(0.0))\nhistory"},
        "lower over the last five epochs",
    ),
    "a layer that drops nothing": (
        "04 imports dropout-on-ones check-dropout-on-ones",
        {"Dropout(0.3)": "Dropout(0.0)"},
        "about 30 % become zero",
    ),
    "the same start by the seed": (
        "04 imports same-start check-same-start",
        {"by_seed = model_fn(keras.layers.Dropout(0.3))": "by_seed = model_fn()"},
        "the seed alone does not",
    ),
}


@pytest.fixture(scope="module")
def data():
    """Loaders that load once for all rows."""
    return {load.__name__: functools.cache(load) for load in (load_fashion_mnist, load_mnist_small)}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_experiment_turns_its_check_red(name, data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for loader, load in data.items():
        monkeypatch.setattr(f"helpers.{loader}", load)
    (number, *cells), changes, claim = SPOILED[name][0].split(), *SPOILED[name][1:]
    sources = {cell.id: cell.source for cell in nbformat.read(LESSONS[number], 4).cells}
    *experiment, check = [sources[cell] for cell in cells]
    for before, after in changes.items():
        assert any(before in source for source in experiment), f"the lesson has no {before}"
        experiment = [source.replace(before, after) for source in experiment]
    names = {}
    for source in experiment:
        exec(re.sub(r"\w+\.reveal\(", "str(", source), names)
    with pytest.raises(AssertionError, match=claim):
        exec(check, names)
