"""The pictures of a scored run, by the names of their files in plots/."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from competition.models.ensemble_training import Trained
from competition.pictures import confidence
from competition.pictures.genres import confusion, genre_distribution
from competition.pictures.learning import learning_curves
from competition.scoring.metrics import reliability
from competition.scoring.scores import confusion_matrix
from genre_kit.runs.record import Outcome
from submissions.rules import Argmax, Threshold, sweep_thresholds


def draw_outcome(outcome: Outcome) -> dict[str, Figure]:
    """Draw what the run's predictions are like: genres, confusion, reliability, threshold."""
    genres, count, settled = outcome.edition.genres, len(outcome.edition.genres), outcome.settled
    matrix = confusion_matrix(outcome.targets, settled.labels, count)
    predicted = None if outcome.test is None else np.bincount(settled.rule.predict(outcome.test), minlength=count)
    songs = np.bincount(outcome.targets, minlength=count)
    return {
        "genres.png": genre_distribution(genres, songs, predicted),
        "confusion-counts.png": confusion(genres, matrix, normalized=False),
        "confusion-shares.png": confusion(genres, matrix, normalized=True),
        "reliability.png": _reliability(outcome),
        "threshold.png": _threshold(outcome),
    }


def draw_curves(trained: Sequence[Trained]) -> dict[str, Figure]:
    """Draw the learning curves of each recipe that has some: those of the first of its models."""
    first = {one.model.recipe.name: one.fit.history for one in reversed(trained) if one.fit.history}
    names = [f"-{name}" if len(trained) > 1 else "" for name in first]
    return {
        f"learning-curves{suffix}.png": learning_curves(history, name)
        for suffix, (name, history) in zip(names, first.items(), strict=True)
    }


def _reliability(outcome: Outcome) -> Figure:
    if outcome.uncalibrated is None:
        return confidence.reliability({"": reliability(outcome.targets, outcome.out_of_fold)})
    pair = {"before calibration": outcome.uncalibrated, "after": outcome.out_of_fold}
    return confidence.reliability(
        {name: reliability(outcome.targets, probabilities) for name, probabilities in pair.items()}
    )


def _threshold(outcome: Outcome) -> Figure:
    rule, edition = outcome.settled.rule, outcome.edition
    fallback = edition.fallback_target if isinstance(rule, Argmax) else rule.fallback
    sweep = sweep_thresholds(outcome.targets, outcome.out_of_fold, fallback)
    in_use = rule.threshold if isinstance(rule, Threshold) else None
    return confidence.threshold_sweep(
        sweep.thresholds, sweep.accuracy, sweep.fallbacks, in_use, edition.genres[fallback]
    )
