"""The form that every lesson keeps to. Whether lessons run is nbval's job, not this file's.

Each rule is a function from a lesson to a list of problems. The last part of the file breaks a
good lesson in one way after another, and expects the rule to say so.
"""

import ast
import copy
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import execute, normal_form
from helpers.authoring.alt_text import alternative_text

ROOT = execute.ROOT
ALLOWED_TAGS = {"claim", normal_form.STORED}
COMPARED = 5  # cells at least whose outputs are stored and compared
SMALL = 3_000  # characters at most in what is stored of one
SET_UP = "# @title Set-up: run this first"
PYPLOT_DRAWS = {"show", "plot", "subplots", "figure", "bar", "hist", "imshow", "scatter"}
PRIVATE_PATH = re.compile(r"(?<![\w.~-])/(?:home|root|Users|tmp)/|C:\\")
FILE_NAME = re.compile(r"(\d\d)_[a-z0-9]+(?:_[a-z0-9]+)*\.ipynb")


@dataclass
class Lesson:
    """A lesson as its file holds it."""

    path: Path
    text: str
    notebook: NotebookNode

    @classmethod
    def read(cls, path: Path) -> "Lesson":
        text = path.read_bytes().decode()
        return cls(path, text, nbformat.reader.reads(text))

    @property
    def number(self) -> str:
        return self.path.name[:2]

    @property
    def root(self) -> Path:
        return self.path.parents[1]

    def cells(self, kind: str) -> list[NotebookNode]:
        return [cell for cell in self.notebook.cells if cell.cell_type == kind]

    def cell(self, cell_id: str) -> NotebookNode | None:
        return next((cell for cell in self.notebook.cells if cell.get("id") == cell_id), None)

    def trees(self) -> Iterator[tuple[NotebookNode, ast.Module]]:
        """Yield the code cells that are plain Python, with their syntax trees."""
        for cell in self.cells("code"):
            if (tree := syntax_tree(cell)) is not None:
                yield cell, tree


def name_of(cell: NotebookNode) -> str:
    return f"cell {cell.get('id')}"


def syntax_tree(cell: NotebookNode) -> ast.Module | None:
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return None


