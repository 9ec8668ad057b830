"""A recipe: everything that defines a network and its training, as plain data."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from math import ceil
from typing import Any

import numpy as np

from competition.data.edition import Edition
from competition.errors import RecipeError
from competition.models.base import checks
from competition.models.base.scaling import SCALING_KEYS, Scaling, scaling_from_table
from competition.models.networks.augmentation import AUGMENTATION_KEYS, Augmentation
from competition.models.networks.families import FAMILIES, FAMILY_KEYS, Family
from competition.storage import toml

ACTIVATIONS = ("elu", "relu", "gelu", "selu", "silu", "tanh")
OPTIMIZERS = ("adam", "nadam", "rmsprop", "sgd")
SCHEDULES = ("constant", "cosine")
_MOST_ROWS = 12_288
"""So many rows are divided into a recipe's `batches`; of more, batches as large score better than larger ones."""
COLUMNS, FRAMES, BOTH = READS = ("columns", "frames", "both")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Hyperparameters of one network and its training.

    Attributes
    ----------
    name : str
    family : str
        One of `competition.models.networks.families.FAMILIES`.
    own : mapping of str to object
        The family's own keys, with its defaults for those not given. Of ``"lstm"``: ``recurrent_units``, a tuple of the
        widths of the LSTM layers stacked over each block, and ``read_out``, what the dense layers read of each
        block: ``"last"``, its last LSTM layer's output at the last band, or ``"all"``, those at all bands side by side.
    hidden_units : tuple of int
        Widths of the dense hidden layers; may be empty.
    activation : str
        Of the dense hidden layers.
    scaling : Scaling
        How columns are scaled inside each fold.
    input_dropout : float
        The share of the scaled columns dropped while training, in [0, 1).
    input_dropout_columns : int
        With fewer scaled columns than this, so much less is dropped, in proportion: the fewer there are, the less the
        others say of a dropped one. 0 for the same share of any number.
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
        the same number of steps. From 12,288 rows on there are as many more as there are more rows, so that a step's
        memory does not grow with them.
    reads : str
        What of a song: its ``"columns"``; its ``"frames"``, bands over time; or ``"both"``: what the family makes of
        the frames, and the columns beside it, are read by the dense layers.
    augmentation : Augmentation
        How frames are changed while training.
    validation : float
        The share of its training rows, in [0, 1), that a network is not trained on: their loss chooses the epoch whose
        weights it keeps. At 0 it keeps the last epoch's. Rows held out for scoring are never used for that.

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
    own: Mapping[str, Any] = field(default_factory=dict)
    hidden_units: tuple[int, ...] = ()
    activation: str = "relu"
    scaling: Scaling = field(default_factory=Scaling)
    input_dropout: float = 0.0
    input_dropout_columns: int = 0
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
    reads: str = COLUMNS
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        toml.check_name(self.name, where="a recipe's name", error=RecipeError)
        checks.check_choice(self.family, tuple(FAMILIES), where=f"{self.name}: family")
        self.scaling.check(self.name)
        for name, check in _CHECKS.items():
            check(getattr(self, name), where=f"{self.name}: {name}")
        _check_reading(self, FAMILIES[self.family])
        object.__setattr__(self, "own", _checked_own_keys(self, FAMILIES[self.family]))

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        # Pickles of version 0.1.0 hold the four scaling keys and the families' own side by side with all others.
        current = state if "own" in state else vars(network_recipe_from_table(state))
        self.__dict__.update(current)

    @property
    def is_packed(self) -> bool:
        """Whether all folds' networks are trained as one, rather than one after the other."""
        return self.reads == COLUMNS and FAMILIES[self.family].is_packed

    @property
    def engine(self) -> str:
        """The module that cross-fits it."""
        return f"competition.models.networks.{'engine' if self.is_packed else 'single.engine'}"

    def check_edition(self, edition: Edition) -> None:
        """Raise RecipeError where it reads frames or bands, and an edition has none."""
        if self.reads == COLUMNS:
            FAMILIES[self.family].check_edition(edition)
        elif edition.files.frames is None:
            raise RecipeError(
                f"{self.name}: reads frames, and {edition.name} has none; `extract` keeps them of sound: "
                "python -m competition extract AUDIO --frames mfcc."
            )

    def steps_per_epoch(self, rows: int) -> int:
        """Return how many batches the training rows are divided into."""
        if not self.batches:
            return ceil(rows / self.batch_size)
        return ceil(min(self.batches, rows) * max(1.0, rows / _MOST_ROWS))

    def input_dropout_of(self, columns: int) -> float:
        """Return the share of so many scaled columns that is dropped while training.

        Examples
        --------
        >>> few = Recipe(name="mine", family="dense", input_dropout=0.4, input_dropout_columns=264)
        >>> few.input_dropout_of(66), few.input_dropout_of(300)
        (0.1, 0.4)
        """
        return self.input_dropout * min(1.0, columns / (self.input_dropout_columns or columns))

    def to_table(self) -> dict[str, Any]:
        """Return the recipe as a flat dictionary of what TOML and JSON can hold."""
        table: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "reads" and value == COLUMNS:
                continue
            parts = value if one.name == "own" else value.to_table() if one.name in _TABLES else {one.name: value}
            table |= {name: list(part) if isinstance(part, tuple) else part for name, part in parts.items()}
        return table


