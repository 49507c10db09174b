"""Two spirals: points of a plane in two classes that no straight line can tell apart."""

from dataclasses import dataclass

import numpy as np

from .batching import whole_number

TURNS, RADIUS, NOISE = 2.25, 2.5, 0.04
"""How often a spiral winds round the middle, where it ends, and how far its points scatter."""
INNER = 0.1
"""Where a spiral begins, as a share of its radius."""


@dataclass(frozen=True, eq=False, repr=False)
class Spirals:
    """Points on two spirals, in two parts.

    `*_points` are float32 arrays of shape (n, 2): a point's x and y, both from about -2.6 to 2.6.
    `*_target` are int32 arrays of shape (n,): which spiral it belongs to, 0 or 1.
    """

    train_points: np.ndarray
    train_target: np.ndarray
    val_points: np.ndarray
    val_target: np.ndarray

    def __repr__(self) -> str:
        return f"Spirals: {len(self.train_points)} points to train on, {len(self.val_points)} more"


def load_spirals(points=400, seed=42) -> Spirals:
    """Draw two spirals with a little noise: one is the other turned by half a turn.

    Half of the points lie on each. They are spread so that equal areas have about equally many:
    the share of the way from the middle to the end is the square root of a uniform number. Both
    coordinates are moved by normal noise with a standard deviation of 0.04. Measured from the
    middle outward, an arm is 0.56 from the next one, which is of the other spiral.

    The two spirals are a classic test for networks: K. J. Lang and M. J. Witbrock, "Learning to
    tell two spirals apart", Proceedings of the 1988 Connectionist Models Summer School.

    Args:
        points: how many to train on, a whole number from 2 up; as many others validate.
        seed: what draws them, a whole number from 0 up. No generator of yours is drawn from.

    Returns:
        A `Spirals`, with `train_points` (points, 2) float32, `train_target` (points,) int32, and
        `val_points` and `val_target` likewise, each in random order.

    Raises:
        ValueError: `points` or `seed` is not a whole number, or too small.
    """
    points = whole_number("points", points, 2)
    generator = np.random.default_rng(whole_number("seed", seed, 0))
    return Spirals(*_draw(points, generator), *_draw(points, generator))


def _draw(points, generator):
    """Points (n, 2) and their spirals (n,), in random order."""
    target = generator.permutation(points) % 2
    share = np.sqrt(generator.uniform(INNER**2, 1, points))
    angle = 2 * np.pi * TURNS * share + np.pi * target
    spot = RADIUS * share[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    spot += generator.normal(0, NOISE, spot.shape)
    return spot.astype(np.float32), target.astype(np.int32)
