"""What the lessons share. Importing it is quick: a name is loaded when it is first used."""

import importlib.util
import sys

from . import tensorflow_quietly  # puts TensorFlow's settings in force

_MODULE_OF = {
    "batches": "batching",
    "close_tensorboard": "tensorboard_page",
    "load_bench": "bench",
    "load_fashion_mnist": "datasets",
    "load_mnist_small": "datasets",
    "load_spirals": "spirals",
    "load_wine": "datasets",
    "load_recording": "recordings",
    "join_histories": "histories",
    "model_fn": "models",
    "LivePlot": "live_plot",
    "NamedTensorBoard": "tensorboard_callback",
    "fast_fit": "training",
    "plot_history": "plots",
    "predict": "practice.predict",
    "read_profile": "profiles",
    "scratch_folder": "scratch",
    "show_tensorboard": "tensorboard_page",
    "use_style": "plots",
    "replay_early_stopping": "early_stopping",
    "ActivationClothesExplorer": "explorers.activation",
    "ActivationExplorer": "explorers.activation",
    "DropoutExplorer": "explorers.dropout",
    "LearningRateExplorer": "explorers.learning_rate",
    "NeuronExplorer": "explorers.neurons",
    "OverfittingExplorer": "explorers.overfitting",
    "PatienceExplorer": "explorers.patience",
    "RegularizationExplorer": "explorers.regularization",
}

_WITHOUT_TENSORFLOW = {
    "bench",
    "datasets",
    "histories",
    "plots",
    "practice.predict",
    "recordings",
    "scratch",
    "tensorboard_page",
}

__all__ = list(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise _no_such_name(name, asked_by=sys._getframe(1))
    module = _MODULE_OF[name]
    try:
        if module not in _WITHOUT_TENSORFLOW:
            tensorflow_quietly.load()
        value = getattr(importlib.import_module(f".{module}", __name__), name)
    except AttributeError as error:  # which Python would take for "helpers has no such name"
        raise ImportError(f"loading {name} from helpers.{module} failed: {error}") from error
    globals()[name] = value
    return value


def _no_such_name(name, asked_by):
    """The error for an unknown name.

    Python turns an AttributeError in `from helpers import ...` into one that names nothing near;
    an ImportError reaches the learner. `hasattr` and a module's import need the AttributeError.
    """
    import difflib

    near = difflib.get_close_matches(name, __all__, n=1)
    meant = f"Did you mean {near[0]!r}? " if near else ""
    told = f"helpers has no {name!r}. {meant}It has {', '.join(sorted(__all__))}"
    imported = asked_by.f_code.co_name == "_handle_fromlist"  # importlib's, for `from ... import`
    if imported and importlib.util.find_spec(f"{__name__}.{name}") is None:
        return ImportError(told)
    return AttributeError(told)


def __dir__():
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
