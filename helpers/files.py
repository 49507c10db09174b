"""Files that nobody ever finds half written."""

import os
import shutil
from pathlib import Path


def replace_file(path: Path, text: str) -> None:
    """Put a text, as UTF-8, in place of a file in one step.

    It is written beside the file first. Where that fails, as on a full disk, or is killed, the file
    stays as it was.

    Raises:
        OSError: the text could not be written.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        new.write_bytes(text.encode())
        if path.exists():
            shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
