"""How long a slider takes from a key to its new picture, in a real JupyterLab in a real browser.

    .venv/bin/python tests/benchmarks/browser.py [--moves 50] [--burst 100]

It prints a table: for each explorer, and for the patience picture drawn by `interact` and
`plt.show()` for comparison, the time from a key to the new picture over single moves; and after a
burst of keys, the time from the last key to the last picture, and whether that is of the last
value. Nothing else should run meanwhile.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from front_ends import (
    CHROMIUM,
    FLAGS,
    JupyterLab,
    come_to_rest,
    copy_course,
    focus_slider,
    write_notebook,
)
from playwright.sync_api import sync_playwright

STEPS = 3  # as many as the shortest slider has: a walk goes so far right, so far left, and so on

CELLS = {
    "set-up": """
import sys
from pathlib import Path
sys.path.insert(0, str(Path.cwd().parent))
import ipywidgets, keras, matplotlib.pyplot as plt
from helpers import (
    ActivationExplorer, DropoutExplorer, LearningRateExplorer, NeuronExplorer, OverfittingExplorer,
    PatienceExplorer, RegularizationExplorer, load_fashion_mnist, load_recording, model_fn,
    plot_history, replay_early_stopping, use_style,
)
use_style()
data = load_fashion_mnist()
run = load_recording("clothes_dropout_0.3")
""",
    "patience": "PatienceExplorer(run)",
    "dropout": "DropoutExplorer(data)",
    "overfitting": "OverfittingExplorer(data)",
    "activation": "ActivationExplorer()",
    "regularization": """
sliders = RegularizationExplorer(data)
sliders.method.value = "l2"
sliders
""",
    "neuron": """
model = model_fn(keras.layers.Dropout(0.3))
NeuronExplorer(model, data.val_scaled[:50], data.class_names, data.val_target[:50])
""",
    "learning rate": "LearningRateExplorer()",
    "patience by interact": """
replays = [replay_early_stopping(run, patience=patience) for patience in range(101)]


@ipywidgets.interact(patience=(0, 100))
def draw(patience=5):
    replay = replays[patience]
    fig, (ax, lengths, kept) = plt.subplots(
        1, 3, figsize=(9.6, 4.2), width_ratios=(3, 1, 1), dpi=100
    )
    plot_history(run, ax=ax)
    ax.axvspan(replay.epochs_run - 0.5, 100, color="#f2f2f2", alpha=0.85)
    ax.axvline(replay.epochs_run - 1, linestyle="-.", marker="")
    ax.plot([replay.best_epoch], [replay.best], "*", markersize=17)
    for small, key in ((lengths, "epochs_run"), (kept, "best")):
        values = [getattr(replay, key) for replay in replays]
        small.plot(values, marker="", drawstyle="steps-mid")
        small.axvline(patience, marker="")
        small.plot([patience], [values[patience]], "o")
        small.set_xlabel("patience")
    plt.show()
    print(replay)
""",
}

# The times of the keys, and of the pictures that finish loading in a cell, in milliseconds.
WATCH = """cell => {
    window.keys = [];
    window.pictures = [];
    if (window.watch) window.watch.abort();
    window.watch = new AbortController();
    const options = {capture: true, signal: window.watch.signal};
    document.addEventListener('keydown', () => window.keys.push(performance.now()), options);
    cell.addEventListener('load', event => {
        if (event.target.tagName === 'IMG') window.pictures.push(performance.now());
    }, options);
}"""
TEXT = "cell => cell.querySelector('.jp-OutputArea').innerText"


def walk(length):
    """Keys that go to and fro over the slider's first steps."""
    return ["ArrowRight" if i // STEPS % 2 == 0 else "ArrowLeft" for i in range(length)]


def go(page, cell, keys, wait=True):
    """Press Home and then the keys, each after the last one's picture; return what is told."""
    focus_slider(cell)
    for key in ("Home", *keys):
        page.keyboard.press(key)
        if wait:
            page.wait_for_timeout(150)
            come_to_rest(page, cell)
    return cell.evaluate(TEXT)


def latencies(page, cell, moves):
    """Milliseconds from a key to the first picture after it, for each move."""
    go(page, cell, [])
    focus_slider(cell)
    times = []
    for key in walk(moves):
        page.wait_for_timeout(150)
        cell.evaluate(WATCH)
        page.keyboard.press(key)
        page.wait_for_function("window.pictures.length > 0", timeout=60_000)
        times.append(page.evaluate("window.pictures[0] - window.keys[0]"))
    return times


def burst(page, cell, length):
    """Milliseconds from the last of many keys to the last picture, and whether it is the right one.

    The last two are the milliseconds between two keys, and how many pictures were drawn.
    """
    keys = walk(length)
    position = keys.count("ArrowRight") - keys.count("ArrowLeft")
    expected = go(page, cell, ["ArrowRight"] * position)
    go(page, cell, [])
    focus_slider(cell)
    cell.evaluate(WATCH)
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(2000)
    come_to_rest(page, cell)
    times = page.evaluate("({keys: window.keys, pictures: window.pictures})")
    return (
        times["pictures"][-1] - times["keys"][-1],
        cell.evaluate(TEXT) == expected,
        (times["keys"][-1] - times["keys"][0]) / (length - 1),
        len(times["pictures"]),
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--moves", type=int, default=50, help="how many single moves")
    parser.add_argument("--burst", type=int, default=100, help="how many keys in a burst")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root, settings = Path(folder) / "course", Path(folder) / "settings"
        copy_course(root)
        write_notebook(root / "notebooks" / "bench.ipynb", CELLS.values())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with JupyterLab(browser).serving(root, settings) as lab:
            lab.open("notebooks/bench.ipynb", viewport={"width": 1400, "height": 1200})
            lab.run_all()
            measure(lab.page, args)
        browser.close()


def measure(page, args):
    """Print the table, a row for each slider in the notebook's page."""
    print("milliseconds            median    95 %  burst: last key  right  between keys  pictures")
    medians = {}
    for number, name in enumerate(CELLS):
        if name == "set-up":
            continue
        cell = page.locator(".jp-Notebook .jp-Cell").nth(number)
        go(page, cell, walk(STEPS))
        times = latencies(page, cell, args.moves)
        medians[name] = statistics.median(times)
        high = statistics.quantiles(times, n=20)[-1]
        after, right, between, pictures = burst(page, cell, args.burst)
        print(
            f"{name:22}  {medians[name]:6.0f}  {high:6.0f}  {after:15.0f}  "
            f"{'yes' if right else 'NO':>5}  {between:12.0f}  {pictures:8}",
            flush=True,
        )
    ratio = medians["patience by interact"] / medians["patience"]
    print(f"interact takes {ratio:.1f} times as long as the explorer")


if __name__ == "__main__":
    main()
