"""The questions of predictions, as `data/practice/` words them, and what is said of an answer."""

import difflib
import functools
import html
import math
import re
import tomllib
from dataclasses import dataclass, field

from ..data_files import ROOT, how_to_restore
from ..wording import shown

FOLDER = ROOT / "data" / "practice"
_KNOWN = {"ask", "why", "choices", "sketches", "numbers", "unit", "digits"}


@dataclass(frozen=True)
class Question:
    """A prediction: what is asked, what can be said, and why it comes out as it does."""

    name: str
    ask: str
    why: str
    choices: dict = field(default_factory=dict)
    """The choices in words, by key; or else `numbers` are given."""
    sketches: dict = field(default_factory=dict)
    """For each key a list of curves, each a list of heights from 0 to 1."""
    numbers: tuple = ()
    """Numbers to choose from, of which the nearest to the truth is right."""
    unit: str = ""
    """What the numbers count, such as "epochs"."""
    digits: int = 2
    """How many digits after the point the truth is told with; 0 for whole numbers."""

    def __post_init__(self):
        if bool(self.choices) == bool(self.numbers):
            raise ValueError("it needs either choices or numbers")
        if self.sketches and set(self.sketches) != set(self.choices):
            raise ValueError("it needs a sketch for each of its choices, or none")

    def answers(self) -> dict:
        """What can be said, in words, by what `right` returns."""
        if self.choices:
            return self.choices
        return {number: f"{number:,} {self.unit}".rstrip() for number in self.numbers}

    def right(self, truth):
        """The key, or the number, of the right answer.

        Args:
            truth: what came out: a key of the choices, or a number.

        Raises:
            ValueError: it is neither.
        """
        if self.choices:
            if not isinstance(truth, str) or truth not in self.choices:
                raise ValueError(
                    f"the prediction {self.name!r} can't come out as {shown(truth)}: its choices "
                    f"are {', '.join(map(repr, self.choices))}"
                )
            return truth
        number = math.nan if isinstance(truth, (bool, str)) else _as_float(truth)
        if not math.isfinite(number):
            raise ValueError(
                f"the prediction {self.name!r} is about a number, and {shown(truth)} is no number "
                "that it can come out as"
            )
        return min(self.numbers, key=lambda choice: abs(choice - number))

    def outcome(self, truth) -> str:
        """What came out, in words."""
        right = self.right(truth)
        if self.choices:
            return self.choices[right]
        return f"{float(truth):,.{self.digits}f} {self.unit}".rstrip()


def _as_float(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def told(question, said, truth, words) -> list:
    """What was said, what came out and why: three plain texts.

    Args:
        question: a `Question`.
        said: the key or number that was predicted; None if nothing was.
        truth: what came out, as for `Question.right`.
        words: what `Words` calls `phrases`.
    """
    right = question.right(truth)
    if said is None:
        first = words["nothing_said"]
    else:
        verdict = words["as_said" if said == right else "not_as_said"]
        first = f"{words['said'].format(question.answers()[said])} {verdict}"
    return [first, words["came_out"].format(question.outcome(truth)), question.why]


def as_html(text) -> str:
    """Plain text as HTML; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


@dataclass(frozen=True)
class Words:
    """All words of a language."""

    questions: dict
    """Every `Question` by name."""
    phrases: dict
    """What is said around them, by name."""


@functools.cache
def read_words(language="en") -> Words:
    """Read the words of a language.

    Raises:
        ValueError: a file is missing or not as it should be; the message names it.
    """
    folder = FOLDER / language
    phrases = _read(folder / "phrases.toml")
    questions = {}
    for path in sorted(folder.glob("[0-9][0-9].toml")):
        for name, entry in _read(path).items():
            try:
                if unknown := set(entry) - _KNOWN:
                    raise ValueError(f"it has {', '.join(sorted(unknown))}, which means nothing")
                if name in questions:
                    raise ValueError("that name is taken")
                questions[name] = Question(name, **entry)
            except (TypeError, ValueError) as error:
                where = path.relative_to(ROOT)
                raise ValueError(f"{where}: the question {name!r}: {error}") from error
    return Words(questions, phrases)


def find_question(name, language="en") -> Question:
    """The question of that name.

    Raises:
        ValueError: there is none.
    """
    questions = read_words(language).questions
    if not isinstance(name, str) or name not in questions:
        near = difflib.get_close_matches(str(name), questions, n=1)
        hint = f": did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"no prediction is named {shown(name)}{hint}")
    return questions[name]


def _read(path):
    where, mend = path.relative_to(ROOT), how_to_restore(FOLDER / "phrases.toml")
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ValueError(f"{where} can't be read. {mend}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{where} is damaged: {error}. {mend}") from error
