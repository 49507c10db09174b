"""Checks that can fail: where an experiment of a lesson is spoiled, its check goes red.

Each row runs a few cells of a lesson, with one change that spoils its experiment, and expects that
very claim to fail. That the checks hold where nothing is spoiled is shown by running the lessons;
where a row leaves epochs out to save time, it is shown here too.
"""

import functools
import re
from dataclasses import dataclass

import nbformat
import pytest

from helpers import load_fashion_mnist, load_mnist_small, load_wine
from helpers.authoring import execute

LESSONS = {path.name[:2]: path for path in execute.lessons()}


@dataclass
class Spoiled:
    """A way to spoil an experiment."""

    cells: str
    """The lesson's number and the ids of the cells that its check needs; the check is the last."""
    before: str
    after: str
    claim: str
    """What the check says then."""
    shorter: tuple = ()
    """Pairs of texts: what is shortened, to save time, whether it is spoiled or not."""


SPOILED = {
    "a list sorted in place": Spoiled(
        "00 imports first-cell check-sorted",
        "sorted(numbers)",
        "numbers.sort()",
        "sorted must not change",
    ),
    "a learning rate of 0": Spoiled(
        "01 imports train-with-learning-rates check-learning-rates",
        "SGD(float(rate))",
        "SGD(0 * float(rate))",
        "it falls far",
    ),
    "one size of batches": Spoiled(
        "01 imports build-model loss-by-hand fit-batch-sizes check-batch-size",
        "batch_size=size",
        "batch_size=512",
        "more steps, a lower loss",
    ),
    "answers shuffled": Spoiled(
        "02 imports train-three-epochs check-evaluate",
        "early.fit(batches(data.train_scaled, data.train_target)",
        "early.fit(batches(data.train_scaled, np.roll(data.train_target, 7))",
        "on the training part",
    ),
    "a small network for a large one": Spoiled(
        "03 imports make-points fit-a-curve draw-curves curve-losses reveal-wild-curve "
        "check-curves",
        "fit_curve(100, 600)",
        "fit_curve(4, 600)",
        "it goes up and down more",
    ),
    "two networks of one size": Spoiled(
        "03 imports train-two-sizes reveal-better-size sizes-table check-sizes",
        "sized_model(neurons)\n    history",
        "sized_model(8)\n    history",
        "live: lower, with the larger gap",
    ),
    "answers that are not noise": Spoiled(
        "03 imports train-two-sizes shuffle-answers train-on-noise check-noise",
        "[:1000], noise, epochs",
        "[:1000], data.train_target[:1000], epochs",
        "as good as guessing",
        shorter=(("epochs=20, validation_data", "epochs=1, validation_data"),),
    ),
    "a layer that drops nothing": Spoiled(
        "04 imports dropout-on-ones check-dropout-on-ones",
        "Dropout(0.3)",
        "Dropout(0.0)",
        "about 30 % become zero",
    ),
    "the same start by the seed": Spoiled(
        "04 imports few-pictures same-start check-same-start",
        "by_seed = model_fn(keras.layers.Dropout(0.3))",
        "by_seed = model_fn()",
        "the seed alone does not",
    ),
    "a dropout rate of 0": Spoiled(
        "04 imports few-pictures same-start train-without train-with reveal-dropout-curves "
        "check-dropout-curves",
        "keras.layers.Dropout(0.3))\nhistory",
        "keras.layers.Dropout(0.0))\nhistory",
        "lower over the last five epochs",
    ),
    "batches dealt from the beginning again": Spoiled(
        "05 imports train-model save-without-folder make-folder save-model keep-notes use-it "
        "resume reveal-resume-curve check-resumed",
        "for epoch in range(done):",
        "for epoch in range(0):",
        "to three digits",
        shorter=(
            ("raw = unscaled", "raw = (255 * data.val_scaled)"),
            ("restored.predict(", "network.predict("),
        ),
    ),
    "every epoch saved": Spoiled(
        "06 imports few-pictures train-with-early-stopping train-with-checkpoint load-best "
        "table-checkpoint check-checkpoint",
        "save_best_only=True, verbose=1",
        "save_best_only=False, verbose=1",
        "the file holds the best epoch",
        shorter=(
            ("epochs=30", "epochs=1"),
            ("data.train_scaled, data.train_target", "few_x, few_y"),
        ),
    ),
    "no patience for 30": Spoiled(
        "07 imports load-digits train-two-patiences count-parameters check-two-patiences",
        "EarlyStopping(patience=patience)",
        "EarlyStopping(patience=0)",
        "much longer, and both stop",
    ),
    "a penalty of another kind": Spoiled(
        "09 imports few-pictures new-model one-step check-one-step",
        "regularizers.l2(c)",
        "regularizers.l1(c)",
        "the share is 2 times eta times c",
    ),
    "a hidden layer that does not learn": Spoiled(
        "10 imports few-pictures make-folder train-first read-scalars reveal-first-histogram "
        "check-histograms",
        'name="hidden")',
        'name="hidden", trainable=False)',
        "the biases have left zero",
        shorter=(
            (
                "(data.val_scaled, data.val_target)",
                "(data.val_scaled[:100], data.val_target[:100])",
            ),
        ),
    ),
    "a bend between linear layers": Spoiled(
        "11 imports stack-linear-layers one-map-for-three check-one-for-three",
        "keras.layers.Dense(50)",
        "keras.layers.Dense(50, activation='relu')",
        "the same outputs",
    ),
}


@pytest.fixture(scope="module")
def loaders():
    """The loaders of data, which load once for all rows."""
    loaders = (load_fashion_mnist, load_mnist_small, load_wine)
    return {load.__name__: functools.cache(load) for load in loaders}


@pytest.fixture(params=SPOILED.values(), ids=SPOILED)
def row(request, loaders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, load in loaders.items():
        monkeypatch.setattr(f"helpers.{name}", load)
    return request.param


def run(row, *changes):
    """Run the cells of a row with these changes, each of which must find its text."""
    number, *cells = row.cells.split()
    sources = {cell.id: cell.source for cell in nbformat.read(LESSONS[number], 4).cells}
    *experiment, check = [sources[cell] for cell in cells]
    for before, after in changes:
        assert any(before in source for source in experiment), f"lesson {number} has no {before!r}"
        experiment = [source.replace(before, after) for source in experiment]
    names = {}
    for source in (*experiment, check):
        exec(re.sub(r"\w+\.reveal\(", "str(", source), names)


def test_a_spoiled_experiment_turns_its_check_red(row):
    if row.shorter:
        run(row, *row.shorter)
    with pytest.raises(AssertionError, match=row.claim):
        run(row, *row.shorter, (row.before, row.after))


def test_every_lesson_has_an_experiment_that_is_spoiled():
    assert {row.cells[:2] for row in SPOILED.values()} == set(LESSONS)
