"""How fast is a picture packed as PNG? Prints a table; it is a script, and no test.

    python tests/benchmarks/png.py [--rounds 50]

The pictures are those of two explorers. Each is packed by helpers.png, by Pillow and by matplotlib
in turn, so that a slow moment of the machine hits all of them. What counts is the median of the
ratios.
"""

import argparse
import io
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from helpers import DropoutExplorer, LearningRateExplorer
from helpers.png import png


def pillow(pixels):
    packed = io.BytesIO()
    Image.fromarray(pixels).convert("RGB").save(packed, "PNG", compress_level=1)
    return packed.getvalue()


def print_png_of(figure):
    """matplotlib's own way. It would draw the figure first, which is not what is timed here."""
    figure.canvas.draw = lambda: None

    def print_png(_pixels):
        packed = io.BytesIO()
        figure.canvas.print_png(packed)
        return packed.getvalue()

    return print_png


def explorers():
    dropout, learning_rate = DropoutExplorer(), LearningRateExplorer()
    dropout.rate.value, learning_rate.rate.value = 0.5, 0.1
    return {"DropoutExplorer": dropout, "LearningRateExplorer": learning_rate}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    for title, explorer in explorers().items():
        figure = explorer.canvas.figure
        pixels = np.array(figure.canvas.buffer_rgba())
        ways = {
            "helpers.png": png,
            "small": lambda pixels: png(pixels, small=True),
            "Pillow": pillow,
            "matplotlib": print_png_of(figure),
        }
        taken = {name: [] for name in ways}
        sizes = {name: len(way(pixels)) for name, way in ways.items()}
        for _ in range(options.rounds):
            for name, way in ways.items():
                begun = time.perf_counter()
                way(pixels)
                taken[name].append(time.perf_counter() - begun)
        print(f"{title}, {pixels.shape[1]} x {pixels.shape[0]} pixels")
        for name, times in taken.items():
            ratios = [mine / ours for mine, ours in zip(times, taken["helpers.png"], strict=True)]
            print(
                f"  {name:12} {1000 * statistics.median(times):7.2f} ms   "
                f"{statistics.median(ratios):6.2f} x helpers.png   {sizes[name] / 1000:7.1f} kB",
                flush=True,
            )


if __name__ == "__main__":
    main()
