"""fast_fit against fit."""

import gc
import random

import numpy as np
import psutil
import pytest

from helpers import LivePlot, batches, fast_fit, model_fn

import keras  # isort: skip  (after helpers, which load TensorFlow quietly)
import tensorflow as tf  # isort: skip

GENERATOR = np.random.default_rng(0)
X = GENERATOR.random((205, 28, 28), dtype="float32")
Y = GENERATOR.integers(0, 10, 205)
X_VAL = GENERATOR.random((50, 28, 28), dtype="float32")
Y_VAL = GENERATOR.integers(0, 10, 50)


def plain_fit(model, x, y, batch_size=32, shuffle=True, seed=42, **keywords):
    """`fit`, as a lesson calls it."""
    if shuffle:
        keywords = {"validation_batch_size": batch_size, **keywords}
        return model.fit(batches(x, y, batch_size, seed), **keywords, verbose=0)
    return model.fit(x, y, batch_size=batch_size, shuffle=False, **keywords, verbose=0)


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


@pytest.mark.parametrize(
    ("case", "optimizer"),
    [
        *(("tiny", optimizer) for optimizer in ("sgd", "rmsprop", "adam", "adamw")),
        *((case, "adam") for case in CASES if case != "tiny"),
    ],
)
def test_it_gives_what_fit_gives(case, optimizer):
    assert_same(train(plain_fit, case, optimizer), train(fast_fit, case, optimizer))


@pytest.mark.parametrize("batch_size", [32, 41])
def test_with_xla_it_gives_what_fit_gives(batch_size):
    arguments = {"jit_compile": True, "batch_size": batch_size}
    assert_same(*(train(fit, "tiny", **arguments) for fit in (plain_fit, fast_fit)))


def test_with_xla_dropout_drops_as_many_neurons():
    """Which ones, XLA may draw otherwise than in `fit`, by the shapes of what it compiles."""
    _, history = train(
        fast_fit, "course", epochs=8, layers=[keras.layers.Dropout(0.5)], jit_compile=True
    )
    one, other = (
        train(fast_fit, "course", epochs=8, layers=[keras.layers.Dropout(rate)])[1].history["loss"]
        for rate in (0.0, 0.9)
    )
    assert one[-1] < history.history["loss"][-1] < other[-1]


@pytest.mark.parametrize("batch_size", [5, 41, 205, 1000])
def test_every_batch_size_gives_what_fit_gives(batch_size):
    one, other = (train(f, "tiny", batch_size=batch_size, epochs=3) for f in (plain_fit, fast_fit))
    assert_same(one, other)


@pytest.mark.parametrize("rate", [None, 0.5])
@pytest.mark.parametrize("batch_size", [32, 41])
def test_shuffled_and_with_dropout_it_gives_what_fit_gives(rate, batch_size):
    layers = [] if rate is None else [keras.layers.Dropout]

    def run(fit):
        made = [layer(rate) for layer in layers]
        return train(fit, "course", epochs=8, shuffle=True, layers=made, batch_size=batch_size)

    assert_same(run(plain_fit), run(fast_fit))


def test_shuffling_changes_the_order_and_a_seed_repeats_it():
    def losses(shuffle, seed):
        keras.utils.set_random_seed(1)
        model = tiny_model()
        model.compile("sgd", "sparse_categorical_crossentropy")
        return fast_fit(model, X, Y, epochs=3, shuffle=shuffle, seed=seed).history["loss"]

    assert losses(True, 1) == losses(True, 1)
    assert losses(True, 1) != losses(True, 2)
    assert losses(True, 1) != losses(False, 1)


def test_the_generators_of_the_learner_are_left_alone():
    model = compiled_tiny()
    before = random.getstate(), np.random.get_state()[1].tolist()
    fast_fit(model, X, Y, epochs=2)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before


