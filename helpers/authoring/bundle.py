"""Pack what lessons need into course.zip, to be uploaded to Colab where git has no way out.

    python -m helpers.authoring.bundle [FILE]

It takes the files that git tracks, as they are in the folder. The same files make the same bytes.
"""

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path

from ..course_1 import MARK
from ..data_files import SUMS, read_sums, sha256
from ..files import replace_bytes
from . import git
from .execute import ROOT

NEEDED = ("LICENSE", "helpers", "data")
DATA = ("bench", "fashion_mnist", "mnist_small", "recordings", "wine")
NOT_NEEDED = ("helpers/authoring/", "data/pictures/")
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold


def tracked_digests(root: Path) -> dict[str, str]:
    """The digest that git has for each file a lesson reads, by name."""
    digests = {}
    for line in listed(root, "--stage"):
        head, _, name = line.partition("\t")
        if not name.startswith(NOT_NEEDED):
            digests[name] = head.split()[1]
    return digests


def untracked(root: Path) -> list[str]:
    """The names of files that lie beside those a lesson reads, and which git doesn't track."""
    names = listed(root, "--others", "--exclude-standard")
    return [name for name in names if not name.startswith(NOT_NEEDED)]


def listed(root: Path, *options: str) -> list[str]:
    """What git lists of LICENSE, helpers and data.

    Raises:
        ValueError: the folder is no git repository, or there is no git.
    """
    lines = git.output(root, "ls-files", "-z", *options, "--", *NEEDED).split("\0")
    return [line for line in lines if line]


def needed_files(root: Path = ROOT) -> dict[str, bytes]:
    """The files that a lesson reads, by name.

    Args:
        root: the project's folder, a git repository.

    Raises:
        ValueError: a file is missing, is a link, or holds other data than it should.
    """
    tracked = tracked_digests(root)
    known = known_sums(root, tracked)
    must_be(tracked, root, "LICENSE", MARK, *known)
    files = {name: read(root, name) for name in sorted(tracked)}
    for name, content in files.items():
        is_data = name.startswith("data/")
        if is_data and (
            known.get(name, sha256(content)) != sha256(content)
            or not is_as_tracked(content, tracked[name])
        ):
            raise ValueError(f"{name} is damaged or was altered: {bring_back(name)}")
    return files


def known_sums(root: Path, tracked: dict[str, str]) -> dict[str, str]:
    """The SHA-256 of each file that a SHA256SUMS in data/ lists, by its name in the project.

    Raises:
        ValueError: one is missing or damaged.
    """
    known = {}
    for folder in (f"data/{name}" for name in DATA):
        must_be(tracked, root, f"{folder}/{SUMS}")
        read(root, f"{folder}/{SUMS}")
        known |= {f"{folder}/{name}": sum_ for name, sum_ in read_sums(root / folder).items()}
    return known


def must_be(tracked: dict[str, str], root: Path, *names: str) -> None:
    """Raise ValueError where git tracks no file of one of these names."""
    for name in names:
        if name not in tracked:
            raise ValueError(f"git tracks no {name} in {root}: work in a whole clone")


def read(root: Path, name: str) -> bytes:
    """The content of a file of the project.

    Raises:
        ValueError: it is missing or can't be read, or is a link or behind one.
    """
    path = root / name
    for place in (path, *path.parents[: name.count("/")]):
        if place.is_symlink():
            raise ValueError(f"{place.relative_to(root)} is a link: put what it names in its place")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"{name} is missing: {bring_back(name)}") from None
    except OSError as error:
        raise ValueError(f"{name} can't be read ({error.strerror}): {bring_back(name)}") from error


def is_as_tracked(content: bytes, blob: str) -> bool:
    """Whether a file is the one with this digest of git's."""
    kind = hashlib.sha1 if len(blob) == 40 else hashlib.sha256
    return kind(b"blob %d\0" % len(content) + content).hexdigest() == blob


def bring_back(name: str) -> str:
    return f"bring it back with: git checkout -- '{name}'"


def packed(files: dict[str, bytes]) -> bytes:
    """The zip of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def write(target: Path, root: Path = ROOT) -> None:
    """Write the zip in one step.

    Args:
        target: its file. An older zip there is replaced.
        root: the project's folder, a git repository.

    Raises:
        ValueError: a file of the project is not as it should be, or the target is another file.
        OSError: the zip could not be written; an older one is as it was.
    """
    if target.is_dir():
        raise ValueError(f"{target} is a folder: give the name of a file")
    if target.exists() and not zipfile.is_zipfile(target):
        raise ValueError(f"{target} is there and no zip: give another name, or delete it first")
    if not target.parent.is_dir():
        raise ValueError(f"there is no folder {target.parent}: make it first")
    replace_bytes(target, packed(needed_files(root)))


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=root / "course.zip")
    target = parser.parse_args(arguments).file
    try:
        write(target, root)
    except ValueError as error:
        print(f"Nothing was written: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{target} can't be written: {error.strerror}", file=sys.stderr)
        return 1
    for name in untracked(root):
        print(f"not packed, as git doesn't track it: {name}", file=sys.stderr)
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
