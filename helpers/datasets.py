"""The course's three data sets: Fashion-MNIST, a small MNIST and the wine table.

The files lie in `data/`, each folder with its source, its licence and its checksums. Whatever is
read is compared with its checksum each time, so that a damaged file shows at once and not as a
strange curve. Importing this module loads neither TensorFlow nor pandas.
"""

from __future__ import annotations

import math
import numbers
import warnings
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from .data_files import ROOT, is_missing, not_found, read_whole, sha256
from .wording import shown

DATA_DIR = ROOT / "data"

# SHA-256 of the four Fashion-MNIST files when unpacked. Keras serves the same content as arrays.
FASHION_MNIST_UNPACKED = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}

FASHION_MNIST_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
DIGIT_CLASSES = tuple("0123456789")

WINE_COLUMNS = (
    "fixed_acidity", "volatile_acidity", "citric_acid", "residual_sugar", "chlorides",
    "free_sulfur_dioxide", "total_sulfur_dioxide", "density", "ph", "sulphates", "alcohol",
    "quality", "red",
)  # fmt: skip

_ROWS_AT_ONCE = 4096  # images scaled in one go: keeps the temporary array at 3 MB


@dataclass(frozen=True, eq=False, repr=False)
class ImageData:
    """Images and their classes, in three parts.

    `*_scaled` are float32 arrays of pixels from 0 (background) to 1, one image a row.
    `*_target` are int32 arrays: the class of each image, an index into `class_names`.

    The test part is opened late or never, so its images stay bytes until they are asked for.
    """

    train_scaled: np.ndarray
    train_target: np.ndarray
    val_scaled: np.ndarray
    val_target: np.ndarray
    test_images: np.ndarray
    test_target: np.ndarray
    class_names: tuple[str, ...]

    @cached_property
    def test_scaled(self) -> np.ndarray:
        """The test part's images, scaled like the others."""
        return _scale(self.test_images)

    def __repr__(self) -> str:
        lines = [
            f"  {part}_{what}: {_shape_and_dtype(getattr(self, f'{part}_{what}'))}"
            for part in ("train", "val", "test")
            for what in ("scaled", "target")
        ]
        return "\n".join(["ImageData", *lines, f"  class_names: {', '.join(self.class_names)}"])


def load_fashion_mnist(val_fraction: float = 0.2, seed: int = 42) -> ImageData:
    """Return Fashion-MNIST: grey pictures of ten kinds of clothing.

    Shapes with the default arguments:

    - `train_scaled` (48000, 28, 28) float32, `train_target` (48000,) int32
    - `val_scaled` (12000, 28, 28) float32, `val_target` (12000,) int32
    - `test_scaled` (10000, 28, 28) float32, `test_target` (10000,) int32
    - `class_names`: ten strings, "T-shirt/top" to "Ankle boot"

    Pixels are the file's bytes divided by 255, so they lie in [0, 1]. Targets are int32 and not the
    file's uint8, because differences of uint8 numbers wrap round below zero.

    The 60,000 training pictures are split with the permutation
    `p = np.random.RandomState(seed).permutation(60000)`. Its first `ceil(val_fraction * 60000)`
    numbers are the pictures that validate, the rest train, both in the order of `p`. scikit-learn's
    `train_test_split(test_size=val_fraction, random_state=seed)` splits in the same way. The 10,000
    test pictures keep their order.

    The arrays take 200 MB, and 30 MB more once the test part is opened. Source: Zalando SE, 2017,
    MIT licence; see `data/fashion_mnist/`.

    If a file is missing, a warning names it and the data come from `keras.datasets`, which needs
    the internet or an earlier download. They must have the same content, or they are refused.

    Raises:
        ValueError: `val_fraction` is not a number between 0 and 1, or leaves no picture to train
            on; `seed` is not an int from 0 to 2**32 - 1; a file is damaged or altered.
        FileNotFoundError: a file is missing and `keras.datasets` could not stand in for it.
        OSError: a file can't be read.
    """
    _check_fraction(val_fraction)
    _check_seed(seed)
    train_images, train_labels, test_images, test_labels = _read_fashion_mnist()
    train_rows, val_rows = _split_rows(len(train_labels), val_fraction, seed)
    return ImageData(
        train_scaled=_scale(train_images, train_rows),
        train_target=_targets(train_labels[train_rows]),
        val_scaled=_scale(train_images, val_rows),
        val_target=_targets(train_labels[val_rows]),
        test_images=test_images,
        test_target=_targets(test_labels),
        class_names=FASHION_MNIST_CLASSES,
    )