def test_nothing_is_put_on_the_model(tmp_path):
    model, other = compiled_tiny(), compiled_tiny()
    fast_fit(model, X, Y)
    plain_fit(other, X, Y)
    assert set(vars(model)) <= set(vars(other))
    tf.saved_model.save(model, str(tmp_path))
    assert (tmp_path / "saved_model.pb").is_file()


def test_the_examples_are_not_kept_after_the_training():
    """A graph may live on, so it must not hold them."""
    x = np.zeros((20_000, 28, 28), "float32")
    y = np.zeros(len(x), "int32")
    process = psutil.Process()
    gc.collect()
    gc.disable()
    try:
        fast_fit(compiled_tiny(), x, y, batch_size=2000)
        before = process.memory_info().rss
        for _ in range(4):
            fast_fit(compiled_tiny(), x, y, batch_size=2000)
        assert process.memory_info().rss - before < 2 * x.nbytes
    finally:
        gc.enable()


# --- a model compiled anew -------------------------------------------------------------------


def compiled_tiny(optimizer="sgd", **arguments):
    keras.utils.set_random_seed(1)
    model = tiny_model()
    model.compile(optimizer, "sparse_categorical_crossentropy", **arguments)
    return model


def recompile_with_another_loss(model):
    model.compile(model.optimizer, lambda y, p: keras.ops.sum(p * p, axis=-1), metrics=["accuracy"])


def recompile_with_other_metrics(model):
    metrics = ["sparse_top_k_categorical_accuracy"]
    model.compile(model.optimizer, "sparse_categorical_crossentropy", metrics=metrics)


def recompile_with_a_frozen_layer(model):
    model.layers[1].trainable = False
    model.compile(model.optimizer, "sparse_categorical_crossentropy")


def test_a_change_since_the_last_compile_counts():
    """Unlike in `fit`, whose graph is made once for a `compile`."""
    model = compiled_tiny()
    fast_fit(model, X, Y)
    model.layers[1].trainable = False
    before, *_ = model.layers[1].get_weights()
    fast_fit(model, X, Y)
    assert np.array_equal(model.layers[1].get_weights()[0], before)


def test_a_model_that_was_stopped_is_trained_again():
    model = compiled_tiny()
    model.stop_training = True
    assert len(fast_fit(model, X, Y, epochs=2).epoch) == 2


@pytest.mark.parametrize(
    "recompile",
    [recompile_with_another_loss, recompile_with_other_metrics, recompile_with_a_frozen_layer],
)
def test_a_recompiled_model_is_trained_as_it_is_compiled_now(recompile):
    def run(fit):
        model = compiled_tiny("sgd", metrics=["accuracy"])
        fit(model, X, Y, epochs=2)
        recompile(model)
        return model, fit(model, X, Y, epochs=2, validation_data=(X_VAL, Y_VAL))

    assert_same(run(plain_fit), run(fast_fit))


# --- models with a step or a loss of their own -----------------------------------------------


