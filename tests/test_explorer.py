"""What all explorers share, shown by one that is as small as can be."""

import gc
import html
import inspect
import re
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import ipywidgets
import keras
import nbformat
import numpy as np
import pytest
from looking import read, shown
from nbclient import NotebookClient
from running_kernel import RunningKernel

from helpers.authoring.execute import NativeKernelManager
from helpers.controls import button, whole_numbers
from helpers.experiments import Experiment
from helpers.explorers.explorer import Explorer
from helpers.explorers.still import SENTENCE
from helpers.explorers.training_explorer import TrainingExplorer
from helpers.goals import Goal
from helpers.widgets import WIDGET_VIEW

ROOT = Path(__file__).resolve().parent.parent


# --- a new kind of explorer -----------------------------------------------------------------------


class Small(TrainingExplorer):
    """Fits a line through noisy points, with a number of epochs on a slider."""

    def __init__(self):
        self.epochs = whole_numbers("epochs", "How long to train", 1, 9, 2)
        super().__init__([[self.epochs]], (4, 3), "The loss over the epochs")
        self.when(self.move, self.epochs)
        self.begin(lambda: self.canvas.draw(self.make))
        self.begin(self.move)

    def make(self, figure):
        self.ax = figure.add_subplot(xlim=(-0.5, 9.5), ylim=(0, 3))
        (self.curve,) = self.ax.plot([], [], color="black", marker="o", markersize=5, zorder=4)
        self.end = self.ax.axvline(0, color="red", marker="", linewidth=2, zorder=3.5)
        return [self.curve, self.end]

    def move(self):
        self.end.set_xdata([self.epochs.value - 1] * 2)
        self.show(f"It ends after epoch {self.epochs.value - 1}. {self.result}")

    def experiment(self):
        return Experiment(
            42, points, lambda data: data, {}, line_model, {}, 8, self.epochs.value, validated=False
        )

    def draw_training(self, experiment, history):
        losses = history.history["loss"] if history else []
        self.curve.set_data(range(len(losses)), losses)
        self.move()

    def outcome(self, experiment, history):
        return f"The last loss is {history.history['loss'][-1]:.3f}."


def points():
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    return x, x.sum(axis=1), x, x.sum(axis=1)


def line_model():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "linear", False, "zeros")])
    model.compile("sgd", "mse")
    return model


def test_a_new_kind_takes_less_than_forty_lines():
    assert len(inspect.getsource(Small).splitlines()) < 40


def test_a_new_kind_shows_another_picture_and_words_at_each_move():
    small = Small()
    pictures, words = set(), set()
    for epochs in range(1, 10):
        small.epochs.value = epochs
        pictures.add(small.picture.value)
        words.add(read(small.words))
        assert read(small.words) == f"It ends after epoch {epochs - 1}." and shown(small)
    assert len(pictures) == len(words) == 9
    assert read(small.notice) == ""


def test_a_new_kind_trains_at_a_press():
    small = Small()
    small.epochs.value = 3
    before = small.picture.value
    small.train.click()
    assert isinstance(small.history, keras.callbacks.History)
    losses = small.history.history["loss"]
    assert len(losses) == 3 and losses[0] > losses[1] > losses[2]
    assert small.picture.value != before
    told = read(small.words)
    assert told.startswith("It ends after epoch 2. Trained 3 of 3 epochs in ")
    assert told.endswith(f"The last loss is {losses[-1]:.3f}.")
    small.epochs.value = 5
    assert f"The last loss is {losses[-1]:.3f}." in read(small.words)
    assert len(small.history.epoch) == 3


# --- errors in words ------------------------------------------------------------------------------


class Fussy(Explorer):
    """Raises what a test wants."""

    def __init__(self):
        self.number = whole_numbers("number", "which", 0, 9, 0)
        self.again = button("Again", "once more")
        self.wrong, self.answered = {}, []
        super().__init__([[self.number, self.again]], (2, 1), "A & B")
        self.begin(self.draw)
        self.when(self.move, self.number)
        self.when(self.draw, self.again)

    def draw(self):
        self.canvas.draw(self.make)
        self.move()

    def make(self, figure):
        self.dot = figure.text(0.1, 0.5, "", zorder=4)
        return [self.dot]

    def move(self):
        number = self.number.value
        self.answered.append(number)
        if number in self.wrong:
            raise self.wrong[number]
        self.dot.set_text(str(number))
        self.show(f"number {number}")


@pytest.mark.parametrize("kind", [ValueError, TypeError])
def test_bad_input_is_told_and_hides_the_picture_until_the_next_move(kind):
    fussy = Fussy()
    fussy.wrong[3] = kind("no <three>")
    fussy.number.value = 3
    assert read(fussy.notice) == "This did not work: no <three>"
    assert 'role="alert"' in fussy.notice.value
    assert read(fussy.words) == "" and not shown(fussy)
    assert fussy.picture.layout.visibility == "hidden"  # it keeps its place
    fussy.number.value = 4
    assert read(fussy.notice) == "" and read(fussy.words) == "number 4" and shown(fussy)


