"""Kernel ridge classification with probabilities calibrated on exact leave-one-out predictions."""

from collections.abc import Sequence

import numpy as np
from scipy.linalg import lapack
from scipy.spatial.distance import cdist
from scipy.special import log_softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from competition.models.base.pieces import in_pieces

_FACTORS = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 13.0)


class KernelRidgeClassifier(ClassifierMixin, BaseEstimator):
    """Ridge regression of the genres' indicators on a kernel, turned into probabilities by a logistic regression.

    Parameters
    ----------
    kernel : str
        ``"rbf"``: exp(-gamma * squared Euclidean distance / columns); ``"laplacian"``: exp(-gamma * Manhattan
        distance / columns).
    gammas, penalties : sequence of float
        The widths and ridge penalties, all above 0, from which the leave-one-out log loss chooses.
    choosing_rows : int
        Rows, drawn at random, on which that choice is made.
    random_state : int

    Attributes
    ----------
    gamma_, penalty_ : float
        What was chosen.

    Notes
    -----
    The prediction of row i by a regression fitted without it is ``y_i - a_i / inverse_ii`` (Cawley and Talbot, Fast
    exact leave-one-out cross-validation of sparse least-squares support vector machines, 2004), with
    ``inverse = (K + penalty * I)^-1`` and ``a = inverse @ y``: one inversion gives them all. The logistic regression
    sees only such predictions, so it knows how far they can be trusted. Memory grows with the square of the rows, time
    with their cube.

    Examples
    --------
    >>> features = np.random.default_rng(0).normal(size=(60, 2))
    >>> model = KernelRidgeClassifier().fit(features, np.hypot(*features.T) > 1)
    >>> model.predict_proba([[0.0, 0.0], [2.0, 2.0]]).round(0)
    array([[1., 0.],
           [0., 1.]])
    """

    keeps_songs = True  # all that it was fitted to, on the disk too

    def __init__(
        self,
        kernel: str = "rbf",
        gammas: Sequence[float] = (0.25, 0.5, 1.0),
        penalties: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 10.0),
        choosing_rows: int = 600,
        random_state: int = 0,
    ) -> None:
        self.kernel = kernel
        self.gammas = gammas
        self.penalties = penalties
        self.choosing_rows = choosing_rows
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: np.ndarray) -> "KernelRidgeClassifier":  # noqa: N803
        """Fit to features and labels.

        Parameters
        ----------
        X : array-like, shape (rows, columns)
            Read as float64.
        y : array-like, shape (rows,)
            Class labels of any kind; at least two different ones.

        Returns
        -------
        KernelRidgeClassifier
            Itself.

        Raises
        ------
        ValueError
            When the kernel is unknown, or `X` or `y` is not such data.
        """
        if self.kernel not in _DISTANCES:
            raise ValueError(f"kernel is {self.kernel!r}; expected one of {', '.join(_DISTANCES)}")
        features, labels = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(labels)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"found 1 class, {self.classes_[0]!r}; expected at least two")
        order = np.random.default_rng(self.random_state).permutation(len(features))
        indicators = np.eye(len(self.classes_))[codes]
        self.shares_ = indicators.mean(axis=0)
        self._choose(features[order[: self.choosing_rows]], indicators[order[: self.choosing_rows]])
        # By far the largest arrays: turned into the kernel and its factor in place.
        distances = _distances(self.kernel, features, features)
        kernel = self._kernel(distances, self.gamma_, out=distances)
        self.weights_, left_out = _solve(kernel, indicators - self.shares_, self.penalty_)
        self.rows_ = features
        self.logistic_ = _logistic().fit(left_out, codes)
        return self

    def predict_proba(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return class probabilities.

        Parameters
        ----------
        X : array-like, shape (rows, columns)
            Read as float64.

        Returns
        -------
        ndarray of float64, shape (rows, classes)
            In the order of `classes_`.

        Raises
        ------
        ValueError
            When it is not fitted (NotFittedError), or `X` does not have the columns given to `fit`.
        """
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float64, reset=False)
        return in_pieces(lambda piece: self.logistic_.predict_proba(self._regress(piece)), features)

    def predict(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return each row's most probable class.

        Parameters
        ----------
        X : array-like, shape (rows, columns)
            Read as float64.

        Returns
        -------
        ndarray, shape (rows,)
            Of the dtype of `classes_`.

        Raises
        ------
        ValueError
            When it is not fitted (NotFittedError), or `X` does not have the columns given to `fit`.
        """
        check_is_fitted(self)
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _choose(self, features: np.ndarray, indicators: np.ndarray) -> None:
        """Set `gamma_` and `penalty_` to those of the lowest leave-one-out log loss."""
        codes = indicators.argmax(axis=1)
        distances = _distances(self.kernel, features, features)
        losses = {}
        for gamma in self.gammas:
            for penalty in self.penalties:
                _, left_out = _solve(self._kernel(distances, gamma), indicators - self.shares_, penalty)
                losses[gamma, penalty] = _sharpest_log_loss(left_out + self.shares_, codes)
        self.gamma_, self.penalty_ = min(losses, key=losses.__getitem__)

    def _kernel(self, distances: np.ndarray, gamma: float, out: np.ndarray | None = None) -> np.ndarray:
        scaled = np.multiply(distances, -gamma / self.n_features_in_, out=out)
        return np.exp(scaled, out=scaled)

    def _regress(self, features: np.ndarray) -> np.ndarray:
        return self._kernel(_distances(self.kernel, features, self.rows_), self.gamma_) @ self.weights_


_DISTANCES = {
    "rbf": lambda left, right: euclidean_distances(left, right, squared=True),
    "laplacian": lambda left, right: cdist(left, right, "cityblock"),
}


def _distances(kernel: str, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return _DISTANCES[kernel](left, right)


def _solve(kernel: np.ndarray, values: np.ndarray, penalty: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the regression's weights and the leave-one-out predictions, each (rows, classes); overwrites `kernel`."""
    kernel[np.diag_indices_from(kernel)] += penalty
    # Of a symmetric matrix, LAPACK's column-major upper triangle is numpy's lower one: no copy is made.
    factor, _ = lapack.dpotrf(kernel.T, lower=0, overwrite_a=1)
    # Of the inverse, its product with the values and its diagonal are all that is needed: half the work of making it.
    inverse_factor, _ = lapack.dtrtri(factor, lower=0, overwrite_c=1)
    weights = inverse_factor @ (inverse_factor.T @ values)
    return weights, values - weights / np.einsum("ij,ij->i", inverse_factor, inverse_factor)[:, None]


def _sharpest_log_loss(predictions: np.ndarray, codes: np.ndarray) -> float:
    """Return the lowest log loss of softmax(factor * predictions) by a few factors: a stand-in for `_logistic`."""
    return min(-log_softmax(factor * predictions, axis=1)[np.arange(len(codes)), codes].mean() for factor in _FACTORS)


def _logistic() -> LogisticRegression:
    # The predictions are within -1 and 1; the usual penalty, meant for columns of deviation 1, would shrink too much.
    return LogisticRegression(C=25.0, max_iter=500)
