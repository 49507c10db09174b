"""What git knows of the project."""

import os
import subprocess
from pathlib import Path

NO_GIT = "git is needed and not installed: install it, then run this again"
REASONS = {
    "not a git repository": "{root} is no git repository: work in a clone of the project",
    "dubious ownership": (
        "{root} belongs to another user, so git doesn't read it: work in a clone of your own, or "
        "allow it with: git config --global --add safe.directory '{root}'"
    ),
}


def output(root: Path, *arguments: str) -> str:
    """What a git command prints in a folder.

    Raises:
        ValueError: it failed; the message is a sentence.
    """
    if not root.is_dir():
        raise ValueError(f"there is no folder {root}")
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, env=environment, capture_output=True, check=False
        )
    except OSError as error:
        raise ValueError(NO_GIT) from error
    if done.returncode == 0:
        return os.fsdecode(done.stdout)
    said = os.fsdecode(done.stderr).strip()
    for sign, reason in REASONS.items():
        if sign in said:
            raise ValueError(reason.format(root=root))
    raise ValueError(f"git {arguments[0]} failed in {root}: {said}")
