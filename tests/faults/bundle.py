"""Packing course.zip, in a project that is damaged or holds more than the course."""

import contextlib
import errno
import hashlib
import io
import os
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path
from unittest import mock

from faults import Fault
from helpers.authoring import bundle, publish

BACK = "bring it back with: git checkout --"
LINK = "is a link: put what it names in its place"
SECRET = b"the teacher's password"
WINE = "data/wine/wine.csv"
RUN = "data/recordings/run_seed42.json"
FILES = {
    "LICENSE": b"free\n",
    publish.MARK: b"",
    "helpers/models.py": b"LAYERS = 3\n",
    "helpers/authoring/publish.py": b"",
    WINE: b"1,2,3\n",
    RUN: b'{"loss": [1.0]}\n',
    ".gitignore": b"*.log\n",
}
FILES |= {
    f"data/{folder}/SHA256SUMS": "".join(
        f"{hashlib.sha256(content).hexdigest()}  {Path(name).name}\n"
        for name, content in FILES.items()
        if name.startswith(f"data/{folder}/")
    ).encode()
    for folder in bundle.DATA
}
PACKED = {name for name in FILES if not name.startswith((".", "helpers/authoring"))}
OLD = "the zip of yesterday"


# --- a small project ----------------------------------------------------------------------------


def git(root, *arguments):
    name = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


def fill(folder, files):
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def project(place):
    root = place / "the project"
    fill(root, FILES)
    git(root, "init", "-q")
    commit(root)
    return root


def commit(root):
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "state")


def make_zip(root, *arguments):
    """Run the command; return what is read."""
    shown = io.StringIO()
    with (
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(shown),
    ):
        bundle.main([str(argument) for argument in arguments], root)
    return shown.getvalue()


def older_zip(root):
    with zipfile.ZipFile(root / "course.zip", "w") as archive:
        archive.writestr(OLD, "")
    return (root / "course.zip").read_bytes()


def names(root):
    return set(zipfile.ZipFile(root / "course.zip").namelist())


# --- kinds of faults ----------------------------------------------------------------------------


def refused(change, *arguments):
    """After this change nothing is packed, and the older zip stays."""

    def happens(place):
        root = project(place)
        before = older_zip(root)
        change(root)
        text = make_zip(root, *arguments)
        assert (root / "course.zip").read_bytes() == before
        return text

    return happens


def extra(*others, of=SECRET):
    """Files lie there that git doesn't track: they are not packed."""

    def happens(place):
        root = project(place)
        fill(root, dict.fromkeys(others, of))
        text = make_zip(root)
        assert names(root) == PACKED
        return text

    return happens


def happens_in(place, **environment):
    """In an environment in which git doesn't work."""
    root = project(place)
    before = older_zip(root)
    with mock.patch.dict(os.environ, environment):
        text = make_zip(root)
    assert (root / "course.zip").read_bytes() == before
    return text


def removed(name):
    return lambda root: (root / name).unlink()


def changed(name, content):
    return lambda root: (root / name).write_bytes(content)


def changed_and_committed(name, content):
    return lambda root: (changed(name, content)(root), commit(root))


def linked(name, committed=False):
    """The file or folder becomes a link to the same thing outside of the project."""

    def change(root):
        outside = root.parent / "outside"
        shutil.move(root / name, outside)
        (root / name).symlink_to(outside)
        if committed:
            commit(root)

    return change


def no_repository(root):
    shutil.rmtree(root / ".git")


def damaged_index(root):
    (root / ".git" / "index").write_bytes(b"damaged")


