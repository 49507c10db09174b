"""Methods against overfitting: what each does in training, and what is measured without it."""

import itertools

import numpy as np
import pytest

from helpers.experiments.regularized import (
    EPOCHS,
    SECOND,
    STRENGTHS,
    WEIGHT_EDGES,
    ActivityL1,
    MeasureTraining,
    measured_weights,
    model_weights,
    recorded_methods,
    regularized,
    regularized_model,
    regularized_name,
)

import keras  # isort: skip  (after helpers, which load TensorFlow quietly)

EACH = {name: values[1] for name, values in STRENGTHS.items()}


@pytest.fixture(scope="module")
def pictures():
    drawn = np.random.default_rng(0)
    return drawn.random((40, 28, 28), "float32"), drawn.integers(0, 10, 40).astype("uint8")


@pytest.fixture(scope="module")
def plain():
    return regularized_model(seed=43)


def without_penalty(model, x, y):
    predicted = np.asarray(model(x, training=False), "float64")
    return -np.log(predicted[np.arange(len(y)), y]).mean()


def logged(model, x, y):
    """What is logged of a model: loss and cross-entropy, as validation."""
    return model.evaluate(x, y, batch_size=40, return_dict=True, verbose=0)


@pytest.mark.parametrize("name", STRENGTHS)
def test_no_method_changes_a_first_weight_or_a_prediction(name, plain, pictures):
    model = regularized_model(seed=43, **{name: EACH[name]})
    for one, other in zip(plain.get_weights(), model.get_weights(), strict=True):
        assert np.array_equal(one, other)
    assert np.array_equal(plain(pictures[0], training=False), model(pictures[0], training=False))


def test_another_seed_begins_with_other_weights(plain):
    assert not np.array_equal(model_weights(plain), model_weights(regularized_model(seed=44)))


def test_penalties_on_weights_stand_in_both_layers_and_in_the_loss_alone(pictures):
    model = regularized_model(seed=43, l2=0.01, l1=0.001)
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "kernel")]
    assert len(kernels) == 2
    penalty = sum(0.01 * (k**2).sum() + 0.001 * np.abs(k).sum() for k in kernels)
    told = logged(model, *pictures)
    assert told["loss"] - told["cross_entropy"] == pytest.approx(penalty, rel=1e-4)
    assert told["cross_entropy"] == pytest.approx(without_penalty(model, *pictures), rel=1e-4)


@pytest.mark.parametrize("batch", [1, 7, 40])
def test_the_penalty_on_activations_does_not_depend_on_the_batch(batch):
    activations = np.random.default_rng(1).normal(size=(batch, 5)).astype("float32")
    layer = ActivityL1(0.5)
    assert np.array_equal(layer(activations), activations)
    (loss,) = layer.losses
    assert float(loss) == pytest.approx(0.5 * np.abs(activations).sum(axis=1).mean(), rel=1e-5)


def test_the_limit_holds_for_the_neurons_of_both_layers(pictures):
    model = regularized_model(seed=43, max_norm=0.5)
    model.fit(*pictures, verbose=0)
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            assert np.linalg.norm(layer.kernel, axis=0).max() <= 0.5 + 1e-4


def test_decay_is_true_decay(plain, pictures):
    start, decayed = model_weights(plain), regularized_model(seed=43, decay=10.0)
    plain_one = regularized_model(seed=43)
    for model in (decayed, plain_one):
        model.fit(*pictures, batch_size=40, verbose=0)
    gone = model_weights(plain_one) - model_weights(decayed)
    np.testing.assert_allclose(gone, 0.001 * 10.0 * start, atol=1e-5)
    assert not decayed.losses


def test_pictures_are_moved_and_flipped_in_training_alone(pictures):
    model = regularized_model(seed=43, shift=2)
    moving = model.layers[:3]

    def seen(training):
        x = pictures[0]
        for layer in moving:
            x = layer(x, training=training)
        return np.asarray(x)[..., 0]

    assert np.array_equal(seen(False), pictures[0])
    first, second = seen(True), seen(True)
    assert not np.array_equal(first, second)
    for x, moved in zip(pictures[0], first, strict=True):
        cases = [
            np.array_equal(_moved(flipped, up, aside), moved)
            for flipped in (x, x[:, ::-1])
            for up, aside in itertools.product(range(-2, 3), repeat=2)
        ]
        assert sum(cases) == 1


def _moved(x, up, aside):
    """A picture moved by whole pixels; what comes in is black."""
    wide = np.pad(x, 2)
    return wide[2 + up : 30 + up, 2 + aside : 30 + aside]


def test_training_is_measured_with_everything_off(pictures):
    x, y = pictures
    model = regularized_model(seed=43, dropout=0.9, l2=0.1, activity_l1=0.1, shift=8)
    history = model.fit(x, y, epochs=2, verbose=0, callbacks=[MeasureTraining(x, y)]).history
    assert history["cross_entropy"][-1] == pytest.approx(without_penalty(model, x, y), rel=1e-4)
    right = (np.argmax(model(x, training=False), axis=1) == y).mean()
    assert history["accuracy"][-1] == pytest.approx(right)
    assert history["loss"][-1] > 1 + history["cross_entropy"][-1]


def test_what_is_measured_of_the_weights(plain):
    weights = np.zeros((784, 100), "float32")
    weights[0], weights[1, :3], weights[2, 0] = 0.3, 0.4, -7
    model = regularized_model(seed=43)
    first = next(layer for layer in model.layers if hasattr(layer, "kernel"))
    first.set_weights([weights, np.zeros(100)])
    measured = measured_weights(model)
    assert measured["norms"][:4] == [round((0.25 + 49) ** 0.5, 4), 0.5, 0.5, 0.3]
    assert measured["beyond"] == [1, 0]
    assert len(measured["weights"]) == 50 and sum(measured["weights"]) == 78_399
    bins = np.searchsorted(WEIGHT_EDGES, [0.001, 0.3001, 0.4001]) - 1
    assert [measured["weights"][place] for place in bins] == [78_400 - 104, 100, 3]
    assert np.histogram(model_weights(plain), WEIGHT_EDGES)[0].sum() == 78_400


def test_early_stopping_watches_what_all_are_compared_by(pictures):
    experiment = regularized(43, patience=3, l2=0.1)
    *_, stopping = experiment.own_callbacks(*pictures)
    assert isinstance(stopping, keras.callbacks.EarlyStopping)
    assert (stopping.monitor, stopping.patience) == ("val_cross_entropy", 3)
    assert stopping.restore_best_weights


def test_every_strength_is_recorded_alone_and_beside_each_second_method():
    recorded = [frozenset(methods.items()) for methods in recorded_methods()]
    names = {regularized_name(methods) for methods in recorded_methods()}
    assert len(names) == len(set(recorded))
    for name, values in STRENGTHS.items():
        assert len(values) == 4
        for value in values:
            assert frozenset({name: value}.items()) in recorded
            for second, strength in SECOND.items():
                pair = frozenset({name: value, second: strength}.items())
                assert second == name or pair in recorded


def test_names_tell_the_methods_in_one_order():
    assert regularized_name({}) == "regularized_none"
    assert regularized_name({"l1": 1e-05}) == "regularized_l1_0.00001"
    pair = {"dropout": 0.3, "max_norm": 2.0}
    assert regularized_name(pair) == "regularized_max_norm_2_dropout_0.3"
    assert regularized(42).epochs == EPOCHS == 40
