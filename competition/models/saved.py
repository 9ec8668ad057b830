"""An ensemble's trained models on disk: what a run needs to predict new songs later, with the same results."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from competition.data.frames import Frames
from competition.errors import KitError, RunError, listed
from competition.models.base.crossfit import Predictor
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensemble_training import Trained
from competition.models.ensembles import Model
from competition.scoring.logarithmic_pool import pooled
from competition.storage.files import write_whole, writing
from competition.storage.reading import read_json

MODELS = "models"
"""The folder inside a run's that holds them."""
INDEX = "models.json"
_MOST_SEEDS = 10**6
_CURE = "train the run again"
_READERS = {".keras": "networks", ".skops": "classical"}
"""Which subpackage's engine reads a file of models, by its ending; imported when it is needed."""


@dataclass(frozen=True)
class SavedEnsemble:
    """A run's saved models.

    Attributes
    ----------
    models : tuple of (str, int, Path)
        Recipe, seeds and file of each, in the order of training; read when they are needed, one at a time.
    weights : mapping of str to float
        Of each recipe in the pool.
    biases : ndarray of float64, shape (genres,)
        Of each genre in the pool.
    """

    models: tuple[tuple[str, int, Path], ...]
    weights: dict[str, float]
    biases: np.ndarray

    def predict(self, features: np.ndarray, frames: Frames | None = None) -> np.ndarray:
        """Return the pooled probabilities.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            As in the files, not scaled; at least one row.
        frames : Frames or None
            Of the same rows.

        Returns
        -------
        ndarray of float64, shape (rows, genres)

        Raises
        ------
        RunError
            When a model's file is missing or damaged.
        """
        averages = [self._predict_recipe(name, features, frames) for name in self.weights]
        genres = {average.shape[1] for average in averages} | {len(self.biases)}
        if len(genres) > 1:
            raise RunError(
                f"{self.models[0][2].parent / INDEX}: its biases are of {len(self.biases)} genres, its models' "
                f"probabilities of {', '.join(str(average.shape[1]) for average in averages)}; {_CURE}."
            )
        return pooled(np.stack(averages), np.array(list(self.weights.values())), self.biases)

    def _predict_recipe(self, name: str, features: np.ndarray, frames: Frames | None) -> np.ndarray:
        files = [(seeds, path) for recipe, seeds, path in self.models if recipe == name]
        predictions = [_predict(path, features, frames) for _, path in files]
        return np.average(predictions, axis=0, weights=[seeds for seeds, _ in files])

    def opened(self) -> "OpenEnsemble":
        """Read all models; raises RunError when a model's file is damaged."""
        return OpenEnsemble(self, tuple(load_trained(path) for _, _, path in self.models))


@dataclass(frozen=True)
class OpenEnsemble:
    """A run's saved models in memory, to predict again and again.

    Attributes
    ----------
    saved : SavedEnsemble
    models : tuple of Predictor
        What is in each of its files.
    """

    saved: SavedEnsemble
    models: tuple[Predictor, ...]

    def predict_held_out(self, features: np.ndarray, assignment: np.ndarray, folds: int) -> dict[str, np.ndarray]:
        """Return each recipe's probabilities of training songs, by its models that have not seen them.

        Parameters
        ----------
        features : ndarray of float32, shape (rows, columns)
            As in the files or changed; at least one row.
        assignment : ndarray of int64, shape (rows,)
            The fold that holds each row out.
        folds : int
            How many there are.

        Returns
        -------
        dict of str to ndarray of float64, shape (rows, genres)
            By recipe, before they are pooled.

        Raises
        ------
        RecipeError
            When a recipe reads frames.
        RunError
            When a file's models cannot be applied.
        """
        return {name: self._recipe(name, features, assignment, folds) for name in self.saved.weights}

    def pool_held_out(self, features: np.ndarray, assignment: np.ndarray, folds: int) -> np.ndarray:
        """Return what `predict_held_out` does, pooled as new songs are; float64, shape (rows, genres)."""
        of_recipes = self.predict_held_out(features, assignment, folds)
        return pooled(
            np.stack(list(of_recipes.values())), np.array(list(self.saved.weights.values())), self.saved.biases
        )

    def _recipe(self, name: str, features: np.ndarray, assignment: np.ndarray, folds: int) -> np.ndarray:
        files = zip(self.saved.models, self.models, strict=True)
        models = [(seeds, path, model) for (recipe, seeds, path), model in files if recipe == name]
        predictions = [
            _applied(path, len(features), partial(model.predict_held_out, features, assignment, folds))
            for _, path, model in models
        ]
        return np.average(predictions, axis=0, weights=[seeds for seeds, _, _ in models])


def save_model(folder: Path, place: int, trained: Trained) -> None:
    """Write one trained model of an ensemble into a folder.

    Networks are written as ``.keras`` files, scikit-learn models as ``.skops`` files: neither runs code when it
    is read, as a pickle would.

    Parameters
    ----------
    folder : Path
        Created if missing; its parent must exist.
    place : int
        The model's number, from 1.
    trained : Trained

    Raises
    ------
    RunError
        When the trained models were not kept, or cannot be written.
    """
    if not is_kept(trained.model):
        return
    models = trained.fit.models
    if models is None:
        raise RunError(f"{trained.model.recipe.name}: its models are no longer there to be written.")
    with writing(folder):
        folder.mkdir(exist_ok=True)
        models.save(folder / _file_name(place, trained.model))


