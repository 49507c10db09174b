"""`import helpers`: quick, and every name there when it is asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import helpers

ROOT = Path(__file__).resolve().parent.parent


def in_a_new_python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done


def test_importing_helpers_loads_nothing_heavy():
    heavy = "{'tensorflow', 'keras', 'numpy', 'pandas', 'matplotlib', 'IPython'}"
    done = in_a_new_python(f"import sys, helpers; print({heavy} & set(sys.modules))")
    assert done.stdout.strip() == "set()"


def test_data_and_plots_do_not_load_tensorflow():
    code = (
        "import sys; from helpers import load_wine, load_recording, plot_history, use_style;"
        "load_wine(); print('tensorflow' in sys.modules)"
    )
    assert in_a_new_python(code).stdout.strip() == "False"


def test_tensorflow_loads_without_a_word():
    done = in_a_new_python("from helpers import model_fn; import keras; model_fn()")
    assert done.stderr == ""
    assert done.stdout == ""


def test_tensorflow_that_fails_to_load_is_heard(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        "import os; os.write(2, b'a library is missing\\n'); raise ImportError('no TensorFlow')"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from helpers import model_fn"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "a library is missing" in done.stderr
    assert "no TensorFlow" in done.stderr


def test_every_name_is_there_and_documented():
    for name in helpers.__all__:
        assert name in dir(helpers)
        assert getattr(helpers, name).__doc__, f"{name} has no docstring"


COMPLETE = """
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("import helpers")
shell.Completer.use_jedi = {use_jedi}
with provisionalcompleter():
    for text in ("helpers.", "from helpers import load_f"):
        found = shell.Completer.completions(text, len(text))
        print(text, [completion.text for completion in found])
"""


@pytest.mark.parametrize("use_jedi", [True, False])
def test_tab_completion_offers_the_names(use_jedi):
    told = in_a_new_python(COMPLETE.format(use_jedi=use_jedi)).stdout.splitlines()
    assert all(name in told[0] for name in helpers.__all__)
    assert "importlib" not in told[0]
    assert "load_fashion_mnist" in told[1]


def test_help_shows_the_docstring():
    code = "import helpers; help(helpers.plot_history)"
    assert "Draw metrics over epochs" in in_a_new_python(code).stdout


def test_an_unknown_name_is_told_with_the_known_ones():
    with pytest.raises(AttributeError, match="no 'plot_histroy'.*plot_history"):
        _ = helpers.plot_histroy


def test_an_import_that_fails_inside_tells_its_cause(tmp_path):
    (tmp_path / "tensorflow.py").write_text("import os; os.no_such_function")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from helpers import model_fn"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "loading model_fn from helpers.models failed" in done.stderr
    assert "no_such_function" in done.stderr
