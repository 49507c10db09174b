"""Recorded runs: trainings too long for a lesson, kept as numbers in `data/recordings/`."""

import difflib
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from numbers import Integral
from pathlib import Path

from .files import replace_file

FOLDER = Path(__file__).resolve().parent.parent / "data" / "recordings"
_BRING_BACK = "git checkout -- data/recordings"


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
        ValueError: there is no such recording, its file is damaged, or it holds another recording.
    """
    path = FOLDER / _file_name(name, seed)
    if not (isinstance(name, str) and isinstance(seed, Integral) and path.is_file()):
        raise _no_such_recording(name, seed, path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digest = content.pop("sha256")
        recording = Recording(**content)
        if digest != _digest(recording):
            raise ValueError("its numbers do not match its checksum")
        if (recording.name, recording.seed) != (name, seed):
            raise ValueError(f"it holds {recording.name!r} with the seed {recording.seed!r}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"the recording {path} is damaged ({error}). Bring it back with: "
            f"{_BRING_BACK}/{path.name}"
        ) from error
    return recording


def write_recording(recording: Recording, folder: Path = FOLDER) -> Path:
    """Write one recording, replacing an older one of the same name and seed; return its path.

    Raises:
        OSError: it could not be written. An older one stays as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = {**asdict(recording), "sha256": _digest(recording)}
    history = ",\n".join(
        f"  {json.dumps(key)}: {json.dumps(values)}" for key, values in recording.history.items()
    )
    lines = [
        f" {json.dumps(key)}: " + (f"{{\n{history}\n }}" if key == "history" else json.dumps(value))
        for key, value in content.items()
    ]
    path = folder / _file_name(recording.name, recording.seed)
    replace_file(path, "{\n" + ",\n".join(lines) + "\n}\n")
    return path


def _no_such_recording(name, seed, path):
    """The error that tells which names there are, or which seeds of this name."""
    seeds_of = {}
    for file in FOLDER.glob("*.json"):
        if match := re.fullmatch(r"(.+)_seed(\d+)", file.stem):
            seeds_of.setdefault(match[1], []).append(int(match[2]))
    if isinstance(name, str) and name in seeds_of:
        return ValueError(
            f"there is no recording of {name!r} with the seed {seed!r} (no file {path.name}); "
            f"there are: {', '.join(map(str, sorted(seeds_of[name])))}"
        )
    known = sorted(seeds_of)
    near = difflib.get_close_matches(str(name), known, n=5)
    listing = ", ".join([*near, *(other for other in known if other not in near)])
    listing = listing or f"none. Bring them back with: {_BRING_BACK}"
    return ValueError(
        f"there is no recording named {name!r} (no file {path}); there are: {listing}"
    )


def _file_name(name, seed):
    return f"{name}_seed{seed}.json"


def _digest(recording):
    return hashlib.sha256(json.dumps(asdict(recording)).encode()).hexdigest()
