"""What the trainings on Fashion-MNIST say about data that they can't use."""

import types

import numpy as np
import pytest

from helpers import load_fashion_mnist
from helpers.experiments.on_clothes import check_clothes


def data(count=1_000, shape=(28, 28)):
    x, y = np.zeros((count, *shape), "float32"), np.zeros(count, "int32")
    return types.SimpleNamespace(
        train_scaled=x, train_target=y, val_scaled=x[:50], val_target=y[:50]
    )


def test_good_data_are_good():
    check_clothes(data(20), 20)
    check_clothes(load_fashion_mnist(), 48_000)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((1, 2), r"load_fashion_mnist.*not \(1, 2\)"),
        ("nonsense", "not 'nonsense'"),
        (data(30, (784,)), r"train_scaled has the shape \(30, 784\).*28x28"),
        (data(30, ()), r"\(30,\).*28x28"),
        (data(10), "only 10 training images: choose fewer than 20"),
    ],
)
def test_other_data_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        check_clothes(given, 20)


def test_validation_images_of_another_shape_are_named():
    given = data(30)
    given.val_scaled = np.zeros((5, 784))
    with pytest.raises(ValueError, match="val_scaled has the shape"):
        check_clothes(given, 20)
