"""Cross-fitting scikit-learn models on the folds that the networks are trained on."""

import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from competition.classical.recipe import ClassicalRecipe
from competition.crossfit import CrossFit, Progress, derived_seed, fit_recipe_scaler, no_progress
from competition.dataset import Dataset
from competition.errors import RecipeError
from competition.folds import Folds
from competition.probabilities import bounded
from competition.scaling import Scaler


@dataclass(frozen=True)
class FoldModel:
    """The model of one fold: its scaling and its fitted estimator.

    Attributes
    ----------
    scaler : Scaler
    estimator : ClassifierMixin
        Its classes are 0-based genre numbers.
    genres : int
        All genres, those that the estimator has never seen included.
    """

    scaler: Scaler
    estimator: ClassifierMixin
    genres: int

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return probabilities, float64, (rows, genres), of rows as they are in the files; 0 for unseen genres."""
        probabilities = np.zeros((len(features), self.genres))
        with _without_warnings():
            probabilities[:, self.estimator.classes_] = self.estimator.predict_proba(self.scaler.transform(features))
        return probabilities


@dataclass(frozen=True)
class FoldModels:
    """The models of all folds."""

    models: tuple[FoldModel, ...]

    def predict(self, features: np.ndarray) -> np.ndarray:
        """Return the mean of all models' probabilities, float64, (rows, genres)."""
        return bounded(np.mean([model.predict(features) for model in self.models], axis=0))


def cross_fit_classical(
    dataset: Dataset, recipe: ClassicalRecipe, folds: Folds, seed: int, *, progress: Progress = no_progress
) -> CrossFit:
    """Do what `competition.training.cross_fit` does, with one scikit-learn model a fold.

    Raises
    ------
    RecipeError
        When scikit-learn refuses the recipe's parameters.
    """
    members = np.empty((dataset.rows, 1, len(dataset.edition.genres)))
    models = []

    def fit(fold: int) -> FoldModel:
        return _fit(dataset, recipe, folds.training(fold), derived_seed(seed, fold))

    # One thread for each fold's linear algebra: two folds at once are faster than one with two threads.
    # Closing the fits takes back those that have not begun, when the progress or an interruption ends the loop.
    with (
        threadpool_limits(1),
        _without_warnings(),
        ThreadPoolExecutor(os.cpu_count()) as pool,
        closing(pool.map(fit, range(folds.count))) as fits,
    ):
        for fold, model in enumerate(fits):
            members[folds.held_out(fold), 0] = model.predict(dataset.features[folds.held_out(fold)])
            models.append(model)
            progress(fold + 1, folds.count, np.nan)
    trained = FoldModels(tuple(models))
    test = None if dataset.test_features is None else trained.predict(dataset.test_features)
    return CrossFit(members, test, (), trained)


def _fit(dataset: Dataset, recipe: ClassicalRecipe, rows: np.ndarray, seed: int) -> FoldModel:
    if 0 < recipe.most_rows < len(rows):
        rows = np.sort(np.random.default_rng(seed).choice(rows, recipe.most_rows, replace=False))
    scaler = fit_recipe_scaler(recipe, dataset, rows)
    try:
        estimator = recipe.estimator(seed).fit(scaler.transform(dataset.features[rows]), dataset.targets[rows])
    except (ValueError, TypeError) as problem:
        raise RecipeError(f"{recipe.name}: scikit-learn refuses it: {problem}") from None
    return FoldModel(scaler, estimator, len(dataset.edition.genres))


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Pass over scikit-learn's own warnings.

    The support-vector machine's pairwise probabilities are announced to go in a later scikit-learn; they are far
    better than what is to follow them (docs/experiments.md), and requirements.txt holds a version that has them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