class OwnLogs(keras.Model):
    """Logs what is no metric of its own."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(10, "softmax")
        self.flatten = keras.layers.Flatten()

    def call(self, x):
        return self.dense(self.flatten(x))

    def train_step(self, data):
        logs = super().train_step(data)
        return {"mine": keras.ops.mean(data[0][0]), "twice": 2 * logs["loss"], "seven": 7.0}

    def test_step(self, data):
        super().test_step(data)
        return {"mine": keras.ops.max(data[0])}


class LossWithoutTraining(OwnLogs):
    train_step, test_step = keras.Model.train_step, keras.Model.test_step

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return keras.ops.mean(keras.ops.square(y_pred)) + 0.0 * keras.ops.sum(sample_weight or 0.0)


@pytest.mark.parametrize("build", [OwnLogs, LossWithoutTraining])
def test_a_model_with_a_step_or_loss_of_its_own_gives_what_fit_gives(build):
    def run(fit):
        keras.utils.set_random_seed(1)
        model = build()
        model.compile("sgd", "sparse_categorical_crossentropy")
        return model, fit(model, X, Y, epochs=2, validation_data=(X_VAL, Y_VAL))

    one, other = run(plain_fit), run(fast_fit)
    assert_same(one, other)
    if build is OwnLogs:
        assert {"mine", "val_mine", "seven", "twice"} <= set(other[1].history)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("batch_size", [5, 32])
def test_a_sum_over_the_batch_is_validated_in_batches_of_the_same_size(shuffle, batch_size):
    def run(fit):
        model = compiled_tiny()
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(reduction="sum"))
        validation = {"validation_data": (X_VAL, Y_VAL)}
        return model, fit(model, X, Y, batch_size=batch_size, shuffle=shuffle, **validation)

    assert_same(run(plain_fit), run(fast_fit))


def test_the_size_of_a_validation_batch_can_be_chosen():
    def val_losses(size):
        model = compiled_tiny()
        model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(reduction="sum"))
        run = fast_fit(model, X, Y, validation_data=(X_VAL, Y_VAL), validation_batch_size=size)
        return run.history["val_loss"]

    assert not np.allclose(val_losses(50), val_losses(10), rtol=0.5)


def test_a_batch_size_of_numpy_is_a_number():
    one, other = (
        fast_fit(compiled_tiny(), X, Y, batch_size=size, epochs=2).history
        for size in (32, np.int64(32))
    )
    assert one == other


# --- callbacks: every one that Keras has acts as in fit, or is refused -----------------------


def early_stopping(_):
    return [keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)]


def falling_rate(_):
    return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)]


def ema(_):
    return [keras.callbacks.SwapEMAWeights()]


def watching(folder):
    def write(text):
        with open(folder / "seen.txt", "a") as file:
            file.write(text)

    return [
        keras.callbacks.LambdaCallback(
            on_train_begin=lambda logs: write("begin "),
            on_epoch_begin=lambda epoch, logs: write(f"{epoch} "),
            on_epoch_end=lambda epoch, logs: write(f"{epoch} {sorted(logs)} "),
            on_train_end=lambda logs: write(f"end {sorted(logs)}"),
        )
    ]


def event_files(folder):
    return [keras.callbacks.TensorBoard(folder / "logs", histogram_freq=1)]


AS_IN_FIT = {
    "EarlyStopping": early_stopping,
    "LearningRateScheduler": falling_rate,
    "ReduceLROnPlateau": lambda _: [keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.3)],
    "ModelCheckpoint": lambda folder: [
        keras.callbacks.ModelCheckpoint(folder / "{epoch:02d}.keras"),
        keras.callbacks.ModelCheckpoint(folder / "best.weights.h5", save_best_only=True,
                                        save_weights_only=True),
    ],
    "CSVLogger": lambda folder: [keras.callbacks.CSVLogger(folder / "log.csv")],
    "SwapEMAWeights": ema,
    "LambdaCallback": watching,
    "TensorBoard": event_files,
    "BackupAndRestore": lambda folder: [
        keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False)
    ],
    "History": lambda _: [keras.callbacks.History()],
    "CallbackList": lambda _: keras.callbacks.CallbackList(
        [keras.callbacks.EarlyStopping(patience=2)], add_history=True
    ),
    "Callback": lambda _: [keras.callbacks.Callback()],
}  # fmt: skip
REFUSED = {
    "TerminateOnNaN": lambda folder: keras.callbacks.TerminateOnNaN(),
    "ProgbarLogger": lambda folder: keras.callbacks.ProgbarLogger(),
    "ModelCheckpoint by batches": lambda folder: keras.callbacks.ModelCheckpoint(
        folder / "x.keras", save_freq=3
    ),
    "BackupAndRestore by batches": lambda folder: keras.callbacks.BackupAndRestore(
        folder, save_freq=3
    ),
    "TensorBoard by batches": lambda folder: keras.callbacks.TensorBoard(folder, update_freq=2),
    "TensorBoard with the profiler": lambda folder: keras.callbacks.TensorBoard(
        folder, profile_batch=2
    ),
    "TensorBoard with speeds": lambda folder: keras.callbacks.TensorBoard(
        folder, write_steps_per_second=True
    ),
    "LambdaCallback by batches": lambda folder: keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: None
    ),
}
NOT_TRIED = {
    "RemoteMonitor": "sends to a server; it acts at the end of an epoch alone",
    "OrbaxCheckpoint": "needs the package orbax, which the course doesn't have",
}


def test_every_callback_of_keras_is_looked_at():
    shipped = {name for name in dir(keras.callbacks) if name[0].isupper()}
    tried = set(AS_IN_FIT) | {name.split()[0] for name in REFUSED}
    assert shipped - set(NOT_TRIED) == tried


@pytest.mark.parametrize("name", AS_IN_FIT)
def test_a_callback_of_keras_acts_as_in_fit(name, tmp_path):
    def run(fit):
        folder = tmp_path / fit.__name__
        folder.mkdir()
        keras.backend.clear_session()  # names of layers count up
        keras.utils.set_random_seed(1)
        model = tiny_model()
        optimizer = keras.optimizers.SGD(0.3, use_ema=name == "SwapEMAWeights")
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        callbacks = AS_IN_FIT[name](folder)
        if name == "CallbackList":
            callbacks.set_model(model)
            callbacks.set_params({"epochs": 6, "steps": 21, "verbose": 0})
        history = fit(
            model,
            X,
            Y,
            batch_size=10,
            epochs=6,
            callbacks=callbacks,
            validation_data=(X_VAL, Y_VAL),
        )
        return folder, (model, history)

    (folder, one), (other_folder, other) = run(plain_fit), run(fast_fit)
    assert_same(one, other)
    files, others = files_in(folder), files_in(other_folder)
    assert [kind for kind, _ in files] == [kind for kind, _ in others]
    for (kind, content), (_, other_content) in zip(files, others, strict=True):
        assert_same_content(kind, content, other_content)


def files_in(folder):
    """What lies in a folder: (path, the numbers or the text of the file)."""
    found = []
    for path in sorted(folder.rglob("*")):
        kind = path.relative_to(folder).as_posix()
        if path.suffix == ".keras":
            found.append((kind, keras.models.load_model(path).get_weights()))
        elif path.name.endswith(".weights.h5"):
            model = compiled_tiny()
            model.load_weights(path)
            found.append((kind, model.get_weights()))
        elif "tfevents" in path.name:
            found.append((path.parent.relative_to(folder).as_posix(), events_in(path)))
        elif path.suffix == ".csv":
            found.append((kind, [np.genfromtxt(path, delimiter=",", skip_header=1)]))
        elif path.is_file():
            found.append((kind, path.read_text()))
    return found


def events_in(path):
    """An event file's scalars: {(tag, step): value}, and the tags of all else with their steps."""
    events = {}
    for record in tf.data.TFRecordDataset(str(path)):
        event = tf.compat.v1.Event.FromString(record.numpy())
        for value in event.summary.value:
            numbers = tf.make_ndarray(value.tensor)
            events[value.tag, event.step] = numbers if numbers.dtype.kind == "f" else None
    return events


