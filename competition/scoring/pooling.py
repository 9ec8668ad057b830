"""Pooling several models' probabilities: a weighted sum of their logarithms, calibrated out of fold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax
from threadpoolctl import ThreadpoolController

from competition.data.folds import Folds
from competition.scoring.boards import BINARY_LOG_LOSS, ProbabilitiesMetric
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import Estimate, estimate
from competition.scoring.probabilities import bounded

MOST_WEIGHT = 4.0
_TO_THE_END = {"gtol": 1e-7, "ftol": 1e-12}
MOST_BIAS = 2.0
_LEAST_OF_ONE = 0.25
_MOST_SINGLES = 8
"""This many single networks are enough; their rows are in memory together."""
_BIAS_SPREAD = 0.5
_MOST_FITTED = 100_000
"""Weights and biases are fitted to so many rows at most, drawn at random: a dozen numbers need no more."""


@dataclass(frozen=True)
class Pool:
    """How several models' probabilities are pooled, and what that gains out of fold.

    Attributes
    ----------
    plain : ndarray of float64, shape (rows, genres)
        The out-of-fold rows pooled with equal weights, before calibration.
    out_of_fold : ndarray of float64, shape (rows, genres)
        Each row pooled with weights and biases fitted on the rows of the other folds, where `gain` and `bias_gain` are
        convincing; with equal weights and without biases otherwise.
    weights : ndarray of float64, shape (models,)
        Fitted on all rows; equal, with a sum of 1, where neither fitted weights nor biases helped.
    sharpening : float
        The factor on the weights for probabilities averaged over the networks of all folds.
    gain : Estimate
        By how much weights fitted on other folds lowered the loss of the out-of-fold rows, compared with equal ones.
    biases : ndarray of float64, shape (genres,)
        Fitted on all rows, added to the logarithms of the pooled probabilities; all 0 where they did not help.
    bias_gain : Estimate
        By how much biases, fitted on other folds together with weights, lowered it further.
    flattening : float
        A further factor on weights and biases, below 1 for test songs that are not like the training songs.
    """

    plain: np.ndarray
    out_of_fold: np.ndarray
    weights: np.ndarray
    sharpening: float
    gain: Estimate
    biases: np.ndarray
    bias_gain: Estimate
    flattening: float = 1.0

    @property
    def is_fitted(self) -> bool:
        """Whether fitted weights are used, not equal ones."""
        return is_convincing(self.gain) or self.is_biased

    @property
    def is_biased(self) -> bool:
        """Whether the biases are used."""
        return is_convincing(self.bias_gain)

    @property
    def final_weights(self) -> np.ndarray:
        """The weights for probabilities averaged over the networks of all folds; float64, shape (models,)."""
        return self.weights * self.sharpening * self.flattening

    @property
    def final_biases(self) -> np.ndarray:
        """The biases that belong to them; float64, shape (genres,)."""
        return self.biases * self.flattening

    def apply(self, probabilities: Sequence[np.ndarray]) -> np.ndarray:
        """Pool the models' probabilities of new rows.

        Parameters
        ----------
        probabilities : sequence of ndarray of float64, shape (rows, genres)
            One for each model, averaged over the networks of all folds; above 0.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        return pooled(np.stack(probabilities), self.final_weights, self.final_biases)


def equal_pool(pools: Sequence[Pool], places: Sequence[Sequence[int]]) -> Pool:
    """Join pools with equal weights: each row is the geometric mean of the pools' rows.

    Parameters
    ----------
    pools : sequence of Pool
        Of the same rows.
    places : sequence of sequence of int
        For each pool, where its models stand among all models.

    Returns
    -------
    Pool
        Of all models. The gains are those of the first pool.
    """
    share, weights = 1 / len(pools), np.zeros(1 + max(max(one) for one in places))
    for pool, where in zip(pools, places, strict=True):
        weights[list(where)] += share * pool.weights * pool.sharpening
    equal = np.full(len(pools), share)
    plain, chosen = (
        pooled(np.stack([pool.plain for pool in pools]), equal),
        pooled(np.stack([pool.out_of_fold for pool in pools]), equal),
    )
    biases = np.mean([pool.biases for pool in pools], axis=0)
    return Pool(plain, chosen, weights, 1.0, pools[0].gain, biases, pools[0].bias_gain)


