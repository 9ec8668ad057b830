"""Finished runs as models of a pool: read from their folders, and refused where they do not fit each other."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from competition.edition import EDITION_FILE, Edition, read_edition
from competition.errors import RunError
from competition.folds import Folds, assigned_folds
from competition.metrics import Estimate, estimate, row_board_log_loss
from competition.pooling import fit_weights, pooled
from competition.probabilities import bounded
from competition.runs import MANIFEST, check_finished


@dataclass(frozen=True, eq=False)
class BlendableRun:
    """What of a finished run can be blended.

    Attributes
    ----------
    folder : Path
    edition : Edition
    data : dict
        Of the manifest: source, hash, rows and notes.
    targets : ndarray of int64, shape (rows,)
    folds : Folds
    out_of_fold : ndarray of float64, shape (rows, genres)
        After the run's own calibration, as its test probabilities are.
    test : ndarray of float64, shape (test rows, genres)
    """

    folder: Path
    edition: Edition
    data: dict[str, object]
    targets: np.ndarray
    folds: Folds
    out_of_fold: np.ndarray
    test: np.ndarray


def read_run(folder: Path) -> BlendableRun:
    """Read a run that submit finished.

    Raises
    ------
    RunError
        When there is no DONE in the folder, or a file is missing or damaged.
    """
    check_finished(folder)
    for name in ("oof.csv", "label_all.csv", "scores.json", EDITION_FILE, MANIFEST):
        if not (folder / name).is_file():
            raise RunError(f"{folder}: there is no {name} in it; only runs that submit has trained can be blended.")
    edition = read_edition(folder / EDITION_FILE)
    try:
        data = json.loads((folder / MANIFEST).read_text("utf-8"))["data"]
        is_corrected = json.loads((folder / "scores.json").read_text("utf-8"))["test_shares"]["corrected"]
        rows, test = pd.read_csv(folder / "oof.csv"), pd.read_csv(folder / "label_all.csv")
        columns = [f"Class_{label}" for label in range(1, len(edition.genres) + 1)]
        run = BlendableRun(
            folder=folder,
            edition=edition,
            data=dict(data),
            targets=rows["Label"].to_numpy(np.int64) - 1,
            folds=assigned_folds(rows["Fold"].to_numpy(np.int64), len(rows), where=f"{folder / 'oof.csv'}"),
            out_of_fold=bounded(rows[columns].to_numpy(np.float64)),
            test=bounded(test[columns].to_numpy(np.float64)),
        )
        expected = data["training_rows"], data["test_rows"]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise RunError(f"{folder}: its files cannot be read ({problem!r}); train the run again.") from None
    _check_rows(run, expected)
    if is_corrected:
        raise RunError(
            f"{folder}: its test probabilities are corrected for the test songs' genre shares, which its out-of-fold "
            "rows are not; blend runs without that, and correct the blend with --correct-shares."
        )
    return run


def _check_rows(run: BlendableRun, expected: tuple[int, int]) -> None:
    found = len(run.out_of_fold), len(run.test)
    for name, rows, wanted in zip(("oof.csv", "label_all.csv"), found, expected, strict=True):
        if rows != wanted:
            raise RunError(f"{run.folder / name}: {rows} rows; its manifest says {wanted}: train the run again.")
    if not (np.isfinite(run.out_of_fold).all() and np.isfinite(run.test).all()):
        raise RunError(f"{run.folder}: some of its probabilities are no numbers; train the run again.")


def check_alike(runs: Sequence[BlendableRun]) -> None:
    """Raise RunError where runs are not of the same edition, data and folds, or one is given twice."""
    first = runs[0]
    for place, run in enumerate(runs[1:], 1):
        if any(run.folder.resolve() == other.folder.resolve() for other in runs[:place]):
            raise RunError(f"{run.folder}: is given twice; give each run once, its weight is found.")
        if run.edition != first.edition:
            raise RunError(
                f"{run.folder}: is of another edition than {first.folder} ({run.edition.name}, {first.edition.name}, "
                "or one of them changed); only runs of one edition can be blended."
            )
        if run.data["sha256"] != first.data["sha256"]:
            raise RunError(
                f"{run.folder}: was trained on other data than {first.folder} (their hashes differ: "
                f"{run.data['sha256']:.8} and {first.data['sha256']:.8}); only runs on the same files can be blended."
            )
        if not np.array_equal(run.folds.assignment, first.folds.assignment):
            raise RunError(
                f"{run.folder}: holds out other songs together than {first.folder} does; only runs with the same "
                f"folds can be blended: train it again with --folds {first.folder / 'folds.csv'}."
            )


@dataclass(frozen=True)
class Blend:
    """Runs' probabilities made one.

    Attributes
    ----------
    out_of_fold : ndarray of float64, shape (rows, genres)
        Each row pooled by weights found on the rows of the other folds where `gain` is convincing; by equal ones
        otherwise.
    weights : ndarray of float64, shape (runs,)
        Found on all rows, or equal; they sum to 1.
    gain : Estimate
        By how much weights found on other folds lowered the board log loss of the out-of-fold rows, compared with
        equal ones.
    """

    out_of_fold: np.ndarray
    weights: np.ndarray
    gain: Estimate

    @property
    def is_fitted(self) -> bool:
        """Whether the found weights are used, not equal ones."""
        return self.gain.value > self.gain.standard_error


def blend(targets: np.ndarray, members: np.ndarray, folds: Folds) -> Blend:
    """Find runs' weights out of fold, and keep them when they help rows that did not choose them.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    members : ndarray of float64, shape (runs, rows, genres)
        Each run's out-of-fold probabilities, calibrated as the run has calibrated them.
    folds : Folds
        All runs' own.

    Notes
    -----
    The weights sum to 1: runs are calibrated already, and a temperature found once more is noise. They score as those
    of greedy selection with replacement (Caruana et al., Ensemble selection from libraries of models, 2004), which are
    multiples of 1 / steps; docs/experiments.md has the comparison.

    A run's calibration of a row was chosen by other folds' rows, and weights for this row are chosen by theirs. Theirs,
    in turn, was chosen by rows of this row's fold too: that is a few numbers found on thousands of rows, and no more
    than any model on top of out-of-fold predictions learns of the rows that it is held against.
    """
    equal = np.full(len(members), 1 / len(members))
    plain, nested = pooled(members, equal), np.empty_like(members[0])
    for fold in range(folds.count):
        others, rows = folds.training(fold), folds.held_out(fold)
        nested[rows] = pooled(members[:, rows], _weights(targets[others], members[:, others]))
    found = Blend(nested, equal, estimate(row_board_log_loss(targets, plain) - row_board_log_loss(targets, nested)))
    if not found.is_fitted:
        return replace(found, out_of_fold=plain)
    return replace(found, weights=_weights(targets, members))


def _weights(targets: np.ndarray, members: np.ndarray) -> np.ndarray:
    weights = fit_weights(targets, members)
    return weights / weights.sum()
