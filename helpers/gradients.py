"""The size of the gradient in each layer of a network, by a real backward pass."""

import tensorflow as tf


def gradient_sizes(model, x, y) -> list:
    """How large the gradient of the loss is in each layer that has a kernel.

    It is the mean of the absolute values of the loss's derivatives with respect to the kernel:
    TensorFlow's own backward pass, over all examples at once.

    Args:
        model: a compiled Keras model of layers with a kernel, such as Dense, and others without
            weights.
        x, y: what it was compiled to learn: arrays of shape (n, ...).

    Returns:
        One float for each kernel, from the first layer to the last.
    """
    x, y = tf.convert_to_tensor(x), tf.convert_to_tensor(y)
    kernels = [layer.kernel.value for layer in model.layers if hasattr(layer, "kernel")]
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x, y, model(x, training=False))
    return [float(tf.reduce_mean(tf.abs(part))) for part in tape.gradient(loss, kernels)]
