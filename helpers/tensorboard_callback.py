"""Keras' TensorBoard callback, with histograms that are named by their layers."""

import keras
import tensorflow as tf


class NamedTensorBoard(keras.callbacks.TensorBoard):
    """`keras.callbacks.TensorBoard`, whose histograms have the same names in every version.

    Keras 3.13, which Colab has, calls a weight's histogram by the weight alone, "kernel/histogram":
    those of all layers fall into one. Keras 3.15 calls it by model, layer and weight, as in
    "clothes/hidden/kernel/histogram". This does so in both; all else is Keras' own.

    Args:
        log_dir, histogram_freq, ...: those of `keras.callbacks.TensorBoard`.

    Raises:
        ValueError: `write_images` is asked for, whose names this doesn't mend; and what Keras
            raises.
    """

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        if self.write_images:
            raise ValueError("write_images is not known here: use keras.callbacks.TensorBoard")

    def _log_weights(self, epoch):
        with self._train_writer.as_default():
            for layer in self.model.layers:
                for weight in layer.weights:
                    tf.summary.histogram(f"{weight.path}/histogram", weight, step=epoch)
        self._train_writer.flush()  # so that it can be seen at once