_TABLES = ("scaling", "augmentation")
_CHECKS: dict[str, Any] = {
    "activation": partial(checks.check_choice, choices=ACTIVATIONS),
    "optimizer": partial(checks.check_choice, choices=OPTIMIZERS),
    "schedule": partial(checks.check_choice, choices=SCHEDULES),
    "hidden_units": checks.check_widths,
    "dropout": checks.check_share,
    "input_dropout": checks.check_share,
    "input_dropout_columns": partial(checks.check_whole, least=0),
    "validation": checks.check_share,
    "l2": checks.check_not_negative,
    "weight_decay": checks.check_not_negative,
    "learning_rate": checks.check_positive,
    "epochs": checks.check_whole,
    "batch_size": checks.check_whole,
    "batches": partial(checks.check_whole, least=0),
}

NETWORK_KEYS = (
    *(one.name for one in fields(Recipe) if one.name not in ("own", *_TABLES)),
    *FAMILY_KEYS,
    *SCALING_KEYS,
    *AUGMENTATION_KEYS,
)
"""All keys that a network's recipe may have in a file."""


def network_recipe_from_table(table: Mapping[str, Any]) -> Recipe:
    """Return the recipe that `Recipe.to_table` turned into `table`."""
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    own = {name: values.pop(name) for name in FAMILY_KEYS if name in values}
    changes: dict[str, Any] = {name: values.pop(name) for name in AUGMENTATION_KEYS if name in values}
    scaling = scaling_from_table(values)
    return Recipe(own=own, scaling=scaling, augmentation=Augmentation(**changes), **_without(values, SCALING_KEYS))


def check_finite(recipe: Recipe, *probabilities: np.ndarray | None) -> None:
    """Raise RecipeError when probabilities are not finite, because training diverged."""
    if not all(np.isfinite(one).all() for one in probabilities if one is not None):
        raise RecipeError(
            f"{recipe.name}: training diverged (its probabilities are not finite numbers); "
            f"lower the recipe's learning_rate, now {recipe.learning_rate:g}."
        )


def _without(table: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in names}


def _check_reading(recipe: Recipe, family: Family) -> None:
    checks.check_choice(recipe.reads, READS, where=f"{recipe.name}: reads")
    recipe.augmentation.check(recipe.name)
    if recipe.reads == COLUMNS and recipe.augmentation != Augmentation():
        key = next(iter(recipe.augmentation.to_table()))
        raise RecipeError(f'{recipe.name}: {key} changes frames, and this recipe reads columns; say reads = "frames".')


def _checked_own_keys(recipe: Recipe, family: Family) -> dict[str, Any]:
    """Return the values of the family's own keys; another family's key is ignored where it has its default."""
    toml.check_keys(recipe.own, (), FAMILY_KEYS, where=f"{recipe.name}: own", error=RecipeError)
    for name, value in recipe.own.items():
        if name not in family.keys and value != FAMILY_KEYS[name].default:
            verb, it = ("have", "them") if name.endswith("s") else ("has", "it")
            raise RecipeError(f"{recipe.name}: {name} {verb} no effect in a {family.name} network; remove {it}.")
    values = {name: recipe.own.get(name, key.default) for name, key in family.keys.items()}
    for name, key in family.keys.items():
        key.check(values[name], where=f"{recipe.name}: {name}")
        if key.missing and values[name] == key.default:
            raise RecipeError(f"{recipe.name}: {_a(family.name)} needs {name}, {key.missing}.")
    family.check(recipe.name, values)
    if values.get("momentum") and recipe.optimizer != "sgd":
        raise RecipeError(f"{recipe.name}: momentum is of sgd, and has no effect with {recipe.optimizer}; remove it.")
    if recipe.reads == FRAMES and recipe.scaling != Scaling():
        raise RecipeError(f"{recipe.name}: scaling is of columns, and this recipe reads frames alone; leave it out.")
    if family.reads_blocks and recipe.reads == COLUMNS and (recipe.scaling.components or recipe.scaling.block_means):
        raise RecipeError(
            f"{recipe.name}: {_a(family.name)} reads each block's columns; components and block_means would take "
            "them away."
        )
    return values


def _a(name: str) -> str:
    return f"{'an' if name[0] in 'aeilo' else 'a'} {name}"