def is_kept(model: Model) -> bool:
    """Return whether a model is written: reading what another package's classifiers are made of could run code."""
    return not (isinstance(model.recipe, ClassicalRecipe) and model.recipe.is_imported)


def save_index(folder: Path, models: Sequence[Model], weights: dict[str, float], biases: np.ndarray) -> None:
    """Write the list of the models that `save_model` has written, and how they are pooled.

    Parameters
    ----------
    folder : Path
        That of the models.
    models : sequence of Model
        In the order of their places.
    weights : dict of str to float
        Of each recipe in the pool, by its name.
    biases : ndarray of float64, shape (genres,)
        Of each genre in the pool.

    Raises
    ------
    RunError
        When the index cannot be written.
    """
    files = [
        {"recipe": model.recipe.name, "seeds": model.seeds, "file": _file_name(place, model)}
        for place, model in enumerate(models, 1)
        if is_kept(model)
    ]
    content: dict[str, Any] = {"models": files, "weights": weights, "biases": biases.tolist()}
    if not_kept := [model.recipe.name for model in models if not is_kept(model)]:
        content["not_kept"] = not_kept
    write_whole(folder / INDEX, json.dumps(content, indent=2) + "\n")


def _file_name(place: int, model: Model) -> str:
    return f"{place:02}-{model.recipe.name}.{'keras' if model.is_network else 'skops'}"


def load_models(folder: Path) -> SavedEnsemble:
    """Open the models that `save_model` and `save_index` wrote.

    Raises
    ------
    RunError
        When there are no models, one is missing, or the index is damaged. A damaged model raises only
        when it predicts.
    """
    if not (folder / INDEX).is_file():
        raise RunError(f"{folder.parent}: keeps no models; only runs that submit has trained do.")
    index = read_json(folder / INDEX, RunError, _CURE)
    if isinstance(index, Mapping) and (not_kept := index.get("not_kept")):
        raise RunError(
            f"{folder.parent}: does not keep {listed(not_kept)}, classifiers of other packages; train the run again on "
            "the new test file, by its recipe."
        )
    try:
        models = tuple((str(one["recipe"]), int(one["seeds"]), folder / one["file"]) for one in index["models"])
        weights = {str(name): float(weight) for name, weight in index["weights"].items()}
        saved = SavedEnsemble(models, weights, np.array(index["biases"], np.float64))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as problem:
        raise RunError(f"{folder / INDEX}: cannot be read ({problem!r}); {_CURE}.") from None
    _check_index(saved, folder / INDEX)
    for _, _, path in models:
        if path.parent != folder or path.suffix not in _READERS:
            raise RunError(f"{folder / INDEX}: names {path}, which is no file of models beside it; {_CURE}.")
        if not os.path.isfile(path):  # noqa: PTH113  a name that is too long is no error there
            raise RunError(f"{path}: there is no such file; expected a saved model: {_CURE}.")
    return saved


def _check_index(saved: SavedEnsemble, path: Path) -> None:
    """Raise RunError where models, weights and biases are not of each other."""
    recipes = {recipe for recipe, _, _ in saved.models}
    if not recipes or recipes != set(saved.weights):
        raise RunError(
            f"{path}: has weights of {', '.join(saved.weights) or 'no recipe'}, and models of "
            f"{', '.join(sorted(recipes)) or 'none'}; expected the same recipes: {_CURE}."
        )
    if not all(1 <= seeds <= _MOST_SEEDS for _, seeds, _ in saved.models):
        raise RunError(f"{path}: has a model of fewer than 1 seed, or of more than {_MOST_SEEDS}; {_CURE}.")
    numbers = np.array([*saved.weights.values(), *saved.biases.ravel()])
    if saved.biases.ndim != 1 or not np.isfinite(numbers).all():
        raise RunError(f"{path}: its weights and biases are not one finite number for each; {_CURE}.")


def _predict(path: Path, features: np.ndarray, frames: Frames | None) -> np.ndarray:
    predictor = load_trained(path)
    return _applied(path, len(features), lambda: predictor.predict(features, frames))


def _applied(path: Path, songs: int, predict: Callable[[], np.ndarray]) -> np.ndarray:
    """Return what the models of a file predict of some songs; raises RunError where they do not."""
    try:
        found = predict()
    except (AttributeError, KitError):  # the former is another version of scikit-learn's, of which the caller tells
        raise
    except Exception as problem:  # as in `load_trained`
        raise RunError(f"{path}: its models cannot be applied ({_reason(problem)}); {_CURE}.") from problem
    if found.ndim != 2 or len(found) != songs or not np.isfinite(found).all():
        raise RunError(f"{path}: its models give no probabilities of {songs} songs; {_CURE}.")
    return found


def load_trained(path: Path) -> Predictor:
    """Read one model's file; raises RunError when it is damaged."""
    engine = import_module(f"competition.models.{_READERS[path.suffix]}.engine")
    try:
        return engine.load_predictor(path)
    except Exception as problem:  # what libraries raise for a file that was tampered with may be anything
        raise RunError(f"{path}: cannot be read ({_reason(problem)}); {_CURE}.") from problem


def _reason(problem: Exception) -> str:
    return str(problem) or type(problem).__name__
