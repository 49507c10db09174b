"""Recorded runs: trainings too long for a lesson, kept as numbers in `data/recordings/`."""

import difflib
import json
import os
import re
from dataclasses import asdict, dataclass, field
from numbers import Integral
from pathlib import Path

from .data_files import ROOT, how_to_restore, note_sum, read, sha256
from .files import replace_file
from .wording import shown

FOLDER = ROOT / "data" / "recordings"


@dataclass(frozen=True)
class Recording:
    """One recorded run. It can be given wherever a `keras.callbacks.History` can."""

    name: str
    """What was trained, for example "clothes_adam"."""
    seed: int
    """What `keras.utils.set_random_seed` got just before the model was built."""
    code: str
    """The lines of code that make the run."""
    history: dict = field(repr=False)
    """The history's keys, each with a list of one float an epoch, in full precision."""
    evaluation: dict
    """What `evaluate` said after the last epoch, for example {"test": {"loss": 1.2}}."""
    versions: dict = field(repr=False)
    """The versions of Python and of the packages that did it."""
    processor: str = field(repr=False)
    date: str = field(repr=False)
    """The day it was recorded, as YYYY-MM-DD."""
    measured: dict = field(default_factory=dict, repr=False)
    """What was measured of the trained model, by name; the experiment says what. Mostly nothing."""

    @property
    def epoch(self):
        """The epochs' numbers, counted from 0, as in a History."""
        return list(range(len(next(iter(self.history.values()), []))))


def load_recording(name, seed=42) -> Recording:
    """Read a recorded run.

    Args:
        name: the run's name, such as "digits_3000"; a wrong one is answered with all names,
            those like it first.
        seed: the run's seed; a wrong one is answered with those of the run.

    Raises:
        ValueError: there is no such recording, its file can't be read or is damaged, or it holds
            another recording.
    """
    wanted = _read_at_once(name, seed)
    if wanted is not None:
        return wanted
    recorded = _seeds_by_name()
    if not isinstance(name, str) or name not in recorded:
        raise _no_such_name(name, recorded)
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed not in recorded[name]:
        raise ValueError(
            f"there is no recording of {name!r} with the seed {shown(seed)}; "
            f"there are: {', '.join(map(str, recorded[name]))}"
        )
    path = FOLDER / _file_name(name, seed)
    try:
        text = read(path)
    except OSError as error:
        raise ValueError(str(error)) from error
    recording = _whole_recording(text)
    if recording is None:
        raise _damaged(path, "its content does not match its checksum")
    if (recording.name, recording.seed) != (name, seed):
        raise _damaged(path, f"it holds {recording.name!r} with the seed {recording.seed!r}")
    return recording


def _read_at_once(name, seed):
    """The recording, if its file is there and whole; None whatever else is wrong.

    So the folder, which is long, is only listed to tell what is wrong.
    """
    if not isinstance(name, str) or isinstance(seed, bool) or not isinstance(seed, Integral):
        return None
    try:
        recording = _whole_recording(read(FOLDER / _file_name(name, seed)))
    except (OSError, ValueError):  # or a name, or a number, that no file can have
        return None
    if recording is None or (recording.name, recording.seed) != (name, seed):
        return None
    return recording


def write_recording(recording: Recording, folder: Path = FOLDER) -> Path:
    """Write one recording, replacing an older one of the same name and seed; return its path.

    Its checksum stands in the file itself, and the file's in the folder's SHA256SUMS.

    Raises:
        OSError: it could not be written. An older one stays as it was.
        ValueError: the folder's SHA256SUMS is damaged.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = {**_content(recording), "sha256": _digest(recording)}
    history = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(values)}" for key, values in recording.history.items()
    )
    lines = [
        f" {json.dumps(key)}: " + (f"{{\n{history}\n }}" if key == "history" else json.dumps(value))
        for key, value in content.items()
    ]
    path = folder / _file_name(recording.name, recording.seed)
    replace_file(path, "{\n" + ",\n".join(lines) + "\n}\n")
    note_sum(path)
    return path


def _whole_recording(text):
    """The recording in a file's content; None if it is damaged."""
    try:
        content = json.loads(text)
        digest = content.pop("sha256")
        recording = Recording(**content)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return recording if digest == _digest(recording) else None


def _damaged(path, why):
    return ValueError(f"the recording {path} is damaged: {why}. {how_to_restore(path)}")


def _seeds_by_name():
    """The recordings that there are: name -> seeds, ascending."""
    try:
        files = os.listdir(FOLDER)
    except OSError:
        files = []
    seeds = {}
    for file in files:
        if match := re.fullmatch(r"(.+)_seed(\d+)\.json", file):
            seeds.setdefault(match[1], []).append(int(match[2]))
    return {name: sorted(seeds[name]) for name in sorted(seeds)}


def _no_such_name(name, recorded):
    """The error that tells which names there are, those like it first."""
    asked = name if isinstance(name, str) else shown(name)
    near = difflib.get_close_matches(asked, recorded, n=5)
    listing = ", ".join([*near, *(other for other in recorded if other not in near)])
    listing = listing or f"none. {how_to_restore(FOLDER / '*.json')}"
    return ValueError(
        f"there is no recording named {shown(name)} in {FOLDER}; there are: {listing}"
    )


def _file_name(name, seed):
    return f"{name}_seed{seed}.json"


def _digest(recording):
    return sha256(json.dumps(_content(recording)).encode())


def _content(recording):
    """What a file holds of it. Where nothing was measured, the file says nothing of that."""
    content = asdict(recording)
    if not content["measured"]:
        del content["measured"]
    return content
