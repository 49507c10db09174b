"""TensorBoard's server, for one kernel: it listens on this machine alone and ends with the kernel.

The magic `%tensorboard` starts a server that outlives its kernel, and hands it to whoever asks for
a log folder of the same name in a working folder of the same name, through a list in the folder for
temporary files that all users of a machine share. This one is in no list. Its address has a part
that nobody can guess, so that on a machine of many users none comes upon another's page.

The server runs this file as a program of its own: it imports nothing of the course.
"""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import weakref

LOOPBACK = "127.0.0.1"

_pipes = weakref.WeakSet()  # that servers read until they are closed


def _close_pipes():
    """Let a forked copy of this process, which may live longer, keep no server alive."""
    for pipe in list(_pipes):
        pipe.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_pipes)


class TensorBoardServer:
    """A running server of TensorBoard.

    It ends by `close`, and as soon as the process that made it ends, however that ends, and though
    copies of it (`os.fork`) live on. An interrupt of the kernel does not reach it. It shows what
    TensorBoard itself brings: plug-ins of other packages are left out, as one that can't be loaded
    would stop it.

    Attributes:
        port: the port on 127.0.0.1 that it listens on, chosen by the system.
        path: what its addresses begin with after the port, such as "/3f9a..."; "" if not `hidden`.
        sign: what it alone answers at `address` + "sign", and to pages of all places: by it a page
            knows that no other program has the port by now.
        process: its `subprocess.Popen`.

    Args:
        folder: the log folder, as a `str` or `pathlib.Path`. It may be made later.
        hidden: whether `path` is something that cannot be guessed.

    Raises:
        OSError: it doesn't start; the message says why.
    """

    def __init__(self, folder, hidden=True):
        self.path = f"/{secrets.token_hex(16)}" if hidden else ""
        self.sign = secrets.token_hex(16)
        self.process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,  # closed by the system when this process ends
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name != "nt",  # an interrupt goes to all of a session
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        _pipes.add(self.process.stdin)
        try:
            # Not as arguments: these are seen by everybody who lists the machine's processes.
            wanted = {"folder": os.path.abspath(folder), "path": self.path, "sign": self.sign}
            self.process.stdin.write(f"{json.dumps(wanted)}\n".encode())
            self.process.stdin.flush()
            told = self.process.stdout.readline().decode(errors="replace").strip()
            if not told.isdecimal():
                raise OSError(f"TensorBoard's server doesn't start: {told or 'it ended at once'}")
        except BaseException:  # also an interrupt of the kernel
            self.close()
            raise
        self.port = int(told)

    @property
    def address(self):
        return f"http://{LOOPBACK}:{self.port}{self.path}/"

    def runs(self):
        return self.process.poll() is None

    def close(self):
        """End the server, and wait until it has ended. It may be closed twice."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # what could not be written any more
                pipe.close()


# --- in the server's own process -----------------------------------------------------------------


def serve():
    """Serve what the first line of stdin names, and end when stdin is closed.

    Writes the port to stdout, or why there is none, and nothing else: what packages print when they
    are imported goes to stderr.
    """
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # which writes any letter
    wanted = json.loads(sys.stdin.buffer.readline() or "{}")
    threading.Thread(target=_start, args=(answer,), kwargs=wanted, daemon=True).start()
    sys.stdin.buffer.read()
    os._exit(0)  # at once, whatever TensorBoard's threads are doing


def _start(answer, **wanted):
    port = None
    try:
        try:
            told = port = _launch(**wanted)
        except BaseException as error:  # SystemExit too: it is how TensorBoard refuses
            told = f"{type(error).__name__}: {error}".replace("\n", " ")
        answer.write(f"{told}\n".encode(errors="replace"))
        answer.flush()
    finally:
        if port is None:
            os._exit(1)


def _launch(folder, path, sign):
    # TensorBoard reads event files without TensorFlow as well, in a fraction of the memory.
    sys.modules["tensorflow"] = None
    from tensorboard import default, program

    def serve_with_sign(pages, flags):
        return program.WerkzeugServer(_with_sign(pages, f"{path}/sign", sign), flags)

    board = program.TensorBoard(default.get_static_plugins(), server_class=serve_with_sign)
    board.configure(
        logdir=folder,
        host=LOOPBACK,
        port=0,  # a free one
        path_prefix=path,
        load_fast="false",  # no second process that reads the files
        reload_interval=2,  # seconds
    )
    return int(board.launch().removesuffix(f"{path}/").rpartition(":")[2])


def _with_sign(pages, path, sign):
    """A WSGI application that answers this path with the sign, and all else with these pages."""

    def answer(environ, start_response):
        if environ["PATH_INFO"] != path:
            return pages(environ, start_response)
        headers = [("Content-Type", "text/plain"), ("Access-Control-Allow-Origin", "*")]
        start_response("200 OK", headers)
        return [sign.encode()]

    return answer


if __name__ == "__main__":
    serve()
