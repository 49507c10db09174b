"""The one form in which lessons are stored: without outputs, but for those that a tag asks for.

What a lesson shows would give its predictions away. The few outputs that are stored, and all those
that pages and decks show, are cleaned of what differs from one run or machine to the next.
"""

import copy
import itertools
import re
import textwrap
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.warnings import DuplicateCellId, MissingIDFieldWarning

from ..widgets import WIDGET_VIEW
from .cells import STORED, is_folded, tags

NOTEBOOK_METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
NOT_VALID = (nbformat.ValidationError, DuplicateCellId, MissingIDFieldWarning)
FOLDED = {"jupyter": {"source_hidden": True}, "cellView": "form"}  # for JupyterLab, for Colab

SECOND_FOLDER = re.compile(r"\b(scratch[/\\]+\w+)-\d+(?=[/\\]+files\b)")  # see helpers.scratch
ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")
# Both look only where a path can begin: a picture is one "word" of a million letters.
CELL_FILE = re.compile(r"(?<![^\s'\"<>])[^\s'\"<>]*ipykernel_\d+[/\\]+\d+\.py")
PACKAGE_FOLDER = re.compile(
    r"(?:\b[A-Za-z]:|(?<![^\s'\"<>:]))[^\s'\"<>:]*[/\\](?:site|dist)-packages[/\\]+"
)
LOG_LINE = re.compile(
    r"""(?:
    \d{4}-\d\d-\d\d\ \d\d:\d\d:\d\d\.\d+:\ [IWE]\ \S+:\d+\]   # TensorFlow's own log
    | [IWE]\d{4}\ \d\d:\d\d:\d+\.\d+\s+\d+\ \S+:\d+\]           # Abseil's log
    | WARNING:\ All\ log\ messages\ before\ absl::InitializeLog
    | To\ enable\ the\ following\ instructions:.*rebuild\ TensorFlow
    | Skipping\ registering\ GPU\ devices
    )""",
    re.VERBOSE,
)


def stored_form(notebook: NotebookNode, root: Path) -> NotebookNode:
    """Return a copy of the notebook as it is stored; `root` is the folder never to be named."""
    return _normal(notebook, root, lambda cell: STORED in tags(cell))


def as_it_ran(notebook: NotebookNode, root: Path) -> NotebookNode:
    """Return a copy with all outputs, cleaned; `root` is the folder never to be named."""
    return _normal(notebook, root, lambda cell: True)


def _normal(
    notebook: NotebookNode, root: Path, is_kept: Callable[[NotebookNode], bool]
) -> NotebookNode:
    """Return a copy in normal form, with the outputs of those cells that hold code and are kept."""
    result = copy.deepcopy(notebook)
    result.nbformat, result.nbformat_minor = 4, 5
    result.metadata = nbformat.from_dict(copy.deepcopy(NOTEBOOK_METADATA))
    for cell in result.cells:
        cell.metadata = _normal_metadata(cell)
        if cell.cell_type != "code":
            continue
        shown = cell.outputs if cell.source.strip() and is_kept(cell) else []
        cell.outputs = _normal_outputs(shown, root)
        cell.execution_count = None
    return result


def _normal_metadata(cell: NotebookNode) -> NotebookNode:
    """The cell's tags; set-up and checks, which a beginner need not read, are folded."""
    metadata = {"tags": tags(cell)} if tags(cell) else {}
    if is_folded(cell):
        metadata |= copy.deepcopy(FOLDED)
    return nbformat.from_dict(metadata)


def _normal_outputs(outputs: list[NotebookNode], root: Path) -> list[NotebookNode]:
    kept = []
    for output in outputs:
        output.pop("transient", None)
        if output.output_type == "execute_result":
            output.execution_count = None
        if not _is_only_a_widget(output):
            kept.append(output)
    kept = _merge_streams(kept)
    for output in kept:
        if output.output_type == "stream" and output.name == "stderr":
            output.text = _without_log_lines(output.text)
    kept = _merge_streams(kept)
    for output in kept:
        if output.output_type == "stream":
            output.text = clean_text(_as_left_on_screen(output.text), root)
        elif "data" in output:
            output.data = nbformat.from_dict(
                {kind: _clean_data(kind, value, root) for kind, value in output.data.items()}
            )
    return _merge_streams(kept)


def _is_only_a_widget(output: NotebookNode) -> bool:
    """Drop an output's widget view; say whether nothing but the widget's name is left."""
    if WIDGET_VIEW not in output.get("data", {}):
        return False
    del output.data[WIDGET_VIEW]
    output.metadata.pop(WIDGET_VIEW, None)
    return not set(output.data) - {"text/plain"}


