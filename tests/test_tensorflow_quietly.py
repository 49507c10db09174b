"""TensorFlow's settings are in force, and it loads without a word."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NAMES = re.compile(r"\b(?:TF|KERAS)_[A-Z]\w+")


def in_a_new_python(code, **environment):
    """Run code where nothing is set but `environment`: not what this Python got from helpers."""
    kept = {name: value for name, value in os.environ.items() if not NAMES.match(name)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**kept, "OPENBLAS_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


# TensorFlow's threads for one operation have the main thread's name; its others have their own.
MEASURE = """
import pathlib
import tensorflow as tf
from tensorflow.python.util import _pywrap_util_port as build
tf.matmul(tf.ones((2, 2)), tf.ones((2, 2)))
main = pathlib.Path("/proc/self/comm").read_text()
threads = [task.read_text() for task in pathlib.Path("/proc/self/task").glob("*/comm")]
print(threads.count(main) - 1, build.IsMklEnabled())
"""
OWN = {"TF_NUM_INTRAOP_THREADS": "5", "TF_ENABLE_ONEDNN_OPTS": "1", "TF_CPP_MIN_LOG_LEVEL": "0"}
needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="counts in /proc")


@needs_proc
@pytest.mark.parametrize(
    "imports",
    [
        "from helpers import load_wine; import keras",
        "from helpers import model_fn; import keras",
        "import helpers, keras",
    ],
)
def test_the_settings_are_in_force(imports):
    done = in_a_new_python(imports + MEASURE)
    assert done.stdout.split() == ["1", "False"], done.stderr
    assert "cpu_feature_guard" not in done.stderr
    assert "Warning" not in done.stderr


@needs_proc
def test_what_the_user_set_wins():
    done = in_a_new_python("import helpers, keras" + MEASURE, **OWN)
    assert done.stdout.split() == ["5", "True"], done.stderr
    assert "cpu_feature_guard" in done.stderr


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_imports_helpers_before_keras_and_tensorflow(path):
    imported = re.findall(r'"(?:from|import) (helpers|keras|tensorflow)\b', path.read_text())
    assert imported[0] == "helpers"


def test_keras_before_helpers_is_told_and_the_lesson_goes_on():
    done = in_a_new_python("import keras\nfrom helpers import model_fn\nprint(model_fn().built)")
    assert done.stdout == "True\n"
    assert "<string>:2: UserWarning: The lessons work, but may take more memory" in done.stderr
    assert "restart the kernel, and import from helpers before keras" in done.stderr


def test_tensorflow_before_helpers_is_no_matter_if_the_user_set_everything():
    code = "import sys; sys.modules['tensorflow'] = sys; import helpers"
    assert "UserWarning" in in_a_new_python(code).stderr
    assert in_a_new_python(code, **OWN).stderr == ""


def told_of_the_backend(done):
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ImportError: The course needs TensorFlow")
    assert "Keras is set to use 'jax'" in last
    assert "os.environ['KERAS_BACKEND'] = 'tensorflow'" in last


def test_another_backend_in_the_environment_is_told():
    told_of_the_backend(in_a_new_python("from helpers import load_wine", KERAS_BACKEND="jax"))


def test_another_backend_that_is_loaded_is_told(tmp_path):
    (tmp_path / "keras.py").write_text("class backend: backend = staticmethod(lambda: 'jax')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import keras; import helpers"
    told_of_the_backend(in_a_new_python(code))


@pytest.mark.parametrize("own", [{}, {"KERAS_BACKEND": ""}])
def test_tensorflow_is_chosen_whatever_the_settings_file_of_keras_says(tmp_path, own):
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    code = "import helpers, keras; print(keras.config.backend())"
    done = in_a_new_python(code, KERAS_HOME=str(tmp_path), **own)
    assert done.stdout == "tensorflow\n", done.stderr


def test_no_other_helper_names_a_setting_of_tensorflow():
    sources = {path: path.read_text() for path in ROOT.glob("helpers/**/*.py")}
    naming = {path.name for path, text in sources.items() if NAMES.search(text)}
    logging = {path.name for path, text in sources.items() if "get_logger" in text}
    assert naming == logging == {"tensorflow_quietly.py"}


def test_tensorflow_loads_without_a_word():
    done = in_a_new_python("from helpers import model_fn; import keras; model_fn()")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout == ""


def test_warnings_for_experts_are_off():
    code = "from helpers import model_fn; import tensorflow; print(tensorflow.get_logger().level)"
    assert in_a_new_python(code).stdout == "40\n"


def test_tensorflow_that_fails_to_load_is_heard(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        "import os; os.write(2, b'a library is missing\\n'); raise ImportError('no TensorFlow')"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from helpers import model_fn"
    done = in_a_new_python(code)
    assert done.returncode != 0
    assert "a library is missing" in done.stderr
    assert "no TensorFlow" in done.stderr


TRAIN = """
import resource
import numpy as np
from helpers import batches, model_fn
model = model_fn()
model.compile("rmsprop", "sparse_categorical_crossentropy", steps_per_execution=100)
x, y = np.zeros((9600, 28, 28), "float32"), np.zeros(9600, "int32")
model.fit(batches(x, y), verbose=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
model.fit(batches(x, y), epochs=2, verbose=0)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 600)
"""


@needs_proc
def test_a_training_step_asks_the_system_for_few_pages():
    """With glibc's own setting it is some four hundred, which take as long as the step itself."""
    pages = float(in_a_new_python(TRAIN).stdout)
    pages_as_set = float(in_a_new_python(TRAIN, MALLOC_TOP_PAD_="131072").stdout)
    assert pages < 0.5 * pages_as_set, (pages, pages_as_set)