def tags(cell: NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def called(node: ast.AST) -> str:
    """Return the last part of the name that a call calls, "" for anything else."""
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


# --- rules for cells, ids and outputs --------------------------------------------------------


def problems_format(lesson: Lesson) -> list[str]:
    """The file is valid nbformat 4.5."""
    version = (lesson.notebook.nbformat, lesson.notebook.nbformat_minor)
    if version != (4, 5):
        return [f"is in notebook format {version[0]}.{version[1]}, not 4.5"]
    try:
        normal_form.validate(lesson.notebook)
    except normal_form.NOT_VALID as error:
        return [f"is not a valid notebook: {error}"]
    return []


def problems_normal_form(lesson: Lesson) -> list[str]:
    """What is stored is what helpers.authoring.execute would store."""
    found = normal_form.differences(lesson.text, lesson.root)
    return [f"not in normal form: {place}" for place in found]


def is_telling(cell_id: str) -> bool:
    """Say whether an id is words in kebab-case, rather than a number or a random string."""
    if not re.fullmatch(r"[a-z]+\d{0,2}(-([a-z]+\d{0,2}|\d+))*", cell_id):
        return False
    if re.fullmatch(r"[0-9a-f]{8,}", cell_id) and re.search(r"\d", cell_id):
        return False
    if re.fullmatch(r"(cell|code|markdown|md|text|untitled)(-?\d+)*", cell_id):
        return False
    return re.search(r"[a-z]{3}", cell_id) is not None


def problems_ids(lesson: Lesson) -> list[str]:
    """Ids are unique and say what the cell is."""
    ids = [cell.get("id", "") for cell in lesson.notebook.cells]
    found = [f"id {i} is used {ids.count(i)} times" for i in sorted(set(ids)) if ids.count(i) > 1]
    return found + [f"id {i!r} is not kebab-case words" for i in ids if not is_telling(i)]


def problems_order(lesson: Lesson) -> list[str]:
    """A lesson begins with title and set-up, and ends with recap and next."""
    cells = lesson.notebook.cells
    needed = {"title": "markdown", "set-up": "code", "recap": "markdown", "next": "markdown"}
    found = []
    for cell_id, kind in needed.items():
        cell = lesson.cell(cell_id)
        if cell is None or cell.cell_type != kind:
            found.append(f"has no {kind} cell {cell_id}")
    if not cells or cells[0].get("id") != "title":
        found.append("the first cell is not title")
    if not cells or cells[-1].get("id") != "next":
        found.append("the last cell is not next")
    code = lesson.cells("code")
    if code and code[0].get("id") != "set-up":
        found.append(f"{name_of(code[0])}: is code before the set-up cell")
    return found


def problems_set_up(lesson: Lesson) -> list[str]:
    """The set-up cell is short, and says what it is where it is folded."""
    cell = lesson.cell("set-up")
    lines = [line for line in cell.source.splitlines() if line.strip()] if cell else []
    found = []
    if not lines or lines[0] != SET_UP:
        found.append(f"cell set-up: does not begin with {SET_UP!r}")
    if len(lines) > 9:
        found.append(f"cell set-up: has {len(lines)} non-empty lines, more than 9")
    return found


def problems_title(lesson: Lesson) -> list[str]:
    """The title cell has the number, the minutes and three things learned."""
    cell = lesson.cell("title")
    if cell is None:
        return ["has no title cell"]
    found = []
    first = cell.source.split("\n")[0]
    if not re.fullmatch(rf"# {lesson.number} · \S.*", first):
        found.append(f"cell title: begins with {first!r}, not with '# {lesson.number} · Title'")
    if not re.search(r"\d\s+minutes?\b", cell.source):
        found.append("cell title: does not say how many minutes it takes")
    bullets = re.findall(r"^\s*[-*+] +\S", cell.source, re.MULTILINE)
    if len(bullets) != 3:
        found.append(f"cell title: lists {len(bullets)} bullet points, not 3")
    return found


def problems_execution(lesson: Lesson) -> list[str]:
    """Every code cell holds code, and none says when it was run."""
    found = []
    for cell in lesson.cells("code"):
        if not cell.source.strip():
            found.append(f"{name_of(cell)}: is empty")
        if cell.execution_count is not None:
            found.append(f"{name_of(cell)}: has the count {cell.execution_count}, not null")
    return found


def problem_of_output(output: NotebookNode) -> str:
    """Say why an output can't be stored, "" if it is text or a table."""
    if output.output_type == "stream":
        return ""
    if output.output_type == "error":
        return f"is an error, {output.ename}"
    html = output.data.get("text/html")
    if set(output.data) - {"text/plain", "text/html"} or (html and "<table" not in html):
        return f"is neither text nor a table, but {', '.join(sorted(output.data))}"
    return ""


def problems_outputs(lesson: Lesson) -> list[str]:
    """Outputs are stored of tagged cells alone: at least five, small, text or a table."""
    compared = [cell for cell in lesson.cells("code") if normal_form.STORED in tags(cell)]
    found = [
        f"{name_of(cell)}: stores an output without the tag {normal_form.STORED}"
        for cell in lesson.cells("code")
        if cell.outputs and cell not in compared
    ]
    if len(compared) < COMPARED:
        found.append(f"has {len(compared)} cells tagged {normal_form.STORED}, not {COMPARED}")
    for cell in compared:
        size = sum(len(text) for text in texts_in(cell.outputs))
        problems = [problem_of_output(output) for output in cell.outputs]
        if not 0 < size < SMALL:
            problems.append(f"is {size:,} characters long, not 1 to {SMALL:,}")
        found += [f"{name_of(cell)}: its output {problem}" for problem in problems if problem]
    return found


def calls_at_once(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls made when a cell runs, without those inside the functions it defines."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(node, ast.Call):
            yield node
        yield from calls_at_once(node)


def is_drawing(call: ast.Call) -> bool:
    """Say whether a call draws with matplotlib, pandas or one of our plot helpers."""
    name = called(call)
    if name in ("plot", "LivePlot") or name.startswith("plot_"):
        return True
    owner = getattr(call.func, "value", None)
    return name in PYPLOT_DRAWS and isinstance(owner, ast.Name) and owner.id == "plt"


def problems_pictures(lesson: Lesson) -> list[str]:
    """A cell that draws begins with a line that tells in words what is drawn."""
    found = []
    for cell, tree in lesson.trees():
        draws = any(is_drawing(call) for call in calls_at_once(tree))
        if draws and len(alternative_text(cell.source)) < 15:
            found.append(f"{name_of(cell)}: draws, but does not begin with '# picture: ...'")
    return found


def texts_in(value: object) -> Iterator[str]:
    """Yield the texts in an output or a part of one; pictures are skipped."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for kind, part in value.items():
            if not kind.startswith("image/") or kind == "image/svg+xml":
                yield from texts_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts_in(part)


def problems_paths(lesson: Lesson) -> list[str]:
    """No path of a machine stands in a source or an output."""
    found = []
    for cell in lesson.notebook.cells:
        for place in ("source", "outputs"):
            for text in texts_in(cell.get(place, "")):
                if hit := PRIVATE_PATH.search(text):
                    found.append(f"{name_of(cell)}: {place} has an absolute path, {hit[0]}")
    return found


def problems_tags(lesson: Lesson) -> list[str]:
    """Only known tags are used, and none that hides a failing cell from the tests."""
    found = []
    for cell in lesson.notebook.cells:
        for tag in sorted(set(tags(cell)) - ALLOWED_TAGS):
            found.append(f"{name_of(cell)}: tag {tag} is not one of {sorted(ALLOWED_TAGS)}")
        if cell.cell_type == "code" and re.search(r"#\s*(NBVAL_|PYTEST_VALIDATE)", cell.source):
            found.append(f"{name_of(cell)}: has an nbval comment, use a tag")
    return found


# --- rules for code --------------------------------------------------------------------------


def problems_python(lesson: Lesson) -> list[str]:
    """Code cells are plain Python: no % or ! magics, which pass silently where they are missing."""
    found = []
    for cell in lesson.cells("code"):
        tree = syntax_tree(cell)
        if tree is None:
            found.append(f"{name_of(cell)}: is not plain Python; magics are not allowed")
        elif any(called(node) == "get_ipython" for node in ast.walk(tree)):
            found.append(f"{name_of(cell)}: calls get_ipython; magics are not allowed")
    return found


def problems_claims(lesson: Lesson) -> list[str]:
    """There are claim cells; each says where it is folded what it checks, and asserts it."""
    claims = [cell for cell in lesson.notebook.cells if "claim" in tags(cell)]
    found = [] if claims else ["has no cell tagged claim"]
    for cell in claims:
        if not re.match(r"# @title Check: \S", cell.source):
            found.append(f"{name_of(cell)}: does not begin with '# @title Check: ...'")
        tree = syntax_tree(cell) if cell.cell_type == "code" else None
        asserts = [node for node in ast.walk(tree) if isinstance(node, ast.Assert)] if tree else []
        if not asserts:
            found.append(f"{name_of(cell)}: is tagged claim but asserts nothing")
        for node in asserts:
            empty = isinstance(node.msg, ast.Constant) and not str(node.msg.value or "").strip()
            if node.msg is None or empty:
                found.append(f"{name_of(cell)}: line {node.lineno} asserts without a message")
    return found


def problems_imports(lesson: Lesson) -> list[str]:
    """Lessons import from `helpers` alone, never from a module below it."""
    below = {path.stem for path in (lesson.root / "helpers").iterdir()}
    found = []
    for cell, tree in lesson.trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module == "helpers":
                names = [alias.name for alias in node.names]
                modules = [f"helpers.{name}" for name in names if name in below]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            else:
                continue
            found += [
                f"{name_of(cell)}: imports {module}, not from helpers alone"
                for module in modules
                if module.startswith("helpers.")
            ]
    return found


def problems_seeds(lesson: Lesson) -> list[str]:
    """A cell that trains sets the seed first, so that it can be run again by itself."""
    found = []
    for cell, tree in lesson.trees():
        lines: dict[str, list[int]] = {"fit": [], "set_random_seed": []}
        for node in ast.walk(tree):
            if called(node) in lines:
                lines[called(node)].append(node.lineno)
        seed = min(lines["set_random_seed"], default=None)
        for line in lines["fit"]:
            if seed is None or seed >= line:
                found.append(f"{name_of(cell)}: line {line} trains with no set_random_seed before")
    return found


def places_of_predictions(lesson: Lesson) -> dict[str, list[int]]:
    """The numbers of the code cells that ask for predictions, by the predictions' names."""
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(lesson.notebook.cells):
        if cell.cell_type == "code" and cell.get("id", "").startswith("predict-"):
            found.setdefault(cell.id.removeprefix("predict-"), []).append(place)
    return found


def places_of_reveals(lesson: Lesson) -> dict[str, list[int]]:
    """The numbers of the cells that call `variable.reveal`, one for each call, by the variable."""
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(lesson.notebook.cells):
        tree = syntax_tree(cell) if cell.cell_type == "code" else None
        for node in ast.walk(tree) if tree else ():
            if called(node) == "reveal" and isinstance(node.func.value, ast.Name):
                found.setdefault(node.func.value.id, []).append(place)
    return found


def problems_predictions(lesson: Lesson) -> list[str]:
    """Predictions are asked in two lines of code, nowhere else, and revealed once, later."""
    found = []
    asked, revealed = places_of_predictions(lesson), places_of_reveals(lesson)
    least = 2 if lesson.number == "00" else 4
    if len(asked) < least:
        found.append(f"has {len(asked)} cells predict-..., not at least {least}")
    for cell in lesson.notebook.cells:
        cell_id = cell.get("id", "")
        if cell.cell_type == "markdown" and "**Predict" in cell.source:
            found.append(f"{name_of(cell)}: asks for a prediction in its text")
        if cell.cell_type != "code" and cell_id.startswith("predict-"):
            found.append(f"{name_of(cell)}: is no code cell")
        tree = syntax_tree(cell) if cell.cell_type == "code" else None
        calls = [getattr(node, "func", None) for node in ast.walk(tree)] if tree else []
        asks = any(isinstance(func, ast.Name) and func.id == "predict" for func in calls)
        if asks and not cell_id.startswith("predict-"):
            found.append(f"{name_of(cell)}: asks for a prediction, but its id is not predict-...")
    for name, (place, *_) in asked.items():
        variable = name.replace("-", "_")
        wanted = f'{variable} = predict("{name}")\n{variable}'
        if lesson.notebook.cells[place].source != wanted:
            found.append(f"cell predict-{name}: is not the two lines {wanted!r}")
        places = revealed.pop(variable, [])
        if len(places) != 1:
            found.append(f"cell predict-{name}: is revealed {len(places)} times, not once")
        elif places[0] <= place:
            found.append(f"cell predict-{name}: is revealed before it is asked")
    return found + [f"reveals {variable}, which no cell predict-... asks" for variable in revealed]


def problems_practice(lesson: Lesson) -> list[str]:
    """The words of the predictions stand in the lesson's file of words, and no others."""
    path = lesson.root / "data" / "practice" / "en" / f"{lesson.number}.toml"
    known = set(tomllib.loads(path.read_text("utf-8"))) if path.is_file() else set()
    asked = set(places_of_predictions(lesson))
    return [
        *(f"cell predict-{name}: {name} is not in {path.name}" for name in sorted(asked - known)),
        *(f"{path.name}: {name} is asked in no cell" for name in sorted(known - asked)),
    ]


# --- rules for links and pictures in the prose -----------------------------------------------


@dataclass
class Reference:
    """A link or an image in a markdown cell."""

    target: str
    is_image: bool = False
    alt: str = ""


class HtmlReferences(HTMLParser):
    """Collects links, images and anchors from the HTML in a markdown text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.references: list[Reference] = []
        self.anchors: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        self.anchors |= {values[key] for key in ("id", "name") if values.get(key)}
        if tag == "img":
            self.references.append(Reference(values.get("src", ""), True, values.get("alt", "")))
        elif tag == "a" and "href" in values:
            self.references.append(Reference(values["href"]))


def tokens(markdown: str) -> Iterator[Token]:
    """Yield what a markdown text is made of: its blocks, and what stands in their lines."""
    for block in MarkdownIt().enable("table").parse(markdown):
        yield block
        yield from block.children or ()


def references(markdown: str) -> list[Reference]:
    """Return the links and images of a markdown text, those written in HTML too."""
    found = []
    for token in tokens(markdown):
        if token.type == "link_open":
            found.append(Reference(str(token.attrs["href"])))
        elif token.type == "image":
            found.append(Reference(str(token.attrs["src"]), True, token.content))
        elif token.type in ("html_inline", "html_block"):
            found += HtmlReferences(token.content).references
    return found


def anchors(lesson: Lesson) -> set[str]:
    """Return the fragments that lead somewhere: headings as Jupyter names them, and HTML ids."""
    found = set()
    for cell in lesson.cells("markdown"):
        before = None
        for token in tokens(cell.source):
            if token.type in ("html_inline", "html_block"):
                found |= HtmlReferences(token.content).anchors
            if token.type == "inline" and before is not None and before.type == "heading_open":
                words = "".join(part.content for part in token.children if not part.nesting)
                found.add(words.strip().replace(" ", "-"))
            before = token
    return found


def problem_of_target(target: str, lesson: Lesson, cell: NotebookNode) -> str:
    """Say what is wrong with the target of a link or image, "" if nothing is."""
    parts = urlsplit(target)
    if parts.scheme in ("http", "https"):
        return "" if "." in (parts.hostname or "") else "is not a web address"
    if parts.scheme == "attachment":
        known = unquote(parts.path) in cell.get("attachments", {})
        return "" if known else "is not attached to the cell"
    if parts.scheme:
        return f"has the scheme {parts.scheme}, not http(s) or none"
    if not parts.path:
        known = unquote(parts.fragment) in anchors(lesson)
        return "" if known else "names no heading of this lesson, as Jupyter spells it"
    if parts.path.startswith("/"):
        return "is an absolute path"
    if not (lesson.path.parent / unquote(parts.path)).exists():
        return "does not exist"
    return ""


def problems_links(lesson: Lesson) -> list[str]:
    """Links and images of the prose lead to something that is there."""
    return [
        f"{name_of(cell)}: {reference.target!r} {problem}"
        for cell in lesson.cells("markdown")
        for reference in references(cell.source)
        if (problem := problem_of_target(reference.target, lesson, cell))
    ]


def problems_alt_text(lesson: Lesson) -> list[str]:
    """Every image says in words what it shows."""
    return [
        f"{name_of(cell)}: image {reference.target!r} has no alt text"
        for cell in lesson.cells("markdown")
        for reference in references(cell.source)
        if reference.is_image and not reference.alt.strip()
    ]


RULES: list[Callable[[Lesson], list[str]]] = [
    problems_format,
    problems_normal_form,
    problems_ids,
    problems_order,
    problems_set_up,
    problems_title,
    problems_execution,
    problems_outputs,
    problems_pictures,
    problems_paths,
    problems_tags,
    problems_python,
    problems_claims,
    problems_imports,
    problems_seeds,
    problems_predictions,
    problems_practice,
    problems_links,
    problems_alt_text,
]


# --- rules for the lessons together ----------------------------------------------------------


KEPT_FREE = {8}
"""A number for the lesson that ends the core, after 07; those after it go on from there."""


def problems_names(names: list[str]) -> list[str]:
    """The names of the files are numbered 00, 01, ... without a hole, but for those kept free."""
    found = [] if names else ["there are no lessons"]
    numbers = (number for number in range(100) if number not in KEPT_FREE)
    for number, name in zip(numbers, names, strict=False):
        match = FILE_NAME.fullmatch(name)
        if match is None:
            found.append(f"{name}: is not named like 03_some_words.ipynb")
        elif int(match[1]) != number:
            found.append(f"{name}: is number {number:02d} in the order of the files")
    return found


def problems_same_set_up(lessons: list[Lesson]) -> list[str]:
    """The set-up cell is the same in every lesson."""
    sources = [getattr(lesson.cell("set-up"), "source", None) for lesson in lessons]
    return [
        f"{lesson.path.name}, cell set-up: differs from that of {lessons[0].path.name}"
        for lesson, source in zip(lessons, sources, strict=True)
        if source is None or source != sources[0]
    ]


def problems_next(lessons: list[Lesson]) -> list[str]:
    """Each lesson's last cell leads to the next lesson."""
    found = []
    for lesson, after in zip(lessons, lessons[1:], strict=False):
        cell = lesson.cell("next")
        targets = [reference.target for reference in references(cell.source)] if cell else []
        if after.path.name not in targets:
            found.append(f"{lesson.path.name}, cell next: has no link to {after.path.name}")
    return found


def problems_readme(readme: str, names: list[str]) -> list[str]:
    """The README links to every lesson."""
    targets = {reference.target.removeprefix("./") for reference in references(readme)}
    missing = [name for name in names if f"notebooks/{name}" not in targets]
    return [f"README.md: has no link to notebooks/{name}" for name in missing]


# --- the lessons -----------------------------------------------------------------------------

PATHS = execute.lessons(ROOT)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.removeprefix("problems_"))
def test_lesson_keeps_to(rule, path):
    found = rule(Lesson.read(path))
    assert not found, "\n".join(f"{path.name}, {problem}" for problem in found)


def test_names_are_numbered_without_a_hole():
    found = problems_names([path.name for path in PATHS])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("rule", [problems_same_set_up, problems_next], ids=["set_up", "next"])
def test_lessons_fit_together(rule):
    assert PATHS, "there are no lessons"
    found = rule([Lesson.read(path) for path in PATHS])
    assert not found, "\n".join(found)


def test_readme_lists_the_lessons():
    readme = ROOT / "README.md"
    assert PATHS, "there are no lessons"
    found = problems_readme(readme.read_text(encoding="utf-8"), [path.name for path in PATHS])
    assert not found, "\n".join(found)


# --- the rules themselves: a good lesson, and the same lesson broken in one way each ---------


def code(cell_id: str, source: str, *outputs: NotebookNode, tag: str = "") -> NotebookNode:
    metadata = {"tags": [tag]} if tag else {}
    return new_code_cell(source, id=cell_id, outputs=list(outputs), metadata=metadata)


def text(cell_id: str, source: str) -> NotebookNode:
    return new_markdown_cell(source, id=cell_id)


def shown(**data: str) -> NotebookNode:
    return new_output("display_data", data={key.replace("_", "/"): v for key, v in data.items()})


NAMES = ["rise", "second-half", "l2", "end"]


def asking(name: str) -> NotebookNode:
    variable = name.replace("-", "_")
    return code(f"predict-{name}", f'{variable} = predict("{name}")\n{variable}')


def revealing(name: str) -> NotebookNode:
    return code(f"reveal-{name}", f"{name.replace('-', '_')}.reveal(loss[-1])")


def good_notebook() -> NotebookNode:
    """A lesson that keeps to every rule."""
    title = "# 01 · Title\n\n25 minutes. You will be able to\n\n- read\n- see\n* tell\n"
    badge = "[![Open it in Colab](badge.svg)](https://colab.example.org/x_(1).ipynb)"
    table = new_output("execute_result", data={"text/html": "<table>", "text/plain": "a"})
    cells = [
        text("title", title + badge),
        code("set-up", f"{SET_UP}\nimport keras\nfrom helpers import plot_history, predict"),
        text("what-rises", "## What *will* rise?\n![a curve](badge.svg 'curve')"),
        *(asking(name) for name in NAMES),
        code(
            "train-small-model",
            "def draw(ax):\n    ax.plot([1])\n"
            "keras.utils.set_random_seed(42)\nhistory = model.fit(x)\nmodel.predict(x)",
        ),
        code("loss-plot", "# picture: the loss over epochs\nplot_history(history)"),
        code("rises", "# @title Check: it rises\nassert 2 > 1, 'it rises'", tag="claim"),
        *(revealing(name) for name in NAMES),
        text("above", 'See [above](#What-will-rise?) or <img src="badge.svg" alt="a">.'),
        code("table", "print(1)", new_output("stream", text="1\n"), tag=normal_form.STORED),
        *(code(f"shape-{i}", "x", table, tag=normal_form.STORED) for i in range(COMPARED - 1)),
        text("recap", "Not a link: `[a](b)`\n```\n![](c)\n```\n[ref]\n\n[ref]: badge.svg"),
        text("next", "On to [the next lesson](02_next.ipynb), on https://x.org/home/a/"),
    ]
    return normal_form.stored_form(new_notebook(cells=cells), ROOT)


@pytest.fixture
def folder(tmp_path):
    """A project with the files that the good lesson links to, and the words of its predictions."""
    practice = "data/practice/en/01.toml"
    names = ("notebooks/badge.svg", "notebooks/02_next.ipynb", "helpers/plots.py", practice)
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / practice).write_text("".join(f'[{name}]\nask = "?"\n' for name in NAMES))
    return tmp_path / "notebooks"


