"""Pixels as a PNG file, quickly; or as a small one."""

import struct
import zlib

import numpy as np

SHADES = 1 << 15
"""How many colours there are with five bits for each of red, green and blue."""


def png(pixels, small=False) -> bytes:
    """Pack pixels as an opaque PNG.

    Pillow and matplotlib try five filters on each row. Written as they are, the rows take less than
    half of Pillow's time, for pictures that are mostly plain (`tests/benchmarks/png.py`).

    With `small` the file has at most 256 colours, takes half the room and twice the time. A plot
    has few colours, and the shades at the edges of its lines. Told apart by five bits for each of
    red, green and blue, which no eye sees, they are hardly ever more than 256; those that are most
    rare then take the colour nearest to theirs.

    Args:
        pixels: uint8 of shape (height, width, 4), red, green, blue and what is left out: alpha.
        small: as above.
    """
    height, width, _ = pixels.shape
    if small:
        shades = _shades(pixels)
        palette, index = _palette(shades)
        values, kind, parts = index.take(shades)[..., None], 3, {b"PLTE": _colours(palette)}
    else:
        values, kind, parts = pixels[..., :3], 2, {}
    rows = np.zeros((height, 1 + values[0].size), np.uint8)  # a row begins with its filter: none
    columns = rows[:, 1:].reshape(values.shape)
    for channel in range(values.shape[-1]):  # five times as fast as copying all three at once
        columns[..., channel] = values[..., channel]
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0),  # 8 bits each
        **{name: part.tobytes() for name, part in parts.items()},
        b"IDAT": zlib.compress(rows, level=3 if small else 1),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts.items()
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
