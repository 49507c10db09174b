"""The kernel behind a notebook: which thread an interrupt reaches, and which cell runs."""

import sys
import threading
from typing import NamedTuple

from IPython import get_ipython


class Cell(NamedTuple):
    """One run of a notebook's cell."""

    cell: str
    """The same whenever this cell runs: its id, or its source where the page tells no id."""
    run: str
    """Different for each run."""


def running_cell() -> Cell | None:
    """The cell that runs now; None outside of a notebook, and where a widget's callback runs."""
    message = _message()
    if message.get("header", {}).get("msg_type") != "execute_request":
        return None
    cell_id = message.get("metadata", {}).get("cellId")
    return Cell(cell_id or message["content"]["code"], message["header"]["msg_id"])


def messages_get_through() -> bool:
    """Whether widgets are answered while the main thread is busy; ask it in a widget's callback.

    Since JupyterLab 4.4 and ipykernel 7 a page sends widgets' messages to a thread of their own, a
    "subshell". Elsewhere, as in Colab, they wait until the main thread is free.
    """
    return _message().get("header", {}).get("subshell_id") is not None


def in_main_thread(work):
    """Call `work()` where the kernel's interrupt arrives: in the main thread.

    There it is called at once, and elsewhere as soon as the main thread is free: what it does then
    comes after the return. It must not raise. Without a kernel it is called here, at once.
    """
    kernel = _kernel()
    if kernel is None or threading.current_thread() is threading.main_thread():
        work()
    else:
        kernel.io_loop.add_callback(work)


def when_messages_are_read(work):
    """Call `work()` when the messages that came while the main thread was busy have been handled.

    Outside of a kernel it is called at once.
    """
    kernel = _kernel()
    if kernel is None:
        work()
    else:  # the loop reads them in the next milliseconds
        kernel.io_loop.add_callback(kernel.io_loop.call_later, 0.2, work)


def forget(value):
    """Take a cell's value out of `Out`, `_` and `_5`, which keep it as long as the kernel lives."""
    shell = None if sys.is_finalizing() else get_ipython()  # widgets are closed when Python ends
    if shell is None:
        return
    of_ipython = [shell.user_ns.get("Out", {}), vars(shell.displayhook), shell.user_ns_hidden]
    for names in [*of_ipython, shell.user_ns]:
        for name in [name for name, kept in list(names.items()) if kept is value]:
            if names is not shell.user_ns or name.strip("_").isdecimal() or not name.strip("_"):
                names[name] = None


def _kernel():
    return getattr(get_ipython(), "kernel", None)


def _message():
    """The message that the kernel answers just now; {} if there is none."""
    kernel = _kernel()
    return (kernel.get_parent("shell") if kernel else None) or {}
