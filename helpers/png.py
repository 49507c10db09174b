"""Pixels as a small PNG file, quickly."""

import struct
import zlib

import numpy as np

SHADES = 1 << 15
"""How many colours there are with five bits for each of red, green and blue."""


def png(pixels) -> bytes:
    """Pack pixels as an opaque PNG of at most 256 colours.

    A plot has few colours, and the shades at the edges of its lines. Told apart by five bits for
    each of red, green and blue, which no eye sees, they are hardly ever more than 256; those that
    are most rare then take the colour nearest to theirs. So a pixel is one byte, and the file half
    as large as with three. Pillow and matplotlib, which also try five filters on each row, take
    longer (`tests/benchmarks/png.py`).

    Args:
        pixels: uint8 of shape (height, width, 4), red, green, blue and what is left out: alpha.
    """
    height, width, _ = pixels.shape
    shades = _shades(pixels)
    palette, index = _palette(shades)
    rows = np.zeros((height, 1 + width), np.uint8)  # a row begins with its filter: 0, none
    rows[:, 1:] = index.take(shades)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),  # 8 bits, indexed
        b"PLTE": _colours(palette).tobytes(),
        b"IDAT": zlib.compress(rows, level=3),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )


def _shades(pixels):
    """The pixels' colours as numbers below SHADES: uint16 of shape (height, width)."""
    shades = (pixels[..., 0] & 0xF8).astype(np.uint16) << 7
    shades |= (pixels[..., 1] & 0xF8).astype(np.uint16) << 2
    shades |= pixels[..., 2] >> 3
    return shades


def _palette(shades):
    """At most 256 shades, int64 of shape (n,), and for every shade which of them stands for it."""
    seen = np.zeros(SHADES, bool)
    seen[shades] = True
    found = np.flatnonzero(seen)
    rare = found[:0]
    if len(found) > 256:
        counts = np.bincount(shades.ravel(), minlength=SHADES)[found]
        found = found[np.argsort(-counts, kind="stable")]
        found, rare = found[:256], found[256:]
    index = np.zeros(SHADES, np.uint8)
    index[found] = np.arange(len(found))
    apart = _colours(rare)[:, None].astype(int) - _colours(found)
    index[rare] = (apart**2).sum(axis=-1).argmin(axis=1)
    return found, index


def _colours(shades):
    """Red, green and blue of these shades, from 0 to 255: uint8 of shape (n, 3)."""
    parts = np.stack([shades >> 10, shades >> 5 & 31, shades & 31], axis=-1)
    return (parts << 3 | parts >> 2).astype(np.uint8)
