"""What a learner is to find with an explorer, and whether it is found."""

from typing import NamedTuple


class Goal(NamedTuple):
    """A goal, as the controls stand now."""

    aim: str
    """What to find: the rest of a sentence that begins with "Goal:". It doesn't give it away."""
    found: str = ""
    """What was found, in a sentence; "" as long as it isn't."""
