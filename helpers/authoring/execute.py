"""Run lessons from top to bottom and store their outputs in one normal form.

    python -m helpers.authoring.execute              every lesson, in order
    python -m helpers.authoring.execute 03 04        some; a number, a stem or a path names a lesson
    python -m helpers.authoring.execute --check      run nothing: is what is stored in normal form?

A lesson's file is replaced only after all of its cells have run.
"""

import argparse
import copy
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

from ..files import replace_file
from .normal_form import differences, normalise, parse, to_text, validate

ROOT = Path(__file__).resolve().parents[2]
ANSI_CODE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

# --- the lessons -----------------------------------------------------------------------------


def lessons(root: Path = ROOT) -> list[Path]:
    """Return the paths of the lessons in the order in which they are taught."""
    return sorted(p for p in (root / "notebooks").glob("*.ipynb") if not p.name.startswith("."))


def find_lesson(name: str, root: Path = ROOT) -> Path | None:
    """Return the notebook that a path, a file name, a stem or a number stands for, if any."""
    for path in (Path(name), root / name):
        if path.suffix == ".ipynb" and path.is_file():
            return path.resolve()
    for path in lessons(root):
        number = path.name.partition("_")[0]
        if name in (path.name, path.stem):
            return path
        if name.isdecimal() and number.isdecimal() and int(name) == int(number):
            return path
    return None


# --- running ---------------------------------------------------------------------------------


class LessonFailed(Exception):
    """A lesson did not run to its end; the message says where and why."""


class NativeKernelManager(AsyncKernelManager):
    """Starts kernels of the running Python, whatever kernelspecs the user has installed."""

    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[])


class PeakMemory:
    """Watches the resident memory of a process and its children from a thread."""

    def __init__(self, pause: float = 0.2) -> None:
        self.megabytes = 0.0
        self._pause = pause
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> None:
        """Begin to watch the process."""
        self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _watch(self, pid: int) -> None:
        while True:
            self.megabytes = max(self.megabytes, resident_megabytes(pid))
            if self._stop.wait(self._pause):
                return


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process tree."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0.0
    total = 0
    for member in family:
        try:
            total += member.memory_info().rss
        except psutil.Error:
            continue
    return total / 2**20


def run_cells(notebook: NotebookNode, folder: Path) -> tuple[NotebookNode, float]:
    """Run a copy of the notebook in a fresh kernel; return it and the peak memory in MB."""
    executed = copy.deepcopy(notebook)
    memory = PeakMemory()
    running = "(before the first cell)"

    def note_cell(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = f"cell {cell.get('id', cell_index)}"

    client = NotebookClient(
        executed,
        kernel_name="python3",
        kernel_manager_class=NativeKernelManager,
        timeout=600,  # seconds a cell; no cell takes that long, but an answer may get lost
        iopub_timeout=60,
        raise_on_iopub_timeout=True,
        force_raise_errors=True,
        skip_cells_with_tag="",
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        on_notebook_start=lambda notebook: memory.start(client.km.provisioner.pid),
        on_cell_execute=note_cell,
    )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        try:
            client.execute(env={**os.environ, "IPYTHONDIR": profile})
        except CellExecutionError as error:
            trace = ANSI_CODE.sub("", error.traceback)
            reason = f"{running}: {error.ename}: {error.evalue}\n{trace}"
            raise LessonFailed(reason) from None
        except (RuntimeError, CellTimeoutError) as error:
            raise LessonFailed(f"{running}: {error}") from None
        finally:
            memory.stop()
    return executed, memory.megabytes


def execute(path: Path, root: Path = ROOT) -> str:
    """Run one lesson and store its outputs; return what it took, in words."""
    before = path.read_bytes()
    try:
        notebook = parse(before.decode())
    except ValueError as error:
        raise LessonFailed(str(error)) from None
    start = time.monotonic()
    executed, megabytes = run_cells(notebook, path.parent)
    seconds = time.monotonic() - start
    normal = normalise(executed, root)
    validate(normal)
    if path.read_bytes() != before:
        raise LessonFailed("the file was changed while its cells ran; it is left as it is now")
    replace_file(path, to_text(normal))
    return f"{seconds:.1f} s, {megabytes:.0f} MB at most"


def check(path: Path, root: Path = ROOT) -> str:
    """Return "in normal form", or raise LessonFailed with the places that are not."""
    found = differences(path.read_bytes().decode(), root)
    if found:
        raise LessonFailed("not in normal form: " + "; ".join(found))
    return "in normal form"


# --- the command -----------------------------------------------------------------------------


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command; return 0, 1 if a lesson failed, 2 if a lesson is unknown."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.authoring.execute",
        description="Run lessons from top to bottom and store their outputs in normal form.",
    )
    parser.add_argument("lesson", nargs="*", help="a number, a stem or a path; none means all")
    parser.add_argument("--check", action="store_true", help="run nothing, look at what is stored")
    options = parser.parse_args(arguments)

    known = lessons(root)
    chosen = {name: find_lesson(name, root) for name in options.lesson}
    unknown = [name for name, path in chosen.items() if path is None]
    if unknown or not (known or chosen):
        for name in unknown:
            print(f"There is no lesson {name!r}.", file=sys.stderr)
        names = ", ".join(path.stem for path in known) or f"none in {root / 'notebooks'}"
        print(f"The lessons there are: {names}", file=sys.stderr)
        return 2

    step: Callable[[Path, Path], str] = check if options.check else execute
    paths = list(dict.fromkeys(chosen.values())) or known
    status = 0
    for path in paths:
        try:
            print(f"{path.name}: {step(path, root)}", flush=True)
        except LessonFailed as failure:
            print(f"{path.name}: {failure}", file=sys.stderr, flush=True)
            status = 1
            if not options.check:
                break
    return status


if __name__ == "__main__":
    sys.exit(main())
