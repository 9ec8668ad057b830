"""What cross-fitting returns, whichever engine does it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from competition.data.dataset import Dataset
from competition.data.frames import Frames
from competition.models.base.scaling import Scaler, Scaling, fit_scaler
from competition.scoring.probabilities import bounded


@dataclass(frozen=True)
class Epoch:
    """One epoch of one fold's networks.

    Both losses are multiclass log losses. The packed engine's are those of the training steps themselves, on rows
    that members train on and on rows held out from them: with dropout, so higher than those of predictions. The plain
    engine's training loss has dropout and penalties, its held-out loss has penalties only.
    """

    fold: int
    epoch: int
    training_loss: float
    held_out_loss: float


class Predictor(Protocol):
    """The trained models of all folds, which predict new songs and can be saved.

    Attributes
    ----------
    suffix : str
        The ending of its file's name, from which `competition.models.saved` knows the reader.
    """

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""

    def predict(self, features: np.ndarray, frames: Frames | None = None) -> np.ndarray:
        """Return probabilities averaged over all models.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            As in the files, not scaled; at least one row.
        frames : Frames or None
            Of the same rows; what reads none ignores them.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """

    def predict_held_out(
        self, features: np.ndarray, assignment: np.ndarray, folds: int, frames: Frames | None = None
    ) -> np.ndarray:
        """Return each row's probabilities, averaged over the models that have not seen it.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            Of training songs, as in the files or changed; at least one row.
        assignment : ndarray of int64, shape (rows,)
            The fold that holds each row out.
        folds : int
            How many there are.
        frames : Frames or None
            Of the same rows; what reads none ignores them.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """

    def save(self, path: Path) -> None:
        """Write the models to a file that runs no code when it is read."""


@dataclass(frozen=True)
class CrossFit:
    """Predictions for every row by networks that have not seen it.

    Attributes
    ----------
    by_seed : ndarray of float64, shape (rows, seeds, genres)
        Every training row's probabilities by each network of the fold that holds it out.
    test : ndarray of float64, shape (test rows, genres), or None
        The test rows' probabilities, averaged over the networks of all folds; None where there are no test rows.
    history : tuple of Epoch
    models : Predictor or None
        What was trained; None where it is not kept.
    """

    by_seed: np.ndarray
    test: np.ndarray | None
    history: tuple[Epoch, ...]
    models: Predictor | None = None

    @cached_property
    def out_of_fold(self) -> np.ndarray:
        """Every training row's probabilities, averaged over its networks; float64, shape (rows, genres)."""
        return bounded(self.by_seed.mean(axis=1))


Progress = Callable[[int, int, float], None]
"""Called during a training with the number of epochs (of classical models: folds) done, of all of them, and the latest
held-out loss, nan where there is none."""


def no_progress(done: int, total: int, held_out_loss: float) -> None:
    """Ignore the progress of a training.

    Parameters
    ----------
    done, total : int
        Epochs, or folds of classical models.
    held_out_loss : float
        Multiclass log loss; nan where there is none.
    """


Judge = Callable[[float, np.ndarray], bool]
"""Called during a training with the share of its epochs done and every training row's probabilities by the networks
that do not see it, (rows, seeds, genres); returning True ends the training."""


def judge_nothing(share: float, by_seed: np.ndarray) -> bool:
    """Let a training go on to its end.

    Parameters
    ----------
    share : float
        The share of the epochs done, in [0, 1].
    by_seed : ndarray of float64, shape (rows, seeds, genres)
        Every training row's probabilities by the networks that do not see it.

    Returns
    -------
    bool
        Always False.
    """
    return False


def derived_seed(*numbers: int) -> int:
    """Return a seed derived from a combination of non-negative integers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def fit_fold_scaler(scaling: Scaling, dataset: Dataset, rows: np.ndarray) -> Scaler:
    """Fit a scaling to some of a dataset's training rows.

    Parameters
    ----------
    scaling : Scaling
    dataset : Dataset
    rows : ndarray of int, shape (fitted rows,)
        Training rows, counted from 0.

    Raises
    ------
    RecipeError
        When there are more components than rows.
    """
    # Not where these rows have gaps: folds' steps must be of the same kinds, and test songs may have gaps too.
    fills = dataset.edition.allows_gaps or dataset.has_gaps
    return fit_scaler(dataset.features[rows], scaling, dataset.edition.blocks, fills=fills)
