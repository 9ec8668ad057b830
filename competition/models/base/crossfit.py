"""What cross-fitting returns, whichever engine does it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from competition.data.dataset import Dataset
from competition.models.base.scaling import Scaler, Scaling, fit_scaler
from competition.scoring.probabilities import bounded


@dataclass(frozen=True)
class Epoch:
    """One epoch of one fold's networks.

    Both losses are multiclass log losses. The packed engine's are those of the training steps themselves, on rows
    that members train on and on rows held out from them: with dropout, so above what predictions cost. The plain
    engine's training loss has dropout and penalties, its held-out loss has penalties only.
    """

    fold: int
    epoch: int
    training_loss: float
    held_out_loss: float


class Predictor(Protocol):
    """The trained models of all folds: predict other songs, and go to disk and back.

    Attributes
    ----------
    suffix : str
        Of its file's name, by which `competition.models.saved` knows who reads it.
    """

    @property
    def suffix(self) -> str:
        """The ending of the file's name, with its dot."""

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the mean of all models' probabilities, float64, (rows, genres), of rows as they are in the files."""

    def save(self, path: Path) -> None:
        """Write the models to a file, from which nothing is run as code when it is read."""


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
"""Called now and then with the epochs (of classical models: folds) done, all of them, and the latest held-out loss, nan
where there is none."""


def no_progress(done: int, total: int, held_out_loss: float) -> None:
    """Pass over the progress of a training."""


Judge = Callable[[float, np.ndarray], bool]
"""Called on the way through a training with the share of its epochs done and every training row's probabilities by
the networks that do not see it, (rows, seeds, genres); True ends the training there."""


def judge_nothing(share: float, by_seed: np.ndarray) -> bool:
    """Let a training go on to its end."""
    return False


def derived_seed(*numbers: int) -> int:
    """Return a seed of its own for every combination of non-negative numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def fit_fold_scaler(scaling: Scaling, dataset: Dataset, rows: np.ndarray) -> Scaler:
    """Fit a scaling to some training rows (rows,) of a dataset."""
    return fit_scaler(dataset.features[rows], scaling, dataset.edition.blocks)
