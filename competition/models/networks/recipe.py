"""A recipe: everything that defines a network and its training, as plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from competition.errors import RecipeError
from competition.models.base.scaling import SCALINGS
from competition.storage import toml

FAMILIES = ("dense", "lstm")
ACTIVATIONS = ("elu", "relu", "gelu", "selu", "silu", "tanh")
OPTIMIZERS = ("adam", "nadam", "rmsprop", "sgd")
SCHEDULES = ("constant", "cosine")
READ_OUTS = ("last", "all")
_WIDEST = 16384
_LARGEST = 1e9
_CHOICES = {
    "family": FAMILIES,
    "activation": ACTIVATIONS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "read_out": READ_OUTS,
}


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
    read_out : str
        What the dense layers are given of each block: ``"last"``, its last LSTM layer's output at the last band, or
        ``"all"``, those at all bands side by side; only the lstm family has it.
    hidden_units : tuple of int
        Widths of the dense hidden layers; may be empty.
    activation : str
        Of the dense hidden layers.
    scaling : str
        How columns are scaled inside each fold: ``"standard"``, ``"min-max"``, ``"robust"`` or ``"quantile"``; see
        `competition.models.base.scaling.fit_scaler` for this and the next three.
    clip : float
        Limit of the smooth clipping after the scaling, in deviations; 0 for none.
    components : int
        Principal components kept after that; 0 for all columns as they are.
    block_means : bool
        Whether columns are first replaced by their means over each block's bands.
    input_dropout : float
        The share of the scaled columns dropped while training, in [0, 1).
    dropout : float
        The share of each dense hidden layer's outputs dropped while training, in [0, 1).
    l2 : float
        L2 penalty on the input kernels of all hidden layers, at least 0.
    weight_decay : float
        The share of each weight (not of biases) taken away in each step, divided by the learning rate; at least 0.
    optimizer : str
    learning_rate : float
        Above 0; where the schedule starts.
    schedule : str
        ``"constant"``, or ``"cosine"``: down to 0 along half a cosine wave.
    epochs : int
        At least 1.
    batch_size : int
        Rows of a training step, at least 1.
    batches : int
        Steps of an epoch: where above 0, it decides instead of `batch_size`, so that small and large data are given
        the same number of steps.
    validation : float
        The share of its training rows, in [0, 1), that a network is not trained on: their loss chooses the epoch whose
        weights it keeps. At 0 it keeps those of the last one. Rows held out for scoring choose nothing.

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
    read_out: str = "last"
    hidden_units: tuple[int, ...] = ()
    activation: str = "relu"
    scaling: str = "standard"
    clip: float = 0.0
    components: int = 0
    block_means: bool = False
    input_dropout: float = 0.0
    dropout: float = 0.0
    l2: float = 0.0
    weight_decay: float = 0.0
    optimizer: str = "adam"
    learning_rate: float = 0.001
    schedule: str = "constant"
    epochs: int = 30
    batch_size: int = 32
    batches: int = 0
    validation: float = 0.0

    def __post_init__(self) -> None:
        toml.check_name(self.name, where="a recipe's name", error=RecipeError)
        for name, choices in _CHOICES.items():
            check_choice(self, name, choices)
        check_scaling(self)
        for name in ("hidden_units", "recurrent_units"):
            _check_units(self, name)
        for name in ("dropout", "input_dropout", "validation"):
            _check_range(self, name, 0 <= _number(self, name) < 1, "a number from 0 up to but not including 1")
        for name in ("l2", "weight_decay"):
            _check_range(self, name, 0 <= _number(self, name) < float("inf"), "a number of at least 0")
        _check_range(self, "learning_rate", 0 < _number(self, "learning_rate") < float("inf"), "a number above 0")
        for name, least in (("epochs", 1), ("batch_size", 1), ("batches", 0)):
            _check_whole(self, name, getattr(self, name), least)
        _check_family(self)

    def steps_per_epoch(self, rows: int) -> int:
        """Return how many batches the training rows are divided into."""
        return min(self.batches, rows) or ceil(rows / self.batch_size)

    def to_table(self) -> dict[str, Any]:
        """Return the recipe as a dictionary of what TOML and JSON can hold."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def network_recipe_from_table(table: Mapping[str, Any]) -> Recipe:
    """Return the recipe that `Recipe.to_table` turned into `table`."""
    return Recipe(**{name: tuple(value) if isinstance(value, list) else value for name, value in table.items()})


def check_scaling(recipe: Any) -> None:
    """Raise RecipeError where one of the four values that say how columns are scaled is outside its range."""
    check_choice(recipe, "scaling", SCALINGS)
    _check_range(recipe, "clip", 0 <= _number(recipe, "clip") < float("inf"), "a number of at least 0")
    _check_whole(recipe, "components", recipe.components, 0)
    _check_range(recipe, "block_means", isinstance(recipe.block_means, bool), "true or false")


def check_choice(recipe: Any, name: str, choices: tuple[str, ...]) -> None:
    """Raise RecipeError where a recipe's value of a name is none of the choices."""
    value = getattr(recipe, name)
    if value not in choices:
        raise RecipeError(f"{recipe.name}: {name} is {value!r}; expected one of {', '.join(choices)}.")


def _check_family(recipe: Recipe) -> None:
    if recipe.family == "lstm" and not recipe.recurrent_units:
        raise RecipeError(f"{recipe.name}: an lstm needs recurrent_units, the width of each of its LSTM layers.")
    if recipe.family != "lstm" and recipe.recurrent_units:
        raise RecipeError(f"{recipe.name}: recurrent_units have no effect in a {recipe.family} network; remove them.")
    if recipe.family != "lstm" and recipe.read_out != "last":
        raise RecipeError(f"{recipe.name}: read_out has no effect in a {recipe.family} network; remove it.")
    if recipe.family == "lstm" and (recipe.components or recipe.block_means):
        raise RecipeError(
            f"{recipe.name}: an lstm reads each block's columns; components and block_means would take them away."
        )


def _check_whole(recipe: Any, name: str, value: Any, least: int = 1) -> None:
    toml.check_whole(value, least, where=f"{recipe.name}: {name}", error=RecipeError)
    _check_range(recipe, name, value < _LARGEST, f"less than {_LARGEST:g}")


def _check_units(recipe: Recipe, name: str) -> None:
    value = getattr(recipe, name)
    if not isinstance(value, tuple):
        raise RecipeError(f"{recipe.name}: {name} is {value!r}; expected a list of widths, such as [256, 128].")
    for width in value:
        _check_whole(recipe, name, width)
        _check_range(recipe, name, width <= _WIDEST, f"widths of at most {_WIDEST}")


def _number(recipe: Any, name: str) -> float:
    value = getattr(recipe, name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and abs(value) < _LARGEST else float("nan")


def _check_range(recipe: Any, name: str, holds: bool, expected: str) -> None:
    if not holds:
        raise RecipeError(f"{recipe.name}: {name} is {getattr(recipe, name)!r}; expected {expected}.")
