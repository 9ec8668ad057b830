"""Finished runs as models of a pool: read from their folders, and refused where they do not fit each other."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from competition.data.edition import Edition
from competition.data.edition_file import EDITION_FILE, read_edition
from competition.data.folds import Folds, assigned_folds
from competition.errors import RunError
from competition.scoring.boards import BINARY_LOG_LOSS, ProbabilitiesMetric
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import Estimate
from competition.scoring.pooling import fit_weights, is_convincing, lowered, pooled_nested
from competition.scoring.probabilities import bounded
from competition.storage.folders import OUT_OF_FOLD, SCORES
from genre_kit.runs.finished import FinishedRun, read_finished
from genre_kit.runs.manifest import GenreShares, ScoresFile
from submissions.layout import PROBABILITY_FILE
from submissions.writer import read_written_probabilities


@dataclass(frozen=True, eq=False)
class BlendableRun:
    """The parts of a finished run that are blended.

    Attributes
    ----------
    scored : FinishedRun
        Its out-of-fold rows, after the run's own calibration.
    edition : Edition
    ids : tuple of str
        Of the lines of its submission files.
    test : ndarray of float64, shape (lines, genres)
        Calibrated too.
    knows_shares : bool
        Whether the test songs' genre shares were compared with the training songs', of which genres may be left out.
    """

    scored: FinishedRun
    edition: Edition
    ids: tuple[str, ...]
    test: np.ndarray
    knows_shares: bool = True

    @property
    def folder(self) -> Path:
        """Where the run is."""
        return self.scored.folder

    @cached_property
    def folds(self) -> Folds:
        """Its folds."""
        assignment = self.scored.assignment
        return assigned_folds(assignment, len(assignment), where=str(self.folder / OUT_OF_FOLD))

    @cached_property
    def out_of_fold(self) -> np.ndarray:
        """The out-of-fold probabilities, float64, (rows, genres)."""
        return bounded(self.scored.probabilities)


def read_run(folder: Path) -> BlendableRun:
    """Read a run that submit finished.

    Raises
    ------
    RunError
        When there is no DONE in the folder, or a file is missing or damaged.
    """
    scored = read_finished(folder)
    for name in (PROBABILITY_FILE, SCORES, EDITION_FILE):
        if not (folder / name).is_file():
            raise RunError(f"{folder}: there is no {name} in it; only runs that submit has trained can be blended.")
    edition, shares = read_edition(folder / EDITION_FILE), ScoresFile.read(folder).test_shares
    if shares is not None or not edition.left_out:
        _check_uncorrected(folder, shares)
    return BlendableRun(scored, edition, *_read_test(scored, edition), knows_shares=shares is not None)


def _check_uncorrected(folder: Path, shares: GenreShares | None) -> None:
    if shares is None:
        raise RunError(f"{folder / SCORES}: 'test_shares' is missing; train the run again.")
    if shares.corrected:
        raise RunError(
            f"{folder}: its test probabilities are corrected for the test songs' genre shares, which its out-of-fold "
            "rows are not; blend runs without that, and correct the blend with `correct_shares`."
        )


def _read_test(scored: FinishedRun, edition: Edition) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the ids of the lines of the run's submission, and their probabilities."""
    path = scored.folder / PROBABILITY_FILE
    ids, test = read_written_probabilities(path, edition)
    if len(test) != scored.test_lines:
        raise RunError(f"{path}: {len(test)} rows; its manifest says {scored.test_lines}: train the run again.")
    if not np.isfinite(test).all():
        raise RunError(f"{path}: some of its probabilities are no numbers; train the run again.")
    return ids, bounded(test)


