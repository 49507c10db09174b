"""What a learner gives to the course's functions by mistake, and reads then."""

import html
import re
from functools import cache, partial

import keras
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import (
    DropoutExplorer,
    LearningRateExplorer,
    LivePlot,
    NeuronExplorer,
    OverfittingExplorer,
    PatienceExplorer,
    batches,
    fast_fit,
    join_histories,
    model_fn,
    plot_history,
    replay_early_stopping,
)
from helpers.experiments.on_clothes import check_clothes

from . import Fault
from .datasets import said

RUN = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.5, 2.6]}
TWO_RUNS = {"first": RUN, "second": RUN}
X, Y = np.zeros((4, 28, 28), "float32"), np.arange(4)


def drawn(*history, **more):
    """Draw a run, on a figure that needs no screen."""
    return plot_history(*(history or [RUN]), **{"ax": Figure().add_subplot(), **more})


@cache
def model():
    """A compiled model of the course."""
    made = model_fn()
    made.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return made


def trained(x=X, y=Y, **more):
    return fast_fit(**{"model": model(), "x": x, "y": y, **more})


def watched(metrics):
    """A training with LivePlot. It begins only when the callback is there to be told."""
    return model().fit(X, Y, verbose=0, callbacks=[LivePlot(metrics)])


def read(explorer):
    """What an explorer's notice says, as a reader sees it."""
    text = re.sub("<[^>]+>", " ", explorer.notice.value)
    explorer.close()
    return " ".join(html.unescape(text).split())


def fails(what, call, sees):
    return Fault(what, lambda place: said(call), sees)


def shows(what, make, sees):
    return Fault(what, lambda place: read(make()), sees)


def frame(**more):
    return pd.DataFrame({**RUN, **more})


class Own:
    """A run as a learner may build one."""

    def __init__(self, history, epoch):
        self.history, self.epoch = history, epoch


# --- histories ------------------------------------------------------------------------------------

FAULTS = [
    fails(f"plot_history of {what}", partial(drawn, given), sees)
    for what, given, sees in (
        ("None", None, "a dict of lists or a DataFrame, not None"),
        ("a recording's name", "clothes_adam", "not 'clothes_adam'"),
        ("a list of runs", [RUN, RUN], "not [{'loss': [3.0, 2.0, 1.0]"),
        ("a class", keras.callbacks.History, "not the class History"),
        ("a function", drawn, "not the function drawn"),
        ("an array", np.zeros((3, 2)), "not an array of shape (3, 2)"),
        ("an array of texts", np.array(["a"]), "not ['a']"),
        ("a model", model_fn(), "not a Sequential"),
        ("an untrained History", keras.callbacks.History(), "Did fit run for an epoch?"),
        ("an empty table", pd.DataFrame(), "the history is empty"),
        ("a text among the numbers", frame(loss=[1.0, "x", 2.0]), "not [1.0, 'x', 2.0]"),
        ("one number for all epochs", {"loss": 1.0}, "one an epoch, not 1.0"),
        ("a generator", {"loss": iter([1.0])}, "one an epoch, not a list_iterator"),
        ("a number beyond all floats", {"loss": [10**400]}, "not [1000"),
        ("a list of runs under one name", {"a": [RUN]}, "it has no key with numbers in it"),
        ("a run that is missing", {"a": RUN, "b": None}, "run 'b': expected what fit returns"),
        ("epochs with names", Own(RUN, ["a", "b", "c"]), "whole numbers, not ['a', 'b', 'c']"),
        ("an epoch beyond all", Own(RUN, [0, 1, 10**30]), "whole numbers, not [0, 1, 1000"),
        ("a sorted table", frame().sort_values("loss"), "bring it back with .sort_index()"),
        ("nothing but nan", {"loss": [float("nan")] * 3}, "Did the training diverge?"),
    )
]
FAULTS += [
    fails(f"plot_history with {next(iter(given))} {what}", partial(drawn, **given), sees)
    for what, given, sees in (
        ("of no metric", {"metrics": []}, "name at least one"),
        ("with braces, $ and HTML", {"metrics": "{x}$<b>"}, "no '{x}$<b>'; it has 'loss'"),
        ("as a second run", {"metrics": RUN}, "To draw several runs, put them in a dict"),
        ("as a number", {"metrics": 3}, "such as 'loss', not 3"),
        ("as a table", {"ax": frame()}, "one matplotlib Axes, such as plt.gca() or axes[0], not a"),
        ("empty", {"twin": ""}, "no ''; it has 'loss'"),
        ("not numbers", {"colours": {"": np.full(4, np.nan)}}, "not [nan, nan, nan, nan]"),
        ("as one colour", {"colours": "red"}, "a dict from a run's name to its colour"),
    )
]
FAULTS += [
    fails(
        "plot_history with best_mode as a Series",
        partial(drawn, best="loss", best_mode=pd.Series(["min"])),
        "best_mode must be 'auto', 'min' or 'max', not ['min']",
    ),
    fails("one run to join", partial(join_histories, RUN), "needs two runs or more"),
    fails("the same run twice to join", partial(join_histories, RUN, RUN), "the same run twice"),
    fails("None to join", partial(join_histories, RUN, None), "run 2 of 2: expected what fit"),
]

# --- EarlyStopping --------------------------------------------------------------------------------