def made_up(folder: Path, notebook: NotebookNode, name: str = "01_made_up.ipynb") -> Lesson:
    return Lesson(folder / name, normal_form.to_text(notebook), notebook)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_is_content_with_a_good_lesson(rule, folder):
    assert rule(made_up(folder, good_notebook())) == []


def source(cell_id: str, new: str) -> Callable[[NotebookNode], None]:
    """Return a change that gives a cell another source."""
    return lambda notebook: change(notebook, cell_id, source=new)


def outputs(cell_id: str, *new: NotebookNode) -> Callable[[NotebookNode], None]:
    """Return a change that gives a cell other outputs."""
    return lambda notebook: change(notebook, cell_id, outputs=list(new))


def renamed(cell_id: str, new: str) -> Callable[[NotebookNode], None]:
    """Return a change that gives a cell another id."""
    return lambda notebook: change(notebook, cell_id, id=new)


def tagged(cell_id: str, *new: str) -> Callable[[NotebookNode], None]:
    """Return a change that gives a cell other tags."""
    return lambda notebook: change(notebook, cell_id, metadata=NotebookNode(tags=list(new)))


def change(notebook: NotebookNode, cell_id: str, **fields: object) -> None:
    next(cell for cell in notebook.cells if cell.id == cell_id).update(fields)


