import keras
import numpy as np
import pytest

from helpers import model_fn


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


def test_the_model_without_a_layer():
    model = model_fn()
    assert kinds(model) == ["Flatten", "Dense", "Dense"]
    assert model.count_params() == 79510
    assert model.layers[1].activation is keras.activations.relu
    assert model.layers[2].activation is keras.activations.softmax


def test_the_layer_goes_between_hidden_and_output():
    layer = keras.layers.Dropout(0.3)
    model = model_fn(layer)
    assert kinds(model) == ["Flatten", "Dense", "Dropout", "Dense"]
    assert model.layers[2] is layer
    assert model.count_params() == 79510


def test_it_gives_probabilities():
    images = np.random.default_rng(0).random((3, 28, 28), dtype="float32")
    probabilities = model_fn()(images).numpy()
    assert probabilities.shape == (3, 10)
    assert probabilities.dtype == np.float32
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("layer", [keras.layers.Dropout, keras.layers.BatchNormalization])
def test_of_a_layers_class_it_is_told_that_the_brackets_are_missing(layer):
    with pytest.raises(TypeError, match=r"brackets are missing.*keras.layers.Dropout\(0.3\)"):
        model_fn(layer)


@pytest.mark.parametrize(
    "wrong, told",
    [(0.3, "not 0.3"), ("a", "not 'a'"), (dict, "not the class dict")],
)
def test_what_is_not_a_layer_is_refused_by_its_value(wrong, told):
    with pytest.raises(TypeError, match=f"a_layer must be a Keras layer.*{told}"):
        model_fn(wrong)
