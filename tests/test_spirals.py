"""The two spirals: what they are, that they are drawn alike each time, and no line parts them."""

import numpy as np
import pytest

from helpers import load_spirals
from helpers.spirals import RADIUS, TURNS


def test_shapes_and_types():
    data = load_spirals()
    for points, target in (
        (data.train_points, data.train_target),
        (data.val_points, data.val_target),
    ):
        assert points.shape == (400, 2) and points.dtype == np.float32
        assert target.shape == (400,) and target.dtype == np.int32
        assert target.sum() == 200 and set(target) == {0, 1}
        assert np.abs(points).max() < 2.7
    assert repr(data) == "Spirals: 400 points to train on, 400 more"


def test_the_same_seed_draws_the_same_points_and_no_generator_of_the_learners():
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    one, again, other = load_spirals(seed=1), load_spirals(seed=1), load_spirals(seed=2)
    assert np.random.random() == expected
    assert np.array_equal(one.train_points, again.train_points)
    assert not np.array_equal(one.train_points, other.train_points)
    both = np.concatenate([one.train_points, one.val_points])
    assert len(np.unique(both, axis=0)) == 800


def test_each_point_is_near_its_spiral():
    data = load_spirals()
    x, y = data.train_points.T.astype(float)
    radius = np.hypot(x, y)
    on_spiral_0 = 2 * np.pi * TURNS * radius / RADIUS
    turned = (np.arctan2(y, x) - on_spiral_0 - np.pi * data.train_target) % (2 * np.pi)
    off = np.minimum(turned, 2 * np.pi - turned) * RADIUS / (2 * np.pi * TURNS)
    assert off[radius > 0.4].max() < 0.2 < RADIUS / TURNS / 2 / 2  # half way to the other one


def test_no_straight_line_parts_them():
    data = load_spirals()
    inputs = np.column_stack([data.train_points, np.ones(400)])
    line, *_ = np.linalg.lstsq(inputs, 2 * data.train_target - 1, rcond=None)
    assert ((inputs @ line > 0) == data.train_target).mean() < 0.65


@pytest.mark.parametrize("wrong", [1, 2.5, "400", True])
def test_a_wrong_number_of_points_is_told(wrong):
    with pytest.raises(ValueError, match="points must be a whole number from 2 up"):
        load_spirals(points=wrong)


def test_a_wrong_seed_is_told():
    with pytest.raises(ValueError, match="seed must be a whole number from 0 up"):
        load_spirals(seed=-1)
