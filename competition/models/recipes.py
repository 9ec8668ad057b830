"""Recipes by their names and from files: those of networks and those of scikit-learn models."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from competition.errors import RecipeError, meant
from competition.models.classical.recipe import (
    CLASSICAL_FAMILIES,
    CLASSICAL_KEYS,
    IMPORTED,
    ClassicalRecipe,
    classical_recipe_from_table,
)
from competition.models.networks.families import FAMILIES
from competition.models.networks.recipe import NETWORK_KEYS, Recipe, network_recipe_from_table
from competition.storage import toml

AnyRecipe = Recipe | ClassicalRecipe

_HERE = Path(__file__).parent
_FOLDERS = (_HERE / "networks" / "recipes", _HERE / "classical" / "recipes")


def built_in_recipes() -> tuple[str, ...]:
    """Return the names of the recipes that come with the kit, in alphabetical order."""
    return tuple(sorted(path.stem for folder in _FOLDERS for path in folder.glob("*.toml")))


def load_recipe(name: str) -> AnyRecipe:
    """Load a recipe that comes with the kit by its name; raises RecipeError when there is none."""
    for folder in _FOLDERS:
        if name in built_in_recipes() and (folder / f"{name}.toml").is_file():
            return read_recipe(folder / f"{name}.toml")
    known = built_in_recipes()
    raise RecipeError(f'there is no recipe "{name}"; expected one of {", ".join(known)}.{meant(name, known)}')


def read_recipe(path: Path) -> AnyRecipe:
    """Read a recipe from a TOML file whose keys are the attributes of `Recipe` or `ClassicalRecipe`.

    Raises
    ------
    RecipeError
        When the file is missing, malformed, or has an unknown key or a value outside its range.
    """
    table = toml.read_toml(path, RecipeError)
    try:
        return recipe_from_table({"name": toml.name_from(path)} | table, where="the recipe")
    except RecipeError as problem:
        raise RecipeError(f"{path}: {problem}") from None


def recipe_from_table(table: Mapping[str, Any], *, where: str) -> AnyRecipe:
    """Return the recipe that its `to_table` turned into `table`; its messages begin with `where`."""
    classical = table.get("family") in (*CLASSICAL_FAMILIES, IMPORTED)
    toml.check_keys(table, ("family",), CLASSICAL_KEYS if classical else NETWORK_KEYS, where=where, error=RecipeError)
    families = (*FAMILIES, *CLASSICAL_FAMILIES, IMPORTED)
    if table["family"] not in families:
        raise RecipeError(f"{where}: family is {table['family']!r}; expected one of {', '.join(families)}.")
    return classical_recipe_from_table(table) if classical else network_recipe_from_table(table)
