"""What the TensorBoard callback writes, in every version of Keras."""

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util.tensor_util import make_ndarray

from helpers.models import model_fn
from helpers.tensorboard_callback import NamedTensorBoard
from helpers.training import fast_fit

import keras  # isort: skip

X, Y = np.zeros((40, 28, 28), "float32"), np.zeros(40)


def trained(folder, fit, **named):
    """A model trained for two epochs, and a reader of what the callback wrote."""
    model = model_fn()
    model.compile("adam", "sparse_categorical_crossentropy")
    callbacks = [NamedTensorBoard(folder, histogram_freq=1, **named)]
    fit(model, X, Y, epochs=2, callbacks=callbacks, verbose=0)
    return model, EventAccumulator(str(folder / "train")).Reload()


@pytest.mark.parametrize("fit", [keras.Model.fit, fast_fit], ids=["fit", "fast_fit"])
def test_every_weight_of_every_layer_has_a_histogram_of_its_own(tmp_path, fit):
    model, events = trained(tmp_path, fit)
    assert len(model.weights) == 4
    for weight in model.weights:
        written = events.Tensors(f"{weight.path}/histogram")
        assert [event.step for event in written] == [0, 1]
        left, right, count = make_ndarray(written[-1].tensor_proto).T
        values = np.asarray(weight)
        assert count.sum() == values.size
        assert np.allclose([left[0], right[-1]], [values.min(), values.max()], atol=1e-5)
    assert len([tag for tag in events.Tags()["tensors"] if "histogram" in tag]) == 4
    assert [event.step for event in events.Tensors("epoch_loss")] == [0, 1]


def test_what_it_does_not_mend_it_refuses(tmp_path):
    with pytest.raises(ValueError, match="use keras.callbacks.TensorBoard"):
        NamedTensorBoard(tmp_path, write_images=True)
