"""One temperature for averaged probabilities: sharper or flatter all at once, and only where that helps."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar

from competition.folds import Folds
from competition.metrics import Estimate, board_log_loss, estimate, row_board_log_loss
from competition.probabilities import bounded

TEMPERATURE_BOUNDS = (0.25, 4.0)


@dataclass(frozen=True)
class Calibration:
    """What a temperature does to a cross-fit's probabilities.

    Attributes
    ----------
    out_of_fold : ndarray of float64, shape (rows, genres)
        Each row at the temperature found on the rows of the other folds; unchanged where `temperature` is 1.
    temperature : float
        For probabilities averaged over the networks of all folds; 1 where no temperature helped.
    gain : Estimate
        By how much temperatures found on other folds lowered the board log loss of the out-of-fold rows.
    """

    out_of_fold: np.ndarray
    temperature: float
    gain: Estimate


def temper(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Divide the logarithms of probabilities (rows, genres) by a temperature and let rows sum to 1 again.

    Above 1 they become flatter, below 1 sharper; the order of the genres stays.

    Examples
    --------
    >>> temper(np.array([[0.8, 0.2]]), 2.0).round(4)
    array([[0.6667, 0.3333]])
    """
    if temperature == 1:
        return probabilities
    logits = np.log(probabilities) / temperature
    return bounded(np.exp(logits - logits.max(axis=1, keepdims=True)))


def fit_temperature(targets: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the temperature within `TEMPERATURE_BOUNDS` with the lowest board log loss.

    Notes
    -----
    A bounded search over its logarithm (Guo et al., On Calibration of Modern Neural Networks, 2017, fit it without
    bounds; then it can run away where a model is nearly perfect or nearly useless).
    """
    result = minimize_scalar(
        lambda logarithm: board_log_loss(targets, temper(probabilities, np.exp(logarithm))),
        bounds=np.log(TEMPERATURE_BOUNDS),
        method="bounded",
        options={"xatol": 1e-3},
    )
    return float(np.exp(result.x))


def calibrate(targets: np.ndarray, members: np.ndarray, folds: Folds) -> Calibration:
    """Find a temperature on out-of-fold rows, and keep it when it helps rows that did not choose it.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
    members : ndarray of float64, shape (rows, seeds, genres)
        Out-of-fold probabilities by each network of the fold that holds the row out.
    folds : Folds

    Notes
    -----
    The check is nested: each fold's rows are judged at the temperature found on the other folds' rows, and the gain
    must exceed its standard error over rows.

    An out-of-fold row is an average over `seeds` networks, a test row one over ``folds * seeds``. The more networks
    are averaged, the flatter their average already is, and the less is left to the temperature: by the temperatures
    of single networks and of the average over seeds it is extrapolated, linearly in 1 / networks.
    """
    average = bounded(members.mean(axis=1))
    nested = average.copy()
    for fold in range(folds.count):
        others, rows = folds.training(fold), folds.held_out(fold)
        nested[rows] = temper(average[rows], fit_temperature(targets[others], average[others]))
    gain = estimate(row_board_log_loss(targets, average) - row_board_log_loss(targets, nested))
    if not gain.value > gain.standard_error:
        return Calibration(average, 1.0, gain)
    return Calibration(nested, _extrapolated_temperature(targets, members, folds.count), gain)


def _extrapolated_temperature(targets: np.ndarray, members: np.ndarray, folds: int) -> float:
    seeds = members.shape[1]
    of_average = fit_temperature(targets, bounded(members.mean(axis=1)))
    if seeds == 1:
        return of_average
    of_one = fit_temperature(np.repeat(targets, seeds), bounded(members.reshape(-1, members.shape[2])))
    slope = max(0.0, of_one - of_average) / (1 - 1 / seeds)
    return float(np.clip(of_average - slope * (1 / seeds - 1 / (folds * seeds)), *TEMPERATURE_BOUNDS))
