"""The hidden neurons of the course's model: their outputs, and what Dropout does to them."""

import textwrap

import keras
import numpy as np

from .goals import Goal
from .wording import shown

SEED = 42
NEURONS, CLASSES = 100, 10
"""Of a model from `model_fn`."""
NEAR, RATE = 0.05, 0.3
"""How near to inference the mean of the masks is to come, and with which rate at least."""


class HiddenNeurons:
    """The hidden neurons of a model from `model_fn`, and the images that it looks at.

    Attributes:
        images: numbers of shape (n, 28, 28).
        rate: that of the model's Dropout layer; None if it has none.
    """

    def __init__(self, model, images, class_names=None, targets=None):
        """Check all of it.

        Args:
            model: a model from `model_fn`, with or without a Dropout layer.
            images: as above, scaled as the model was trained with.
            class_names: the classes' names, in the order of the model's outputs.
            targets: the right class for each image, whole numbers of shape (n,).

        Raises:
            ValueError: one of them is something else.
        """
        self._layers, self._output, dropout = parts_of(model)
        self.rate = None if dropout is None else dropout.rate
        self.images = checked_images(images, model.input_shape[1:])
        self._targets = None if targets is None else checked_targets(targets, len(self.images))
        if class_names is None:
            class_names = [f"class {target}" for target in range(CLASSES)]
        self._names = checked_names(class_names)

    def outputs(self, number):
        """Each neuron's output for one image in inference: float32 of shape (100,).

        Raises:
            ValueError: they are not all finite numbers.
        """
        return hidden_values(self._layers, self.images[number])

    def caption(self, number) -> str:
        """What an image is and what the model takes it for, in short lines."""
        lines = []
        if self._targets is not None:
            lines.append(self._names[self._targets[number]])
        probabilities = np.asarray(self._output(self.outputs(number)[None]))[0]
        best = int(probabilities.argmax())
        lines += [f"model: {self._names[best]}", f"({probabilities[best]:.0%})"]
        return "\n".join(textwrap.fill(line, 20, max_lines=2, placeholder=" …") for line in lines)


class TrainingSteps:
    """A `keras.layers.Dropout`, and what it lets through in one training step after another.

    Attributes:
        count: how many masks were drawn since the beginning.
        mean: the mean of the layer's outputs over them, float32 of shape (k,); None without one.
    """

    def __init__(self, seed=SEED):
        # A name keeps Keras from counting the layer: the learner's next one is still dropout_1.
        # The mask is one for all that lies along the first axis.
        self._layer = keras.layers.Dropout(
            0.5, noise_shape=(1, None, None), seed=seed, name="neurons"
        )
        self._beginning = keras.ops.copy(self._layer.seed_generator.state)
        self.count, self.mean = 0, None

    def begin_again(self):
        """Go back to the first mask."""
        self._layer.seed_generator.state.assign(self._beginning)
        self.count, self.mean = 0, None

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
        total = values.sum(axis=0) + (self.count * self.mean if self.count else 0)
        self.count += count
        self.mean = total / self.count
        return values, ones > 0


def summary(dropped, rate, masks, mean, inference) -> str:
    """What a training step did to the neurons, and how near the mean has come, in words.

    Args:
        dropped: how many neurons the step dropped.
        rate: the dropout rate.
        masks: over how many masks the mean is.
        mean, inference: the neurons' outputs, of shape (k,).
    """
    told = f"{masks} mask" + ("s" if masks > 1 else "")
    return (
        f"In this training step {dropped} of {len(mean)} neurons are dropped (×); the others are "
        f"multiplied by 1 / (1 − {rate:.2f}) = {1 / (1 - rate):.2f}.\n"
        f"The mean over {told} still differs from inference by {distance(mean, inference):.0%} "
        "(0% is the same)."
    )


def goal(rate, masks, mean, inference) -> Goal | None:
    """Draw masks until their mean is as good as inference; None if all neurons are silent.

    Args: as in `summary`.
    """
    if not np.any(inference):
        return None
    aim = (
        f"with a rate of {RATE} or more, draw masks until their mean differs from inference by "
        f"{NEAR:.0%} or less."
    )
    left = round(distance(mean, inference), 2)  # as `summary` tells it
    if rate < RATE or left > NEAR:
        return Goal(aim)
    return Goal(
        aim,
        f"over {masks} masks the mean differs from inference by {left:.0%}. On average, a neuron "
        "gives in training what it gives in inference.",
    )


def distance(mean, inference) -> float:
    """How far `mean` is from `inference`: the sum of the differences, as a share of the sum."""
    total = np.abs(inference).sum()
    return float(np.abs(mean - inference).sum() / total) if total else 0.0


def parts_of(model):
    """Take a model from `model_fn` apart.

    Returns:
        The layers up to the hidden neurons' outputs, a list; the output layer; and the Dropout
        layer, or None if there is none.

    Raises:
        ValueError: the model is built in another way.
    """
    layers = getattr(model, "layers", None)
    kinds = [type(layer) for layer in layers] if isinstance(layers, list) else []
    dropout = None
    if len(kinds) == 4 and kinds[2] is keras.layers.Dropout:
        dropout = layers[2]
        del kinds[2]
    expected = [keras.layers.Flatten, keras.layers.Dense, keras.layers.Dense]
    fits = kinds == expected and (layers[1].units, layers[-1].units) == (NEURONS, CLASSES)
    if not fits or not model.built:
        what = ", ".join(_described(layer) for layer in layers or []) or shown(model)
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


def checked_images(images, shape):
    """Return `images` as an array; raise a ValueError if it isn't some images of this shape."""
    given, images = images, _array("images", images)
    if images.ndim != 1 + len(shape) or images.shape[1:] != tuple(shape) or not len(images):
        found = images.shape if images.ndim else shown(given)
        raise ValueError(
            f"images must have shape (n, {', '.join(map(str, shape))}) with at least one image, "
            f"not {found}. For one image of a data set write images[:1]; "
            "flat ones can be given as images.reshape(-1, 28, 28)."
        )
    if images.dtype.kind not in "fiub":
        raise ValueError(f"images must be numbers, not {images.dtype.name}")
    return images


def checked_targets(targets, count):
    """Return `targets` as an array; raise a ValueError if it isn't a class for each image."""
    targets = _array("targets", targets)
    if targets.shape != (count,) or targets.dtype.kind not in "iu":
        raise ValueError(
            f"targets must be one whole number for each of the {count} images, not "
            f"{targets.dtype.name} of shape {targets.shape}"
        )
    if not ((targets >= 0) & (targets < CLASSES)).all():
        raise ValueError(
            f"targets must be from 0 to {CLASSES - 1}, not {targets.min()} to {targets.max()}"
        )
    return targets


def checked_names(class_names):
    """Return the names as a list; raise a ValueError if they aren't a list of so many names."""
    is_list = isinstance(class_names, (list, tuple)) or len(np.shape(class_names)) == 1
    if not is_list or len(class_names) != CLASSES:
        told = len(class_names) if is_list else shown(class_names)
        raise ValueError(f"class_names must be a list of {CLASSES} names, not {told}")
    return [str(name) for name in class_names]


def _array(name, value):
    try:
        return np.asarray(value)
    except (TypeError, ValueError) as error:  # a list of lists of different lengths
        raise ValueError(f"{name} must be one array of numbers, not {shown(value)}") from error


def _described(layer):
    units = getattr(layer, "units", None)
    return type(layer).__name__ + (f"({units})" if units else "")