def removed(cell_id: str) -> Callable[[NotebookNode], None]:
    """Return a change that takes a cell out."""
    return lambda nb: nb.update(cells=[cell for cell in nb.cells if cell.id != cell_id])


def added(*cells: NotebookNode) -> Callable[[NotebookNode], None]:
    """Return a change that adds cells at the end."""
    return lambda notebook: notebook.cells.extend(cells)


def moved(old: int, new: int) -> Callable[[NotebookNode], None]:
    """Return a change that moves a cell."""
    return lambda notebook: notebook.cells.insert(new, notebook.cells.pop(old))


FOLDED = NotebookNode(normal_form.FOLDED)
CHECK = "# @title Check: it rises"
GOOD_TITLE = "# 01 · T\n25 minutes\n- a\n- b\n- c"

BROKEN = [
    (problems_format, lambda nb: nb.update(nbformat_minor=4)),
    (problems_format, renamed("recap", "title")),
    (problems_format, lambda nb: nb.cells[0].pop("id")),
    (problems_format, lambda nb: nb.cells[1].update(colour="red")),
    (problems_normal_form, lambda nb: nb.metadata.language_info.update(version="3.11.4")),
    (problems_normal_form, lambda nb: nb.cells[1].metadata.update(execution={"x": 1})),
    (problems_normal_form, outputs("table", new_output("stream", text="at 0x7f1234567890"))),
    (problems_normal_form, outputs("table", shown(**{normal_form.WIDGET_VIEW: {"model_id": "a"}}))),
    (problems_normal_form, outputs("rises", new_output("stream", text="1"))),
    (problems_normal_form, lambda nb: nb.metadata.update(widgets={})),
    (problems_normal_form, tagged("rises", "claim")),
    (problems_normal_form, lambda nb: change(nb, "set-up", metadata=NotebookNode())),
    (problems_normal_form, lambda nb: change(nb, "loss-plot", metadata=FOLDED)),
    (problems_normal_form, lambda nb: change(nb, "recap", metadata=FOLDED)),
    (problems_ids, renamed("recap", "title")),
    *[
        (problems_ids, renamed("recap", bad))
        for bad in (
            "a1b2c3d4",
            "cell-12",
            "cell12",
            "Recap",
            "re_cap",
            "12",
            "",
            "deadbee1",
            "markdown-3",
            "0f6e2a9b-1c2d-4e5f-8a9b-0c1d2e3f4a5b",
            "bK3x9f2aQ",
            "ab",
            "recap-",
            "k3x9f2ab",
        )
    ],
    (problems_order, moved(0, 1)),
    (problems_order, moved(-1, 2)),
    (problems_order, moved(1, 4)),
    (problems_order, renamed("recap", "summary")),
    (problems_order, renamed("set-up", "setup")),
    (problems_order, lambda nb: nb.cells.clear()),
    (problems_set_up, source("set-up", f"{SET_UP}\n" + "import a\n\n" * 9)),
    (problems_set_up, source("set-up", "import a")),
    (problems_title, source("title", GOOD_TITLE.replace("01", "02"))),
    (problems_title, source("title", GOOD_TITLE.replace("·", "-"))),
    (problems_title, source("title", GOOD_TITLE.replace("minutes", "pages"))),
    (problems_title, source("title", GOOD_TITLE + "\n- d")),
    (problems_title, source("title", GOOD_TITLE.replace("\n- c", ""))),
    (problems_title, renamed("title", "heading")),
    (problems_execution, lambda nb: change(nb, "table", execution_count=9)),
    (problems_execution, source("table", " \n")),
    (problems_outputs, outputs("loss-plot", new_output("stream", text="1"))),
    (problems_outputs, tagged("table")),
    (problems_outputs, removed("table")),
    (problems_outputs, outputs("table")),
    (problems_outputs, outputs("table", new_output("stream", text="1" * SMALL))),
    (problems_outputs, outputs("table", new_output("error", ename="E", evalue="", traceback=[]))),
    (problems_outputs, outputs("table", shown(image_png="iVBORw0KGgo=", text_plain="a"))),
    (problems_outputs, outputs("table", shown(image_svg="<svg/>", text_plain="a"))),
    (problems_outputs, outputs("table", shown(text_html="<img alt='a'>", text_plain="a"))),
    (problems_pictures, source("loss-plot", "plot_history(history)")),
    (problems_pictures, source("loss-plot", "# picture: the loss\nplot_history(history)")),
    (problems_pictures, source("loss-plot", "# the loss over all epochs\nplot_history(history)")),
    (problems_pictures, source("loss-plot", "\n# picture: the loss over epochs\nax.plot(history)")),
    (problems_pictures, source("table", "plt.imshow(x)\nplt.show()")),
    (problems_pictures, source("table", "for a in b:\n    a.plot(x)")),
    (problems_pictures, source("table", "model.fit(x, callbacks=[LivePlot()])")),
    (problems_paths, source("recap", "in /home/ann/x")),
    (problems_paths, source("table", "open('/root/x')")),
    (problems_paths, source("table", r"open('C:\x')")),
    (problems_paths, outputs("table", new_output("stream", text="saved\n/tmp/x"))),
    (problems_paths, outputs("table", shown(text_html="<b>/Users/ann</b>"))),
    (problems_tags, tagged("table", "nbval-skip")),
    (problems_tags, tagged("table", "claim", "raises-exception")),
    (problems_tags, tagged("recap", "hide")),
    (problems_tags, source("table", "# NBVAL_SKIP\n1")),
    (problems_python, source("table", "%matplotlib inline")),
    (problems_python, source("table", "%%time\nx = 1")),
    (problems_python, source("table", "!pip list")),
    (problems_python, source("table", "x = !ls")),
    (problems_python, source("table", "get_ipython().run_line_magic('time', '')")),
    (problems_claims, tagged("rises")),
    (problems_claims, tagged("recap", "claim")),
    (problems_claims, source("rises", f"{CHECK}\nprint(2 > 1)")),
    (problems_claims, source("rises", f"{CHECK}\nassert 2 > 1")),
    (problems_claims, source("rises", f"{CHECK}\nassert 2 > 1, ''")),
    (problems_claims, source("rises", f"{CHECK}\nassert 2 > 1, 'a'\nif x:\n    assert 3 > 1")),
    (problems_claims, source("rises", "assert 2 > 1, 'a'")),
    (problems_claims, source("rises", "# @title Check: \nassert 2 > 1, 'a'")),
    (problems_claims, source("rises", f"x = 1\n{CHECK}\nassert 2 > 1, 'a'")),
    (problems_imports, source("set-up", "import helpers.plots")),
    (problems_imports, source("set-up", "import os, helpers.plots as p")),
    (problems_imports, source("set-up", "from helpers.plots import plot_history")),
    (problems_imports, source("set-up", "from helpers import plots")),
    (problems_seeds, source("train-small-model", "model.fit(x)")),
    (problems_seeds, source("train-small-model", "m.fit(x)\nkeras.utils.set_random_seed(1)")),
    (problems_seeds, source("train-small-model", "def f():\n    return build().fit(x)")),
    (problems_predictions, removed("predict-end")),
    (problems_predictions, renamed("predict-end", "end-predict-it")),
    (problems_predictions, renamed("predict-end", "predict-the-end")),
    (problems_predictions, renamed("above", "predict-above")),
    (problems_predictions, source("above", "Now. **Predict:** will it rise?")),
    (problems_predictions, source("table", 'predict("end")')),
    (problems_predictions, source("predict-end", 'end = predict("end")')),
    (problems_predictions, source("predict-end", 'end = predict("rise")\nend')),
    (problems_predictions, source("predict-end", 'last = predict("end")\nlast')),
    (problems_predictions, source("predict-end", 'end = predict("end")\nend\nprint(9)')),
    (problems_predictions, source("predict-end", '# the end\nend = predict("end")\nend')),
    (problems_predictions, source("predict-second-half", 'half = predict("second-half")\nhalf')),
    (problems_predictions, removed("reveal-end")),
    (problems_predictions, source("table", "end.reveal(1)")),
    (problems_predictions, source("table", "print(end.reveal(1))")),
    (problems_predictions, source("table", "other.reveal(1)")),
    (problems_predictions, source("reveal-end", "# end.reveal(1)")),
    (problems_predictions, moved(6, 13)),
    (problems_practice, removed("predict-end")),
    (problems_practice, added(code("predict-more", "pass"))),
    (problems_links, source("recap", "[a](missing.ipynb)")),
    (problems_links, source("recap", "![a](missing.png)")),
    (problems_links, source("recap", "[![a](badge.svg)](missing.ipynb)")),
    (problems_links, source("recap", "[![a](missing.svg)](02_next.ipynb)")),
    (problems_links, source("recap", "[a]\n\n[a]: missing.ipynb")),
    (problems_links, source("recap", '<a href="missing.html">a</a>')),
    (problems_links, source("recap", '<img src="missing.png" alt="a">')),
    (problems_links, source("recap", "[a](/02_next.ipynb)")),
    (problems_links, source("recap", "[a](#no-such-heading)")),
    (problems_links, source("recap", "[a](#what-will-rise?)")),
    (problems_links, source("recap", "[a](https://)")),
    (problems_links, source("recap", "[a](htps://x.org)")),
    (problems_links, source("recap", "![a](attachment:a.png)")),
    (problems_links, source("recap", "[a]()")),
    (problems_alt_text, source("recap", "![](badge.svg)")),
    (problems_alt_text, source("recap", "[![ ](badge.svg)](02_next.ipynb)")),
    (problems_alt_text, source("recap", '<img src="badge.svg">')),
    (problems_alt_text, source("recap", '<img src="badge.svg" alt=" ">')),
]


