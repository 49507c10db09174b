"""Draw the README's picture from recorded runs.

python -m helpers.authoring.picture
"""

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..plots import STYLE, plot_history, to_png
from ..recordings import FOLDER, load_recording

PATH = FOLDER.parent / "pictures" / "dropout_curves.png"


def main():
    with rc_context(STYLE):
        figure = Figure(figsize=(9, 4.6))
        FigureCanvasAgg(figure)
        runs = {
            "without": load_recording("clothes_adam"),
            "dropout 0.5": load_recording("clothes_dropout_0.5"),
        }
        ax = plot_history(runs, ax=figure.add_subplot(), best="val_loss")
        ax.set_ylim(0.15, 0.6)
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_bytes(to_png(figure))
    print(PATH.relative_to(FOLDER.parent.parent))


if __name__ == "__main__":
    main()
