"""fast_fit against fit."""

import keras
import numpy as np
import pytest

from helpers import LivePlot, fast_fit, model_fn

GENERATOR = np.random.default_rng(0)
X = GENERATOR.random((205, 28, 28), dtype="float32")
Y = GENERATOR.integers(0, 10, 205)
X_VAL = GENERATOR.random((50, 28, 28), dtype="float32")
Y_VAL = GENERATOR.integers(0, 10, 50)


def plain_fit(model, *arguments, **keywords):
    return model.fit(*arguments, **keywords, verbose=0)


def wine_model():
    layers = [keras.layers.Dense(n, activation="relu") for n in (30, 12, 8)]
    output = keras.layers.Dense(1, activation="sigmoid")
    return keras.Sequential([keras.Input((12,)), *layers, output])


def tiny_model():
    layers = [keras.layers.Dense(2, activation="relu"), keras.layers.Dense(10, "softmax")]
    return keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), *layers])


def regularized_model():
    penalty = keras.regularizers.L1L2(1e-4, 1e-3)
    hidden = keras.layers.Dense(
        20, "relu", kernel_regularizer=penalty, kernel_constraint="max_norm"
    )
    layers = [keras.layers.Flatten(), hidden, keras.layers.Dense(10, "softmax")]
    return keras.Sequential([keras.Input((28, 28)), *layers])


DIGITS = ("sparse_categorical_crossentropy", X, Y, X_VAL, Y_VAL)
WINES = (
    "binary_crossentropy",
    X[:, 0, :12],
    (Y > 4).astype("float32"),
    X_VAL[:, 0, :12],
    Y_VAL > 4,
)
CASES = {
    "course": (model_fn, *DIGITS),
    "tiny": (tiny_model, *DIGITS),
    "regularized": (regularized_model, *DIGITS),
    "wine": (wine_model, *WINES),
}


def train(fit, case, optimizer="adam", epochs=20, batch_size=32, shuffle=False, **keywords):
    build, loss, x, y, x_val, y_val = CASES[case]
    keras.utils.set_random_seed(keywords.pop("seed", 1))
    model = build(*keywords.pop("layers", ()))
    jit_compile = keywords.pop("jit_compile", "auto")
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=jit_compile)
    history = fit(
        model,
        x,
        y,
        batch_size=batch_size,
        epochs=epochs,
        validation_data=(x_val, y_val),
        shuffle=shuffle,
        **keywords,
    )
    return model, history


def assert_same(one, other):
    (model, history), (other_model, other_history) = one, other
    assert list(history.history) == list(other_history.history)
    assert history.epoch == other_history.epoch
    for key, column in history.history.items():
        assert np.allclose(column, other_history.history[key], rtol=1e-5, atol=0), key
    for weights, others in zip(model.get_weights(), other_model.get_weights(), strict=True):
        assert np.abs(weights - others).max() <= 1e-5 * np.abs(weights).max()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop", "adam", "adamw"])
def test_it_gives_what_fit_gives(case, optimizer):
    assert_same(train(plain_fit, case, optimizer), train(fast_fit, case, optimizer))


def test_with_xla_it_gives_what_fit_gives():
    one, other = (train(f, "tiny", jit_compile=True) for f in (plain_fit, fast_fit))
    assert_same(one, other)


@pytest.mark.parametrize("batch_size", [5, 41, 205, 1000])
def test_every_batch_size_gives_what_fit_gives(batch_size):
    one, other = (train(f, "tiny", batch_size=batch_size, epochs=3) for f in (plain_fit, fast_fit))
    assert_same(one, other)


def test_shuffling_and_dropout_spread_as_in_fit():
    """The last losses of ten seeds: each way's mean lies within the other's spread."""

    def last_losses(fit):
        runs = [
            train(
                fit,
                "course",
                epochs=8,
                shuffle=True,
                seed=seed,
                layers=[keras.layers.Dropout(0.5)],
            )[1].history
            for seed in range(10)
        ]
        return np.array([run["loss"][-1] for run in runs])

    plain, fast = last_losses(plain_fit), last_losses(fast_fit)
    assert plain.min() < fast.mean() < plain.max()
    assert fast.min() < plain.mean() < fast.max()
    assert 1 / 3 < fast.std() / plain.std() < 3


def test_shuffling_changes_the_order_and_a_seed_repeats_it():
    losses = {
        name: train(fast_fit, "tiny", epochs=3, shuffle=shuffle, seed=seed)[1].history["loss"]
        for name, shuffle, seed in (("a", True, 1), ("again", True, 1), ("in order", False, 1))
    }
    assert losses["a"] == losses["again"]
    assert losses["a"] != losses["in order"]


@pytest.mark.parametrize("patience", [1, 3])
def test_early_stopping_acts_as_in_fit(patience):
    def stop(fit):
        callback = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        callbacks = [callback]
        return callback, train(fit, "course", "sgd", 40, callbacks=callbacks, batch_size=5)

    (real, one), (replica, other) = stop(plain_fit), stop(fast_fit)
    assert (replica.stopped_epoch, replica.best_epoch) == (real.stopped_epoch, real.best_epoch)
    assert real.stopped_epoch > 0
    assert_same(one, other)


def test_checkpoints_and_learning_rate_act_as_in_fit(tmp_path):
    def train_with(fit, name):
        callbacks = [
            keras.callbacks.ModelCheckpoint(tmp_path / f"{name}.keras", save_best_only=True),
            keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.3),
        ]
        return train(fit, "course", "sgd", 25, callbacks=callbacks, batch_size=5)

    one, other = train_with(plain_fit, "plain"), train_with(fast_fit, "fast")
    assert_same(one, other)
    assert len(set(other[1].history["learning_rate"])) > 1
    saved = [keras.models.load_model(tmp_path / f"{n}.keras") for n in ("plain", "fast")]
    for weights, others in zip(*(model.get_weights() for model in saved), strict=True):
        assert np.allclose(weights, others, rtol=1e-4, atol=1e-6)


def test_live_plot_draws():
    live = LivePlot()
    _, history = train(fast_fit, "tiny", epochs=3, callbacks=[live])
    assert live.history == history.history
    assert live.png


def test_a_trained_model_goes_on_and_a_recompiled_one_takes_its_new_optimizer():
    model, _ = train(fast_fit, "tiny", epochs=2)
    model.optimizer.learning_rate = 0.0
    before = model.get_weights()
    fast_fit(model, X, Y, epochs=2)
    assert all(map(np.array_equal, before, model.get_weights()))
    model.compile("sgd", "sparse_categorical_crossentropy")
    fast_fit(model, X, Y, epochs=1)
    assert not all(map(np.array_equal, before, model.get_weights()))


def test_an_interrupt_leaves_the_epochs_so_far():
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    model = tiny_model()
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(KeyboardInterrupt):
        fast_fit(model, X, Y, epochs=5, callbacks=[Stop()])
    assert len(model.history.history["loss"]) == 2


def test_bad_input_is_told_with_its_value():
    model = tiny_model()
    with pytest.raises(ValueError, match="not compiled"):
        fast_fit(model, X, Y)
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="205 and 204"):
        fast_fit(model, X, Y[1:])
    with pytest.raises(ValueError, match="batch_size .* not 0"):
        fast_fit(model, X, Y, batch_size=0)
    with pytest.raises(ValueError, match="epochs .* not 1.5"):
        fast_fit(model, X, Y, epochs=1.5)
