"""Run lessons from top to bottom and store them in one normal form.

    python -m helpers.authoring.execute              every lesson, in order
    python -m helpers.authoring.execute 03 04        some; a number, a stem or a path names a lesson
    python -m helpers.authoring.execute --check      run nothing: is what is stored in normal form?

Outputs are stored of cells tagged nbval-check-output alone. A lesson's file is replaced only after
all of its cells have run.
"""

import argparse
import asyncio
import copy
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import psutil
import zmq.asyncio
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode

from ..files import replace_file
from .normal_form import (
    NOT_VALID,
    differences,
    in_a_sentence,
    parse,
    stored_form,
    to_text,
    validate,
)

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
            return Path(os.path.abspath(path))  # not resolved: a link to a lesson stays one
    for path in lessons(root):
        number = path.name.partition("_")[0]
        if name in (path.name, path.stem):
            return path
        if name.isdecimal() and number.isdecimal() and name.lstrip("0") == number.lstrip("0"):
            return path
    return None


def chosen_lessons(names: list[str], root: Path = ROOT) -> list[Path]:
    """Return the notebooks of these names, or all; none, and say so, where a name is unknown."""
    known = lessons(root)
    chosen = {name: find_lesson(name, root) for name in names}
    unknown = [name for name, path in chosen.items() if path is None]
    if not unknown and (known or chosen):
        return list(dict.fromkeys(path for path in chosen.values() if path)) or known
    for name in unknown:
        print(f"There is no lesson {name!r}.", file=sys.stderr)
    there = ", ".join(path.stem for path in known) or f"none in {root / 'notebooks'}"
    print(f"The lessons there are: {there}", file=sys.stderr)
    return []


# --- running ---------------------------------------------------------------------------------


class LessonFailed(Exception):
    """A lesson did not run to its end; the message says where and why."""


class NativeKernelManager(AsyncKernelManager):
    """Starts kernels of the running Python, whatever kernelspecs the user has installed."""

    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        return KernelSpecManager(parent=self, kernel_dirs=[])

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        context.rcvhwm = 0  # no limit: ZeroMQ drops outputs without a word when 1,000 wait
        return context


class Loop(asyncio.SelectorEventLoop):
    """A loop that leaves signals to `asyncio.Runner`; nbclient's handlers lose their kernel."""

    def add_signal_handler(self, *_: Any) -> None:
        """Refuse, as loops on Windows do, which nbclient bears."""
        raise NotImplementedError


def run_cells(notebook: NotebookNode, folder: Path) -> tuple[NotebookNode, float]:
    """Run the cells of a notebook from top to bottom in a fresh kernel.

    Args:
        notebook: it stays as it is.
        folder: where the kernel runs.

    Returns:
        A copy of the notebook with its outputs, and the most memory in MB that the kernel held
        after a cell.

    Raises:
        LessonFailed: a cell or the kernel failed.
        KeyboardInterrupt: the run was interrupted; the kernel is gone.
    """
    executed = copy.deepcopy(notebook)
    running = "(before the first cell)"
    megabytes = 0.0

    def note_cell(cell: NotebookNode, cell_index: int) -> None:
        nonlocal running
        running = f"cell {cell.get('id', cell_index)}"

    def note_memory(**_: Any) -> None:
        nonlocal megabytes
        megabytes = max(megabytes, resident_megabytes(client.km.provisioner.pid))

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
        on_cell_execute=note_cell,
        on_cell_executed=note_memory,
    )
    try:
        with (
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
            asyncio.Runner(loop_factory=Loop) as runner,
        ):
            runner.run(run_client(client, {**os.environ, "IPYTHONDIR": profile}))
    except CellExecutionError as error:
        trace = ANSI_CODE.sub("", error.traceback)
        reason = f"{running}: {error.ename}: {error.evalue}\n{trace}"
        raise LessonFailed(reason) from None
    except (RuntimeError, CellTimeoutError, UnicodeEncodeError) as error:
        raise LessonFailed(f"{running}: {error}") from None
    except NOT_VALID as error:
        reason = f"{running}: its output can't be stored: {in_a_sentence(error)}"
        raise LessonFailed(reason) from None
    except OSError as error:
        raise LessonFailed(f"{running}: its kernel can't run: {error.strerror or error}") from None
    return executed, megabytes


