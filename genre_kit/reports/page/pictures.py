"""The pictures of a run, by the names of their files in plots/."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from competition.data.edition import Edition
from competition.models.ensemble_training import Trained
from competition.pictures import confidence
from competition.pictures.confusion import confusion
from competition.pictures.genres import genre_distribution
from competition.pictures.learning import learning_curves
from competition.pictures.style import save
from competition.pictures.test_file import likeness
from competition.scoring.metrics import reliability
from genre_kit.results.run import HeldOut, Result
from submissions.rules import Rule, Threshold
from submissions.sweep import sweep_thresholds

PLOTS = "plots"
TEST_FILE = "test-file.png"


def write_pictures(place: Path, result: Result) -> None:
    """Draw a scored result into plots/ inside a run's folder: predictions, and learning curves where there are some."""
    folder = place / PLOTS
    folder.mkdir()
    figures = draw_predictions(result) | draw_curves(result.trained) | draw_test_file(result)
    for name, figure in figures.items():
        save(figure, folder / name)


def draw_predictions(result: Result) -> dict[str, Figure]:
    """Draw what a scored result's predictions are like: genres, confusion, reliability, threshold."""
    held_out, genres = result.known, result.edition.genres
    matrix = held_out.genre_scores(result.edition).confusion
    predicted = None if result.predicted is None else np.bincount(result.predicted, minlength=len(genres))
    songs = np.bincount(held_out.targets, minlength=len(genres))
    return {
        "genres.png": genre_distribution(genres, songs, predicted),
        "confusion-counts.png": confusion(genres, matrix, normalized=False),
        "confusion-shares.png": confusion(genres, matrix, normalized=True),
        "reliability.png": _reliability(held_out),
        "threshold.png": _threshold(held_out, result.rule, result.edition),
    }


def draw_curves(trained: Sequence[Trained]) -> dict[str, Figure]:
    """Draw the learning curves of each recipe that has some: those of the first of its models."""
    first = {one.model.recipe.name: one.fit.history for one in reversed(trained) if one.fit.history}
    names = [f"-{name}" if len(trained) > 1 else "" for name in first]
    return {
        f"learning-curves{suffix}.png": learning_curves(history, name)
        for suffix, (name, history) in zip(names, first.items(), strict=True)
    }


def draw_test_file(result: Result) -> dict[str, Figure]:
    """Draw how the test file differs, where one was looked at."""
    diagnosis = None if result.plan is None else result.plan.choice.diagnosis
    return {} if diagnosis is None else {TEST_FILE: likeness(diagnosis, result.edition.column_titles)}


def _reliability(held_out: HeldOut) -> Figure:
    pool, targets = held_out.pool, held_out.targets
    if held_out.plain is None or not (pool.is_fitted or pool.is_biased):
        return confidence.reliability({"": reliability(targets, held_out.probabilities)})
    pair = {"before calibration": held_out.plain, "after": held_out.probabilities}
    return confidence.reliability({name: reliability(targets, one) for name, one in pair.items()})


def _threshold(held_out: HeldOut, rule: Rule, edition: Edition) -> Figure:
    fallback = edition.fallback_target if rule.fallback is None else rule.fallback
    if fallback is None:  # the edition's is left out
        fallback = int(held_out.shares.argmax())
    sweep = sweep_thresholds(held_out.targets, held_out.as_test, fallback)
    in_use = rule.threshold if isinstance(rule, Threshold) else None
    genre = edition.genres[fallback]
    return confidence.threshold_sweep(sweep.thresholds, sweep.accuracy, sweep.fallbacks, in_use, genre)
