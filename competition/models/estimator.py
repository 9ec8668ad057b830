"""The scikit-learn interface: what `submit` trains, cross-fitted, pooled and calibrated, as a classifier for arrays."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.data.folds import Folds, assigned_folds, stratified_folds, warn_of_untrained_genres
from competition.errors import FoldsError, RecipeError, meant
from competition.models.base.crossfit import Predictor, derived_seed
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensemble_training import Trained, merged, train_model
from competition.models.ensembles import PRESETS, RECIPE_FILE, Ensemble, Model, load_preset, read_ensemble, single
from competition.models.networks.families import FAMILIES
from competition.models.networks.recipe import COLUMNS, Recipe
from competition.models.recipes import AnyRecipe, built_in_recipes, load_recipe
from competition.scoring.pooling import fit_pool

if TYPE_CHECKING:
    from competition.models.networks.pack import Pack

_LIGHT_FOLDS, _LIGHT_SEEDS = 5, 2
"""Of a single recipe, where nothing else is asked for."""
_FOLDS = 10
_POOL, _RECIPE = "dense", "dense"
"""Whose presets there are, and the recipe that is trained where nothing is asked for."""


class GenreClassifier(ClassifierMixin, BaseEstimator):
    """Cross-fitted models, their probabilities pooled and calibrated: what ``submit`` trains, for arrays.

    Parameters
    ----------
    recipe : str, Path, Recipe, ClassicalRecipe, Ensemble or None
        A recipe's name, the path of a recipe's or an ensemble's TOML file or of a search's folder, or what these hold.
        None for ``"dense"``, where no preset is given. All columns must be read at once: an array does not say which
        ones form a block, so ``"lstm"`` and ``block_means`` are refused.
    preset : str or None
        Instead of a recipe: ``"quick"``, ``"standard"`` or ``"best"``, the pools that ``submit --preset`` trains.
    folds : int, array-like of shape (n_samples,), or None
        How many folds, at least 2; or each row's fold, as whole numbers. Fewer are used, with a KitWarning, where a
        class has fewer rows. None for 5 with a single recipe, and for 10, as in ``submit``, with a pool.
    seeds : int or None
        Networks of each recipe for every fold, at least 1. None for 2 of a single recipe, and for what a pool says.
    random_state : int, RandomState or None
        With an int, fits are reproducible on the same machine; it is what ``submit`` calls ``seed``.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    n_features_in_ : int
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Only where `fit` was given names, as by a data frame.
    oof_proba_ : ndarray of float64, shape (n_samples, n_classes)
        The probabilities of the rows given to `fit`, in their order, each by the models of the fold that holds it
        out, which have not seen it; where weights or biases help, with those fitted on the other folds' rows.
    folds_ : ndarray of int64, shape (n_samples,)
        The fold that holds out each row.
    pool_ : Pool
        The weights and biases that `predict_proba` applies, and what they gained.
    models_ : tuple of (Model, Predictor)
        The trained models of all folds, recipe by recipe.
    pack_ : Pack
        The networks, a Keras model; only where a single network's recipe was fitted.

    Notes
    -----
    The scores of a fit are those of ``submit`` with the same preset or recipe, folds, seeds and seed, where labels sort
    in the order of the edition's genres. ``submit`` also looks at the test file, which `fit` does not know: where its
    songs are strangers, it chooses other folds and another pool.

    Rows are read as float32. TensorFlow is imported by the first `fit` of a network, and by unpickling a fitted one.

    Examples
    --------
    >>> generator = np.random.default_rng(0)
    >>> genres = np.repeat(["Jazz", "Rock"], 20)
    >>> features = generator.normal(size=(40, 3)) + 2.0 * (genres == "Rock")[:, None]
    >>> classifier = GenreClassifier("kernel-ridge", folds=2, random_state=0).fit(features, genres)
    >>> classifier.predict_proba(features[:5]).shape, classifier.oof_proba_.shape
    ((5, 2), (40, 2))
    """

    def __init__(
        self,
        recipe: "str | Path | AnyRecipe | Ensemble | None" = None,
        *,
        preset: str | None = None,
        folds: int | ArrayLike | None = None,
        seeds: int | None = None,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.recipe = recipe
        self.preset = preset
        self.folds = folds
        self.seeds = seeds
        self.random_state = random_state

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        # Pickles of version 0.1.0 know no presets, and hold one pack of networks.
        current = {"preset": None} | dict(state)
        if "pack_" in current:
            current["models_"] = (_as_model(current["recipe"], current["seeds"], current.pop("pack_")),)
        super().__setstate__(current)

    @property
    def pack_(self) -> "Pack":
        """The networks of a single recipe."""
        models: tuple[tuple[Model, Any], ...] = getattr(self, "models_", ())
        if len(models) != 1 or not hasattr(models[0][1], "pack"):
            raise AttributeError("pack_ is there where a single network's recipe has been fitted; see models_.")
        return models[0][1].pack

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:  # noqa: N803
        """Train models for every fold.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,)
            Labels of any kind that scikit-learn takes for classes; at least two, each of at least two rows.

        Raises
        ------
        ValueError
            When `X` or `y` is not such data. Also as RecipeError, when there is no such recipe or preset, or its
            training diverges, and as FoldsError, when the rows cannot be divided into the folds.
        """
        ensemble = _ensemble(self.recipe, self.preset, self.seeds)
        is_pool = self.preset is not None or len(ensemble.models) > 1
        features, labels = validate_data(self, X, y, dtype=np.float32, ensure_min_samples=2)
        check_classification_targets(labels)
        self.classes_, targets = np.unique(labels, return_inverse=True)
        seed = _seed(self.random_state)
        count = self.folds if self.folds is not None else _FOLDS if is_pool else _LIGHT_FOLDS
        folds = _choose_folds(count, targets, self.classes_, seed)
        dataset = Dataset(_edition(self.classes_, features.shape[1]), features, targets, None, "an array")
        trained = [
            train_model(dataset, model, folds, derived_seed(seed, place)) for place, model in enumerate(ensemble.models)
        ]
        self.pool_ = fit_pool(targets, [fit.by_seed for fit in merged(trained).values()], folds)
        self.models_ = tuple((one.model, _predictor(one)) for one in trained)
        self.folds_, self.oof_proba_ = folds.assignment, self.pool_.out_of_fold
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:  # noqa: N803
        """Return rows' probabilities, pooled over all models; float64, shape (n_samples, n_classes)."""
        check_is_fitted(self)
        features = validate_data(self, X, dtype=np.float32, reset=False)
        names = dict.fromkeys(model.recipe.name for model, _ in self.models_)
        return self.pool_.apply([self._predict_recipe(name, features) for name in names])

    def _predict_recipe(self, name: str, features: np.ndarray) -> np.ndarray:
        own = [(model.seeds, predictor) for model, predictor in self.models_ if model.recipe.name == name]
        seeds = [seeds for seeds, _ in own]
        return np.average([predictor.predict(features) for _, predictor in own], axis=0, weights=seeds)

    def predict(self, X: ArrayLike) -> np.ndarray:  # noqa: N803
        """Return rows' most probable classes; shape (n_samples,)."""
        most_probable = self.predict_proba(X).argmax(axis=1)
        return self.classes_[most_probable]


