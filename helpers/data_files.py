"""The files in `data/`: read only when they are whole, and how to bring them back.

Each folder of data or recordings has a file SHA256SUMS, which `sha256sum -c SHA256SUMS` reads as
well. Importing this module loads neither TensorFlow nor pandas.
"""

import hashlib
import re
import stat
from pathlib import Path

from .files import replace_file

ROOT = Path(__file__).resolve().parent.parent
SUMS = "SHA256SUMS"


def read_whole(path: Path) -> bytes:
    """Return the content of a file in `data/`, once it is known to be the right one.

    Args:
        path: the file; its folder has a SHA256SUMS.

    Raises:
        FileNotFoundError: the file is missing, or the SHA256SUMS beside it.
        ValueError: the file is damaged or altered, or the SHA256SUMS is.
        OSError: one of them can't be read.
    """
    content = read(path)
    sums = read_sums(path.parent)
    if path.name not in sums:
        raise ValueError(
            f"{path.parent / SUMS} is damaged: it has no line for {path.name}. "
            f"{how_to_restore(path)}"
        )
    found = sha256(content)
    if found != sums[path.name]:
        raise ValueError(
            f"{path} is damaged or was altered: expected SHA-256 {sums[path.name]}, found {found}. "
            f"{how_to_restore(path)}"
        )
    return content


def read(path: Path) -> bytes:
    """Return the content of a file in `data/`, whatever it is.

    Raises:
        FileNotFoundError: the file is missing.
        OSError: it can't be read, or something else is in its place.
    """
    try:
        if stat.S_ISREG(path.stat().st_mode):
            return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise not_found([path]) from error
    except OSError as error:
        raise OSError(
            f"{path} can't be read ({error.strerror}). Try again, and see to it that you may read "
            f"it. {how_to_restore(path)}"
        ) from error
    raise OSError(
        f"{path} must be a file, and a folder or something else is in its place. "
        f"Move that away first. {how_to_restore(path)}"
    )


def is_missing(path: Path) -> bool:
    """Whether nothing is there. What is there and can't be read is not missing."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        pass
    return False


def not_found(missing: list[Path], reason: str = "") -> FileNotFoundError:
    """The error for files that are missing from one folder of `data/`."""
    told = [f"Missing: {', '.join(map(str, missing))}.", reason, how_to_restore(missing[0])]
    return FileNotFoundError("\n".join(filter(None, told)))


def how_to_restore(path: Path) -> str:
    """How to bring back a file in `data/`, as the course came: a clone, or an unpacked zip."""
    if (ROOT / ".git").exists():
        return f"To restore it, run `git checkout -- data/{path.parent.name}` in {ROOT}."
    return (
        f"To restore it, unpack course.zip again into {ROOT}. Where a lesson's first cell fetched "
        "the course, rename that folder and run the cell again instead."
    )


def read_sums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder of `data/`, by the file's name.

    Raises:
        FileNotFoundError: the folder has no SHA256SUMS.
        ValueError: the SHA256SUMS is damaged.
        OSError: it can't be read.
    """
    path = folder / SUMS
    sums = {}
    lines = read(path).decode("utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        match = re.fullmatch(r"([0-9a-f]{64})  (\S+)", line)
        if not match:
            raise ValueError(
                f"{path} is damaged: line {number} is not a checksum and a file's name. "
                f"{how_to_restore(path)}"
            )
        sums[match[2]] = match[1]
    return sums


def note_sum(path: Path) -> None:
    """Put the SHA-256 of a file, as it is now, into the SHA256SUMS of its folder.

    Raises:
        ValueError: the SHA256SUMS is damaged.
        OSError: it can't be read or written.
    """
    listed = path.with_name(SUMS)
    sums = read_sums(path.parent) if listed.exists() else {}
    sums[path.name] = sha256(path.read_bytes())
    replace_file(listed, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))


def sha256(*parts) -> str:
    """The SHA-256 of some bytes, given in one part or several."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()