@pytest.mark.parametrize(
    ("rule", "break_it"), BROKEN, ids=[f"{rule.__name__}-{i}" for i, (rule, _) in enumerate(BROKEN)]
)
def test_rule_sees_what_is_broken(rule, break_it, folder):
    notebook = copy.deepcopy(good_notebook())
    break_it(notebook)
    assert rule(made_up(folder, notebook)) != []


def test_every_rule_is_tried():
    assert {rule for rule, _ in BROKEN} == set(RULES)


def test_problems_name_the_cell(folder):
    notebook = good_notebook()
    change(notebook, "rises", source=f"{CHECK}\nprint(1)")
    assert problems_claims(made_up(folder, notebook)) == [
        "cell rises: is tagged claim but asserts nothing"
    ]


def test_lesson_00_may_ask_for_two_predictions(folder):
    notebook = good_notebook()
    for name in NAMES[2:]:
        removed(f"predict-{name}")(notebook)
        removed(f"reveal-{name}")(notebook)
    assert problems_predictions(made_up(folder, notebook)) != []
    assert problems_predictions(made_up(folder, notebook, "00_start_here.ipynb")) == []
    removed(f"predict-{NAMES[1]}")(notebook)
    assert problems_predictions(made_up(folder, notebook, "00_start_here.ipynb")) != []


