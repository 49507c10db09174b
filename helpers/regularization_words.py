"""What an explorer says about the recorded runs of methods against overfitting."""

import numpy as np

from .recorded_runs import off_the_axis
from .regularization import EPOCHS, GUESSING, KEYS, named


def summary(runs, choice, top) -> str:
    """What the runs of a choice say, in words.

    Args:
        runs: a `RegularizedRuns`.
        choice: a `Chosen`.
        top: of the axis on which the means of both cross-entropies are drawn.
    """
    point, plain = runs.point(choice), runs.plain()
    beyond = off_the_axis(np.max([runs.band(choice, key).mean for key in KEYS], axis=0), top)
    seeds = len(point.runs)
    lines = [
        f"{named(choice)[0].upper()}{named(choice)[1:]}, mean of {seeds} "
        f"seed{'s' if seeds > 1 else ''}. Cross-entropy after epoch {EPOCHS - 1}: training "
        f"{point.mean('cross_entropy'):.3f}, validation {point.end:.3f}"
        f"{_beside_plain(choice.methods, point, plain)}; lowest validation "
        f"{point.best:.3f} ({_epochs(point.epochs.values())}). "
        f"Validation accuracy {point.mean('val_accuracy'):.3f}.{_penalty(point)}",
        f"{_judged(runs, choice, point, plain)} {_weights(choice, point, plain)}",
    ]
    if choice.patience is not None:
        lines.insert(1, _stopped(runs, choice, point))
    if beyond:
        lines.append(f"Not shown: {beyond}.")
    return "\n".join(lines)


def _beside_plain(methods, point, plain):
    if not methods or plain is None:
        return ""
    lower = sum(end < plain.ends[seed] for seed, end in point.ends.items())
    return f" (plain: {plain.end:.3f}; lower than plain with {lower} of {len(point.ends)} seeds)"


def _judged(runs, choice, point, plain):
    """The verdict and its reason, in words."""
    verdict = runs.verdict(choice)
    if verdict == "learns nothing":
        return (
            f"It learns nothing: guessing, with the same chance for all ten kinds, has "
            f"{GUESSING:.3f}."
        )
    if verdict == "underfits":
        return (
            "It underfits: even on its own pictures it ends above "
            f"{plain.best:.3f}, which the plain network reaches on pictures it never saw."
        )
    to_the_end = "" if choice.patience is None else "Trained to the end "
    rise = f"{(point.end - point.best) / point.best:.0%}"
    if verdict == "overfits":
        told = "it overfits: it ends"
    else:
        told = "it does not overfit: it ends"
    told = f"{to_the_end}{told} {rise} above its lowest validation value."
    return told[0].upper() + told[1:]


def _stopped(runs, choice, point):
    """What early stopping does with the runs, in words."""
    replays = runs.stops(choice).values()
    kept = float(np.mean([replay.best for replay in replays]))
    run = sum(replay.epochs_run for replay in replays)
    saved = f", with {1 - run / (EPOCHS * len(replays)):.0%} of the epochs saved"
    stopped = [replay.stopped_epoch for replay in replays if replay.stopped_epoch]
    if not stopped:
        ends, saved = "never ends it" if len(replays) == 1 else "ends none of them", ""
    elif len(stopped) < len(replays):
        ends = f"ends {len(stopped)} of the {len(replays)}, after epoch {_listed(stopped)},"
    else:
        ends = f"ends {'it' if len(replays) == 1 else 'them'} after epoch {_listed(stopped)}"
    return (
        f"Early stopping {ends} and keeps epoch "
        f"{_listed(replay.best_epoch for replay in replays)}: {kept:.3f}, "
        f"{kept - point.best:.3f} above the lowest{saved}. "
        f"The weights drawn are those after epoch {EPOCHS - 1}."
    )


def _epochs(epochs):
    epochs = list(epochs)
    return f"in epoch{'s' if len(epochs) > 1 else ''} {_listed(epochs)}"


def _listed(values):
    """Numbers in words: "7", "7 and 9", "7, 9 and 8"."""
    *before, last = [str(value) for value in values]
    return f"{', '.join(before)} and {last}" if before else last


def _penalty(point):
    """What `val_loss` says, if it holds a penalty."""
    val_loss = point.mean("val_loss")
    if abs(val_loss - point.end) < 5e-4:
        return ""
    return f" (val_loss, which holds the penalty, says {val_loss:.3f}.)"


def _weights(choice, point, plain):
    """What the weights of the hidden layer are like, in words."""
    beside = ["", ""]
    if choice.methods and plain is not None:
        beside = [f" (plain {plain.near_zero:.0%})", f" (plain {np.median(plain.norms):.2f})"]
    return (
        f"Weights between −0.02 and 0.02: {point.near_zero:.0%}{beside[0]}; "
        f"median norm {np.median(point.norms):.2f}{beside[1]}."
    )
