"""A sentence of a lesson that says how many, or how much more, has a check cell that defends it.

`tests/claims/NN.toml` says which: for each check cell the sentences it defends, and under
`[exceptions]` the sentences that need none, by the reason why. A sentence is written there without
its markup, in one line.
"""

import re
import tomllib
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt

from helpers.authoring import execute

CLAIMS = Path(__file__).parent / "claims"
LESSONS = execute.lessons()
PRACTICE = execute.ROOT / "data" / "practice" / "en"
NOT_READ = ("title", "next")
"""The cells that only say what the lesson is about."""

NUMBERS = """two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty
    fifty sixty hundred hundreds thousand thousands million half third quarter twice threefold
    double""".split()
COMPARISONS = """more less fewer most least better best worse worst higher highest lower lowest
    larger largest smaller smallest longer longest shorter shortest deeper deepest wider widest
    narrower later latest earlier earliest sooner faster fastest slower slowest calmer steeper
    flatter greater bigger stronger weaker surer nearer closer further farther rarer brighter
    simpler cheaper older newer easier harder rises rise rose falls fall fell climbs climb climbed
    drops dropped grows grew shrinks shrank doubles same equal equally alike above below beyond
    within exceeds nearly seldom rarely""".split()
TELLING = re.compile(rf"\d|\b(?:{'|'.join(sorted({*NUMBERS, *COMPARISONS}))})\b", re.IGNORECASE)
END = re.compile(r"((?<=[.!?:])|(?<=[.!?:][\"”’)]))\s+(?=[\"“(]?[A-Z0-9])")


def sentences(markdown):
    """The sentences of a Markdown text: of its paragraphs and lists, without their markup."""
    for block in MarkdownIt().parse(markdown):
        if block.type != "inline":
            continue
        parts = []
        for token in block.children:
            if token.type in ("text", "code_inline"):
                parts.append(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                parts.append(" ")
        yield from split(" ".join("".join(parts).split()))


def split(text):
    """A text cut where a sentence ends."""
    start = 0
    for end in END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    yield text[start:]


def prose(markdown):
    """A Markdown text without its headings and tables."""
    lines = markdown.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("#", "|")))


def sentences_of(path):
    """Every sentence that a lesson says, its predictions' reasons among them."""
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.id not in NOT_READ:
            yield from sentences(prose(cell.source))
    words = PRACTICE / f"{path.name[:2]}.toml"
    for question in tomllib.loads(words.read_text("utf-8")).values():
        yield from sentences(question["why"])


def needs_a_claim(sentence):
    """Whether a sentence says how many, or compares."""
    return not sentence.endswith("?") and TELLING.search(sentence) is not None


def problems(said, checks, table):
    """What is wrong with a lesson's table.

    Args:
        said: the lesson's sentences.
        checks: the ids of its check cells.
        table: what its file holds.
    """
    said = list(said)
    defended, excepted = table.get("claims", {}), table.get("exceptions", {})
    listed = [s for group in (*defended.values(), *excepted.values()) for s in group]
    found = [f"no check cell is named {name}" for name in defended if name not in checks]
    found += [f"{name} defends no sentence" for name in checks if not defended.get(name)]
    found += [f"is not in the lesson: {s}" for s in listed if s not in said]
    both = [s for group in excepted.values() for s in group if s in sum(defended.values(), [])]
    found += [f"is defended, and excepted: {s}" for s in both]
    found += [
        f"has no check and no reason: {s}" for s in said if needs_a_claim(s) and s not in listed
    ]
    return found


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_what_a_lesson_says_is_checked(path):
    table = tomllib.loads((CLAIMS / f"{path.name[:2]}.toml").read_text("utf-8"))
    cells = nbformat.read(path, 4).cells
    checks = [cell.id for cell in cells if "claim" in cell.metadata.get("tags", [])]
    found = problems(sentences_of(path), checks, table)
    assert not found, "\n".join(found)


# --- the rules themselves ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("One. Two *three*.\nFour `five`: Six", ["One.", "Two three.", "Four five:", "Six"]),
        ("- a [link](x.ipynb)\n- **b**. C!", ["a link", "b.", "C!"]),
        (
            "It is 0.5 high. (So it is.) “Yes.” 12 more.",
            ["It is 0.5 high.", "(So it is.)", "“Yes.”", "12 more."],
        ),
        ("The loss fell by 3.14 in `model.fit`.", ["The loss fell by 3.14 in model.fit."]),
    ],
)
def test_a_text_is_split_into_sentences(markdown, expected):
    assert list(sentences(markdown)) == expected


def test_headings_and_tables_are_no_sentences():
    assert list(sentences(prose("## Two more\n\n| 1 | 2 |\n|---|---|\n\nThree."))) == ["Three."]


@pytest.mark.parametrize(
    ("sentence", "needed"),
    [
        ("The loss is 0.3.", True),
        ("It falls.", True),
        ("It is lower with dropout.", True),
        ("With ten seeds it is so.", True),
        ("Run the cell.", False),
        ("Is it lower?", False),
        ("The fallen leaf of a tenant.", False),
    ],
)
def test_which_sentences_need_a_claim(sentence, needed):
    assert needs_a_claim(sentence) == needed


SAID = ["Run it.", "It falls.", "Take 3."]
GOOD = {"claims": {"check-fall": ["It falls."]}, "exceptions": {"advice": ["Take 3."]}}


def test_a_good_table_has_no_problems():
    assert problems(SAID, ["check-fall"], GOOD) == []


@pytest.mark.parametrize(
    ("said", "checks", "table", "expected"),
    [
        (SAID, ["check-fall"], {**GOOD, "exceptions": {}}, "has no check and no reason: Take 3."),
        (SAID[:2], ["check-fall"], GOOD, "is not in the lesson: Take 3."),
        (SAID, [], GOOD, "no check cell is named check-fall"),
        (
            SAID,
            ["check-fall"],
            {**GOOD, "exceptions": {"advice": ["Take 3.", "It falls."]}},
            "is defended, and excepted: It falls.",
        ),
        (SAID, ["check-fall", "check-more"], GOOD, "check-more defends no sentence"),
    ],
)
def test_a_bad_table_is_seen(said, checks, table, expected):
    assert problems(said, checks, table) == [expected]