def load_mnist_small() -> ImageData:
    """Return a small MNIST: few handwritten digits to train on, so that a model soon overfits.

    - `train_scaled` (700, 784) float32, `train_target` (700,) int32
    - `val_scaled` (300, 784) float32, `val_target` (300,) int32
    - `test_scaled` (10000, 784) float32, `test_target` (10000,) int32
    - `class_names`: "0" to "9"

    An image is 28x28 pixels, flattened row by row; `images.reshape(-1, 28, 28)` undoes it. Pixels
    are the file's bytes divided by 255, so they lie in [0, 1].

    The split is fixed. The 700 come from MNIST's first 50,000 training images and the 300 from its
    last 10,000, drawn with replacement after `np.random.seed(10)`. So a few come up again: there
    are 699 different training images (one of them twice) and 295 different validation images (three
    of them twice, one three times). No image is in both parts. The test part is MNIST's whole test
    set. Source: Yann LeCun and Corinna Cortes, CC BY-SA 3.0; see `data/mnist_small/`.

    Raises:
        ValueError: a file is damaged or altered.
        FileNotFoundError: a file is missing.
        OSError: a file can't be read.
    """
    folder = DATA_DIR / "mnist_small"
    parts = {}
    for part, prefix in (("train", "train"), ("val", "validation"), ("test", "test")):
        labels = parse_idx(read_whole(folder / f"{prefix}-labels-idx1-ubyte"))
        images = parse_idx(read_whole(folder / f"{prefix}-images-idx3-ubyte"))
        images = images.reshape(len(images), -1)
        if part == "test":
            parts["test_images"] = images
        else:
            parts[f"{part}_scaled"] = _scale(images)
        parts[f"{part}_target"] = _targets(labels)
    return ImageData(**parts, class_names=DIGIT_CLASSES)


def load_wine(deduplicate: bool = False):
    """Return the wine table: 6,497 Portuguese wines as a pandas DataFrame.

    Columns, in this order:

    - `fixed_acidity` (g/dm3 tartaric acid), `volatile_acidity` (g/dm3 acetic acid), `citric_acid`
      (g/dm3), `residual_sugar` (g/dm3), `chlorides` (g/dm3 sodium chloride),
      `free_sulfur_dioxide` (mg/dm3), `total_sulfur_dioxide` (mg/dm3), `density` (g/cm3), `ph`,
      `sulphates` (g/dm3 potassium sulphate), `alcohol` (per cent by volume): float64
    - `quality`: int64, the tasters' grade on a scale from 0 to 10; 3 to 9 occur
    - `red`: int64, 1 for the 1,599 red wines, which come first, 0 for the 4,898 white ones

    The table keeps float64, so that it shows the numbers as they were published. Turn it into
    float32 for training: `table.astype("float32")`.

    1,177 rows repeat an earlier row exactly, so a random split puts the same wine on both sides.
    `deduplicate=True` keeps the first of each and numbers the remaining 5,320 rows anew from 0.

    Source: Cortez et al. 2009, UCI Machine Learning Repository, CC BY 4.0; see `data/wine/`.

    Raises:
        ValueError: `deduplicate` is not True or False; the file is damaged or altered.
        FileNotFoundError: the file is missing.
        OSError: the file can't be read.
    """
    import pandas as pd

    if not isinstance(deduplicate, (bool, np.bool_)):
        raise ValueError(f"deduplicate must be True or False, not {shown(deduplicate)}")
    lines = read_whole(DATA_DIR / "wine" / "wine.csv").decode("ascii").splitlines()
    # NumPy parses to the nearest float64; what pandas does by default depends on its version.
    values = np.loadtxt(lines, delimiter=",", skiprows=1)
    table = pd.DataFrame(values, columns=lines[0].split(","))
    table = table.astype({"quality": "int64", "red": "int64"})
    return table.drop_duplicates(ignore_index=True) if deduplicate else table


# --- the split ----------------------------------------------------------------------------------