def assert_same_content(kind, content, other):
    if isinstance(content, list):
        for numbers, others in zip(content, other, strict=True):
            assert np.allclose(numbers, others, rtol=1e-4, atol=1e-6), kind
    elif isinstance(content, dict):
        assert content.keys() == other.keys(), kind
        assert any(values is not None for values in content.values()), kind
        for tag, values in content.items():
            if values is not None and values.size == 1:
                assert np.allclose(values, other[tag], rtol=1e-4), tag
    else:
        assert content == other, kind


@pytest.mark.parametrize("name", REFUSED)
def test_a_callback_that_acts_between_batches_is_refused(name, tmp_path):
    with pytest.raises(ValueError, match=rf"{name.split()[0]} acts between.*use model\.fit"):
        fast_fit(compiled_tiny(), X, Y, callbacks=[REFUSED[name](tmp_path)])


def test_a_callback_of_ones_own_that_acts_between_batches_is_refused():
    class EachBatch(keras.callbacks.ModelCheckpoint):
        def on_train_batch_end(self, batch, logs=None):
            pass

    class EachTest(keras.callbacks.Callback):
        def on_test_batch_begin(self, batch, logs=None):
            pass

    for callback in (EachBatch("x.keras"), EachTest()):
        with pytest.raises(ValueError, match=r"Each\w+ acts between batches.*use model\.fit"):
            fast_fit(compiled_tiny(), X, Y, callbacks=[callback])


