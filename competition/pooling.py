"""One set of probabilities from several models' ones: weighted in their logarithms, by weights found out of fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax

from competition.folds import Folds
from competition.metrics import Estimate, estimate, row_board_log_loss
from competition.probabilities import bounded

MOST_WEIGHT = 4.0
_LEAST_OF_ONE = 0.25


@dataclass(frozen=True)
class Pool:
    """How several models' probabilities become one, and what that does out of fold.

    Attributes
    ----------
    out_of_fold : ndarray of float64, shape (rows, genres)
        Each row pooled by weights found on the rows of the other folds, where `gain` is convincing; by equal ones
        otherwise.
    weights : ndarray of float64, shape (models,)
        Found on all rows; equal, with a sum of 1, where found ones did not help.
    sharpening : float
        What the weights are multiplied with for probabilities averaged over the networks of all folds.
    gain : Estimate
        By how much weights found on other folds lowered the board log loss of the out-of-fold rows, compared with
        equal ones.
    """

    out_of_fold: np.ndarray
    weights: np.ndarray
    sharpening: float
    gain: Estimate

    @property
    def is_fitted(self) -> bool:
        """Whether the found weights are used, not equal ones."""
        return self.gain.value > self.gain.standard_error

    @property
    def final_weights(self) -> np.ndarray:
        """The weights for probabilities averaged over the networks of all folds; float64, shape (models,)."""
        return self.weights * self.sharpening

    def apply(self, probabilities: Sequence[np.ndarray]) -> np.ndarray:
        """Pool the models' probabilities of new rows, each (rows, genres), averaged over the networks of all folds."""
        return pooled(np.stack(probabilities), self.final_weights)


def pooled(probabilities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weight the logarithms of probabilities (models, rows, genres), add them up, and let rows sum to 1 again.

    Notes
    -----
    A logarithmic opinion pool (Genest and Zidek, Combining probability distributions, 1986). The weights need not sum
    to 1: their sum makes the result sharper or flatter, so that of a single model is the inverse of a temperature.

    Examples
    --------
    >>> pooled(np.array([[[0.8, 0.2]]]), np.array([0.5])).round(4)
    array([[0.6667, 0.3333]])
    """
    logits = np.tensordot(weights, np.log(probabilities), 1)
    return bounded(np.exp(logits - logits.max(axis=1, keepdims=True)))


def fit_weights(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the weights with the lowest board log loss.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray, shape (models, rows, genres)

    Returns
    -------
    ndarray of float64, shape (models,)
        Each from 0 to `MOST_WEIGHT`; a single model's from 0.25, so that it never runs away where a model is nearly
        perfect or nearly useless.
    """
    models = len(probabilities)
    logarithms = np.log(probabilities)
    is_genre = np.arange(probabilities.shape[2]) == np.asarray(targets)[:, None]
    least = _LEAST_OF_ONE if models == 1 else 0.0
    result = minimize(
        _board_log_loss_and_gradient,
        np.full(models, 1 / models),
        (logarithms, is_genre),
        jac=True,
        method="L-BFGS-B",
        bounds=[(least, MOST_WEIGHT)] * models,
    )
    return result.x


def fit_pool(targets: np.ndarray, members: Sequence[np.ndarray], folds: Folds) -> Pool:
    """Find weights on out-of-fold rows, and keep them when they help rows that did not choose them.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    members : sequence of ndarray of float64, shape (rows, seeds, genres)
        For each model, out-of-fold probabilities by each network of the fold that holds the row out.
    folds : Folds

    Notes
    -----
    The check is nested: each fold's rows are pooled by weights found on the other folds' rows, and the gain over
    equal weights must exceed its standard error over rows.
    """
    averages = np.stack([bounded(one.mean(axis=1)) for one in members])
    equal = np.full(len(members), 1 / len(members))
    plain, nested = pooled(averages, equal), np.empty_like(averages[0])
    for fold in range(folds.count):
        others, rows = folds.training(fold), folds.held_out(fold)
        nested[rows] = pooled(averages[:, rows], fit_weights(targets[others], averages[:, others]))
    gain = estimate(row_board_log_loss(targets, plain) - row_board_log_loss(targets, nested))
    if not gain.value > gain.standard_error:
        return Pool(plain, equal, 1.0, gain)
    weights = fit_weights(targets, averages)
    return Pool(nested, weights, _sharpening(targets, members, weights, folds.count), gain)


def _sharpening(targets: np.ndarray, members: Sequence[np.ndarray], weights: np.ndarray, folds: int) -> float:
    """Return what the weights must be multiplied with for rows that networks of all folds predict.

    An out-of-fold row is an average over its fold's seeds, a test row one over ``folds * seeds`` networks. The more
    networks are averaged, the flatter their average already is, and the less is left to a temperature: by those of
    single networks and of the averages over seeds it is extrapolated, linearly in 1 / networks.
    """
    seeds = max(one.shape[1] for one in members)
    if seeds == 1:
        return 1.0
    turns = np.arange(seeds)
    singles = np.stack([bounded(one[:, turns % one.shape[1]].reshape(-1, one.shape[2])) for one in members])
    flattening = 1 / fit_weights(np.repeat(targets, seeds), pooled(singles, weights)[None])[0]
    slope = max(0.0, flattening - 1) / (1 - 1 / seeds)
    return float(1 / max(1 - slope * (1 / seeds - 1 / (folds * seeds)), 0.5))


def _board_log_loss_and_gradient(
    weights: np.ndarray, logarithms: np.ndarray, is_genre: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the board log loss of the pool with `weights`, and its derivatives by the weights."""
    shares = softmax(np.tensordot(weights, logarithms, 1), axis=1)
    complements = np.maximum(1 - shares, np.finfo(float).tiny)
    loss = -np.where(is_genre, np.log(np.maximum(shares, np.finfo(float).tiny)), np.log(complements)).mean()
    # d loss / d log share, then through the softmax.
    by_logit = np.where(is_genre, -1.0, shares / complements)
    by_logit = by_logit - shares * by_logit.sum(axis=1, keepdims=True)
    return loss, np.tensordot(logarithms, by_logit, 2) / is_genre.size