FAULTS += [
    fails(
        f"replay_early_stopping with {next(iter(given))} {what}",
        partial(replay_early_stopping, RUN, **given),
        sees,
    )
    for what, given, sees in (
        ("below zero", {"patience": -1}, "the epochs to wait, not -1"),
        ("and a half", {"patience": 2.5}, "not 2.5"),
        ("as an array", {"patience": np.array([1, 2])}, "not [1, 2]"),
        ("not a number", {"min_delta": float("nan")}, "such as 0.001, not nan"),
        ("beyond all floats", {"min_delta": 10**400}, "such as 0.001, not 1000"),
        ("as a class", {"min_delta": float}, "such as 0.001, not the class float"),
        ("endless", {"baseline": float("inf")}, "a number or None, not inf"),
        ("as a Series", {"mode": pd.Series(["min"])}, "'min' or 'max', not ['min']"),
        ("as a patience", {"monitor": 5}, "must be named: patience=5"),
        ("that is not there", {"monitor": "val_los"}, "no 'val_los'; it has 'loss', 'val_loss'"),
    )
]

# --- training -------------------------------------------------------------------------------------

FAULTS += [
    fails(f"fast_fit with {next(iter(given))} {what}", partial(trained, **given), sees)
    for what, given, sees in (
        ("as a list", {"x": X.tolist()}, "x must be one array of numbers"),
        ("missing", {"y": None}, "y must be one array of numbers with a row for each example, not"),
        (
            "flat",
            {"x": X.reshape(4, 784)},
            "of shape (28, 28), and those in x have the shape (784,",
        ),
        ("of texts", {"y": np.array(list("abcd"))}, "not ['a', 'b', 'c', 'd']"),
        ("one-hot", {"y": np.eye(10)[Y]}, "compile with loss='categorical_crossentropy'"),
        (
            "beyond the classes",
            {"y": Y + 100},
            "from 0 to 9, as the model has 10 outputs; they are",
        ),
        ("below zero", {"y": Y - 1}, "they are from -1 to 2"),
        ("between the classes", {"y": Y + 0.5}, "must have class numbers from 0 to 9"),
        (
            "flat",
            {"validation_data": (X.reshape(4, 784), Y)},
            "those in x_val have the shape (784,",
        ),
        ("as a text", {"shuffle": "no"}, "shuffle must be True or False, not 'no'"),
        ("as an array", {"shuffle": Y}, "True or False, not [0, 1, 2, 3]"),
        ("as an array", {"verbose": Y}, "verbose must be 0, not [0, 1, 2, 3]"),
        ("as an array", {"callbacks": Y}, "a list of Keras callbacks, not [0, 1, 2, 3]"),
        ("without brackets", {"callbacks": [LivePlot]}, "the brackets are missing behind LivePlot"),
        ("as a class", {"epochs": int}, "a whole number from 1 up, not the class int"),
        ("as a text", {"model": "model"}, "such as model_fn(), not 'model'"),
    )
]
FAULTS += [
    fails("batches of no example", partial(batches, X[:0], Y[:0]), "give at least one example"),
    fails("batches of size 0", partial(batches, X, Y, 0), "a whole number from 1 up, not 0"),
    fails(
        "a layer without brackets", partial(model_fn, keras.layers.Dropout), "and Dropout is only"
    ),
    fails(
        "a rate for a layer", partial(model_fn, 0.3), "such as keras.layers.Dropout(0.3), not 0.3"
    ),
    fails("a class for a layer", partial(model_fn, dict), "not the class dict"),
    fails("a metric that is not logged", partial(watched, "los"), "Did you mean 'loss'?"),
    fails("a metric of 5,000 letters", partial(watched, "x" * 5_000), "…: fit logs only "),
    fails("metrics that are None", partial(watched, None), "such as 'loss', not None"),
    fails("a text for clothes", partial(check_clothes, "data", 20), "not 'data'"),
]

# --- explorers ------------------------------------------------------------------------------------

FAULTS += [
    shows(f"{make.func.__name__} with {what}", make, sees)
    for what, make, sees in (
        ("None for a run", partial(PatienceExplorer, None), "expected what fit returns"),
        ("an array to monitor", partial(PatienceExplorer, RUN, Y), "'val_loss', not [0, 1, 2, 3]"),
        ("a negative patience", partial(PatienceExplorer, RUN, patience=-1), "wait, not -1"),
        ("no seed", partial(DropoutExplorer, seeds=()), "no seed was given: name at least one"),
        ("a text for seeds", partial(OverfittingExplorer, seeds="ab"), "with the seed 'a'"),
        (
            "a seed never recorded",
            partial(LearningRateExplorer, 7),
            "the seed 7; there are: 42, 43",
        ),
        ("a text for a model", partial(NeuronExplorer, "model", X), "This one is: 'model'."),
        ("None for images", partial(NeuronExplorer, None, None), "at least one image, not None"),
        ("ragged images", partial(NeuronExplorer, None, [[1], [1, 2]]), "not [[1], [1, 2]]"),
        ("a text for names", partial(NeuronExplorer, None, X, "ten letter"), "not 'ten letter'"),
        ("names by number", partial(NeuronExplorer, None, X, {0: "a"}), "10 names, not {0: 'a'}"),
        ("texts for targets", partial(NeuronExplorer, None, X, None, ["a"] * 4), "of shape (4,)"),
    )
]
