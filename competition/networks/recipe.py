"""A recipe: everything that defines a network and its training, as plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from competition import tables
from competition.errors import RecipeError

_BUILT_IN = Path(__file__).parent / "recipes"
FAMILIES = ("dense", "lstm")
ACTIVATIONS = ("elu", "relu", "gelu", "selu", "silu", "tanh")
OPTIMIZERS = ("adam", "adamw", "nadam", "rmsprop", "sgd")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Hyperparameters of one network and its training.

    Attributes
    ----------
    name : str
    family : str
        ``"dense"`` reads a song's columns at once, ``"lstm"`` each block as a sequence over its bands.
    recurrent_units : tuple of int
        Widths of the LSTM layers stacked over each block; only the lstm family has them.
    hidden_units : tuple of int
        Widths of the dense hidden layers; may be empty.
    activation : str
        Of the dense hidden layers.
    dropout : float
        The share of each dense hidden layer's outputs dropped while training, in [0, 1).
    l2 : float
        L2 penalty on the kernels of all layers, at least 0.
    optimizer : str
    learning_rate : float
        Above 0.
    epochs, batch_size : int
        At least 1.

    Raises
    ------
    RecipeError
        When a value is outside its range or has no effect in this family.

    Examples
    --------
    >>> Recipe(name="mine", family="dense", hidden_units=(64,), epochs=5).learning_rate
    0.001
    """

    name: str
    family: str
    recurrent_units: tuple[int, ...] = ()
    hidden_units: tuple[int, ...] = ()
    activation: str = "relu"
    dropout: float = 0.0
    l2: float = 0.0
    optimizer: str = "adam"
    learning_rate: float = 0.001
    epochs: int = 30
    batch_size: int = 32

    def __post_init__(self) -> None:
        _check_choice(self, "family", FAMILIES)
        _check_choice(self, "activation", ACTIVATIONS)
        _check_choice(self, "optimizer", OPTIMIZERS)
        _check_units(self, "hidden_units")
        _check_units(self, "recurrent_units")
        _check_range(self, "dropout", 0 <= _number(self, "dropout") < 1, "a number from 0 up to but not including 1")
        _check_range(self, "l2", 0 <= _number(self, "l2") < float("inf"), "a number of at least 0")
        _check_range(self, "learning_rate", 0 < _number(self, "learning_rate") < float("inf"), "a number above 0")
        for name in ("epochs", "batch_size"):
            _check_whole(self, name, getattr(self, name))
        if self.family == "lstm" and not self.recurrent_units:
            raise RecipeError(f"{self.name}: an lstm needs recurrent_units, the width of each of its LSTM layers.")
        if self.family != "lstm" and self.recurrent_units:
            raise RecipeError(f"{self.name}: recurrent_units have no effect in a {self.family} network; remove them.")

    def to_table(self) -> dict[str, Any]:
        """Return the recipe as a dictionary of what TOML and JSON can hold."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def built_in_recipes() -> tuple[str, ...]:
    """Return the names of the recipes that come with the kit, in alphabetical order."""
    return tuple(sorted(path.stem for path in _BUILT_IN.glob("*.toml")))


def load_recipe(name: str) -> Recipe:
    """Load a recipe that comes with the kit by its name; raises RecipeError when there is none."""
    if name not in built_in_recipes():
        raise RecipeError(f'there is no recipe "{name}"; expected one of {", ".join(built_in_recipes())}.')
    return read_recipe(_BUILT_IN / f"{name}.toml")


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a TOML file whose keys are the attributes of `Recipe`.

    Raises
    ------
    RecipeError
        When the file is missing, malformed, or has an unknown key or a value outside its range.
    """
    table = tables.read_toml(path, RecipeError)
    known = [field.name for field in fields(Recipe)]
    tables.check_keys(table, ("family",), known, where=str(path), error=RecipeError)
    try:
        return recipe_from_table({"name": path.stem} | table)
    except RecipeError as problem:
        raise RecipeError(f"{path}: {problem}") from None


def recipe_from_table(table: Mapping[str, Any]) -> Recipe:
    """Return the recipe that `Recipe.to_table` turned into `table`."""
    return Recipe(**{name: tuple(value) if isinstance(value, list) else value for name, value in table.items()})


def _check_choice(recipe: Recipe, name: str, choices: tuple[str, ...]) -> None:
    value = getattr(recipe, name)
    if value not in choices:
        raise RecipeError(f"{recipe.name}: {name} is {value!r}; expected one of {', '.join(choices)}.")


def _check_whole(recipe: Recipe, name: str, value: Any) -> None:
    tables.check_whole(value, 1, where=f"{recipe.name}: {name}", error=RecipeError)


def _check_units(recipe: Recipe, name: str) -> None:
    value = getattr(recipe, name)
    if not isinstance(value, tuple):
        raise RecipeError(f"{recipe.name}: {name} is {value!r}; expected a list of widths, such as [256, 128].")
    for width in value:
        _check_whole(recipe, name, width)


def _number(recipe: Recipe, name: str) -> float:
    value = getattr(recipe, name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number else float("nan")


def _check_range(recipe: Recipe, name: str, holds: bool, expected: str) -> None:
    if not holds:
        raise RecipeError(f"{recipe.name}: {name} is {getattr(recipe, name)!r}; expected {expected}.")