def to_a(target, content=None):
    """The zip is to go to this place, which holds something else."""

    def happens(place):
        root = project(place)
        if content is not None:
            fill(root, {target: content})
        before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        text = make_zip(root, root / target)
        assert before == {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
        return text

    return happens


def fails(function, number):
    """A system call fails, as on a full disk or without permission."""

    def happens(place):
        root = project(place)
        before = older_zip(root)
        with mock.patch(function, side_effect=OSError(number, os.strerror(number))):
            text = make_zip(root)
        assert (root / "course.zip").read_bytes() == before
        return text

    return happens


def killed(place):
    """The command dies before the zip is in its place; it is run again."""
    root = project(place)
    before = older_zip(root)
    child = os.fork()
    if child == 0:
        with mock.patch("os.replace", lambda *_: os.kill(os.getpid(), signal.SIGKILL)):
            make_zip(root)
        os._exit(1)  # it was never called
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "it was not killed"
    assert (root / "course.zip").read_bytes() == before
    text = make_zip(root)
    assert names(root) == PACKED
    return text


def into_the_data(place):
    root = project(place)
    make_zip(root, root / "data" / "course.zip")
    text = make_zip(root)
    assert names(root) == PACKED
    return text


FAULTS = [
    *(
        Fault(f"{name} lies there", extra(name), f"not packed, as git doesn't track it: {name}")
        for name in (
            "helpers/passwords.txt",
            "helpers/.env",
            "data/id_rsa",
            "data/marks of the class.csv",
            "data/recordings/mine_seed1.json",
            "helpers/notes.ipynb",
        )
    ),
    Fault("an ignored file lies there", extra("data/server.log"), "course.zip: 0.0 MB"),
    Fault("secrets lie beside the course", extra(".env", "id_rsa", "me/key.pem"), "course.zip:"),
    Fault("the zip lies in the data", into_the_data, "data/course.zip"),
    Fault("a module is a link", refused(linked("helpers/models.py")), f"models.py {LINK}"),
    Fault("a link is committed", refused(linked(RUN, committed=True)), f"{RUN} {LINK}"),
    Fault("a folder of data is a link", refused(linked("data/wine")), f"data/wine {LINK}"),
    Fault("all data are behind a link", refused(linked("data")), f"data {LINK}"),
    Fault("the licence is a link", refused(linked("LICENSE")), f"LICENSE {LINK}"),
    *(
        Fault(f"{name} is missing", refused(removed(name)), f"{name} is missing: {BACK} '{name}'")
        for name in (WINE, RUN, "helpers/models.py", publish.MARK, "LICENSE")
    ),
    *(
        Fault(f"{name} is {what}", refused(changed(name, content)), f"{name} is damaged")
        for name in (WINE, RUN)
        for what, content in {
            "empty": b"",
            "cut off": FILES[name][:-3],
            "bad by one byte": b"x" + FILES[name][1:],
            "only a pointer": b"version https://git-lfs.github.com/spec/v1\n",
        }.items()
    ),
    Fault("damaged data are committed", refused(changed_and_committed(WINE, b"1\n")), "is damaged"),
    Fault(
        "data were deleted and that committed",
        refused(lambda root: (removed(WINE)(root), commit(root))),
        f"git tracks no {WINE}",
    ),
    Fault("it is no clone", refused(no_repository), "is no git repository: work in a clone"),
    Fault(
        "it is another user's clone",
        lambda place: happens_in(place, GIT_TEST_ASSUME_DIFFERENT_OWNER="1"),
        "belongs to another user",
    ),
    Fault("there is no git", lambda place: happens_in(place, PATH=""), "git is needed"),
    Fault("git's list is damaged", refused(damaged_index), "git ls-files failed"),
    Fault("the zip is to be a lesson", to_a("notebooks/00.ipynb", b"{}"), "is there and no zip"),
    Fault("the zip is to be a module", to_a("helpers/models.py"), "is there and no zip"),
    Fault("the zip is to be a folder", to_a("helpers"), "is a folder: give the name of a file"),
    Fault("the zip's folder is missing", to_a("none/course.zip"), "there is no folder"),
    Fault("the zip's folder is a file", to_a("LICENSE/course.zip"), "there is no folder"),
    Fault("the disk is full", fails("pathlib.Path.write_bytes", errno.ENOSPC), "No space left"),
    Fault("the folder may not be written", fails("os.replace", errno.EACCES), "Permission denied"),
    Fault("killed half-way", killed, "course.zip: 0.0 MB"),
]
