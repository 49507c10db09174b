"""Pack what lessons need into course.zip, to be uploaded to Colab where git has no way out.

    python -m helpers.authoring.bundle [FILE]

The same files make the same bytes.
"""

import argparse
import sys
import zipfile
from pathlib import Path

from .execute import ROOT

NOT_NEEDED = ("helpers/authoring/", "data/pictures/")
DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can hold


def needed_files(root: Path = ROOT) -> list[Path]:
    """The files under helpers/ and data/ that a lesson reads, and the licence, in order."""
    files = [root / "LICENSE"]
    for folder in ("helpers", "data"):
        files += [path for path in (root / folder).rglob("*") if path.is_file()]
    names = {path.relative_to(root).as_posix(): path for path in files}
    return [
        path
        for name, path in sorted(names.items())
        if not name.startswith(NOT_NEEDED) and "__pycache__" not in name and "/." not in name
    ]


def write(target: Path, root: Path = ROOT) -> None:
    """Write the zip."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in needed_files(root):
            entry = zipfile.ZipInfo(path.relative_to(root).as_posix(), DATE)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "course.zip")
    target = parser.parse_args(arguments).file
    try:
        write(target)
    except OSError as error:
        print(f"{target} can't be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{target}: {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
