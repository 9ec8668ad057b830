"""Cross-fitting scikit-learn models on the folds that the networks are trained on."""

import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import skops.io
from sklearn.base import ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.data.frames import Frames
from competition.errors import RecipeError
from competition.models.base.crossfit import CrossFit, Progress, derived_seed, fit_fold_scaler, no_progress
from competition.models.base.scaling import Scaler
from competition.models.classical.recipe import ClassicalRecipe
from competition.moved import old_names_of
from competition.runtime.parts import in_parts
from competition.runtime.processors import usable_processors
from competition.scoring.probabilities import bounded

_TYPES = [
    "competition.models.classical.kernel_ridge.KernelRidgeClassifier",
    "competition.models.classical.support_vector.SupportVectorClassifier",
    "competition.models.classical.engine.FoldModel",
    "competition.models.classical.engine.FoldModels",
    "competition.models.base.scaling.Affine",
    "competition.models.base.scaling.Fill",
    "competition.models.base.scaling.Projection",
    "competition.models.base.scaling.Quantiles",
    "competition.models.base.scaling.Scaler",
    "competition.models.base.scaling.SmoothClip",
    "sklearn.tree._tree.Tree",
]
"""Types that a file of classical models may hold besides numpy's and scikit-learn's plain ones."""
_TRUSTED = [*_TYPES, *(old for name in _TYPES for old in old_names_of(name))]
"""The same, and their names in files that older versions wrote."""


@dataclass(frozen=True)
class FoldModel:
    """The model of one fold: its scaling and its fitted estimator.

    Attributes
    ----------
    scaler : Scaler
    estimator : ClassifierMixin
        Its classes are 0-based genre numbers.
    genres : int
        The number of genres, including those that the estimator has never seen.
    """

    scaler: Scaler
    estimator: ClassifierMixin
    genres: int

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the fold's probabilities.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            As in the files, not scaled; at least one row.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
            0 for genres that the estimator has never seen.
        """
        return in_parts(self._predict_part, features)

    def _predict_part(self, features: np.ndarray) -> np.ndarray:
        probabilities = np.zeros((len(features), self.genres))
        probabilities[:, self.estimator.classes_] = self.estimator.predict_proba(self.scaler.transform(features))
        return probabilities


@dataclass(frozen=True)
class FoldModels:
    """The models of all folds."""

    models: tuple[FoldModel, ...]
    suffix = ".skops"

    def predict(self, features: np.ndarray, frames: Frames | None = None) -> np.ndarray:
        """Return probabilities averaged over all folds' models.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            As in the files, not scaled; at least one row.
        frames : Frames or None
            Not read.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        return in_parts(self._predict_part, features)

    def _predict_part(self, features: np.ndarray) -> np.ndarray:
        with _several_at_once(lambda model: model.predict(features), self.models) as predictions:
            return bounded(np.mean(list(predictions), axis=0))

    def predict_held_out(
        self, features: np.ndarray, assignment: np.ndarray, folds: int, frames: Frames | None = None
    ) -> np.ndarray:
        """Return each row's probabilities by the model that has not seen it.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            Of training songs, as in the files or changed; at least one row.
        assignment : ndarray of int64, shape (rows,)
            The fold that holds each row out.
        folds : int
            How many there are.
        frames : Frames or None
            Not read.

        Returns
        -------
        ndarray of float64, shape (rows, genres)
        """
        parts = [(model, np.flatnonzero(assignment == fold)) for fold, model in enumerate(self.models)]
        parts = [(model, rows) for model, rows in parts if len(rows)]
        result = np.empty((len(features), self.models[0].genres))
        with _several_at_once(lambda part: part[0].predict(features[part[1]]), parts) as predictions:
            for (_, rows), predicted in zip(parts, predictions, strict=True):
                result[rows] = predicted
        return bounded(result)

    def save(self, path: Path) -> None:
        """Write the models as a ``.skops`` file."""
        skops.io.dump(self, path)


def load_predictor(path: Path) -> FoldModels:
    """Read a file that `FoldModels.save` wrote; other than trusted types are refused, and no code is run.

    Raises
    ------
    TypeError
        When there is something else in it; skops raises many other errors for damaged files.
    """
    found = skops.io.load(path, trusted=_TRUSTED)
    if not isinstance(found, FoldModels) or not all(map(_is_whole, found.models)):
        raise TypeError("it holds no models of folds")
    return found