def test_a_fault_of_the_explorer_itself_is_not_hidden():
    fussy = Fussy()
    fussy.wrong[3] = ZeroDivisionError("a fault")
    with pytest.raises(ZeroDivisionError, match="a fault"):
        fussy.number.value = 3
    fussy.number.value = 4
    assert read(fussy.words) == "number 4" and shown(fussy)


def test_a_fault_in_one_thread_does_not_lock_out_the_others():
    fussy = Fussy()
    fussy.wrong[3] = ZeroDivisionError("a fault")
    with pytest.raises(ZeroDivisionError):
        fussy.number.value = 3
    thread = threading.Thread(target=setattr, args=[fussy.number, "value", 5])
    thread.start()
    thread.join()
    assert read(fussy.words) == "number 5"


def test_before_the_first_picture_there_is_no_empty_one():
    class Wrong(Fussy):
        def move(self):
            raise ValueError("nothing to draw")

    wrong = Wrong()
    assert read(wrong.notice) == "This did not work: nothing to draw"
    assert wrong.picture.layout.display == "none"


def test_a_press_is_answered_as_a_move_is():
    fussy = Fussy()
    fussy.number.value = 2
    fussy.again.click()
    assert fussy.answered == [0, 2, 2]


def test_words_may_be_a_table():
    fussy = Fussy()
    fussy.show({"first": "1 < 2", "second": "b"})
    assert read(fussy.words) == "first 1 < 2 second b"


def test_a_goal_is_told_reached_and_left_again():
    class Seeking(Fussy):
        def move(self):
            super().move()
            found = "it is 3 < 4." if self.number.value == 3 else ""
            self.show("words", Goal("find <the> number.", found))

    seeking = Seeking()
    assert read(seeking.goal) == "Goal: find <the> number."
    seeking.number.value = 3
    assert read(seeking.goal) == "Goal reached: it is 3 < 4."
    assert seeking.goal.layout.display is None
    seeking.number.value = 4
    assert read(seeking.goal) == "Goal: find <the> number."
    seeking.wrong[5] = ValueError("no")
    seeking.number.value = 5
    assert read(seeking.goal) == ""


def test_where_nothing_is_to_be_found_the_goal_takes_no_room():
    fussy = Fussy()
    assert read(fussy.goal) == "" and fussy.goal.layout.display == "none"


def test_one_method_runs_at_a_time():
    running, most = [], []

    class Slow(Fussy):
        def move(self):
            running.append(1)
            most.append(len(running))
            super().move()
            running.pop()

    slow = Slow()
    threads = [
        threading.Thread(target=lambda: [slow.again.click() for _ in range(10)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 41 and set(most) == {1}


# --- its end --------------------------------------------------------------------------------------


def widgets_alive():
    if hasattr(ipywidgets.widgets.widget, "_instances"):
        return set(ipywidgets.widgets.widget._instances)
    return set(ipywidgets.Widget.widgets)


@pytest.mark.parametrize("kind", [Small, Fussy])
def test_closed_it_leaves_no_widget(kind):
    before = widgets_alive()
    made = kind()
    assert len(widgets_alive() - before) > 10
    made.close()
    assert widgets_alive() == before


@pytest.mark.parametrize("trained", [False, True])
def test_closed_it_lets_its_figure_go(trained):
    small = Small()
    if trained:
        small.train.click()
    explorer, figure = weakref.ref(small), weakref.ref(small.canvas.figure)
    small.close()
    assert small.canvas.figure is None and small.picture.value == b""
    del small
    gc.collect()
    assert figure() is None and explorer() is None


def test_closed_twice_nothing_happens():
    small = Small()
    small.close()
    small.close()


def test_one_that_lives_until_python_ends_says_nothing_then():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from helpers import DropoutExplorer\n"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}explorer = DropoutExplorer()"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Traceback" not in done.stderr and "Error" not in done.stderr


def test_the_stored_text_is_the_sentence():
    assert repr(Small()) == SENTENCE
    assert "run this cell again" in SENTENCE


# --- in a notebook --------------------------------------------------------------------------------

FIND = f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'tests')!r}]\n"


