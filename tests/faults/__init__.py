"""Faults that befall a class, and what its learners and their teacher read then.

Each module here has a table `FAULTS`.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Fault:
    """One fault."""

    what: str
    """The fault in a few words, such as "course.zip has no entries"."""
    happens: Callable[[Path], str]
    """Makes it in an empty folder, does what a learner would do, and returns all that is read.

    It also asserts that nothing was lost.
    """
    sees: str
    """What must be part of that text."""


def tables() -> dict[str, list[Fault]]:
    """All tables by the name of their module, which the tests' report shows."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py"))
    return {name: importlib.import_module(f"faults.{name}").FAULTS for name in names}
