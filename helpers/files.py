"""Files that nobody ever finds half written."""

import os
import shutil
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Put a text, as UTF-8, in place of a file in one step.

    Args:
        path: the file, which need not be there yet.
        text: what it is to hold. Line ends stay as they are.

    Raises:
        OSError: the text could not be written; the file is as it was.
    """
    replace_bytes(path, text.encode())


def replace_bytes(path: Path, content: bytes) -> None:
    """Put these bytes in place of a file in one step.

    They are written beside the file first. Where that fails, as on a full disk, or is killed, the
    file stays as it was.

    Args:
        path: the file, which need not be there yet. Of a link it is the target that is replaced.
        content: what it is to hold.

    Raises:
        OSError: they could not be written; the file is as it was.
    """
    path = path.resolve()
    new = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        new.write_bytes(content)
        if path.exists():
            shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
