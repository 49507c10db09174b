"""Methods against overfitting on sliders: curves without penalty, weights, norms."""

from ..controls import choice, listed
from ..experiments.on_clothes import check_clothes
from ..experiments.recipe import THREE_SEEDS
from ..experiments.regularized import SECOND, measured_weights, regularized
from ..recorded_runs import beside_the_recorded
from ..regularization import KEYS, LABELS, RegularizedRuns, chosen, named, strengths
from ..regularization_words import summary
from .recorded_runs import RecordedRunsExplorer
from .weights import Norms, PlainCurve, Stops, Weights

TOP = 1.0
"""Of the axis of the cross-entropy, the same for all, so that moves can be compared."""
SECOND_PATIENCE = 5


class RegularizationExplorer(RecordedRunsExplorer):
    """Choose a method against overfitting and its strength, and a second method beside it.

    Recorded runs are shown at once: Fashion-MNIST, 6,000 pictures, the course's model with 100
    neurons, adam, 40 epochs, three seeds. Everything is compared by the cross-entropy without
    penalty, with dropout off and no picture moved, for the pictures that train as well.

    - On the left the curves: training solid, validation dashed, and thin and grey the validation
      of the plain network. With early stopping a line where each run stops, and a star on the epoch
      it keeps: Keras' own callback, replayed over the recorded validation cross-entropy.
    - In the middle the share of the hidden layer's 78,400 weights in bins of 0.02 from -0.5 to 0.5,
      on a logarithmic axis, after the last epoch; the grey outline is the plain network's.
    - On the right the norm (length) of each hidden neuron's incoming weights after the last epoch,
      the largest first; grey the plain network's. MaxNorm's limit is a dotted line.

    L2, L1 and MaxNorm stand at the weights of both layers; activity L1 and dropout at the outputs
    of the hidden layer; augmentation moves each training picture by at most so many pixels and
    flips half of them, anew in each epoch; AdamW's decay is `weight_decay`. The second method has
    one strength, which its name tells: dropout 0.3, augmentation by 1 pixel, or early stopping with
    patience 5.

    The words say how it does, by means over the seeds (see `RegularizedRuns.verdict`). It learns
    nothing if its validation cross-entropy ends above 95 % of guessing's. It underfits if its
    training cross-entropy ends above the lowest validation cross-entropy of the plain network. It
    overfits if its validation cross-entropy ends more than 5 % above its lowest.

    "Train it here" trains such a network: with a recorded seed that run once more, up to rounding;
    with early stopping it really stops, and the weights drawn are those it keeps.

    Args:
        data: what `load_fashion_mnist` returned; read at the first training if None.
        seeds: which recorded seeds to show, of 42 to 44.

    Attributes:
        method: the list of methods: "none", "l2", "l1", "activity_l1", "max_norm", "dropout",
            "shift" (augmentation), "decay" (AdamW's), "patience" (early stopping).
        strength: the slider of its strength, from weak to strong; disabled for "none".
        second: the list of what joins it: "none", "dropout", "shift" (augmentation), "patience"
            (early stopping).
        second_strength: the strength which that has; None for "none".
        train, stop: the buttons.
        seed: the seed of the next training.
        picture: an `ipywidgets.Image`.
        goal: what to find, and whether it is found, in words.
        words: what the recorded runs say, and how the training ended, in words.
        notice: the training's progress, or what was wrong.
        history: the `keras.callbacks.History` of the last training, stopped or not; None before.
            Its keys are those of the recordings: `cross_entropy` and `val_cross_entropy` without
            penalty, `loss` and `val_loss` with it, `accuracy` and `val_accuracy`.
    """

    figsize = (9.8, 4.2)
    subplots = {"left": 0.065, "right": 0.985, "top": 0.8, "bottom": 0.135, "wspace": 0.24}
    widths = (1.7, 1, 1)
    title_size = 12
    legend = {"bbox_to_anchor": (0.0, 0.937), "ncols": 4, "fontsize": 10.5}
    _shown_method = "none"

    def __init__(self, data=None, seeds=THREE_SEEDS):
        self._changing = False
        self.method = choice(
            "method",
            "What is done against overfitting",
            [("none", "none"), *((label, name) for name, label in LABELS.items())],
        )
        self.strength = listed(
            "strength",
            "Further to the right the method acts more strongly",
            strengths("l2"),
            0.0001,
        )
        self.strength.disabled = True
        self.second = choice(
            "with", "A second method, which joins the first", _seconds("none"), "none"
        )
        recorded = RegularizedRuns(seeds)
        self._weights, self._norms = Weights(recorded), Norms(recorded)
        parts = [PlainCurve(recorded, TOP), Stops(recorded), self._weights, self._norms]
        super().__init__(
            recorded,
            KEYS,
            [[self.method, self.strength], [self.second]],
            parts,
            "Curves of the cross-entropy, a histogram of the weights and the norms of the neurons' "
            "incoming weights for the chosen methods, with those of the plain network",
            data,
        )

    @property
    def second_strength(self):
        return (SECOND | {"patience": SECOND_PATIENCE}).get(self.second.value)

    def chosen(self):
        methods = {}
        if self.second.value != "none":
            methods[self.second.value] = self.second_strength
        if self.method.value != "none":
            methods[self.method.value] = self.strength.value
        return chosen(**methods)

    def experiment_of(self, value):
        return regularized(self.seed.value, patience=value.patience, **dict(value.methods))

    def check(self, experiment, data):
        check_clothes(data, **experiment.examples_with)

    def named(self, value):
        return named(value)

    def summary(self, value):
        return summary(self.recorded, value, TOP)

    def goal_of(self, value):
        return self.recorded.goal(value)

    def dress(self, left, middle, right):
        left.set(ylim=(0, TOP), yticks=[0, 0.2, 0.4, 0.6, 0.8, 1])
        left.set_ylabel("cross-entropy", labelpad=2)
        for ax in (left, middle, right):
            ax.tick_params(labelsize=10)

    def outcome(self, experiment, history):
        value, run = self._trained, history.history["val_cross_entropy"]
        told = f"{named(value)}, seed {experiment.seed}."
        if value.patience is None:
            whole = len(run) == experiment.epochs
            recorded = self.recorded.ends(value, KEYS[1]) if whole else {}
            ended = beside_the_recorded(
                run[-1], experiment.seed, recorded, "validation cross-entropy"
            )
            return f"{told} {ended}"
        best = min(run)
        kept = "It keeps" if self.training_ended() else "Its lowest is that of"
        return f"{told} {kept} epoch {run.index(best)}: validation cross-entropy {best:.3f}."

    def draw_training(self, experiment, history):
        measured = measured_weights(history.model) if history else None
        for part in (self._weights, self._norms):
            part.put_measured(measured)
        super().draw_training(experiment, history)

    def _move(self):
        if self._changing:
            return  # the method's other strengths are on their way
        method = self.method.value
        if method != self._shown_method:
            self._shown_method = method
            self._changing = True
            try:
                self._change_method(method)
            finally:
                self._changing = False
        super()._move()

    def _change_method(self, method):
        """Offer the strengths of another method, and what can join it."""
        self.strength.disabled = method == "none"
        if method != "none":
            options = strengths(method)
            self.strength.offer(options, options[1][1])
        joining = self.second.value
        self.second.options = _seconds(method)
        self.second.value = joining if joining != method else "none"


def _seconds(method):
    """What can join a method, as (text, name)."""
    fixed = SECOND | {"patience": SECOND_PATIENCE}
    told = [
        (named(chosen(**{name: strength})), name)
        for name, strength in fixed.items()
        if name != method
    ]
    return [("nothing else", "none"), *told]
