"""How the course wants TensorFlow: its settings, and loaded without start-up messages.

TensorFlow reads its settings from the environment while it loads. Importing this module, which
`import helpers` does, puts them there and loads nothing; `load` loads TensorFlow. No other place
sets anything of TensorFlow or of Keras' backend.

TensorFlow's C++ code writes about missing GPUs and CPU options straight to standard error, before
any setting of its log level counts. In a notebook that fills a red box under the first cell. `load`
turns them aside while TensorFlow loads and finds its devices; if loading fails, it shows them.
Devices can't be configured afterwards; no lesson does.
"""

import contextlib
import ctypes
import functools
import os
import sys
import tempfile
import warnings

_SETTINGS = {
    # C++ messages below the rank of an error mean nothing to a learner.
    "TF_CPP_MIN_LOG_LEVEL": "2",
    # Small networks train faster on one core, with the same numbers, and leave others the rest.
    "TF_NUM_INTRAOP_THREADS": "1",
    # With oneDNN, memory is never given back: 300 MB more after a few trainings, none faster.
    "TF_ENABLE_ONEDNN_OPTS": "0",
}

_M_TOP_PAD = -2  # in glibc's malloc.h


def _put_settings_in_force():
    """Set what the user hasn't set; say so if TensorFlow is there already and won't read it."""
    if "tensorflow" in sys.modules and not os.environ.keys() >= _SETTINGS.keys():
        warnings.warn(
            "The lessons work, but may take more memory, because TensorFlow was loaded before "
            "helpers: restart the kernel, and import from helpers before keras and tensorflow.",
            stacklevel=4,  # the line that imports helpers
        )
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)


def _make_sure_of_the_backend():
    """Choose TensorFlow for Keras, whatever its settings file says; refuse another choice."""
    if "keras" in sys.modules:
        backend = sys.modules["keras"].backend.backend()
    else:
        backend = os.environ.get("KERAS_BACKEND") or "tensorflow"
    if backend != "tensorflow":
        raise ImportError(
            f"The course needs TensorFlow, but Keras is set to use {backend!r}: restart the "
            "kernel, run `import os; os.environ['KERAS_BACKEND'] = 'tensorflow'`, and go on."
        )
    os.environ["KERAS_BACKEND"] = backend


@contextlib.contextmanager
def _standard_error_kept():
    """Catch what the process writes to standard error; show it only if the block raises."""
    if sys.stderr is None:
        yield
        return
    sys.stderr.flush()
    with tempfile.TemporaryFile() as kept:
        original = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            os.dup2(original, 2)
            kept.seek(0)
            sys.stderr.write(kept.read().decode(errors="replace"))
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)


def _grow_memory_in_blocks():
    """Let the heap grow by 8 MB at once, where glibc manages it, unless the user set it.

    By default it grows and shrinks by a few pages in every training step on `batches`, and asking
    the system for them takes as long as the step itself.
    """
    if sys.platform == "linux" and "MALLOC_TOP_PAD_" not in os.environ:
        with contextlib.suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_M_TOP_PAD, 8 << 20)


@functools.cache
def load():
    """Load TensorFlow without a word, unless that fails."""
    _grow_memory_in_blocks()
    with _standard_error_kept():
        import tensorflow

        tensorflow.config.list_logical_devices()
    # Warnings of its Python side, such as that a new model needs a new graph, are for experts.
    tensorflow.get_logger().setLevel("ERROR")


_make_sure_of_the_backend()
_put_settings_in_force()
