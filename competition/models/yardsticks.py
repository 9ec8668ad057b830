"""Yardsticks: what predictions are held against, scored out of fold on the same folds."""

from dataclasses import dataclass, replace

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.models.classical.engine import cross_fit_classical
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.recipes import load_recipe
from competition.scoring.boards import Goals
from competition.scoring.metrics import Estimate, estimate
from competition.scoring.pooling import fit_pool
from competition.scoring.probabilities import GUESSING, bounded

PLAIN_MODEL = "logistic-regression"
"""The recipe of the one plain model: on z-scores, one a fold, calibrated as a pool of one, without a rule."""
_TOLERANCE = 0.01
"""Of the plain model's fit: a third of the time of scikit-learn's own, and a difference in the fourth digit."""


@dataclass(frozen=True)
class Yardstick:
    """What simple predictions score by the two metrics that boards rank by.

    Attributes
    ----------
    name : str
        `GUESSING`, or a recipe's name.
    labels, probabilities : Estimate
        The score of the most probable genres, and that of the probabilities.
    """

    name: str
    labels: Estimate
    probabilities: Estimate


def yardstick(
    name: str, targets: np.ndarray, probabilities: np.ndarray, goals: Goals, groups: np.ndarray | None = None
) -> Yardstick:
    """Score out-of-fold probabilities as a yardstick.

    Parameters
    ----------
    name : str
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    probabilities : ndarray of float64, shape (rows, genres)
        Above 0.
    goals : Goals
        What boards rank by.
    groups : ndarray of int, shape (rows,), or None
        As for `competition.scoring.metrics.estimate`.

    Examples
    --------
    >>> equal = np.full((4, 2), 0.5)
    >>> print(yardstick("coin", np.array([0, 0, 0, 1]), equal, Goals()).labels.value)
    0.75
    """
    of_labels = goals.labels.row_values(targets, probabilities.argmax(axis=1))
    of_probabilities = goals.probabilities.row_values(targets, probabilities)
    return Yardstick(name, estimate(of_labels, groups), estimate(of_probabilities, groups))


def guessing(
    targets: np.ndarray, genres: int, folds: Folds, goals: Goals, groups: np.ndarray | None = None
) -> Yardstick:
    """Score giving every song of a fold the genre shares of the other folds' songs.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    genres : int
    folds : Folds
    goals : Goals
        What boards rank by.
    groups : ndarray of int, shape (rows,), or None
        As for `competition.scoring.metrics.estimate`.
    """
    shares = np.empty((len(targets), genres))
    for fold in range(folds.count):
        counts = np.bincount(targets[folds.training(fold)], minlength=genres)
        shares[folds.held_out(fold)] = counts / counts.sum()
    return yardstick(GUESSING, targets, bounded(shares), goals, groups)


def guessing_of(targets: np.ndarray, answers: np.ndarray, genres: int, goals: Goals) -> Yardstick:
    """Score giving other songs, with genre numbers `answers`, the genre shares of the training songs.

    Parameters
    ----------
    targets, answers : ndarray of int, shape (rows,) and (other rows,)
        0-based genre numbers.
    genres : int
    goals : Goals
        What boards rank by.

    Examples
    --------
    >>> guessing_of(np.array([0, 0, 1]), np.array([0, 1, 1, 1]), 2, Goals()).labels.value
    0.25
    """
    shares = np.bincount(targets, minlength=genres) / len(targets)
    return yardstick(GUESSING, answers, bounded(np.tile(shares, (len(answers), 1))), goals)


def plain_model(
    dataset: Dataset, folds: Folds, seed: int, goals: Goals, answers: np.ndarray | None = None
) -> tuple[Yardstick, ...]:
    """Cross-fit, calibrate and score one plain model.

    Parameters
    ----------
    dataset : Dataset
        Its test songs are predicted where `answers` are given.
    folds : Folds
        One assignment for all rows of `dataset`.
    seed : int
        At least 0.
    goals : Goals
        What boards rank by.
    answers : ndarray of int, shape (test rows,), or None
        The 0-based genre numbers of the test songs, where they are known.

    Returns
    -------
    tuple of Yardstick
        Of the held-out songs, and with `answers` of the test songs.
    """
    recipe = load_recipe(PLAIN_MODEL)
    assert isinstance(recipe, ClassicalRecipe)  # the kit's own
    recipe = replace(recipe, parameters={**recipe.parameters, "tol": _TOLERANCE})
    fit = cross_fit_classical(dataset.without_test() if answers is None else dataset, recipe, folds, seed)
    calibrated = fit_pool(dataset.targets, [fit.by_seed], folds, goals.probabilities, dataset.groups)
    held_out = yardstick(recipe.name, dataset.targets, calibrated.out_of_fold, goals, dataset.groups)
    if answers is None or fit.test is None:
        return (held_out,)
    return held_out, yardstick(recipe.name, answers, calibrated.apply([fit.test]), goals)