def test_predictions_without_a_file_of_words_are_seen(folder):
    assert problems_practice(made_up(folder, good_notebook(), "02_other.ipynb")) != []


@pytest.mark.parametrize(
    "cell_id", ["set-up", "dropout-summary", "predict-rate-0-5", "facade", "fit-l2", "epoch-20"]
)
def test_telling_ids_are_accepted(cell_id):
    assert is_telling(cell_id)


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["01_curves.ipynb"],
        ["00_start.ipynb", "02_more.ipynb"],
        ["00_start.ipynb", "00_start_again.ipynb"],
        ["00_start.ipynb", "Untitled.ipynb"],
        ["00_Start.ipynb"],
        ["00_start-here.ipynb"],
    ],
)
def test_bad_names_are_seen(names):
    assert problems_names(names) != []


def test_only_the_numbers_kept_free_may_be_missing():
    names = [f"{number:02d}_lesson.ipynb" for number in range(12)]
    assert problems_names(names[:8] + names[9:]) == []
    assert problems_names(names) != [] and problems_names(names[:7] + names[9:]) != []


def test_lessons_that_do_not_fit_together_are_seen(folder):
    first = made_up(folder, good_notebook())
    second = made_up(folder, good_notebook(), "02_next.ipynb")
    assert problems_names(["00_start_here.ipynb", first.path.name, second.path.name]) == []
    assert problems_same_set_up([first, second]) == []
    assert problems_next([first, second]) == []

    change(second.notebook, "set-up", source="import os")
    assert problems_same_set_up([first, second]) != []
    change(first.notebook, "next", source="On to `02_next.ipynb`")
    assert problems_next([first, second]) != []


def test_a_lesson_missing_in_the_readme_is_seen():
    readme = "| [One](notebooks/00_one.ipynb) | [Two](./notebooks/01_two.ipynb) |"
    assert problems_readme(readme, ["00_one.ipynb", "01_two.ipynb"]) == []
    assert problems_readme(readme, ["02_three.ipynb"]) != []
    assert problems_readme("notebooks/00_one.ipynb", ["00_one.ipynb"]) != []
