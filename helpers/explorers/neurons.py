"""The dropout rate on a slider: what a Dropout layer does to the hidden neurons, step by step."""

import numpy as np
from matplotlib.colors import PowerNorm

from ..controls import button, numbers, whole_numbers
from ..hidden_neurons import NEURONS, HiddenNeurons, TrainingSteps, goal, summary
from ..models import model_fn
from ..plots import plain_text
from .explorer import Explorer

SIDE = 10
"""The neurons are drawn as a square, so many in a row."""


class NeuronExplorer(Explorer):
    """The hundred hidden neurons for one image: in inference, in a training step, on average.

    The masks are those of a real `keras.layers.Dropout`, with a fixed seed: the same moves show
    the same masks again. A new rate or image begins again with one mask.

    Attributes:
        rate, image: the sliders.
        next_mask, many_masks: the buttons, for one mask more and a hundred more.
        picture: an `ipywidgets.Image`.
        goal: what to reach, and whether it is reached, in words.
        words: what the picture shows, in words.
        notice: what was wrong with the input, if anything.
    """

    def __init__(self, model, images, class_names=None, targets=None):
        """Bad input raises nothing: it is told in the widget.

        Args:
            model: a model from `model_fn`, with or without a Dropout layer; None for a new,
                untrained one.
            images: numbers of shape (n, 28, 28), scaled as the model was trained with.
            class_names: the classes' names, in the order of the model's outputs.
            targets: the right class for each image, whole numbers of shape (n,).
        """
        self.rate = numbers(
            "dropout rate",
            "The probability with which a neuron is dropped in a training step",
            *(0, 0.9, 0.05, 0.3),
        )
        self.next_mask = button("Next mask", "The next training step: one more mask")
        self.many_masks = button("100 more masks", "A hundred more training steps")
        self.image = whole_numbers(
            "image", "The number of the image that the model looks at", 0, 0, 0, continuous=False
        )
        super().__init__(
            [[self.rate, self.next_mask, self.many_masks], [self.image]],
            (10, 3),
            "The image, and the hidden neurons in inference, in a training step, and on average",
        )
        self.begin(lambda: self._begin(model, images, class_names, targets))

    def _begin(self, model, images, class_names, targets):
        """Check the input, and draw the first image and mask. Bad input can't be put right here."""
        self._neurons = HiddenNeurons(
            model_fn() if model is None else model, images, class_names, targets
        )
        self._steps, self._hidden = TrainingSteps(), None
        self.image.max = len(self._neurons.images) - 1
        if self._neurons.rate is not None:
            self.rate.value = self._neurons.rate
        self.when(self._look, self.image)
        self.when(self._begin_again, self.rate)
        self.when(lambda: self._draw_masks(1), self.next_mask)
        self.when(lambda: self._draw_masks(100), self.many_masks)
        self._look()
        if model is None:
            self.tell("No model was given: this is a new one that has learned nothing.")

    def _look(self):
        """Ask the model about the chosen image, draw all that stays still, and begin again."""
        self._hidden = None
        hidden = self._neurons.outputs(self.image.value)
        self.canvas.draw(lambda figure: self._make(figure, hidden))
        self._hidden = hidden
        self._begin_again()

    def _begin_again(self):
        self._steps.begin_again()
        self._draw_masks(1)

    def _draw_masks(self, count):
        """Let Dropout draw `count` more masks; show the last one and the mean over all."""
        if self._hidden is None:
            self._look()  # says again what is wrong
            return
        rate, steps = self.rate.value, self._steps
        values, kept = steps.draw(self._hidden, rate, count)
        for mesh, shown in zip(self._meshes, (values[-1], steps.mean), strict=True):
            mesh.set_array(shown.reshape(SIDE, SIDE))
        dropped = np.flatnonzero(~kept[-1])
        self._crosses.set_data(dropped % SIDE + 0.5, dropped // SIDE + 0.5)
        self._factor.set_text(f"× {1 / (1 - rate):.2f}")
        self._count.set_text(str(steps.count))
        told = summary(len(dropped), rate, steps.count, steps.mean, self._hidden)
        aim = goal(rate, steps.count, steps.mean, self._hidden)
        self.show(f"Image {self.image.value}. {told}", aim)

    # --- the picture ----------------------------------------------------------------------------

    def _make(self, figure, hidden):
        number = self.image.value
        ax = figure.add_axes((0.01, 0.34, 0.15, 0.5))
        ax.imshow(self._neurons.images[number], cmap="gray_r")
        ax.set_title("image", fontsize=12)
        ax.set_axis_off()
        caption = plain_text(self._neurons.caption(number))
        ax.text(0.5, -0.06, caption, transform=ax.transAxes, ha="center", va="top", fontsize=10)
        # A scale for the image, not for the rate: brighter means larger at every rate. Its square
        # root leaves room for the factor 1 / (1 - rate) and still shows the small values.
        norm = PowerNorm(0.5, 0, 3.5 * (hidden.max() or 1))
        names = ("inference", "this training step", "mean, masks drawn:")
        # What moves in a title is short: text is the slowest thing to draw.
        still, (mesh, self._factor), (mean, self._count) = (
            _neurons(figure, 0.18 + 0.248 * place, name, norm) for place, name in enumerate(names)
        )
        still[0].set_array(hidden.reshape(SIDE, SIDE))
        self._meshes = mesh, mean
        figure.text(0.18, 0.03, "a square is a hidden neuron, a cross a dropped one", fontsize=10)
        scale = figure.colorbar(
            still[0], cax=figure.add_axes((0.93, 0.11, 0.014, 0.78)), extend="max"
        )
        scale.set_label("output of a neuron", fontsize=10)
        scale.ax.tick_params(labelsize=9)
        (self._crosses,) = mesh.axes.plot(
            [],
            [],
            linestyle="none",
            marker="x",
            markersize=9,
            markeredgewidth=1.8,
            color="white",
            zorder=4,
        )
        return [*self._meshes, self._factor, self._count, self._crosses]


def _neurons(figure, left, name, norm):
    """Make a square of neurons; return it and the text in its upper right corner, both to fill."""
    ax = figure.add_axes((left, 0.11, 0.235, 0.235 * 10 / 3))
    ax.grid(False)
    mesh = ax.pcolormesh(
        np.zeros((SIDE, NEURONS // SIDE)),
        cmap="viridis",
        norm=norm,
        edgecolors="white",
        linewidth=1,
        zorder=3.1,
    )
    ax.invert_yaxis()
    ax.set_axis_off()
    ax.set_title(name, fontsize=12, loc="left")
    return mesh, ax.set_title("", fontsize=12, loc="right", zorder=4)
