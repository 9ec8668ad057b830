"""The scikit-learn interface: the kit's cross-fitted, averaged, calibrated networks as a classifier for arrays."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.data.folds import Folds, assigned_folds, stratified_folds, warn_of_untrained_genres
from competition.errors import FoldsError, RecipeError
from competition.models.base.crossfit import CrossFit
from competition.models.networks.recipe import Recipe
from competition.models.recipes import AnyRecipe, built_in_recipes, load_recipe, read_recipe
from competition.scoring.pooling import fit_pool

if TYPE_CHECKING:
    from competition.models.networks.pack import Pack


class GenreClassifier(ClassifierMixin, BaseEstimator):
    """Cross-fitted networks, their probabilities averaged and calibrated.

    Parameters
    ----------
    recipe : str, Path or Recipe
        A recipe's name, the path of its TOML file, or the recipe itself. It must be one that reads all columns at
        once: an array does not say which columns belong together.
    folds : int or array-like of shape (n_samples,)
        How many folds, at least 2; or each row's fold, as whole numbers. Fewer are used, with a KitWarning, where a
        class has fewer rows.
    seeds : int
        Networks of each fold, at least 1.
    random_state : int, RandomState or None
        With an int, fits are reproducible on the same machine.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Only where `fit` was given names, as by a data frame.
    oof_proba_ : ndarray of float64, shape (n_samples, n_classes)
        The probabilities of the rows given to `fit`, in their order, each by the networks of the fold that holds it
        out, which have not seen it; where a temperature or biases help, with those fitted on the other folds' rows.
    folds_ : ndarray of int64, shape (n_samples,)
        The fold that holds out each row.
    pool_ : Pool
        The temperature and biases that `predict_proba` applies, and what they gained.
    pack_ : Pack
        The networks, a Keras model.

    Notes
    -----
    The defaults are light: 10 folds and 4 seeds, as in ``submit``, predict better and take longer.

    Rows are read as float32. TensorFlow is imported by the first `fit`, and by unpickling a fitted classifier.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> genres = np.repeat(["Jazz", "Rock"], 20)
    >>> features = generator.normal(size=(40, 3)) + 2.0 * (genres == "Rock")[:, None]
    >>> classifier = GenreClassifier("baseline", folds=2, seeds=1, random_state=0).fit(features, genres)
    >>> classifier.predict_proba(features[:5]).shape, classifier.oof_proba_.shape
    ((5, 2), (40, 2))
    """

    def __init__(
        self,
        recipe: str | Path | Recipe = "dense",
        *,
        folds: int | ArrayLike = 5,
        seeds: int = 2,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.recipe = recipe
        self.folds = folds
        self.seeds = seeds
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803
        """Train networks for every fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            Labels of any kind that scikit-learn takes for classes; at least two, each of at least two rows.

        Raises
        ------
        ValueError
            When `X` or `y` is not such data. Also as RecipeError, when there is no such recipe, or its training
            diverges, and as FoldsError, when the rows cannot be divided into the folds.
        """
        recipe, seeds = _checked_recipe(self.recipe), _checked_seeds(self.seeds)
        features, labels = validate_data(self, X, y, dtype=np.float32, ensure_min_samples=2)
        check_classification_targets(labels)
        self.classes_, targets = np.unique(labels, return_inverse=True)
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        folds = _choose_folds(self.folds, targets, self.classes_, seed)
        dataset = Dataset(_edition(self.classes_, features.shape[1]), features, targets, None, "an array")
        # Imported here: TensorFlow takes seconds, and importing or cloning a classifier does not need it.
        from competition.models.networks.engine import cross_fit

        with _global_random_states_kept():
            fit = cross_fit(dataset, recipe, folds, seed, seeds=seeds)
        self.pool_ = fit_pool(targets, [fit.by_seed], folds)
        self.pack_, self.folds_, self.oof_proba_ = _pack_of(fit), folds.assignment, self.pool_.out_of_fold
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:  # noqa: N803
        """Return rows' probabilities, averaged over all networks; float64, shape (n_samples, n_classes)."""
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float32, reset=False)
        from competition.models.networks.engine import predict_mean

        return self.pool_.apply([predict_mean(self.pack_, features)])

    def predict(self, X: ArrayLike) -> np.ndarray:  # noqa: N803
        """Return rows' most probable classes; shape (n_samples,)."""
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]


def _pack_of(fit: CrossFit) -> "Pack":
    from competition.models.networks.engine import PackPredictor

    if not isinstance(fit.models, PackPredictor):
        raise TypeError(f"expected a pack of networks, found {fit.models!r}")
    return fit.models.pack


def _checked_recipe(recipe: str | Path | Recipe) -> Recipe:
    found = recipe if isinstance(recipe, Recipe) else _found_recipe(recipe)
    if not isinstance(found, Recipe):
        raise RecipeError(f"{found.name}: is a {found.family} model; expected a network's recipe, of the dense family.")
    if found.family != "dense" or found.scaling.block_means:
        raise RecipeError(
            f"{found.name}: reads blocks of columns, and an array does not say where they are; expected a recipe of "
            "the dense family without block_means."
        )
    return found


def _found_recipe(name_or_path: str | Path) -> AnyRecipe:
    if str(name_or_path) in built_in_recipes():
        return load_recipe(str(name_or_path))
    if isinstance(name_or_path, str | Path) and Path(name_or_path).is_file():
        return read_recipe(Path(name_or_path))
    raise RecipeError(
        f"recipe is {name_or_path!r}; expected one of {', '.join(built_in_recipes())}, the path of a recipe's TOML "
        "file, or a Recipe."
    )


def _checked_seeds(seeds: int) -> int:
    if not _is_whole(seeds) or seeds < 1:
        raise ValueError(f"seeds is {seeds!r}; expected a whole number of at least 1.")
    return int(seeds)


def _choose_folds(folds: int | ArrayLike, targets: np.ndarray, classes: np.ndarray, seed: int) -> Folds:
    names = [f"class {name!r}" for name in classes.tolist()]
    if np.ndim(folds):
        numbers = column_or_1d(folds)
        if numbers.dtype.kind not in "iu":
            raise FoldsError(f"folds: found {numbers.dtype} numbers; expected whole ones, one a row.")
        chosen = assigned_folds(numbers, len(targets), where="folds")
        warn_of_untrained_genres(targets, chosen, names)
        return chosen
    if not _is_whole(folds):
        raise FoldsError(f"folds is {folds!r}; expected a whole number, or one fold number a row.")
    return stratified_folds(targets, int(cast(int, folds)), seed, names)


def _is_whole(number: object) -> bool:
    return isinstance(number, int | np.integer) and not isinstance(number, bool)


def _edition(classes: np.ndarray, columns: int) -> Edition:
    """Describe an array: its classes are the genres, and all of its columns are one block."""
    genres = tuple(str(name) for name in classes)
    block = Block("columns", first=0, bands=columns, statistics=("value",))
    return Edition("array", "An array", genres, genres[0], Files("X", "y", "X"), (block,))


@contextmanager
def _global_random_states_kept() -> Iterator[None]:
    """Restore Python's and numpy's global generators: the training seeds them, and the caller may be using them."""
    of_python, of_numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(of_python)
        np.random.set_state(of_numpy)
