"""PNG files, read back by Pillow and matplotlib."""

import io

import numpy as np
import pytest
from matplotlib import image
from PIL import Image

from helpers.png import png


def random_pixels(*shape, colours=200):
    """Pixels of at most so many colours."""
    generator = np.random.default_rng(0)
    palette = generator.integers(0, 256, (colours, 4), dtype=np.uint8)
    return palette[generator.integers(0, colours, shape)]


def read(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)


def off(content, pixels):
    """By how much the furthest colour is off."""
    return np.abs(read(content) - pixels[..., :3]).max()


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1), (3, 5), (615, 1410)])
@pytest.mark.parametrize(("small", "mode", "most"), [(False, "RGB", 0), (True, "P", 7)])
def test_the_colours_come_back(shape, small, mode, most):
    pixels = random_pixels(*shape)
    content = png(pixels, small)
    packed = Image.open(io.BytesIO(content))
    packed.verify()  # the checksums
    assert (packed.format, packed.mode, packed.size) == ("PNG", mode, shape[::-1])
    assert off(content, pixels) <= most


def test_black_and_white_come_back_whole():
    pixels = np.zeros((4, 6, 4), np.uint8)
    pixels[1:3] = 255
    assert off(png(pixels, small=True), pixels) == 0


def test_of_many_colours_the_most_frequent_come_back_and_the_others_are_near():
    pixels = np.random.default_rng(0).integers(0, 256, (300, 300, 4), dtype=np.uint8)
    pixels[:100] = (213, 94, 0, 255)
    back = read(png(pixels, small=True))
    assert len(np.unique(back.reshape(-1, 3), axis=0)) == 256
    assert np.abs(back[:100] - (213, 94, 0)).max() < 8
    assert np.abs(back - pixels[..., :3]).mean() < 40


@pytest.mark.parametrize("small", [False, True])
def test_another_reader_reads_the_same(small):
    content = png(random_pixels(9, 4), small)
    back = image.imread(io.BytesIO(content), format="png")[..., :3]
    assert np.array_equal(np.rint(back * 255).astype(int), read(content))


def test_alpha_is_left_out():
    pixels = random_pixels(4, 6)
    opaque = pixels.copy()
    opaque[..., 3] = 255
    assert png(pixels) == png(opaque)


@pytest.mark.parametrize(
    "cut", [np.s_[::2, ::3], np.s_[::-1], np.s_[:, ::-1]], ids=["steps", "upside down", "mirrored"]
)
def test_pixels_that_do_not_lie_side_by_side_come_back_too(cut):
    pixels = random_pixels(8, 9)[cut]
    assert off(png(pixels), pixels) == 0
    assert off(png(pixels, small=True), pixels) < 8


def test_plain_pictures_become_small():
    assert len(png(np.full((615, 1410, 4), 255, np.uint8))) < 20_000


def test_the_pixels_are_not_changed():
    pixels = random_pixels(5, 5)
    before = pixels.copy()
    png(pixels)
    png(pixels, small=True)
    assert np.array_equal(pixels, before)
