"""What the profiler wrote, read in place."""

import sys

import numpy as np
import pytest

from helpers.models import model_fn
from helpers.profiles import read_profile

import keras  # isort: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Ten profiled steps of a training, the third and the fourth bundle of five."""
    folder = tmp_path_factory.mktemp("profiled")
    x, y = np.zeros((200, 28, 28), "float32"), np.zeros(200)
    model = model_fn()
    model.compile("adam", "sparse_categorical_crossentropy", steps_per_execution=5)
    callback = keras.callbacks.TensorBoard(folder, profile_batch=(3, 4))
    model.fit(x, y, batch_size=10, callbacks=[callback], verbose=0)
    return folder


def test_it_tells_which_operations_ran_how_often_and_how_long(folder):
    profile = read_profile(folder)
    assert list(profile.columns) == ["operation", "kind", "calls", "ms"]
    assert profile["ms"].is_monotonic_decreasing and (profile["ms"] > 0).all()
    assert profile["operation"].is_unique
    backward = profile[profile["operation"].str.startswith("gradient_tape/")]
    largest = backward[backward["kind"] == "MatMul"].iloc[0]
    assert largest["calls"] == 10
    assert {"update", "forward"} <= {
        "update" if name.startswith("adam") else "forward" if name.startswith("sequential") else ""
        for name in profile["operation"]
    }


def test_the_newest_profile_is_read(folder):
    (old,) = folder.rglob("*.xplane.pb")
    new = old.with_name("newer.xplane.pb")
    new.write_bytes(b"")
    try:
        assert read_profile(str(folder)).empty
    finally:
        new.unlink()


def test_no_profile_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match="no profile"):
        read_profile(tmp_path)


def test_a_tensorflow_without_the_format_is_told(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow.tsl.profiler.protobuf", None)
    with pytest.raises(ImportError, match="can't read its own profiles"):
        read_profile(folder)