async def run_client(client: NotebookClient, environment: dict[str, str]) -> None:
    """Run a notebook's cells. If Ctrl-C cancels that, end the kernel at once."""
    run = asyncio.ensure_future(client.async_execute(env=environment))
    try:
        await asyncio.wait([run])
    except asyncio.CancelledError:
        client.shutdown_kernel = "immediate"
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)  # nbclient says that the kernel died
        raise
    finally:
        if client.km is not None and await client.km.is_alive():  # it was just starting
            await client.km.shutdown_kernel(now=True)
    run.result()


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process; 0 if it is gone."""
    try:
        return psutil.Process(pid).memory_info().rss / 2**20
    except psutil.Error:
        return 0.0


def execute(path: Path, root: Path = ROOT) -> str:
    """Run one lesson and store it; return what it took, in words.

    Raises:
        LessonFailed: the lesson, or storing it, failed; its file is left as it is.
        KeyboardInterrupt: the run was interrupted; likewise.
    """
    before = read_text(path)
    notebook = read_notebook(before)
    start = time.monotonic()
    executed, megabytes = run_cells(notebook, path.parent)
    seconds = time.monotonic() - start
    store(stored_form(executed, root), path, before)
    return f"{seconds:.1f} s, at most {megabytes:.0f} MB after a cell"


def check(path: Path, root: Path = ROOT) -> str:
    """Return "in normal form", or raise LessonFailed with the places that are not."""
    text = read_text(path)
    read_notebook(text)
    if found := differences(text, root):
        raise LessonFailed("not in normal form: " + "; ".join(found))
    return "in normal form"


def read_text(path: Path) -> str:
    """Return the text of a lesson's file, or raise LessonFailed."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        byte = f"byte {error.start + 1:,} is 0x{error.object[error.start]:02X}"
        raise LessonFailed(f"its file is not in UTF-8 ({byte}): save it as UTF-8") from None
    except FileNotFoundError:
        raise LessonFailed("its file is gone: was it moved or deleted?") from None
    except OSError as error:
        raise LessonFailed(f"its file can't be read: {error.strerror}") from None


def read_notebook(text: str) -> NotebookNode:
    """Return the notebook that a lesson's text holds, or raise LessonFailed."""
    try:
        return parse(text)
    except ValueError as error:
        raise LessonFailed(f"{error}. Mend the file, or take it back from git") from None


def store(notebook: NotebookNode, path: Path, before: str) -> None:
    """Replace the lesson's file, unless it is no longer as it was `before` its cells ran.

    A link stays a link: what it points to is replaced.

    Raises:
        LessonFailed: it could not be stored; the file is left as it is.
    """
    try:
        validate(notebook)
        text = to_text(notebook)
        text.encode()
    except (UnicodeEncodeError, *NOT_VALID) as error:
        raise LessonFailed(f"it can't be stored: {in_a_sentence(error)}") from None
    if read_text(path) != before:
        raise LessonFailed("the file was changed while its cells ran; it is left as it is now")
    try:
        replace_file(path, text)
    except OSError as error:
        raise LessonFailed(
            f"it can't be stored in {path.resolve().parent}: {error.strerror}. "
            "The file is as it was"
        ) from None


# --- the command -----------------------------------------------------------------------------


class Stopping:
    """Within it SIGTERM does what Ctrl-C does, and `status` says which of both came."""

    status = 128 + signal.SIGINT

    def __enter__(self) -> "Stopping":
        self._before = {
            signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
            signal.SIGTERM: signal.signal(signal.SIGTERM, self._terminate),
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _terminate(self, number: int, _frame: FrameType | None) -> None:
        self.status = 128 + number
        signal.raise_signal(signal.SIGINT)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Run the command.

    Returns:
        0, 1 if a lesson failed, 2 if a lesson is unknown, 130 after Ctrl-C, 143 after SIGTERM.
    """
    parser = argparse.ArgumentParser(
        prog="python -m helpers.authoring.execute",
        description="Run lessons from top to bottom and store them in normal form.",
    )
    parser.add_argument("lesson", nargs="*", help="a number, a stem or a path; none means all")
    parser.add_argument("--check", action="store_true", help="run nothing, look at what is stored")
    options = parser.parse_args(arguments)

    paths = chosen_lessons(options.lesson, root)
    if not paths:
        return 2
    step: Callable[[Path, Path], str] = check if options.check else execute
    failed = False
    with Stopping() as stopping:
        for path in paths:
            try:
                print(f"{path.name}: {step(path, root)}", flush=True)
            except LessonFailed as failure:
                print(f"{path.name}: {failure}", file=sys.stderr, flush=True)
                if not options.check:
                    return 1
                failed = True
            except KeyboardInterrupt:
                print(f"{path.name}: stopped; its file is as it was", file=sys.stderr, flush=True)
                return stopping.status
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
