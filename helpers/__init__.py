"""What the lessons share. Importing it is quick: a name is loaded when it is first used."""

import importlib
import os

# TensorFlow's C++ messages below the rank of an error mean nothing to a learner.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# Small networks train faster when an operation is not split over the cores, with the same numbers;
# and a server's learners don't take the cores from each other.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# With oneDNN, TensorFlow never gives memory back: 300 MB more after a few trainings, none faster.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

_MODULE_OF = {
    "load_fashion_mnist": "datasets",
    "load_mnist_small": "datasets",
    "load_wine": "datasets",
    "load_recording": "recordings",
    "model_fn": "models",
    "LivePlot": "live_plot",
    "fast_fit": "training",
    "plot_history": "plots",
    "scratch_folder": "scratch",
    "use_style": "plots",
    "replay_early_stopping": "early_stopping",
    "DropoutExplorer": "explorers.dropout",
    "LearningRateExplorer": "explorers.learning_rate",
    "NeuronExplorer": "explorers.neurons",
    "PatienceExplorer": "explorers.patience",
}

_WITHOUT_TENSORFLOW = {"datasets", "plots", "recordings", "scratch"}

__all__ = list(_MODULE_OF)


def __getattr__(name):
    if name not in _MODULE_OF:
        raise AttributeError(f"helpers has no {name!r}; it has {', '.join(sorted(__all__))}")
    module = _MODULE_OF[name]
    try:
        if module not in _WITHOUT_TENSORFLOW:
            importlib.import_module(".tensorflow_quietly", __name__)
        value = getattr(importlib.import_module(f".{module}", __name__), name)
    except AttributeError as error:  # which Python would take for "helpers has no such name"
        raise ImportError(f"loading {name} from helpers.{module} failed: {error}") from error
    globals()[name] = value
    return value


def __dir__():
    return sorted({*__all__, *(name for name in globals() if name.startswith("__"))})