def _is_whole(model: Any) -> bool:
    return (
        isinstance(model, FoldModel)
        and isinstance(model.scaler, Scaler)
        and isinstance(model.estimator, ClassifierMixin)
        and isinstance(model.genres, int)
    )


def cross_fit_classical(
    dataset: Dataset, recipe: ClassicalRecipe, folds: Folds, seed: int, *, progress: Progress = no_progress
) -> CrossFit:
    """Do the same as `competition.models.networks.engine.cross_fit`, with one scikit-learn model per fold.

    Parameters
    ----------
    dataset : Dataset
    recipe : ClassicalRecipe
    folds : Folds
        One assignment for all rows of `dataset`.
    seed : int
        At least 0.
    progress : callable
        Called after each fold with the number of folds done, of all folds, and nan.

    Returns
    -------
    CrossFit
        With one seed and an empty history.

    Raises
    ------
    RecipeError
        When scikit-learn refuses the recipe's parameters, or there are more components than a fold has training rows.
    """
    members = np.empty((dataset.rows, 1, len(dataset.edition.genres)))
    models = []
    with _several_at_once(partial(_fit, dataset, recipe, seed), _training_of(folds)) as fits:
        for fold, model in enumerate(fits):
            members[folds.held_out(fold), 0] = model.predict(dataset.features[folds.held_out(fold)])
            models.append(model)
            progress(fold + 1, folds.count, np.nan)
    trained = FoldModels(tuple(models))
    test = None if dataset.test_features is None else trained.predict(dataset.test_features)
    return CrossFit(members, test, (), trained)


def fit_folds(dataset: Dataset, recipe: ClassicalRecipe, training: Sequence[np.ndarray], seed: int) -> FoldModels:
    """Fit one model a fold, on given rows, for what needs no more than its predictions of held-out rows.

    Parameters
    ----------
    dataset : Dataset
    recipe : ClassicalRecipe
    training : sequence of ndarray of int64
        The rows that each fold's model may see.
    seed : int

    Raises
    ------
    RecipeError
        As `cross_fit_classical` does.
    """
    with _several_at_once(partial(_fit, dataset, recipe, seed), list(enumerate(training))) as fits:
        return FoldModels(tuple(fits))


def _training_of(folds: Folds) -> list[tuple[int, np.ndarray]]:
    return [(fold, folds.training(fold)) for fold in range(folds.count)]


@contextmanager
def _several_at_once(work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Iterator[Any]]:
    """Yield an iterator over `work`'s results for the items, in their order, computed by one thread per processor.

    Each thread's linear algebra has one processor: two folds at once are faster than one with two threads.
    """
    with (
        threadpool_limits(1),
        _without_warnings(),
        ThreadPoolExecutor(usable_processors()) as pool,
        # Closing cancels work that has not begun when an interruption, or a missed deadline, ends the block.
        closing(cast(Generator[Any, None, None], pool.map(work, items))) as results,
    ):
        yield results


def _fit(dataset: Dataset, recipe: ClassicalRecipe, seed: int, part: tuple[int, np.ndarray]) -> FoldModel:
    """Fit the model of a fold, given with the rows that it may see."""
    fold, rows = part
    seed = derived_seed(seed, fold)
    if 0 < recipe.most_rows < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, recipe.most_rows, replace=False))
    scaler = fit_fold_scaler(recipe.scaling, dataset, rows)
    try:
        scaled = in_parts(lambda some: scaler.transform(dataset.features[some]), rows)
        estimator = recipe.unfitted(seed).fit(scaled, dataset.targets[rows])
    except _problems_of(recipe) as problem:
        raise RecipeError(f"{recipe.name}: {recipe.estimator or 'scikit-learn'} refuses it: {problem}") from None
    return FoldModel(scaler, estimator, len(dataset.edition.genres))


def _problems_of(recipe: ClassicalRecipe) -> tuple[type[Exception], ...]:
    """Return what an estimator raises of parameters that do not fit: another package's may raise anything."""
    return (Exception,) if recipe.is_imported else (ValueError, TypeError)


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Silence scikit-learn's own warnings.

    A later scikit-learn will drop the support-vector machine's pairwise probabilities; they are far better than their
    replacement (docs/experiments.md), and requirements.txt pins a version that has them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
