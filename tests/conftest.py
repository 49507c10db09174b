"""What tests share: pictures that pass at once, watched trainings, a look at what lessons show."""

import gc
import inspect

import pytest
from front_ends import CHROMIUM, FLAGS
from nbval.plugin import IPyNbCell
from playwright.sync_api import sync_playwright

from helpers.authoring.alt_text import MARK, alternative_text
from helpers.authoring.normal_form import STORED
from helpers.experiments import recipe  # first, so that TensorFlow's settings are those of a lesson
from helpers.explorers.flow import Flow
from helpers.training import fast_fit

import keras  # isort: skip


@pytest.fixture(autouse=True)
def free_flow(monkeypatch):
    """Every picture passes at once and in full colours, however many there are."""
    free = Flow(rate=1e15, burst=1e15)
    for module in ("canvas", "training_explorer"):
        monkeypatch.setattr(f"helpers.explorers.{module}.FLOW", free)


@pytest.fixture(scope="module")
def browser():
    """Chromium, for the tests of one file: while it runs, nothing else can use asyncio."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


class Trainings:
    """The trainings of experiments: what each was given, and what is done while it runs.

    `made` holds the arguments of `fast_fit` by name, with the weights and the learning rate at the
    beginning. `begin(model, epoch)` is called before the other callbacks, `end` after them.
    """

    def __init__(self):
        self.made = []
        self.begin = self.end = lambda model, epoch: None

    def fit(self, *arguments, **named):
        call = inspect.signature(fast_fit).bind(*arguments, **named)
        call.apply_defaults()
        given = call.arguments
        model = given["model"]
        rate = float(model.optimizer.learning_rate)
        self.made.append({**given, "weights": model.get_weights(), "learning_rate": rate})
        callbacks = [
            keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: self.begin(model, epoch)
            ),
            *given["callbacks"],
            keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: self.end(model, epoch)),
        ]
        return fast_fit(**{**given, "callbacks": callbacks})


@pytest.fixture
def trainings(monkeypatch):
    watched = Trainings()
    monkeypatch.setattr(recipe, "fast_fit", watched.fit)
    return watched


def in_red(outputs):
    """What these outputs of a cell hold of stderr, which a page shows in red."""
    return [
        output.text
        for output in outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


class WhatLessonsShow:
    """Fails a lesson's cell that writes in red, unless it is stored so, or draws without words.

    Lessons are stored without the counts of a run. Where nbval finds none it compares nothing, so
    the cells whose outputs are to be compared get one.
    """

    def pytest_itemcollected(self, item):
        if isinstance(item, IPyNbCell) and STORED in item.cell.metadata.get("tags", []):
            item.cell.execution_count = 1

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        result = yield
        if isinstance(item, IPyNbCell):
            shown = item.test_outputs or []
            written = in_red(shown)
            assert not written or in_red(item.cell.outputs), "".join(written)
            drawn = any("image/png" in output.get("data", {}) for output in shown)
            assert not drawn or alternative_text(item.cell.source), f"no line '{MARK}...'"
        return result


def pytest_collection_finish():
    """What is imported by now stays: it need not be looked at each time garbage is collected."""
    gc.collect()
    gc.freeze()


def pytest_configure(config):
    config.pluginmanager.register(WhatLessonsShow())
