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


def test_joining_and_drawing_with_the_best_of_a_common_metric_do_not_load_tensorflow():
    code = (
        "import sys, matplotlib; matplotlib.use('agg');"
        "from helpers import join_histories, plot_history;"
        "run = {'val_loss': [2.0, 1.0], 'accuracy': [0.5, 0.6], 'val_accuracy': [0.5, 0.6]};"
        "both = join_histories(run, dict(run));"
        "plot_history(both, 'val_loss', best='val_loss');"
        "plot_history(both, 'accuracy', best='val_accuracy');"
        "print('tensorflow' in sys.modules)"
    )
    assert in_a_new_python(code).stdout.strip() == "False"


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


def test_a_misspelt_import_is_told_with_the_name_that_was_meant():
    with pytest.raises(ImportError, match="no 'plot_histroy'. Did you mean 'plot_history'?"):
        from helpers import plot_histroy  # noqa: F401
    with pytest.raises(ImportError, match="Did you mean 'LivePlot'?.*load_wine"):
        from helpers import liveplot  # noqa: F401
    with pytest.raises(ImportError, match="helpers has no 'wobble'. It has "):
        from helpers import wobble  # noqa: F401


def test_whether_a_name_is_there_can_be_asked_and_modules_can_be_imported():
    assert not hasattr(helpers, "plot_histroy")
    assert getattr(helpers, "plot_histroy", None) is None
    code = "from helpers import histories, explorers; import helpers.files; from helpers import *"
    in_a_new_python(code)


def test_an_import_that_fails_inside_tells_its_cause(tmp_path):
    (tmp_path / "tensorflow.py").write_text("import os; os.no_such_function")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from helpers import model_fn"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "loading model_fn from helpers.models failed" in done.stderr
    assert "no_such_function" in done.stderr
