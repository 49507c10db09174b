"""The one model that the lessons compare."""

import keras

from .wording import shown


def model_fn(a_layer=None):
    """Build the course's model, with one more layer if you give one.

    28x28 image -> Flatten (784) -> Dense(100, relu) -> `a_layer` -> Dense(10, softmax).
    It has 79,510 parameters (78,500 + 1,010); a dropout layer adds none.

    Args:
        a_layer: a `keras.layers.Layer` to put between the hidden layer and the output layer, for
            example `keras.layers.Dropout(0.3)`. It must be a new one, used in no other model.

    Returns:
        A `keras.Sequential`, not yet compiled. Input: float32 of shape (batch, 28, 28).
        Output: float32 of shape (batch, 10), each row a probability for every class.

    Raises:
        TypeError: `a_layer` is not a Keras layer.
    """
    if isinstance(a_layer, type) and issubclass(a_layer, keras.layers.Layer):
        raise TypeError(
            f"a_layer must be a Keras layer, and {a_layer.__name__} is only its class: the "
            "brackets are missing. Write, for example, keras.layers.Dropout(0.3)"
        )
    if a_layer is not None and not isinstance(a_layer, keras.layers.Layer):
        raise TypeError(
            "a_layer must be a Keras layer, such as keras.layers.Dropout(0.3), not "
            f"{shown(a_layer)}"
        )
    layers = [
        keras.Input(shape=(28, 28)),
        keras.layers.Flatten(),
        keras.layers.Dense(100, activation="relu"),
        a_layer,
        keras.layers.Dense(10, activation="softmax"),
    ]
    return keras.Sequential([layer for layer in layers if layer is not None])
