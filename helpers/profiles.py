"""Reads what TensorFlow's profiler has written."""

import re
from pathlib import Path

import pandas as pd

OPERATION = re.compile(r"[\w/.-]+:_?[A-Z]\w*")  # name:kind; all else is housekeeping
OUTER = re.compile(r".*StatefulPartitionedCall/")  # the loop over the steps, and the step


def read_profile(folder):
    """Read which operations a profiled stretch of training ran, and how long each took.

    It reads the newest `*.xplane.pb` below the folder, which `keras.callbacks.TensorBoard` writes
    with `profile_batch`, by the description of that format that TensorFlow brings along. The page
    that TensorBoard has for profiles needs the package tensorboard-plugin-profile; this doesn't.

    Times of operations that ran at the same time, on several cores, are added up.

    Args:
        folder: where the callback wrote, as a `str` or `pathlib.Path`.

    Returns:
        A DataFrame with a row for each operation, the longest first: `operation` (its name in the
        step, such as "adam/Sqrt"), `kind` (as "Sqrt"), `calls` (how often it ran) and `ms`
        (milliseconds in all).

    Raises:
        FileNotFoundError: there is no profile below the folder.
        ImportError: this version of TensorFlow doesn't bring the description of the format.
    """
    files = sorted(Path(folder).rglob("*.xplane.pb"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise FileNotFoundError(f"no profile (*.xplane.pb) was written below {folder}")
    rows = [
        (OUTER.sub("", name), kind, event.duration_ps / 1e9)
        for event, full in _events(files[-1])
        if OPERATION.fullmatch(full)
        for name, kind in [full.rsplit(":", 1)]
    ]
    table = pd.DataFrame(rows, columns=["operation", "kind", "ms"])
    table = table.groupby(["operation", "kind"], as_index=False).agg(
        calls=("ms", "size"), ms=("ms", "sum")
    )
    return table.sort_values("ms", ascending=False, ignore_index=True)


def _events(file):
    """The events of a profile, and their names."""
    try:
        from tensorflow.tsl.profiler.protobuf import xplane_pb2
    except ImportError as error:
        raise ImportError(f"this TensorFlow can't read its own profiles: {error}") from error
    space = xplane_pb2.XSpace.FromString(file.read_bytes())
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                yield event, plane.event_metadata[event.metadata_id].name