def run_notebook(*sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    native = {"kernel_name": "python3", "kernel_manager_class": NativeKernelManager}
    NotebookClient(notebook, **native).execute()
    return [cell.outputs for cell in notebook.cells]


def test_in_a_notebook_the_widget_and_a_still_picture_are_stored():
    code = FIND + "from helpers import LearningRateExplorer; explorer = LearningRateExplorer()"
    look = "import base64; print(base64.b64encode(explorer.picture.value).decode())"
    _, (widget, still), (printed,), closed = run_notebook(
        code, "explorer", look, "explorer.close(); explorer"
    )
    assert widget.data["text/plain"] == still.data["text/plain"] == SENTENCE
    assert set(widget.data) == {"text/plain", WIDGET_VIEW}
    model_id = widget.data[WIDGET_VIEW]["model_id"]
    page = still.data["text/html"]
    assert f".course-live-{model_id}" in page
    assert html.escape(SENTENCE) in page
    (picture,) = re.findall(r'<img alt="([^"]+)" width="(\d+)"[^>]*;base64,([^"]+)"', page)
    assert picture[0].startswith("Training loss for the chosen learning rate")
    assert picture[1:] == ("940", printed.text.strip())
    assert [output.data for output in closed] == [{"text/plain": SENTENCE}]


def test_a_still_picture_is_left_out_where_there_is_none():
    fussy = "from test_explorer import Fussy; fussy = Fussy(); fussy.picture.value = b''; fussy"
    ((_, still),) = run_notebook(FIND + fussy)
    assert "<img" not in still.data["text/html"] and SENTENCE in still.data["text/html"]


@pytest.fixture
def kernel():
    with RunningKernel() as running:
        running.run(FIND + COUNT)
        yield running


@pytest.fixture(scope="module")
def shared_kernel():
    """For tests that count nothing and take cell ids of their own."""
    with RunningKernel() as running:
        running.run(FIND + COUNT)
        yield running


COUNT = """
import ctypes, gc, psutil
from matplotlib.figure import Figure
from helpers import *
from test_explorer import widgets_alive
begun = widgets_alive()
def widgets():
    return len(widgets_alive() - begun)
def figures():
    gc.collect()
    return sum(isinstance(thing, Figure) for thing in gc.get_objects())
def megabytes():
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)  # what is free goes back, so that only what is kept counts
    return psutil.Process().memory_info().rss / 1e6
data = load_fashion_mnist()
model = model_fn()
gc.collect()
gc.freeze()  # what is there already need not be looked at again
"""

KINDS = {
    "dropout": "DropoutExplorer(data)",
    "learning rate": "LearningRateExplorer()",
    "patience": "PatienceExplorer(load_recording('digits_3000'))",
    "neurons": "NeuronExplorer(model, data.val_scaled[:20])",
    "overfitting": "OverfittingExplorer(data)",
    "activation": "ActivationExplorer()",
}
UNLIKE = ("dropout", "patience", "neurons", "activation")
"""One for each way in which explorers are built; the others are built as the first."""


@pytest.mark.parametrize("cell_id", ["an id", None], ids=["by its id", "by its source"])
def test_a_cell_that_runs_again_closes_its_explorer(kernel, cell_id):
    counts = []
    for _ in range(4):
        kernel.run("made = LearningRateExplorer()\nmade", cell_id)
        counts.append(kernel.value("widgets(), figures()"))
    assert counts[0][0] > 10 and counts[0][1] == 1
    assert counts == [counts[0]] * 4
    assert kernel.value("'alert' in made.notice.value or made.comm is None") is False


def test_explorers_of_other_cells_live_on(shared_kernel):
    shared_kernel.run("one = LearningRateExplorer()", "first")
    shared_kernel.run("two = LearningRateExplorer()", "second")
    shared_kernel.run("new = LearningRateExplorer()", "second")
    assert shared_kernel.value("[e.comm is None for e in (one, two, new)]") == [False, True, False]


def test_two_explorers_of_one_run_both_live_and_both_end_with_the_next(shared_kernel):
    code = "pair = [LearningRateExplorer(), LearningRateExplorer()]"
    shared_kernel.run(code, "two")
    shared_kernel.run("before = pair")
    assert shared_kernel.value("[e.comm is None for e in before]") == [False, False]
    shared_kernel.run(code, "two")
    assert shared_kernel.value("[e.comm is None for e in before + pair]") == [
        True,
        True,
        False,
        False,
    ]


def test_a_cell_that_was_changed_closes_what_it_made_before(shared_kernel):
    shared_kernel.run("one = LearningRateExplorer()", "changed")
    shared_kernel.run("two = LearningRateExplorer(seeds=(42, 43))", "changed")
    assert shared_kernel.value("[e.comm is None for e in (one, two)]") == [True, False]


def test_thirty_runs_of_a_cell_leave_one_explorer_and_take_no_memory(kernel):
    unlike = [KINDS[kind] for kind in UNLIKE]
    code = f"for made in [{', '.join(unlike)}]:\n    display(made)\nmade"
    counts = {}
    for run in range(1, 31):
        _, outputs = kernel.run(code, "an id")
        counts[run] = kernel.value("widgets(), figures(), megabytes()")
    assert sum(WIDGET_VIEW in output for output in outputs) == len(UNLIKE) + 1
    assert {widgets for widgets, _, _ in counts.values()} == {counts[1][0]}
    assert {figures for _, figures, _ in counts.values()} == {len(UNLIKE)}
    more = counts[30][2] - counts[5][2]
    print(f"{more:.1f} MB more after run 30 than after run 5")
    assert more < 2.5 * len(UNLIKE)


def test_what_is_kept_of_the_cells_values_is_only_the_last(kernel):
    for _ in range(3):
        kernel.run("LearningRateExplorer()", "an id")
    kernel.run("'another value'", "another id")
    kept = "[type(value).__name__ for value in Out.values()]"
    assert kernel.value(kept) == ["NoneType", "NoneType", "LearningRateExplorer", "str"]
    assert kernel.value("[type(value).__name__ for value in (_, __, ___)]") == [
        "str",
        "LearningRateExplorer",
        "NoneType",
    ]
