"""Draw the README's picture from recorded runs.

python -m helpers.authoring.picture
"""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..plots import course_style, plot_history, to_png
from ..recordings import FOLDER, load_recording

EPOCHS = 20
PATH = FOLDER.parent / "pictures" / "dropout_curves.png"


def main():
    with course_style():
        figure = Figure(figsize=(9, 4.6))
        FigureCanvasAgg(figure)
        runs = {
            "no dropout:": load_recording("clothes_adam").history,
            "dropout 0.3:": load_recording("clothes_dropout_0.3").history,
        }
        first_epochs = {name: {"val_loss": run["val_loss"][:EPOCHS]} for name, run in runs.items()}
        ax = plot_history(first_epochs, "val_loss", figure.add_subplot(), best="val_loss")
        ax.set_ylim(0.3, 0.45)
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_bytes(to_png(figure))
    print(PATH.relative_to(FOLDER.parent.parent))


if __name__ == "__main__":
    main()
