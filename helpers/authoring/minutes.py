"""Tell how many minutes each lesson takes, by one formula, and write them where they are told.

    python -m helpers.authoring.minutes            a line for each lesson
    python -m helpers.authoring.minutes --write    into the lessons' titles, the README, the page
                                                   for teachers

A learner reads, types nothing, but reads code too; what is folded is not read. A lesson may take as
long as `MOST`.
"""

import argparse
import math
import re
import sys
from pathlib import Path
from typing import NamedTuple

from nbformat import NotebookNode

from ..files import replace_file
from .cells import is_folded, is_question
from .execute import ROOT, LessonFailed, lessons, read_notebook, read_text
from .normal_form import to_text
from .publish import BADGE

WORDS_A_MINUTE = 120
SECONDS_A_LINE = 8
MINUTES_A_PREDICTION = 1.5
MINUTES_OF_RUNNING = 1
"""A lesson runs within a minute on two cores."""
MOST = 45
WORD = re.compile(r"\w[\w.,'’-]*")
LINK_TARGET = re.compile(r"(?<=\])\([^)]*\)")
IN_TITLE = re.compile(r"About \d+ minutes\.")
TABLE_ROW = r"^(\| \[[^]]*\]\((?:\S*/)?{name}\).*\| )\d+( \|)$"


class Lesson(NamedTuple):
    """What of a lesson takes time."""

    words: int
    """Of its text."""
    lines: int
    """Of its code that is not folded, without comments and empty lines."""
    predictions: int

    @property
    def minutes(self) -> int:
        """How long it takes, rounded up to five minutes."""
        exact = (
            self.words / WORDS_A_MINUTE
            + self.lines * SECONDS_A_LINE / 60
            + self.predictions * MINUTES_A_PREDICTION
            + MINUTES_OF_RUNNING
        )
        return 5 * math.ceil(exact / 5)


def measure(notebook: NotebookNode) -> Lesson:
    """Count what of a lesson takes time; an appendix, which comes after the recap, is left out."""
    words = lines = predictions = 0
    after_recap = False
    for cell in notebook.cells:
        if after_recap:
            break
        if cell.cell_type == "markdown":
            words += len(WORD.findall(LINK_TARGET.sub("", BADGE.sub("", cell.source))))
            after_recap = cell.id == "recap"
        elif is_question(cell):
            predictions += 1
        elif not is_folded(cell):
            stripped = [line.strip() for line in cell.source.splitlines()]
            lines += sum(1 for line in stripped if line and not line.startswith("#"))
    return Lesson(words, lines, predictions)


def titled(notebook: NotebookNode, minutes: int) -> bool:
    """Write the minutes into a lesson's title; return whether that changed it.

    Raises:
        ValueError: the title has no place for them.
    """
    title = notebook.cells[0]
    before = title.source
    title.source, found = IN_TITLE.subn(f"About {minutes} minutes.", before)
    if not found:
        raise ValueError(f"the title {before.splitlines()[0]!r} has no line 'About 5 minutes.'")
    return title.source != before


def in_table(text: str, minutes: dict[str, int]) -> str:
    """A Markdown text in which the last column of each lesson's row tells its minutes.

    Args:
        text: it has a row `| [title](way/to/name.ipynb) | ... | 5 |` for each lesson.
        minutes: by the names of the lessons' files.

    Raises:
        ValueError: a lesson has no such row.
    """
    for name, many in minutes.items():
        row = re.compile(TABLE_ROW.format(name=re.escape(name)), re.MULTILINE)
        text, found = row.subn(rf"\g<1>{many}\g<2>", text)
        if not found:
            raise ValueError(f"no row of a table leads to {name} and ends with its minutes")
    return text


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return 0, or 1 if a lesson can't be read or takes too long."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true", help="write them where they are told")
    options = parser.parse_args(arguments)
    minutes, new = {}, {}
    try:
        for path in lessons(root):
            notebook = read_notebook(read_text(path))
            lesson = measure(notebook)
            minutes[path.name] = lesson.minutes
            print(
                f"{path.stem}: {lesson.minutes} minutes ({lesson.words:,} words, {lesson.lines} "
                f"lines of code, {lesson.predictions} predictions)"
            )
            if titled(notebook, lesson.minutes):
                new[path] = to_text(notebook)
        for page in (root / "README.md", root / "notebooks" / "README.md"):
            new[page] = in_table(page.read_text("utf-8"), minutes)
        if options.write:
            for path, text in new.items():
                replace_file(path, text)
    except (LessonFailed, ValueError, OSError) as error:
        print(f"The minutes can't be told: {error}", file=sys.stderr)
        return 1
    long = [name for name, many in minutes.items() if many > MOST]
    for name in long:
        print(f"{name} takes more than {MOST} minutes: split it", file=sys.stderr)
    return int(bool(long))


if __name__ == "__main__":
    sys.exit(main())