def test_a_callback_with_an_attribute_of_that_name_is_no_checkpoint():
    class Mine(keras.callbacks.Callback):
        save_freq = 5

    assert fast_fit(compiled_tiny(), X, Y, callbacks=[Mine()]).epoch == [0]


def test_a_callback_in_a_list_of_keras_is_looked_at_too():
    model = compiled_tiny()
    callbacks = keras.callbacks.CallbackList([keras.callbacks.TerminateOnNaN()], model=model)
    with pytest.raises(ValueError, match="TerminateOnNaN acts between batches"):
        fast_fit(model, X, Y, callbacks=callbacks)


@pytest.mark.parametrize("when", ["on_epoch_begin", "on_train_begin"])
def test_a_stop_at_the_beginning_of_an_epoch_is_refused(when):
    stop = keras.callbacks.Callback()
    setattr(stop, when, lambda *_, logs=None: setattr(stop.model, "stop_training", True))
    with pytest.raises(ValueError, match="stops the training at the beginning.*use model.fit"):
        fast_fit(compiled_tiny(), X, Y, epochs=2, callbacks=[stop])


def test_backup_and_restore_goes_on_after_a_crash(tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("the power failed")

    def run(fit):
        backup = tmp_path / fit.__name__

        def start(*callbacks):
            keras.utils.set_random_seed(1)
            model = tiny_model()
            model.compile("adam", "sparse_categorical_crossentropy")
            made = [keras.callbacks.BackupAndRestore(backup), *callbacks]
            return model, fit(model, X, Y, epochs=4, callbacks=made)

        with pytest.raises(RuntimeError, match="power"):
            start(Crash())
        return start()

    one, other = run(plain_fit), run(fast_fit)
    assert other[1].epoch == [2, 3]
    assert_same(one, other)


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
    assert live.history.history == history.history
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


# --- what fast_fit can't do ------------------------------------------------------------------

PAIRS = tf.data.Dataset.from_tensor_slices((X, Y)).batch(10)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"y": Y[1:]}, ValueError, "x and y must have the same length.*205 and 204"),
        ({"x": X[:0], "y": Y[:0]}, ValueError, "empty"),
        ({"batch_size": 0}, ValueError, "batch_size .* not 0"),
        ({"epochs": 1.5}, ValueError, "epochs .* not 1.5"),
        ({"seed": -1}, ValueError, "seed .* not -1"),
        ({"seed": "42"}, ValueError, "seed .* not '42'"),
        ({"validation_batch_size": 0}, ValueError, "validation_batch_size .* not 0"),
        ({"verbose": 1}, ValueError, "verbose must be 0, not 1.*LivePlot"),
        ({"model": model_fn}, TypeError, "must be a Keras model.*the function model_fn"),
        ({"x": PAIRS}, TypeError, "x must be one array.*BatchDataset.*model.fit"),
        ({"x": (pair for pair in ())}, TypeError, "x must be one array.*generator.*model.fit"),
        ({"x": [X, X]}, TypeError, "x must be one array.*list.*model.fit"),
        ({"x": {"left": X}}, TypeError, "x must be one array.*dict.*model.fit"),
        ({"y": [Y, Y]}, TypeError, "y must be one array.*list.*model.fit"),
        ({"y": None}, TypeError, "y must be one array.*not None.*model.fit"),
        ({"x": tf.sparse.from_dense(X[:, 0])}, TypeError, "x .*SparseTensor.*model.fit"),
        ({"y": np.array(["a"] * 205)}, TypeError, r"y .*not \['a', 'a'.*model.fit"),
        ({"validation_data": PAIRS}, TypeError, "pair of arrays.*BatchDataset.*model.fit"),
        ({"validation_data": (X, Y, Y)}, TypeError, "not a tuple of 3.*weights.*model.fit"),
        ({"validation_data": (X, Y[1:])}, ValueError, "x_val and y_val .* 205 and 204"),
        ({"validation_data": (X[1:], Y)}, ValueError, "x_val and y_val .* 204 and 205"),
        ({"validation_data": (X[:0], Y[:0])}, ValueError, "x_val and y_val are empty"),
        ({"callbacks": [LivePlot]}, TypeError, r"brackets are missing behind.*LivePlot\(...\)"),
        ({"callbacks": ["LivePlot"]}, TypeError, "must be a list of Keras callbacks.*'LivePlot'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_it_cannot_do_is_told_with_the_value(arguments, error, words):
    model = compiled_tiny()
    before = model.get_weights()
    with pytest.raises(error, match=words):
        fast_fit(**{"model": model, "x": X, "y": Y, **arguments})
    assert all(map(np.array_equal, before, model.get_weights()))


def test_a_model_that_only_fit_can_train_is_told():
    with pytest.raises(ValueError, match="not compiled"):
        fast_fit(tiny_model(), X, Y)
    with pytest.raises(ValueError, match="run_eagerly=True: use model.fit"):
        fast_fit(compiled_tiny(run_eagerly=True), X, Y)


@pytest.mark.parametrize("name", ["fit", "evaluate", "make_train_function", "make_test_function"])
def test_a_model_that_trains_in_a_way_of_its_own_is_told(name):
    own = type("Own", (keras.Sequential,), {name: lambda self, *_, **__: None})
    model = own([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=f"method {name} of its own: use model.fit"):
        fast_fit(model, X, Y)


def test_a_step_that_logs_no_dict_is_told():
    class NoDict(OwnLogs):
        def train_step(self, data):
            super().train_step(data)
            return keras.ops.mean(data[0])

    model = NoDict()
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="NoDict.train_step must return a dict.*model.fit"):
        fast_fit(model, X, Y)


def test_a_strategy_is_told():
    with tf.distribute.OneDeviceStrategy("/cpu:0").scope():
        model = compiled_tiny()
    with pytest.raises(ValueError, match="tf.distribute strategy: use model.fit"):
        fast_fit(model, X, Y)


@pytest.mark.parametrize("what", ["epochs", "steps_per_epoch"])
def test_a_limit_in_the_settings_of_keras_is_told(what):
    limit = getattr(keras.config, f"set_max_{what}")
    limit(1)
    try:
        with pytest.raises(ValueError, match="keras.config allows: use model.fit"):
            fast_fit(compiled_tiny(), X, Y, epochs=3)
    finally:
        limit(None)


def test_a_model_with_several_outputs_is_not_trained():
    """Given a target for each output it is refused; given one, Keras refuses, as in `fit`."""
    inputs = keras.Input((28, 28))
    flat = keras.layers.Flatten()(inputs)
    model = keras.Model(inputs, [keras.layers.Dense(10)(flat), keras.layers.Dense(10)(flat)])
    model.compile("sgd", ["mse", "mse"])
    with pytest.raises(TypeError, match="y must be one array.*list.*model.fit"):
        fast_fit(model, X, [Y, Y])
    for fit in (plain_fit, fast_fit):
        with pytest.raises(ValueError, match="different structures"):
            fit(model, X, Y)
