"""A model's seeds, without a change of the learner's own random numbers."""

import contextlib
import random


def set_random_seed(seed):
    """Do what `keras.utils.set_random_seed` does for a model that is built next, and no more.

    Keras 3 draws what seeds first weights and dropout from Python's generator. NumPy's and
    TensorFlow's, which Keras' function seeds too, give a model of Keras' layers nothing.

    Args:
        seed: a whole number.
    """
    random.seed(seed)


@contextlib.contextmanager
def generator_kept():
    """A context after which Python's generator goes on as if nothing had been drawn from it."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)
