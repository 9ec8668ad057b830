"""Standardization, fitted on the rows a network is trained on and on no others."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Standardizer:
    """Column means and the inverses of column standard deviations.

    Attributes
    ----------
    mean : ndarray of float64, shape (columns,)
    inverse_scale : ndarray of float64, shape (columns,)
        0 where the column was constant.
    """

    mean: np.ndarray
    inverse_scale: np.ndarray

    def transform(self, features: np.ndarray) -> np.ndarray:
        """Return `features` (rows, columns) with mean 0 and deviation 1 by the fitted rows, as float32.

        A column that was constant when fitted comes out as 0 in every row, also where it now varies:
        nothing could be learned from it.
        """
        return ((features - self.mean) * self.inverse_scale).astype(np.float32)


def fit_standardizer(features: np.ndarray) -> Standardizer:
    """Fit a Standardizer to training rows, shape (rows, columns).

    Examples
    --------
    >>> scaler = fit_standardizer(np.array([[1.0, 7.0], [3.0, 7.0]]))
    >>> scaler.transform(np.array([[5.0, 8.0]]))
    array([[3., 0.]], dtype=float32)
    """
    features = np.asarray(features, np.float64)
    # Rounding gives a constant column a tiny deviation of its own, so constancy is not read off the deviation.
    varies = features.max(axis=0) > features.min(axis=0)
    deviation = np.where(varies, features.std(axis=0), 1.0)
    return Standardizer(features.mean(axis=0), np.where(varies, 1.0 / deviation, 0.0))
