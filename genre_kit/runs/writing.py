"""What `submit` and `score` keep of what they train."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from competition.data.edition import EDITION_FILE, edition_text
from competition.models.ensembles import RECIPE_FILE
from competition.models.saved import MODELS, save_index
from competition.scoring.scores import Scores, score_genres
from competition.storage import folders
from competition.storage.files import write_whole
from genre_kit.jobs.train import Fitted
from genre_kit.reports.scores import board_table, gain_table, shares_table
from genre_kit.runs.record import Outcome, csv_text, write_outcome


def write_record(place: Path, fitted: Fitted, board_rows: int | None, repeats: Sequence[Scores] = ()) -> None:
    """Write what a run keeps of its fitting: scores, manifest, folds, out-of-fold rows, history, pictures.

    Parameters
    ----------
    place : Path
    fitted : Fitted
    board_rows : int or None
        For how many songs the boards' scores are predicted.
    repeats : sequence of Scores
        Each repeat's own, where there are several.
    """
    more = {"repeats": [scores.to_table() for scores in repeats]} if repeats else {}
    folders.write_json(place / folders.SCORES, scores_table(fitted, board_rows) | more)
    folders.write_json(place / folders.MANIFEST, _manifest(fitted) | {"repeats": max(1, len(repeats))})
    write_whole(place / RECIPE_FILE, fitted.ensemble.to_text())
    if fitted.ensemble.needs_keras:
        write_whole(place / "history.csv", csv_text(_history(fitted)))
    write_outcome(place, _outcome(fitted), fitted.trained)


def write_pool(place: Path, fitted: Fitted) -> None:
    """Write what ``submit --from`` needs beside the models: how they are pooled, and the edition that they read."""
    weights = {name: float(weight) for name, weight in zip(fitted.names, fitted.pool.final_weights, strict=True)}
    save_index(place / MODELS, fitted.ensemble.models, weights, fitted.pool.biases)
    write_whole(place / EDITION_FILE, edition_text(fitted.plan.dataset.edition))


def _history(fitted: Fitted) -> pd.DataFrame:
    rows = [
        {"model": place, "recipe": one.model.recipe.name} | asdict(epoch)
        for place, one in enumerate(fitted.trained, 1)
        for epoch in one.fit.history
    ]
    return pd.DataFrame(rows)


def scores_table(fitted: Fitted, board_rows: int | None) -> dict[str, Any]:
    """Return what scores.json says."""
    dataset, scores = fitted.plan.dataset, fitted.scores
    before, after = fitted.calibration_errors
    genres = score_genres(dataset.targets, fitted.settled.labels, dataset.edition.genres)
    return {
        "out_of_fold": scores.to_table(),
        "intervals": scores.intervals(),
        "board": board_table(scores, dataset.rows, board_rows) if board_rows else None,
        "genres": genres.to_table(),
        "model": fitted.ensemble.name,
        "folds": fitted.plan.folds.count,
        "members": fitted.ensemble.members(fitted.plan.folds.count),
        **_pool_table(fitted),
        "expected_calibration_error": {"before": before, "after": after},
        "rule_gain": gain_table(fitted.settled.gain),
        "test_shares": _shares_table(fitted),
        "seconds": round(fitted.seconds, 1),
        "seconds_by_model": [round(one.seconds, 1) for one in fitted.trained],
    }


def _pool_table(fitted: Fitted) -> dict[str, Any]:
    pool = fitted.pool
    return {
        "pool": [
            {"recipe": name, "weight": float(weight), "board_log_loss": fitted.alone[name].value}
            for name, weight in zip(fitted.names, pool.final_weights, strict=True)
        ],
        "pool_is_fitted": pool.is_fitted,
        "pool_is_biased": pool.is_biased,
        "pool_gain": pool.gain.value,
        "pool_gain_se": pool.gain.standard_error,
        "biases": pool.biases.tolist(),
        "bias_gain": pool.bias_gain.value,
        "bias_gain_se": pool.bias_gain.standard_error,
    }


def _shares_table(fitted: Fitted) -> dict[str, Any] | None:
    if fitted.shift is None:
        return None
    training = fitted.plan.dataset.shares
    return shares_table(fitted.shift, training, corrected=fitted.plan.correct_shares)


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
            "training_sha256": dataset.training_fingerprint,
            "groups": None if dataset.groups is None else len(np.unique(dataset.groups)),
            "training_rows": dataset.rows,
            "test_rows": 0 if dataset.test_features is None else len(dataset.test_features),
            "notes": list(fitted.oddities.to_notes()),
        },
        "seed": plan.seed,
        "folds": plan.folds.count,
        "ensemble": fitted.ensemble.to_table(),
        "rule": fitted.settled.rule.to_table(),
        "environment": folders.environment(),
    }


def _outcome(fitted: Fitted) -> Outcome:
    plan = fitted.plan
    return Outcome(
        edition=plan.dataset.edition,
        targets=plan.dataset.targets,
        folds=plan.folds,
        settled=fitted.settled,
        out_of_fold=fitted.pool.out_of_fold,
        uncalibrated=fitted.pool.plain if fitted.pool.is_fitted or fitted.pool.is_biased else None,
        test=fitted.test,
    )
