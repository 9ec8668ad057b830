"""The genre shares of songs without labels, estimated from their predictions."""

from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from competition.scoring.probabilities import bounded

UNLIKELY = 0.01
"""A difference with a p-value below this is taken for more than chance."""
_EXPECTED_SONGS = 40
"""Songs with the expected shares that are added to the test songs before probabilities are corrected: estimates of rare
genres in small test files are often 0 (docs/experiments.md)."""
_MOST_ROUNDS = 1000
_SETTLED = 1e-7


@dataclass(frozen=True)
class PriorShift:
    """Genre shares where the labels are known, and where they are not.

    Attributes
    ----------
    expected : ndarray of float64, shape (genres,)
        The mean of the probabilities of songs of the training file, out of fold.
    estimated : ndarray of float64, shape (genres,)
        Each genre's share of the test songs.
    chance : float
        The p-value of their difference: how probable one as large would be if both files had one distribution.
    rows : int
        How many test songs there are.
    """

    expected: np.ndarray
    estimated: np.ndarray
    chance: float
    rows: int

    def correct(self, probabilities: np.ndarray) -> np.ndarray:
        """Return probabilities adjusted to the estimated genre shares.

        Parameters
        ----------
        probabilities : ndarray of float64, shape (test rows, genres)

        Returns
        -------
        ndarray of float64, shape (test rows, genres)
            As `bounded` returns them.
        """
        return bounded(probabilities * self._ratio())

    def _ratio(self) -> np.ndarray:
        songs = self.rows + _EXPECTED_SONGS
        return (self.rows * self.estimated + _EXPECTED_SONGS * self.expected) / songs / self.expected


def estimate_shift(test: np.ndarray, out_of_fold: np.ndarray) -> PriorShift:
    """Estimate the genre shares of songs from their probabilities.

    Parameters
    ----------
    test : ndarray of float64, shape (test rows, genres)
        Probabilities above 0.
    out_of_fold : ndarray of float64, shape (rows, genres)
        Those of the training songs, each by models that have not seen it.

    Notes
    -----
    The EM algorithm of Saerens, Latinne and Decaestecker, Adjusting the outputs of a classifier to new a priori
    probabilities, 2002. The shares are compared with the mean out-of-fold probability, not with the labels' shares, so
    that a model that always gives a genre too much probability does not look like a shift (Alexandari, Kundaje and
    Shrikumar, Maximum likelihood with bias-corrected calibration is hard to beat at label shift adaptation, 2020).

    The p-value is that of the likelihood-ratio test, its statistic divided by 1 + test rows / rows because the training
    shares come from a sample too.

    Examples
    --------
    >>> test = np.repeat([[0.9, 0.1], [0.1, 0.9]], [80, 20], axis=0)
    >>> out_of_fold = np.repeat([[0.9, 0.1], [0.1, 0.9]], [50, 50], axis=0)
    >>> shift = estimate_shift(test, out_of_fold)
    >>> shift.estimated.round(3), shift.chance < 0.001
    (array([0.875, 0.125]), True)
    """
    expected = out_of_fold.mean(axis=0)
    shares = expected
    for _ in range(_MOST_ROUNDS):
        joint = test * (shares / expected)
        updated = (joint / joint.sum(axis=1, keepdims=True)).mean(axis=0)
        change, shares = np.abs(updated - shares).max(), updated
        if change < _SETTLED:
            break
    gained = 2 * np.log((test * (shares / expected)).sum(axis=1)).sum()
    statistic = max(0.0, float(gained)) / (1 + len(test) / len(out_of_fold))
    return PriorShift(expected, shares, float(chdtrc(test.shape[1] - 1, statistic)), len(test))
