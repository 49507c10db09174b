"""What the recorded runs say about dropout rates, and what can be trained beside them."""

import numpy as np

from .goals import Goal

EPOCHS, IMAGES = 20, 6_000
"""Of the recorded runs."""


def summary(rate, recorded) -> str:
    """What the recorded runs say about one rate, in words.

    Args:
        rate: one of the recorded ones.
        recorded: the `RecordedRuns` of dropout rates.
    """
    loss, val_loss = (recorded.band(rate, key).mean for key in ("loss", "val_loss"))
    ends = recorded.ends(rate, "val_loss").values()
    return (
        f"Dropout rate {rate:.1f}, after epoch {len(loss) - 1}: training loss {loss[-1]:.2f}, "
        f"validation loss {val_loss[-1]:.3f}. The {len(ends)} seeds end with a validation loss of "
        f"{min(ends):.3f} to {max(ends):.3f}."
    )


def goal(rate, recorded) -> Goal | None:
    """Find the rate whose runs end with the lowest mean validation loss.

    None if there are no two rates to choose from.

    Args:
        rate: a recorded one, or None.
        recorded: the `RecordedRuns` of dropout rates.
    """
    rates, last = recorded.last("val_loss")
    if len(rates) < 2:
        return None
    best = int(np.argmin(last.mean))
    aim = (
        "find the dropout rate whose recorded runs end with the lowest validation loss, on average."
    )
    if rate != rates[best]:
        return Goal(aim)
    beside = [
        f"with {rates[place]:.1f} at {last.mean[place]:.3f}"
        for place in (best - 1, best + 1)
        if 0 <= place < len(rates)
    ]
    return Goal(
        aim,
        f"with {rates[best]:.1f} the mean validation loss ends lowest, at {last.mean[best]:.3f}; "
        f"{', '.join(beside)}.",
    )


def difference(epochs, images) -> str:
    """What differs between the recorded runs and the next training, in words; "" if nothing."""
    if (epochs, images) == (EPOCHS, IMAGES):
        return ""
    return (
        f"The next training can't be compared fairly: {images:,} images and {epochs} epochs, "
        f"recorded were {IMAGES:,} and {EPOCHS}."
    )