def is_convincing(gain: Estimate) -> bool:
    """Return whether a gain exceeds its standard error."""
    return gain.value > gain.standard_error


def fit_weights(
    targets: np.ndarray, probabilities: np.ndarray, metric: ProbabilitiesMetric = BINARY_LOG_LOSS
) -> np.ndarray:
    """Return the weights with the lowest loss.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (models, rows, genres)
        Above 0.
    metric : ProbabilitiesMetric
        The loss.

    Returns
    -------
    ndarray of float64, shape (models,)
        Each in [0, `MOST_WEIGHT`], a single model's in [0.25, `MOST_WEIGHT`]: the bounds hold it where a model is
        nearly perfect or nearly useless.
    """
    return _fit(targets, probabilities, metric, most_bias=0.0)[0]


def fit_weights_and_biases(
    targets: np.ndarray, probabilities: np.ndarray, metric: ProbabilitiesMetric = BINARY_LOG_LOSS
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights and genre biases that together have the lowest penalized loss.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (models, rows, genres)
        Above 0.
    metric : ProbabilitiesMetric
        The loss.

    Returns
    -------
    weights : ndarray of float64, shape (models,)
        As in `fit_weights`.
    biases : ndarray of float64, shape (genres,)
        Each in [-`MOST_BIAS`, `MOST_BIAS`], adding up to about 0.

    Notes
    -----
    For a single model this is vector scaling with one factor for all genres (Guo, Pleiss, Sun and Weinberger, On
    calibration of modern neural networks, 2017). A penalty, that of a normal prior with a standard deviation of 0.5,
    keeps the biases of genres with few songs near 0.
    """
    return _fit(targets, probabilities, metric, most_bias=MOST_BIAS)


def _fit(
    targets: np.ndarray, probabilities: np.ndarray, metric: ProbabilitiesMetric, most_bias: float
) -> tuple[np.ndarray, np.ndarray]:
    models, _, genres = probabilities.shape
    some = _some(len(targets))
    logarithms = np.log(probabilities[:, some])
    is_genre = np.arange(genres) == np.asarray(targets)[some, None]
    penalty = 1 / (2 * _BIAS_SPREAD**2 * metric.terms(is_genre))

    def loss_and_gradient(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the penalized loss and its gradient.

        Parameters
        ----------
        parameters : ndarray of float64, shape (models + genres,)
            The weights, then the biases.

        Returns
        -------
        loss : float
        gradient : ndarray of float64, shape (models + genres,)
        """
        weights, biases = parameters[:models], parameters[models:]
        shares = softmax(np.tensordot(weights, logarithms, 1) + biases, axis=1)
        loss, by_logit = metric.loss_and_gradient(is_genre, shares)
        by_bias = by_logit.sum(axis=0) + 2 * penalty * biases
        return loss + penalty * biases @ biases, np.concatenate([np.tensordot(logarithms, by_logit, 2), by_bias])

    least = _LEAST_OF_ONE if models == 1 else 0.0
    start = np.concatenate([np.full(models, 1 / models), np.zeros(genres)])
    bounds = [(least, MOST_WEIGHT)] * models + [(-most_bias, most_bias)] * genres
    with _linear_algebra().limit(limits=1):  # on arrays this small, several threads wait for each other
        found = minimize(loss_and_gradient, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_TO_THE_END).x
    return found[:models], found[models:]


def _some(rows: int) -> slice | np.ndarray:
    """Return all of so many rows, or `_MOST_FITTED` of them, ascending."""
    if rows <= _MOST_FITTED:
        return slice(None)
    return np.sort(np.random.default_rng(rows).choice(rows, _MOST_FITTED, replace=False))


@cache
def _linear_algebra() -> ThreadpoolController:
    return ThreadpoolController()


def fit_pool(
    targets: np.ndarray,
    models: Sequence[np.ndarray],
    folds: Folds,
    metric: ProbabilitiesMetric = BINARY_LOG_LOSS,
    groups: np.ndarray | None = None,
) -> Pool:
    """Fit weights and biases on out-of-fold rows, and keep each only if it helps on rows it was not fitted on.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    models : sequence of ndarray of float64, shape (rows, seeds, genres)
        For each model, out-of-fold probabilities by each network of the fold that holds the row out.
    folds : Folds
    metric : ProbabilitiesMetric
        The loss that is to be low.
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are not independent: gains must exceed standard errors over groups.

    Notes
    -----
    The check is nested: each fold's rows are pooled with weights fitted on the other folds' rows, and the gain over
    equal weights must exceed its standard error over rows. In the same way, the gain of weights and biases over the
    pool chosen so must exceed its own standard error.
    """
    averages = np.stack([bounded(one.mean(axis=1)) for one in models])
    weights, biases = np.full(len(models), 1 / len(models)), np.zeros(averages.shape[2])
    plain = chosen = pooled(averages, weights)
    nested = pooled_nested(targets, averages, folds, partial(fit_weights, metric=metric))
    gain = lowered(metric, targets, plain, nested, groups)
    if is_convincing(gain):
        chosen, weights = nested, fit_weights(targets, averages, metric)
    nested = pooled_nested(targets, averages, folds, partial(fit_weights_and_biases, metric=metric))
    bias_gain = lowered(metric, targets, chosen, nested, groups)
    if is_convincing(bias_gain):
        chosen, (weights, biases) = nested, fit_weights_and_biases(targets, averages, metric)
    sharpening = 1.0 if chosen is plain else _sharpening(targets, models, weights, biases, folds.count, metric)
    return Pool(plain, chosen, weights, sharpening, gain, biases, bias_gain)


def lowered(
    metric: ProbabilitiesMetric,
    targets: np.ndarray,
    before: np.ndarray,
    after: np.ndarray,
    groups: np.ndarray | None = None,
) -> Estimate:
    """Return by how much some probabilities' loss is below others'.

    Parameters
    ----------
    metric : ProbabilitiesMetric
    targets : ndarray of int, shape (rows,)
    before, after : ndarray of float64, shape (rows, genres)
    groups : ndarray of int, shape (rows,), or None
        As for `competition.scoring.metrics.estimate`.
    """
    return estimate(metric.row_values(targets, before) - metric.row_values(targets, after), groups)


def pooled_nested(
    targets: np.ndarray, probabilities: np.ndarray, folds: Folds, fit: Callable[[np.ndarray, np.ndarray], Any]
) -> np.ndarray:
    """Pool each fold's rows with what `fit` finds on the other folds' rows.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (models, rows, genres)
        Above 0.
    folds : Folds
    fit : callable
        From targets and probabilities to weights, or to weights and biases: as `fit_weights`, `fit_weights_and_biases`.

    Returns
    -------
    ndarray of float64, shape (rows, genres)
    """
    result = np.empty_like(probabilities[0])
    for fold in range(folds.count):
        others, rows = folds.training(fold), folds.held_out(fold)
        found = fit(targets[others], probabilities[:, others])
        result[rows] = pooled(probabilities[:, rows], *(found if isinstance(found, tuple) else (found,)))
    return result


def _sharpening(
    targets: np.ndarray,
    models: Sequence[np.ndarray],
    weights: np.ndarray,
    biases: np.ndarray,
    folds: int,
    metric: ProbabilitiesMetric,
) -> float:
    """Return the factor on the weights for rows that the networks of all folds predict.

    An out-of-fold row is an average over its fold's seeds, a test row one over ``folds * seeds`` networks. The more
    networks are averaged, the flatter their average already is, and the less a temperature has to flatten it. It is
    extrapolated, linearly in 1 / networks, from those of single networks and of the averages over seeds.
    """
    seeds = max(one.shape[1] for one in models)
    if seeds == 1:
        return 1.0
    turns = np.arange(min(seeds, _MOST_SINGLES))
    singles = np.stack([bounded(one[:, turns % one.shape[1]].reshape(-1, one.shape[2])) for one in models])
    repeated = np.repeat(targets, len(turns))
    flattening = 1 / fit_weights(repeated, pooled(singles, weights, biases)[None], metric)[0]
    slope = max(0.0, flattening - 1) / (1 - 1 / seeds)
    return float(1 / max(1 - slope * (1 / seeds - 1 / (folds * seeds)), 0.5))
