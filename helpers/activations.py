"""Activations: what a small network answers, how large its gradients are, and what that says."""

import numpy as np

LEAST = 1e-12
"""What a gradient smaller than this is drawn as: on a logarithmic axis zero has no place."""


def gradient_sizes(model, x, y) -> list:
    """How large the gradient of the loss is in each layer that has weights.

    It is the mean of the absolute values of the loss's derivatives with respect to a layer's
    kernel: TensorFlow's own backward pass over all examples at once.

    Args:
        model: a compiled Keras model of layers with a kernel, and others without weights.
        x, y: what it was compiled to learn.

    Returns:
        One float for each kernel, from the first layer to the last.
    """
    import tensorflow as tf

    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    kernels = [layer.kernel.value for layer in model.layers if hasattr(layer, "kernel")]
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=False))
    return [float(tf.reduce_mean(tf.abs(part))) for part in tape.gradient(loss, kernels)]
