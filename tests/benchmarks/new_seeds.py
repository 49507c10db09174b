"""How many new seeds end inside the dropout slider's band? A script that prints, and no test.

    python tests/benchmarks/new_seeds.py [--seeds 20] [--rates 0.3 0.5]

Trains each rate with seeds that were never recorded, as the slider's button does, and counts those
whose last validation loss lies between the lowest and the highest recorded one.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers import load_fashion_mnist, load_recording
from helpers.experiments.on_clothes import DROPOUT_RATES, clothes
from helpers.experiments.recipe import TEN_SEEDS
from helpers.recorded_runs import share_inside


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--rates", type=float, nargs="+", default=DROPOUT_RATES)
    options = parser.parse_args()
    data = load_fashion_mnist()
    new_seeds = range(TEN_SEEDS[-1] + 1, TEN_SEEDS[-1] + 1 + options.seeds)
    expected = share_inside(len(TEN_SEEDS)) * options.seeds
    for rate in options.rates:
        name = f"clothes_6000_dropout_{rate}"
        recorded = [load_recording(name, seed).history["val_loss"][-1] for seed in TEN_SEEDS]
        ends = [
            clothes(seed, rate=rate, images=6000).train(data).history["val_loss"][-1]
            for seed in new_seeds
        ]
        inside = sum(min(recorded) <= end <= max(recorded) for end in ends)
        print(
            f"{name}: {inside} of {options.seeds} inside {min(recorded):.3f} to "
            f"{max(recorded):.3f}, {expected:.1f} to be expected; they end at "
            f"{min(ends):.3f} to {max(ends):.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