def _predictor(trained: Trained) -> Predictor:
    if trained.fit.models is None:
        raise TypeError(f"{trained.model.recipe.name}: its models were not kept")
    return trained.fit.models


def _as_model(recipe: object, seeds: int, pack: "Pack") -> tuple[Model, Predictor]:
    """Return an older pickle's networks as a model; where their recipe is only named, as one of that name."""
    from competition.models.networks.engine import PackPredictor

    known = recipe if isinstance(recipe, Recipe) else Recipe(name="networks", family="dense")
    return Model(known, seeds), PackPredictor(pack)


def _seed(random_state: int | np.random.RandomState | None) -> int:
    generator = check_random_state(random_state)
    if isinstance(random_state, int | np.integer):
        return int(random_state)
    return int(generator.randint(np.iinfo(np.int32).max))


def _ensemble(recipe: object, preset: str | None, seeds: int | None) -> Ensemble:
    """Return what is to be trained, with as many seeds as are asked for."""
    if recipe is not None and preset is not None:
        raise RecipeError("recipe and preset are both given, and both say what is trained; expected one of them.")
    if preset is None:
        found = _found(_RECIPE if recipe is None else recipe)
    elif preset in PRESETS:
        found = load_preset(_POOL, preset)
    else:
        raise RecipeError(f"preset is {preset!r}; expected one of {', '.join(PRESETS)}.")
    for model in found.models:
        _check_readable(model.recipe)
    return _with_seeds(found, seeds, is_light=preset is None and len(found.models) == 1)


def _with_seeds(ensemble: Ensemble, seeds: int | None, *, is_light: bool) -> Ensemble:
    if seeds is None:
        return ensemble.with_seeds(_LIGHT_SEEDS) if is_light else ensemble
    if not _is_whole(seeds) or seeds < 1:
        raise ValueError(f"seeds is {seeds!r}; expected a whole number of at least 1.")
    if not ensemble.needs_keras:
        raise RecipeError(f"{ensemble.name}: seeds is {seeds}, and of such models there is one a fold; leave it out.")
    return ensemble.with_seeds(int(seeds))


def _found(recipe: object) -> Ensemble:
    if isinstance(recipe, Ensemble):
        return recipe
    if isinstance(recipe, Recipe | ClassicalRecipe):
        return single(recipe)
    if str(recipe) in built_in_recipes():
        return single(load_recipe(str(recipe)))
    if isinstance(recipe, str | Path) and (Path(recipe).is_file() or (Path(recipe) / RECIPE_FILE).is_file()):
        return read_ensemble(Path(recipe))
    accepted = ", ".join(name for name in built_in_recipes() if not _reads_blocks(load_recipe(name)))
    raise RecipeError(
        f"recipe is {recipe!r}; expected one of {accepted}, the path of a recipe's or an ensemble's TOML file, or a "
        f"Recipe.{_meant(recipe)}"
    )


def _meant(recipe: object) -> str:
    """Return what a wrong recipe was probably meant to be, after a space."""
    if recipe in PRESETS:
        return f' "{recipe}" is a preset: say preset="{recipe}".'
    return meant(str(recipe), built_in_recipes())


def _check_readable(recipe: AnyRecipe) -> None:
    if _reads_blocks(recipe):
        raise RecipeError(
            f"{recipe.name}: reads frames or blocks of columns, and an array has no frames and does not say where "
            "blocks are; expected recipes of other families than lstm and cnn, without block_means."
        )


def _reads_blocks(recipe: AnyRecipe) -> bool:
    if not isinstance(recipe, Recipe):
        return recipe.scaling.block_means
    return recipe.scaling.block_means or recipe.reads != COLUMNS or FAMILIES[recipe.family].reads_blocks


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