def _merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring stream outputs of one name, and drop the empty ones."""
    merged: list[NotebookNode] = []
    shown = (output for output in outputs if output.get("text") != "")
    for name, group in itertools.groupby(shown, lambda output: output.get("name")):
        first, *others = group
        if name is None:
            merged += [first, *others]
        else:
            first.text = "".join(output.text for output in [first, *others])
            merged.append(first)
    return merged


def _without_log_lines(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not LOG_LINE.match(line))


def _as_left_on_screen(text: str) -> str:
    """Apply carriage returns and backspaces, as a progress bar means them."""
    if "\r" not in text and "\b" not in text:
        return text
    text = re.sub(r"(?<!\x08)\x08*\r", "\r", text).replace("\r\n", "\n")
    lines = []
    for line in text.split("\n"):
        if "\r" in line:
            parts = [part for part in line.split("\r") if part.strip()]
            line = parts[-1].rstrip() if parts else ""
        lines.append(_rubbed_out(line))
    return "\n".join(lines)


def _rubbed_out(line: str) -> str:
    """What is left of a line whose backspaces each take the character before them."""
    if "\b" not in line:
        return line
    left: list[str] = []
    for character in line:
        if character == "\b":
            del left[-1:]
        else:
            left.append(character)
    return "".join(left)


def _clean_data(kind: str, value: Any, root: Path) -> Any:
    """Clean the text in one representation of an output; pictures stay as they are."""
    if kind.startswith("image/") and kind != "image/svg+xml":
        return value
    if isinstance(value, str):
        return clean_text(value, root)
    if isinstance(value, dict):
        return {key: _clean_data(kind, part, root) for key, part in value.items()}
    if isinstance(value, list):
        return [_clean_data(kind, part, root) for part in value]
    return value


def clean_text(text: str, root: Path) -> str:
    """Take what differs from run to run out of a text: memory addresses, paths of this machine."""
    text = CELL_FILE.sub("cell.py", text)
    names = {spelling for path in (root, root.resolve()) for spelling in _spellings(path)}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(re.escape(name) + r"[/\\]+", "", text)
        text = re.sub(re.escape(name) + r"(?![\w-])", ".", text)
    text = PACKAGE_FOLDER.sub("", text)
    text = SECOND_FOLDER.sub(r"\1", text)
    return ADDRESS.sub("0x...", text)


def _spellings(path: Path) -> set[str]:
    plain = str(path)
    return {plain, path.as_posix(), plain.replace("\\", "\\\\")}


def differences(text: str, root: Path) -> list[str]:
    """Say where a stored notebook, given as the text of its file, is not in normal form."""
    try:
        stored = parse(text)
    except ValueError as error:
        return [str(error)]
    wanted = stored_form(stored, root)
    found = []
    if stored.metadata != wanted.metadata:
        found.append("metadata of the notebook")
    for cell, normal in zip(stored.cells, wanted.cells, strict=True):
        for part in ("metadata", "execution_count", "outputs"):
            if cell.get(part) != normal.get(part):
                found.append(f"{part} of cell {cell.get('id')}")
    if not found and text != to_text(wanted):
        found.append("layout of the file (format 4.5, indent, order of keys, last newline)")
    return found


def parse(text: str) -> NotebookNode:
    """Read a notebook; unlike nbformat.reads, repair no cell ids.

    Raises:
        ValueError: it is not a valid notebook; the message says in one sentence why.
    """
    try:
        notebook = _in_this_format(nbformat.reader.reads(text.removeprefix("\ufeff")))
        validate(notebook)
    except (ValueError, *NOT_VALID) as error:
        raise ValueError(f"not a valid notebook: {in_a_sentence(error)}") from None
    except (AttributeError, KeyError, RecursionError, TypeError):  # nbformat stumbles over it
        raise ValueError("not a valid notebook: it is JSON, but not that of a notebook") from None
    return notebook


def _in_this_format(notebook: NotebookNode) -> NotebookNode:
    """The notebook in format 4.5 or a later 4; before 4.5 cells had no ids."""
    if nbformat.reader.get_version(notebook) < (4, 0):
        notebook = nbformat.convert(notebook, 4)
    if notebook.nbformat_minor < 5:
        for cell in notebook.cells:
            cell.setdefault("id", uuid.uuid4().hex[:8])
        notebook.nbformat_minor = 5
    return notebook


def validate(notebook: NotebookNode) -> None:
    """Raise one of NOT_VALID unless the notebook obeys its format, ids included."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", DuplicateCellId)
        warnings.simplefilter("error", MissingIDFieldWarning)
        nbformat.validate(copy.deepcopy(notebook))


def in_a_sentence(error: Exception) -> str:
    """What one of NOT_VALID says, and at which place; the notebook itself is left out."""
    first, *others = str(error).splitlines()
    first = first.partition(". ")[0]
    place = next((line.rstrip(":") for line in others if line.startswith("On instance")), "")
    place = place.removeprefix("On instance")
    return textwrap.shorten(first, 200, placeholder=" ...") + (f" (in {place})" if place else "")


def to_text(notebook: NotebookNode) -> str:
    """Return the text of the notebook's file, laid out as Jupyter lays it out."""
    return nbformat.v4.writes(notebook) + "\n"