def _split_rows(count: int, val_fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers that train and row numbers that validate."""
    n_val = math.ceil(float(val_fraction) * count)
    if not 0 < n_val < count:
        raise ValueError(
            f"val_fraction={val_fraction!r} puts {n_val} of {count} images into validation: "
            "each side needs at least one."
        )
    rows = np.random.RandomState(int(seed)).permutation(count)
    return rows[n_val:], rows[:n_val]


def _check_fraction(value) -> None:
    is_number = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    if not is_number or not 0 < value < 1:
        raise ValueError(
            f"val_fraction must be a number between 0 and 1, both excluded, not {shown(value)}"
        )


def _check_seed(value) -> None:
    is_int = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_int or not 0 <= int(value) < 2**32:
        raise ValueError(f"seed must be an int from 0 to 2**32 - 1, not {shown(value)}")


# --- arrays -------------------------------------------------------------------------------------


def _scale(images: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """The chosen images, divided by 255, as one new float32 array."""
    count = len(images) if rows is None else len(rows)
    scaled = np.empty((count, *images.shape[1:]), dtype=np.float32)
    for start in range(0, count, _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        np.divide(images[part if rows is None else rows[part]], np.float32(255), out=scaled[part])
    return scaled


def _targets(labels: np.ndarray) -> np.ndarray:
    return labels.astype(np.int32)


def _shape_and_dtype(array: np.ndarray) -> str:
    return f"{array.shape} {array.dtype}"


# --- IDX, the format of the MNIST files ---------------------------------------------------------


def idx_header(shape: tuple[int, ...]) -> bytes:
    """The bytes that stand before the data in an IDX file of unsigned bytes."""
    return bytes([0, 0, 8, len(shape)]) + np.array(shape, dtype=">u4").tobytes()


def parse_idx(raw: bytes) -> np.ndarray:
    """The array in an IDX file of unsigned bytes, as a read-only view of `raw`."""
    if len(raw) < 4 or raw[:3] != b"\x00\x00\x08":
        raise ValueError("not an IDX file of unsigned bytes")
    start = 4 + 4 * raw[3]
    shape = tuple(int(n) for n in np.frombuffer(raw[4:start], dtype=">u4"))
    if raw[:start] != idx_header(shape) or len(raw) != start + math.prod(shape):
        raise ValueError(f"an IDX file of shape {shape} can't be {len(raw)} bytes long")
    return np.frombuffer(raw, dtype=np.uint8, offset=start).reshape(shape)


# --- Fashion-MNIST, from its files or from Keras -------------------------------------------------


def _read_fashion_mnist() -> list[np.ndarray]:
    """Training images, training labels, test images, test labels, as the files have them."""
    paths = [DATA_DIR / "fashion_mnist" / f"{name}.gz" for name in FASHION_MNIST_UNPACKED]
    missing = [path for path in paths if is_missing(path)]
    if missing:
        return _fashion_mnist_from_keras(missing)
    arrays = []
    for path in paths:
        # wbits=31 reads gzip. The size to expect saves growing the buffer step by step.
        size = 50_000_000 if "train-images" in path.name else 8_000_000
        arrays.append(parse_idx(zlib.decompress(read_whole(path), wbits=31, bufsize=size)))
    return arrays


def _fashion_mnist_from_keras(missing: list[Path]) -> list[np.ndarray]:
    """Fashion-MNIST from `keras.datasets`, if it can be had and has the known content."""
    listed = ", ".join(str(path) for path in missing)
    warnings.warn(f"Missing: {listed}. Trying keras.datasets instead.", stacklevel=4)
    try:
        import keras

        (train, train_labels), (test, test_labels) = keras.datasets.fashion_mnist.load_data()
        arrays = [np.asarray(a) for a in (train, train_labels, test, test_labels)]
    except Exception as error:  # no Keras, no internet, a refused download: the end is the same
        reason = (
            "keras.datasets could not stand in: it needs Keras, and the internet or an earlier "
            "download."
        )
        raise not_found(missing, reason) from error
    for array, (name, expected) in zip(arrays, FASHION_MNIST_UNPACKED.items(), strict=True):
        found = sha256(idx_header(array.shape), np.ascontiguousarray(array))
        if found != expected:
            reason = (
                f"keras.datasets gave other content for {name}: expected SHA-256 {expected}, "
                f"found {found}."
            )
            raise not_found(missing, reason)
    return arrays
