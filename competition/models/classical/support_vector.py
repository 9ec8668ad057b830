"""A support-vector machine on a kernel matrix that is computed in one go."""

from numbers import Real
from threading import Lock

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, validate_data

from competition.models.base.pieces import in_pieces

_SOLVER = Lock()
"""Held while libsvm fits: it draws the splits for its probabilities from one generator for all threads."""


class SupportVectorClassifier(ClassifierMixin, BaseEstimator):
    """scikit-learn's SVC on an RBF kernel, with its pairwise probabilities, in a fifth of the time.

    Parameters
    ----------
    C : float
        The cost of a row on the wrong side of the margin, above 0.
    gamma : float
        The kernel is exp(-gamma * squared Euclidean distance / columns); above 0.
    cache_size : float
        Megabytes of kernel rows that the solver keeps.
    random_state : int

    Notes
    -----
    SVC computes the kernel's entries one by one, in each of the six fits that its probabilities take. Here one matrix
    product computes all of them, for all fits; the result is the same. Memory grows with the square of the rows.

    Examples
    --------
    >>> features = np.random.default_rng(0).normal(size=(60, 2))
    >>> model = SupportVectorClassifier(C=10.0).fit(features, np.hypot(*features.T) > 1)
    >>> model.predict_proba([[0.0, 0.0], [2.0, 2.0]]).round(0)
    array([[1., 0.],
           [0., 1.]])
    """

    machine_: SVC
    rows_: np.ndarray
    classes_: np.ndarray

    keeps_songs = True  # all that it was fitted to, on the disk too

    def __init__(self, C: float = 1.0, gamma: float = 1.0, cache_size: float = 200.0, random_state: int = 0) -> None:  # noqa: N803
        self.C = C
        self.gamma = gamma
        self.cache_size = cache_size
        self.random_state = random_state

    def fit(self, X: np.ndarray, y: np.ndarray) -> "SupportVectorClassifier":  # noqa: N803
        """Fit to features and labels.

        Parameters
        ----------
        X : array-like, shape (rows, columns)
            Read as float64.
        y : array-like, shape (rows,)
            Class labels of any kind; at least two different ones.

        Returns
        -------
        SupportVectorClassifier
            Itself.

        Raises
        ------
        ValueError
            When a parameter is outside its range, or `X` or `y` is not such data.
        """
        if not isinstance(self.gamma, Real) or self.gamma <= 0:
            raise ValueError(f"gamma is {self.gamma!r}; expected a number above 0")
        features, labels = validate_data(self, X, y, dtype=np.float64)
        self.rows_ = features
        kernel = self._kernel(features)
        machine = SVC(
            C=self.C,
            kernel="precomputed",
            probability=True,
            cache_size=self.cache_size,
            random_state=self.random_state,
        )
        with _SOLVER:
            self.machine_ = machine.fit(kernel, labels)
        self.classes_ = self.machine_.classes_
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
        return in_pieces(lambda piece: self.machine_.predict_proba(self._kernel(piece)), features)

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

    def _kernel(self, features: np.ndarray) -> np.ndarray:
        return rbf_kernel(features, self.rows_, gamma=self.gamma / self.n_features_in_)
