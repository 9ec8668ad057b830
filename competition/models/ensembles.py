"""An ensemble: the models whose predictions are pooled, as plain data; presets are ensembles that come with the kit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from competition.data.edition import Edition
from competition.errors import RecipeError, meant
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.networks.recipe import Recipe
from competition.models.recipes import AnyRecipe, load_recipe, recipe_from_table
from competition.storage import toml

_PRESETS = Path(__file__).parent / "presets"
PRESETS = ("quick", "standard", "best")
STEADY = "discriminant-analysis"
"""A recipe that does not remember single songs: where the test songs are strangers, it gets an equal say."""
POOLS = tuple(sorted({path.stem.rpartition("-")[0] for path in _PRESETS.glob("*.toml")}))
"""The names that stand for pools of models, each with all presets; any other name is a single recipe."""
RECIPE_FILE = "recipe.toml"
_LEAST_SHARE = 1 / 20
"""Of the songs: a model that learns from fewer adds nothing to others, measured in docs/reliability.md."""
_SEEDS = 4
"""Networks a fold of a recipe alone, where they are trained as one; one where each takes as long as the first."""


@dataclass(frozen=True)
class Model:
    """One recipe and how many networks of it each fold gets.

    Attributes
    ----------
    recipe : AnyRecipe
    seeds : int
        At least 1; always 1 where the recipe is classical.
    """

    recipe: AnyRecipe
    seeds: int

    def __post_init__(self) -> None:
        toml.check_whole(self.seeds, 1, where=f"{self.recipe.name}: seeds", error=RecipeError)
        if self.seeds > 1 and not self.is_network:
            raise RecipeError(
                f"{self.recipe.name}: {self.seeds} seeds; models of the {self.recipe.family} family have just one."
            )

    @property
    def is_network(self) -> bool:
        """Whether it is trained with Keras."""
        return isinstance(self.recipe, Recipe)

    @property
    def most_songs(self) -> int:
        """From how many songs it learns at most; 0 where from all."""
        return 0 if isinstance(self.recipe, Recipe) else self.recipe.most_rows


@dataclass(frozen=True)
class Ensemble:
    """Models whose predictions are pooled.

    Attributes
    ----------
    name : str
    models : tuple of Model
        At least one. Several of one recipe are trained separately and count as one in the pool.
    """

    name: str
    models: tuple[Model, ...]

    def __post_init__(self) -> None:
        if not self.models:
            raise RecipeError(f"{self.name}: an ensemble needs at least one model.")
        recipes = {model.recipe.name: model.recipe for model in self.models}
        for model in self.models:
            if model.recipe != recipes[model.recipe.name]:
                raise RecipeError(f'{self.name}: two different recipes are named "{model.recipe.name}"; rename one.')

    @property
    def needs_keras(self) -> bool:
        """Whether any of its models is a network."""
        return any(model.is_network for model in self.models)

    @property
    def imports(self) -> tuple[str, ...]:
        """The classes of other packages that its models import."""
        recipes = (model.recipe for model in self.models)
        return tuple(
            recipe.estimator for recipe in recipes if isinstance(recipe, ClassicalRecipe) and recipe.is_imported
        )

    def check_imports(self) -> None:
        """Import these, and raise RecipeError where one is not there or refuses its parameters."""
        for model in self.models:
            if isinstance(model.recipe, ClassicalRecipe):
                model.recipe.check_import()

    def check_edition(self, edition: Edition) -> None:
        """Raise RecipeError where some network cannot read what the edition has."""
        networks = (model.recipe for model in self.models if isinstance(model.recipe, Recipe))
        for recipe in {(recipe.family, recipe.reads): recipe for recipe in networks}.values():
            recipe.check_edition(edition)

    def count_models(self, folds: int) -> int:
        """Return the number of models trained on `folds` folds."""
        return folds * sum(model.seeds for model in self.models)

    def with_seeds(self, seeds: int) -> "Ensemble":
        """Return the ensemble with `seeds` networks of each recipe for every fold."""
        changed = (replace(model, seeds=seeds) if model.is_network else model for model in self.models)
        return Ensemble(self.name, tuple(changed))

    def with_model(self, model: Model) -> "Ensemble":
        """Return the ensemble with a model at its end, unless it has one of that recipe."""
        has_it = any(own.recipe == model.recipe for own in self.models)
        return self if has_it else Ensemble(self.name, (*self.models, model))

    def for_songs(self, songs: int) -> "Ensemble":
        """Return the ensemble without models that would learn from less than a twentieth of so many songs.

        They cost as much as others, which learn from all, and add next to nothing to them (docs/reliability.md). All
        stay where none would be left.
        """
        kept = tuple(model for model in self.models if not 0 < model.most_songs < _LEAST_SHARE * songs)
        return replace(self, models=kept) if kept else self

    def with_models_of(self, other: "Ensemble") -> "Ensemble":
        """Return the ensemble with another's models at its end, with at most as many seeds as its own networks have.

        Raises
        ------
        RecipeError
            When it has all of them already, or another recipe of one's name.
        """
        most = max((model.seeds for model in self.models if model.is_network), default=_SEEDS)
        both = self
        for model in other.models:
            both = both.with_model(replace(model, seeds=min(model.seeds, most)))
        if both is self:
            raise RecipeError(f"{other.name}: {self.name} has these recipes already; expected another one to add.")
        return replace(both, name=f"{self.name}-and-{other.name}")

    def to_table(self) -> dict[str, Any]:
        """Return the ensemble as a dictionary of what TOML and JSON can hold."""
        models = [{"seeds": model.seeds, "recipe": model.recipe.to_table()} for model in self.models]
        return {"name": self.name, "models": models}

    def to_text(self) -> str:
        """Return the TOML text that `read_ensemble` reads as this ensemble."""
        return toml.toml_text(self.to_table())


def load_preset(pool: str, preset: str) -> Ensemble:
    """Load a preset of one of the `POOLS`: one of `PRESETS`; raises RecipeError when there is none."""
    if preset not in PRESETS:
        raise RecipeError(f"preset is {preset!r}; expected one of {', '.join(PRESETS)}.{meant(preset, PRESETS)}")
    return read_ensemble(_PRESETS / f"{pool}-{preset}.toml")


def read_ensemble(path: Path) -> Ensemble:
    """Read an ensemble, or a single recipe, from a TOML file or from a folder's ``recipe.toml``.

    A single recipe becomes an ensemble of one model.

    Raises
    ------
    RecipeError
        When the file is missing, malformed, or has an unknown key or a value outside its range.
    """
    path = path / RECIPE_FILE if path.is_dir() else path
    table = toml.read_toml(path, RecipeError)
    try:
        return _ensemble(table, toml.name_from(path))
    except RecipeError as problem:
        raise RecipeError(f"{path}: {problem}") from None


def single(recipe: AnyRecipe) -> Ensemble:
    """Return the ensemble of one recipe alone."""
    seeds = _SEEDS if isinstance(recipe, Recipe) and recipe.is_packed else 1
    return Ensemble(recipe.name, (Model(recipe, seeds),))


def ensemble_from_table(table: Mapping[str, Any]) -> Ensemble:
    """Return the ensemble that `Ensemble.to_table` turned into `table`."""
    return _ensemble(table, "ensemble")


def _ensemble(table: Mapping[str, Any], name: str) -> Ensemble:
    if "models" not in table:
        return single(recipe_from_table({"name": name} | dict(table), where=name))
    toml.check_keys(table, ("models",), ("name",), where=name, error=RecipeError)
    name = table.get("name", name)
    toml.check_name(name, where="an ensemble's name", error=RecipeError)
    if not isinstance(table["models"], list):
        raise RecipeError(f"{name}: models is {table['models']!r}; expected a list of tables, [[models]].")
    return Ensemble(name, tuple(_model(entry, f"{name}: model {n}") for n, entry in enumerate(table["models"], 1)))


def _model(entry: Any, where: str) -> Model:
    if not isinstance(entry, Mapping):
        raise RecipeError(f"{where} is {entry!r}; expected a table with the key recipe.")
    toml.check_keys(entry, ("recipe",), ("seeds",), where=where, error=RecipeError)
    recipe = entry["recipe"]
    if isinstance(recipe, str):
        recipe = load_recipe(recipe)
    elif isinstance(recipe, Mapping):
        recipe = recipe_from_table({"name": "recipe"} | dict(recipe), where=where)
    else:
        raise RecipeError(f"{where}: recipe is {recipe!r}; expected a built-in recipe's name, or a table.")
    return Model(recipe, entry.get("seeds", 1))
