"""Recorded runs: trainings too long for a lesson, kept as numbers in `data/recordings/`."""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "data" / "recordings"


@dataclass(frozen=True)
class Recording:
    """One recorded run. It can be given wherever a `keras.callbacks.History` can."""

    name: str
    """What was trained, for example "fashion_adam"."""
    seed: int
    """What `keras.utils.set_random_seed` got just before the model was built."""
    code: str
    """The line that makes the run."""
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
        name: the run's name, such as "mnist_small_3000"; a wrong one is answered with all names.
        seed: the run's seed. Most runs were recorded with seeds 42, 43 and 44.

    Raises:
        ValueError: there is no such recording, or its file is damaged.
    """
    path = FOLDER / _file_name(name, seed)
    if not path.is_file():
        known = sorted(file.stem for file in FOLDER.glob("*.json"))
        raise ValueError(
            f"there is no recording {path.stem!r} in {FOLDER}; "
            f"there are: {', '.join(known) or 'none'}"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digest = content.pop("sha256")
        recording = Recording(**content)
        if digest != _digest(recording):
            raise ValueError("its numbers do not match its checksum")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"the recording {path} is damaged ({error}). Bring it back with: "
            f"git checkout -- data/recordings/{path.name}"
        ) from error
    return recording


def write_recording(recording: Recording, folder: Path = FOLDER) -> Path:
    """Write one recording, replacing an older one of the same name and seed; return its path."""
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
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    return path


def _file_name(name, seed):
    return f"{name}_seed{seed}.json"


def _digest(recording):
    return hashlib.sha256(json.dumps(asdict(recording)).encode()).hexdigest()
