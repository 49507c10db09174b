"""Train the experiments that lessons read as recordings, and write them to `data/recordings/`.

python -m helpers.authoring.record                     all of them, about 2.5 hours on two cores
python -m helpers.authoring.record clothes_adam wine   only these
"""

import argparse
import datetime
import platform
import time
from importlib.metadata import version

from ..experiments import RECORDED, experiment
from ..recordings import FOLDER, Recording, write_recording

PACKAGES = ("tensorflow", "keras", "numpy", "pandas")


def record(name, seed) -> Recording:
    """Train the experiment `name` with `seed` from scratch, and return what is to be kept of it.

    Raises:
        ValueError: no experiment has that name.
    """
    trained = experiment(name, seed)
    data = trained.load()
    run = trained.train(data)
    evaluation = {}
    if trained.tested:
        evaluation["test"] = run.model.evaluate(
            data.test_scaled, data.test_target, return_dict=True, verbose=0
        )
    return Recording(
        name=name,
        seed=seed,
        code=trained.code(),
        history={key: [float(value) for value in values] for key, values in run.history.items()},
        evaluation=evaluation,
        versions={"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
        processor=_processor(),
        date=datetime.date.today().isoformat(),
        measured=trained.measure_model(run.model) if trained.measure_model else {},
    )


def _processor():
    """The processor's model name, where the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [
                line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")
            ]
    except OSError:
        names = []
    name = names[0] if names else platform.processor() or "unknown"
    return f"{name} ({platform.machine()}, {platform.system()})"


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help=f"of: {', '.join(RECORDED)}")
    parser.add_argument("--seeds", type=int, nargs="+", help="instead of those that are kept")
    chosen = parser.parse_args(arguments)
    for name in chosen.names:
        try:
            experiment(name)
        except ValueError as error:
            parser.error(str(error))
    for name in chosen.names or RECORDED:
        for seed in chosen.seeds or RECORDED[name][1]:
            begun = time.monotonic()
            path = write_recording(record(name, seed))
            seconds = time.monotonic() - begun
            print(f"{path.relative_to(FOLDER.parent.parent)}  {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    main()
