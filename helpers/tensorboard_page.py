"""TensorBoard's page below a cell, where the browser can reach it, and a word where it can't."""

import html
import json
import numbers
import os
import secrets
from pathlib import Path

import IPython
from IPython.display import display

from .tensorboard_server import TensorBoardServer

_server = None  # the one of this kernel

GO_ON = "The lesson goes on without it: its pictures are drawn from the same files."
IN_COLAB = (
    "TensorBoard's page appears below. If it stays empty, your browser may block cookies "
    f"of other sites. {GO_ON}"
)
NOT_HERE = (
    "TensorBoard's page is not shown here: either this notebook is not running now, or it runs on "
    "another computer, such as a JupyterHub, and your browser can't reach the page there (with the "
    "package jupyter-server-proxy on that hub it could), or your editor shows no such pages, as "
    f"VS Code. {GO_ON}"
)
BY_HAND = "If this notebook is running on your own computer, you can open it by hand:"
BESIDE = "Is the page below empty, or small? Open it in a tab of its own:"

# It looks for the page where browser and kernel are on one machine, and where a hub has a proxy.
FIND = """
(async () => {
    const {box, port, path, sign, height} = %s;
    const place = document.getElementById(box);
    if (!place) return;
    const isThere = async address => {  // and no other program that has the port by now
        try {
            const patience = AbortSignal.timeout(10000);
            const answer = await fetch(`${address}sign`, {cache: "no-store", signal: patience});
            return await answer.text() === sign;
        } catch {
            return false;
        }
    };
    const addresses = [];
    if (["localhost", "127.0.0.1"].includes(location.hostname)) {
        addresses.push(`http://${location.hostname}:${port}${path}/`);
    } else if (location.hostname === "[::1]") {
        addresses.push(`http://127.0.0.1:${port}${path}/`);
    }
    const settings = document.getElementById("jupyter-config-data");  // the classic page has none
    const {baseUrl: base} = settings ? JSON.parse(settings.textContent) : document.body.dataset;
    if (base) addresses.push(new URL(`${base}proxy/${port}${path}/`, location.href).href);
    for (const address of addresses) {
        if (!await isThere(address)) continue;
        const [words, link, frame] = ["p", "a", "iframe"].map(tag => document.createElement(tag));
        words.textContent = place.dataset.beside + " ";
        link.textContent = "TensorBoard";
        link.href = frame.src = address;
        link.target = "_blank";
        frame.title = "TensorBoard";
        frame.style = `width: 100%%; height: ${height}px; border: 1px solid #ccc`;
        words.append(link);
        place.replaceChildren(words, frame);
        return;
    }
})();
"""


def show_tensorboard(folder, height=800):
    """Show TensorBoard's page below the cell: what `%tensorboard --logdir folder` does, and safely.

    A server of its own shows this folder to this machine alone, and ends when the kernel ends. A
    kernel has one: where it shows a folder already, that server is ended first. In JupyterLab and
    Notebook the page is shown where the browser reaches it, and a sentence where it doesn't: on a
    hub without a proxy, in a saved notebook. In Colab it is shown by TensorBoard's own function,
    the one behind the magic. Where the server doesn't start, a sentence says why.

    Args:
        folder: the log folder, as a `str` or `pathlib.Path`; "~" is the learner's home. It may
            still be empty, or not there.
        height: of the page, a whole number of pixels.

    Raises:
        ValueError: `folder` or `height` is none; then nothing is ended or started.
    """
    global _server
    folder, height = _checked_folder(folder), _checked_height(height)
    close_tensorboard()
    in_colab = _in_colab()
    try:
        _server = TensorBoardServer(folder, hidden=not in_colab)  # Colab's proxy shows the root
    except OSError as error:
        print(f"{error}. {GO_ON}")
        return
    if in_colab:
        from tensorboard import notebook

        print(IN_COLAB)
        notebook.display(port=_server.port, height=height)
    else:
        display(_page(_server, height), raw=True)


def close_tensorboard():
    """End the server of the page that `show_tensorboard` shows, if there is one."""
    global _server
    if _server is not None:
        _server.close()
        _server = None


def _checked_folder(folder):
    if not isinstance(folder, str | Path) or not str(folder):
        raise ValueError(f"folder must be the path of a log folder, such as 'logs', not {folder!r}")
    try:
        return Path(folder).expanduser()
    except RuntimeError:
        raise ValueError(f"folder must begin with a home that is known, not {folder!r}") from None


def _checked_height(height):
    if not isinstance(height, numbers.Integral) or isinstance(height, bool) or height < 1:
        raise ValueError(
            f"height must be a whole number of pixels, 1 or more, such as 800, not {height!r}"
        )
    return int(height)


def _in_colab():
    """Whether this is Colab. Its package alone, or an image built on its, may be a hub's too."""
    shell = type(IPython.get_ipython()).__module__
    return shell.startswith("google.colab.") and "COLAB_RELEASE_TAG" in os.environ


def _page(server, height):
    """What the cell shows, by kind; it finds the page when a browser shows it."""
    box = f"course-tensorboard-{secrets.token_hex(8)}"
    wanted = {name: getattr(server, name) for name in ("port", "path", "sign")}
    wanted |= {"box": box, "height": height}
    return {
        "text/plain": f"TensorBoard: {server.address}",
        "text/html": (
            f'<div id="{box}" data-beside="{html.escape(BESIDE)}"><p>{html.escape(NOT_HERE)}</p>'
            f'<p>{html.escape(BY_HAND)} <a href="{server.address}" target="_blank">'
            f"{server.address}</a></p></div><script>{FIND % json.dumps(wanted)}</script>"
        ),
    }
