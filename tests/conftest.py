"""Which tests belong to this environment."""

from importlib.metadata import PackageNotFoundError, version

import helpers  # noqa: F401  (puts TensorFlow's settings in force, as in a lesson)


def _has_classic_notebook():
    try:
        return version("notebook").startswith("6.")
    except PackageNotFoundError:
        return False


# The classic Notebook is the front end of ipywidgets 7, which Colab has: it is in
# colab-requirements.txt alone.
collect_ignore = [] if _has_classic_notebook() else ["test_classic_notebook.py"]
