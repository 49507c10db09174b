"""What the recorded runs say about dropout rates, and what can be trained beside them."""

import numpy as np

from .wording import shown

EPOCHS, IMAGES = 20, 6_000
"""Of the recorded runs."""


def summary(rate, recorded) -> str:
    """What the recorded runs say about one rate, in words.

    Args:
        rate: one of the recorded ones.
        recorded: the `RecordedRuns` of dropout rates.
    """
    loss, val_loss = (recorded.band(rate, key).mean for key in ("loss", "val_loss"))
    rates, last = recorded.last("val_loss")
    best = int(np.argmin(last.mean))
    return (
        f"Dropout rate {rate:.1f}, after epoch {len(loss) - 1}: training loss {loss[-1]:.2f}, "
        f"validation loss {val_loss[-1]:.3f}. The lowest validation loss of all recorded rates is "
        f"{last.mean[best]:.3f}, with the rate {rates[best]:.1f}."
    )


def difference(epochs, images) -> str:
    """What differs between the recorded runs and the next training, in words; "" if nothing."""
    if (epochs, images) == (EPOCHS, IMAGES):
        return ""
    return (
        f"The next training can't be compared fairly: {images:,} images and {epochs} epochs, "
        f"recorded were {IMAGES:,} and {EPOCHS}."
    )


def check_clothes(data, images):
    """Check that so many images can be trained on.

    Args:
        data: what `load_fashion_mnist` returned.
        images: how many.

    Raises:
        ValueError: `data` is something else, or has too few images.
    """
    try:
        arrays = {"train_scaled": data.train_scaled, "val_scaled": data.val_scaled}
    except AttributeError as error:
        raise ValueError(
            f"data must be what load_fashion_mnist() returned, not {shown(data)}"
        ) from error
    for name, array in arrays.items():
        if np.shape(array)[1:] != (28, 28):
            raise ValueError(
                f"data.{name} has the shape {np.shape(array)}, and the course's model takes images "
                "of 28x28 pixels: give what load_fashion_mnist() returned"
            )
    if len(data.train_scaled) < images:
        raise ValueError(
            f"data has only {len(data.train_scaled):,} training images: choose fewer than "
            f"{images:,}, or give what load_fashion_mnist() returned"
        )