def check_alike(runs: Sequence[BlendableRun]) -> None:
    """Raise RunError where runs are not of the same edition, data and folds, or one is given twice."""
    first = runs[0]
    for place, run in enumerate(runs[1:], 1):
        if any(run.folder.resolve() == other.folder.resolve() for other in runs[:place]):
            raise RunError(f"{run.folder}: is given twice; give each run once, its weight is found.")
        if run.edition.left_out != first.edition.left_out:
            raise RunError(
                f"{run.folder}: tells {run.scored.genres_in_words} apart, {first.folder} "
                f"{first.scored.genres_in_words}; only runs on the same genres can be blended: train it again with the "
                "same `genres` or `without`."
            )
        if run.edition != first.edition:
            raise RunError(
                f"{run.folder}: is of another edition than {first.folder} ({run.edition.name}, {first.edition.name}, "
                "or one of them changed); only runs of one edition can be blended."
            )
        ours, others = (one.scored.data.sha256 for one in (run, first))
        if ours != others:
            raise RunError(
                f"{run.folder}: was trained on other data than {first.folder} (their hashes differ: {ours:.8} and "
                f"{others:.8}); only runs on the same files can be blended."
            )
        if run.ids != first.ids:
            raise RunError(
                f"{run.folder / PROBABILITY_FILE}: has other ids than that of {first.folder}, or in another order; "
                "only runs with the same lines can be blended: train it again."
            )
        if not np.array_equal(run.folds.assignment, first.folds.assignment):
            raise RunError(
                f"{run.folder}: holds out other songs together than {first.folder} does; only runs with the same "
                f"folds can be blended: train it again with `folds` {first.folder / 'folds.csv'}."
            )


@dataclass(frozen=True)
class Blend:
    """Runs' probabilities, pooled.

    Attributes
    ----------
    out_of_fold : ndarray of float64, shape (rows, genres)
        Each row pooled by weights found on the rows of the other folds where `gain` is convincing; by equal ones
        otherwise.
    weights : ndarray of float64, shape (runs,)
        Found on all rows, or equal; they sum to 1.
    gain : Estimate
        By how much weights found on other folds lowered the loss of the out-of-fold rows, compared with equal ones.
    """

    out_of_fold: np.ndarray
    weights: np.ndarray
    gain: Estimate

    @property
    def is_fitted(self) -> bool:
        """Whether the found weights are used, not equal ones."""
        return is_convincing(self.gain)


def blend_runs(
    targets: np.ndarray,
    predictions: np.ndarray,
    folds: Folds,
    metric: ProbabilitiesMetric = BINARY_LOG_LOSS,
    groups: np.ndarray | None = None,
) -> Blend:
    """Find the runs' weights on out-of-fold rows, and keep them when they help rows that did not choose them.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    predictions : ndarray of float64, shape (runs, rows, genres)
        Each run's out-of-fold probabilities, calibrated as the run has calibrated them.
    folds : Folds
        All runs' own.
    metric : ProbabilitiesMetric
        The loss that is to be low.
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are not independent.

    Notes
    -----
    The weights sum to 1: runs are calibrated already, and a temperature found once more is noise. They score as those
    of greedy selection with replacement (Caruana et al., Ensemble selection from libraries of models, 2004), which are
    multiples of 1 / steps; docs/experiments.md has the comparison.

    A run's calibration of a row was chosen by other folds' rows, and weights for this row are chosen by theirs. Theirs,
    in turn, was chosen by rows of this row's fold too: that leaks a few numbers found on thousands of rows, no more
    than in any stacking on out-of-fold predictions.
    """
    equal, fit = np.full(len(predictions), 1 / len(predictions)), partial(_weights, metric=metric)
    plain, nested = pooled(predictions, equal), pooled_nested(targets, predictions, folds, fit)
    found = Blend(nested, equal, lowered(metric, targets, plain, nested, groups))
    if not found.is_fitted:
        return replace(found, out_of_fold=plain)
    return replace(found, weights=fit(targets, predictions))


def _weights(targets: np.ndarray, predictions: np.ndarray, metric: ProbabilitiesMetric) -> np.ndarray:
    weights = fit_weights(targets, predictions, metric)
    if not weights.any():  # none of the runs has learned anything
        return np.full(len(predictions), 1 / len(predictions))
    return weights / weights.sum()
