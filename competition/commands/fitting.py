"""The part that `submit` and `score` share: cross-fit, score, and keep the record of it."""

import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np
import pandas as pd

from competition import runs
from competition.calibration import Calibration, calibrate, temper
from competition.commands import inputs
from competition.commands.plan import Plan
from competition.files import write_whole
from competition.progress import training_progress
from competition.scores import Scores, confusion_matrix, score_probabilities
from submissions.layout import probability_header

if TYPE_CHECKING:
    from competition.crossfit import Epoch


@dataclass(frozen=True)
class Fitted:
    """A plan carried out: its calibrated predictions, and what they score out of fold.

    Attributes
    ----------
    plan : Plan
    calibration : Calibration
        Holds the out-of-fold probabilities.
    test : ndarray of float64, shape (test rows, genres), or None
    labels : ndarray of int64, shape (rows,)
        0-based genre numbers that the rule makes of the out-of-fold probabilities.
    history : tuple of Epoch
    scores : Scores
    started : datetime
    seconds : float
        Of the training and all that follows until the scores.
    """

    plan: Plan
    calibration: Calibration
    test: np.ndarray | None
    labels: np.ndarray
    history: tuple["Epoch", ...]
    scores: Scores
    started: datetime
    seconds: float


def announce(plan: Plan, data: Path | None, *, quiet: bool) -> None:
    """Say what a command is about to train, and on what."""
    if not quiet:
        for line in inputs.describe(plan.dataset, data):
            click.echo(line)
        seeds = "1 seed" if plan.seeds == 1 else f"{plan.seeds} seeds"
        click.echo(f"model     {plan.recipe.name}: {plan.members} networks ({plan.folds.count} folds x {seeds})")


def carry_out(plan: Plan, *, quiet: bool) -> Fitted:
    """Cross-fit a plan's recipe and score it out of fold."""
    # Imported here, after the data is read: TensorFlow takes seconds, and a mistake should be met at once.
    from competition.training import cross_fit

    started, clock = datetime.now(UTC), time.perf_counter()
    with training_progress(quiet=quiet) as progress:
        fit = cross_fit(plan.dataset, plan.recipe, plan.folds, plan.seed, seeds=plan.seeds, progress=progress)
    calibration = calibrate(plan.dataset.targets, fit.members, plan.folds)
    labels = plan.rule.predict(calibration.out_of_fold)
    return Fitted(
        plan=plan,
        calibration=calibration,
        test=None if fit.test is None else temper(fit.test, calibration.temperature),
        labels=labels,
        history=fit.history,
        scores=score_probabilities(plan.dataset.targets, calibration.out_of_fold, labels),
        started=started,
        seconds=time.perf_counter() - clock,
    )


def describe_calibration(calibration: Calibration) -> str:
    """Return a line that says what the temperature is and what it gained."""
    gained = f"a temperature gains {calibration.gain} board log loss on songs that did not choose it"
    return f"temperature {calibration.temperature:.2f}; {gained}" if calibration.temperature != 1 else f"none; {gained}"


def write_record(place: Path, fitted: Fitted) -> None:
    """Write what a run keeps of its fitting: scores, manifest, folds, out-of-fold rows, history, pictures."""
    plan = fitted.plan
    runs.write_json(place / "scores.json", _scores_table(fitted))
    runs.write_json(place / "manifest.json", _manifest(fitted))
    write_whole(place / "folds.csv", plan.folds.to_text())
    write_whole(place / "oof.csv", _out_of_fold_text(fitted))
    write_whole(place / "history.csv", _csv(pd.DataFrame([asdict(epoch) for epoch in fitted.history])))
    _draw(place / "plots", fitted)


def _scores_table(fitted: Fitted) -> Mapping[str, Any]:
    return {
        "out_of_fold": fitted.scores.to_table(),
        "model": fitted.plan.recipe.name,
        "folds": fitted.plan.folds.count,
        "members": fitted.plan.members,
        "temperature": fitted.calibration.temperature,
        "temperature_gain": fitted.calibration.gain.value,
        "temperature_gain_se": fitted.calibration.gain.standard_error,
        "seconds": round(fitted.seconds, 1),
    }


def _manifest(fitted: Fitted) -> Mapping[str, Any]:
    plan, dataset = fitted.plan, fitted.plan.dataset
    return {
        "command": ["genre-kit", *sys.argv[1:]],
        "started": fitted.started.isoformat(timespec="seconds"),
        "seconds": round(fitted.seconds, 1),
        "edition": asdict(dataset.edition),
        "data": {
            "source": dataset.source,
            "sha256": dataset.fingerprint,
            "training_rows": dataset.rows,
            "test_rows": 0 if dataset.test_features is None else len(dataset.test_features),
        },
        "seed": plan.seed,
        "folds": plan.folds.count,
        "seeds": plan.seeds,
        "recipe": plan.recipe.to_table(),
        "rule": plan.rule.to_table(),
        "environment": runs.environment(),
    }


def _out_of_fold_text(fitted: Fitted) -> str:
    targets = fitted.plan.dataset.targets
    genres = fitted.calibration.out_of_fold.shape[1]
    columns = {"Row": np.arange(1, len(targets) + 1), "Fold": fitted.plan.folds.assignment, "Label": targets + 1}
    probabilities = pd.DataFrame(fitted.calibration.out_of_fold, columns=probability_header(genres)[1:])
    return _csv(pd.concat([pd.DataFrame(columns), probabilities], axis=1))


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _draw(folder: Path, fitted: Fitted) -> None:
    from competition import plots

    dataset, genres = fitted.plan.dataset, fitted.plan.dataset.edition.genres
    folder.mkdir()
    matrix = confusion_matrix(dataset.targets, fitted.labels, len(genres))
    predicted = None
    if fitted.test is not None:
        predicted = np.bincount(fitted.plan.rule.predict(fitted.test), minlength=len(genres))
    pictures = {
        "genres.png": plots.genre_distribution(genres, dataset.counts, predicted),
        "confusion-counts.png": plots.confusion(genres, matrix, normalized=False),
        "confusion-shares.png": plots.confusion(genres, matrix, normalized=True),
        "learning-curves.png": plots.learning_curves(fitted.history),
    }
    for name, figure in pictures.items():
        plots.save(figure, folder / name)
