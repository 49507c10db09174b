"""NeuronExplorer: what a Dropout layer does to the hidden neurons, step by step."""

import ipywidgets
import keras
import numpy as np
from matplotlib.colors import PowerNorm

from ..models import model_fn
from .canvas import Canvas, Notice, explained

SEED = 42
_SIDE = 10  # the hundred neurons as a square


class NeuronExplorer(ipywidgets.VBox):
    """The hundred hidden neurons for one image: in inference, in a training step, on average.

    The masks are those of a real `keras.layers.Dropout`, with a fixed seed: the same moves show
    the same masks again. A new rate or image begins again with one mask.

    Attributes:
        rate, image: the sliders.
        next_mask, many_masks: the buttons, for one mask more and a hundred more.
        picture: the `ipywidgets.Image`.
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
        self._images = self._inference = None
        self._canvas = Canvas(
            (10, 3),
        )
        self.picture = self._canvas.image
        self.words = ipywidgets.HTML()
        self.picture.layout.display = self.words.layout.display = "none"
        self.notice = Notice()
        self._make_controls()
        super().__init__(
            [
                ipywidgets.HBox(
                    [self.rate, self.next_mask, self.many_masks, self.image],
                    layout={"flex_flow": "row wrap"},
                ),
                self.notice,
                self.picture,
                self.words,
            ]
        )
        with self.notice.complaints():
            self._begin(model, images, class_names, targets)
        self.rate.observe(lambda change: self._change_rate(), "value")
        self.image.observe(lambda change: self._change_image(), "value")
        self.next_mask.on_click(lambda button: self._draw_masks(1))
        self.many_masks.on_click(lambda button: self._draw_masks(100))

    def _make_controls(self):
        style = {"description_width": "50px"}
        self.rate = explained(
            ipywidgets.FloatSlider(
                description="rate", value=0.3, min=0, max=0.9, step=0.05, style=style
            ),
            "The probability with which a neuron is dropped in a training step",
        )
        self.image = explained(
            ipywidgets.IntSlider(
                description="image", min=0, max=0, continuous_update=False, style=style
            ),
            "The number of the image that the model looks at",
        )
        self.next_mask = explained(
            ipywidgets.Button(description="next mask"), "The next training step: one more mask"
        )
        self.many_masks = explained(
            ipywidgets.Button(description="100 more masks"), "A hundred more training steps"
        )

    def _begin(self, model, images, class_names, targets):
        """Check the input, and draw the first image and mask."""
        untrained = model is None
        model = model_fn() if untrained else model
        self._parts = parts_of(model)
        images = _checked_images(images, model.input_shape[1:])
        self._targets = None if targets is None else _checked_targets(targets, len(images))
        if class_names is not None and len(class_names) != 10:
            raise ValueError(f"class_names must be 10 names, not {len(class_names)}")
        self._class_names = class_names
        self._steps = TrainingSteps()
        self._images = images
        self.image.max = len(images) - 1
        dropout = self._parts[2]
        if dropout is not None:
            self.rate.value = dropout.rate
        self._change_image()
        if untrained:
            self.notice.say("No model was given: this is a new one that has learned nothing.")

    def _change_image(self):
        """Ask the model about the chosen image, draw all that stays still, and begin again."""
        if self._images is None:
            return
        self._inference = None
        with self.notice.complaints():
            image = self._images[self.image.value]
            hidden, output, _ = self._parts
            inference = hidden_values(hidden, image)
            probabilities = np.asarray(output(inference[None]))[0]
            with self._canvas.style():
                moving = self._draw(image, inference, self._caption(probabilities))
            self._canvas.freeze(moving)
            self._inference = inference
            self.notice.clear()
            self._change_rate()
        self.picture.layout.display = self.words.layout.display = (
            "none" if self._inference is None else None
        )

    def _change_rate(self):
        if self._inference is None:
            return
        self._steps.begin_again()
        self._count, self._sum = 0, 0
        self._draw_masks(1)

    def _draw_masks(self, count):
        """Let Dropout draw `count` more masks; show the last one and the mean over all."""
        if self._inference is None:
            return
        rate = self.rate.value
        values, kept = self._steps.draw(self._inference, rate, count)
        self._sum = self._sum + values.sum(axis=0)
        self._count += count
        mean = self._sum / self._count
        self._meshes[0].set_array(_square(values[-1]))
        self._meshes[1].set_array(_square(mean))
        rows, columns = np.nonzero(_square(~kept[-1]))
        self._crosses.set_data(columns + 0.5, rows + 0.5)
        masks = f"{self._count} mask" + ("s" if self._count > 1 else "")
        self._titles[0].set_text(f"× {1 / (1 - rate):.2f}")
        self._titles[1].set_text(str(self._count))
        self._canvas.show()
        self.words.value = (
            f"In this training step <b>{len(rows)} of {kept.shape[1]}</b> neurons are dropped "
            f"(×); the others are multiplied by 1 / (1 − {rate:.2f}) = "
            f"<b>{1 / (1 - rate):.2f}</b>.<br>The mean over {masks} still differs from inference "
            f"by <b>{distance(mean, self._inference):.0%}</b> (0% is the same)."
        )

    def _draw(self, image, inference, caption):
        """Draw the image, the neurons in inference and the scale; return the moving artists."""
        figure = self._canvas.figure
        figure.clear()
        ax = figure.add_axes((0.01, 0.34, 0.15, 0.5))
        ax.imshow(image, cmap="gray_r")
        ax.set_title("image", fontsize=12)
        ax.set_axis_off()
        ax.text(0.5, -0.06, caption, transform=ax.transAxes, ha="center", va="top", fontsize=10)
        # A scale for the image, not for the rate: brighter means larger at every rate. Its square
        # root leaves room for the factor 1 / (1 - rate) and still shows the small values.
        norm = PowerNorm(0.5, 0, 3.5 * (inference.max() or 1))
        names = ("inference", "this training step", "mean, masks drawn:")
        meshes, titles = [], []
        for place, name in enumerate(names):
            ax = figure.add_axes((0.18 + 0.248 * place, 0.11, 0.235, 0.235 * 10 / 3))
            mesh = ax.pcolormesh(
                np.zeros((_SIDE, _SIDE)), cmap="viridis", norm=norm, edgecolors="white"
            )
            ax.invert_yaxis()
            ax.grid(False)
            ax.set_axis_off()
            ax.set_title(name, fontsize=12, loc="left")
            # What moves is short: text is the slowest thing to draw.
            titles.append(ax.set_title("", fontsize=12, loc="right", zorder=4))
            meshes.append(mesh)
        meshes[0].set_array(_square(inference))
        figure.text(0.18, 0.03, "a square is a hidden neuron, a cross a dropped one", fontsize=10)
        scale = figure.colorbar(
            meshes[0], cax=figure.add_axes((0.93, 0.11, 0.014, 0.78)), extend="max"
        )
        scale.set_label("output of a neuron", fontsize=10)
        scale.ax.tick_params(labelsize=9)
        (crosses,) = figure.axes[2].plot(
            [],
            [],
            linestyle="none",
            marker="x",
            markersize=9,
            markeredgewidth=1.8,
            color="white",
            zorder=4,
        )
        self._meshes, self._titles, self._crosses = meshes[1:], titles[1:], crosses
        for mesh in self._meshes:
            mesh.set_zorder(3.1)
        return [*self._meshes, *self._titles, crosses]

    def _caption(self, probabilities):
        """What the image is and what the model takes it for."""
        lines = []
        if self._targets is not None:
            lines.append(self._name(self._targets[self.image.value]))
        best = int(probabilities.argmax())
        return "\n".join([*lines, f"model: {self._name(best)}", f"({probabilities[best]:.0%})"])

    def _name(self, target):
        if self._class_names is None:
            return f"class {target}"
        return str(self._class_names[int(target)])


class TrainingSteps:
    """A `keras.layers.Dropout`, and what it lets through in one training step after another."""

    def __init__(self, seed=SEED):
        # A name keeps Keras from counting the layer: the learner's next one is still dropout_1.
        # The mask is one for all that lies along the first axis.
        self._layer = keras.layers.Dropout(
            0.5, noise_shape=(1, None, None), seed=seed, name="neurons"
        )
        self._beginning = keras.ops.copy(self._layer.seed_generator.state)

    def begin_again(self):
        """Go back to the first mask."""
        self._layer.seed_generator.state.assign(self._beginning)

    def draw(self, hidden, rate, count):
        """Draw the next `count` masks at once. A higher rate drops the same neurons and more.

        Args:
            hidden: float32 of shape (k,), the neurons' outputs.
            rate: the probability to be dropped, from 0 to below 1.
            count: how many masks to draw.

        Returns:
            The outputs of the layer, float32 of shape (count, k), and which neurons were kept,
            bool of the same shape.
        """
        shape = (count, len(hidden))
        # One mask lies over both: the ones tell a dropped neuron from a silent one.
        both = np.stack([np.broadcast_to(hidden, shape), np.ones(shape)]).astype("float32")
        self._layer.rate = rate
        values, ones = np.asarray(self._layer(both, training=True))
        return values, ones > 0


def parts_of(model):
    """Take a model from `model_fn` apart.

    Returns:
        A function from images to the hidden neurons' outputs, as Keras layers; the output layer;
        and the Dropout layer, or None if there is none.

    Raises:
        ValueError: the model is built in another way.
    """
    layers = getattr(model, "layers", None)
    kinds = [type(layer) for layer in layers] if isinstance(layers, list) else []
    keras_layers = keras.layers
    expected = [keras_layers.Flatten, keras_layers.Dense, keras_layers.Dense]
    dropout = None
    if len(kinds) == 4 and kinds[2] is keras_layers.Dropout:
        dropout = layers[2]
        kinds = [kinds[0], kinds[1], kinds[3]]
    fits = kinds == expected and (layers[1].units, layers[-1].units) == (_SIDE**2, 10)
    if not fits or not model.built:
        what = ", ".join(_described(layer) for layer in layers or []) or f"{model!r:.80}"
        raise ValueError(
            "the model must be one from model_fn: Flatten, Dense(100), perhaps a Dropout, "
            f"Dense(10). This one is: {what}. Give the explorer model_fn() or "
            "model_fn(keras.layers.Dropout(0.3)), trained."
        )
    return layers[:2], layers[-1], dropout


def hidden_values(layers, image):
    """The outputs of the last of `layers` for one image: float32 of shape (100,).

    Raises:
        ValueError: they are not all finite numbers.
    """
    values = np.asarray(image, dtype="float32")[None]
    for layer in layers:
        values = layer(values)
    values = np.asarray(values)[0]
    if not np.isfinite(values).all():
        raise ValueError(
            "some hidden neurons give no finite number. Did the training of this model diverge? "
            "Train it again with a smaller learning rate, and scale the images to 0 to 1."
        )
    return values


def distance(mean, inference):
    """How far `mean` is from `inference`: the sum of the differences, as a share of the sum."""
    total = np.abs(inference).sum()
    return float(np.abs(mean - inference).sum() / total) if total else 0.0


def _checked_images(images, shape):
    images = np.asarray(images)
    if images.ndim != 1 + len(shape) or images.shape[1:] != tuple(shape) or not len(images):
        raise ValueError(
            f"images must have shape (n, {', '.join(map(str, shape))}) with at least one image, "
            f"not {images.shape}. For one image of a data set write images[:1]; "
            "flat ones can be given as images.reshape(-1, 28, 28)."
        )
    if images.dtype.kind not in "fiub":
        raise ValueError(f"images must be numbers, not {images.dtype}")
    return images


def _checked_targets(targets, count):
    targets = np.asarray(targets)
    if targets.shape != (count,) or targets.dtype.kind not in "iu":
        raise ValueError(
            f"targets must be one whole number for each of the {count} images, "
            f"not {targets.dtype} of shape {targets.shape}"
        )
    if not ((targets >= 0) & (targets < 10)).all():
        raise ValueError(f"targets must be from 0 to 9, not {targets.min()} to {targets.max()}")
    return targets


def _described(layer):
    units = getattr(layer, "units", None)
    return type(layer).__name__ + (f"({units})" if units else "")


def _square(values):
    return values.reshape(_SIDE, _SIDE)
