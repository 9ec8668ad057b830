"""Search spaces as data: which hyperparameters may vary, within which bounds, and the recipe that their values give."""

import difflib
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from competition.errors import KitError, RecipeError, meant
from competition.models.base.checks import is_size
from competition.models.networks.recipe import NETWORK_KEYS, Recipe, network_recipe_from_table
from competition.storage import toml

_BUILT_IN = Path(__file__).parent / "spaces"
_RECIPE_KEYS = NETWORK_KEYS
_SAMPLINGS = ("linear", "log")
_KEYS = {
    "int": (("min", "max"), ("step", "sampling")),
    "float": (("min", "max"), ("step", "sampling")),
    "choice": (("values",), ()),
    "boolean": ((), ()),
}
_DIGITS = 6

Value = bool | int | float | str


class SpaceError(KitError):
    """A space is missing, malformed or contradicts itself."""


@dataclass(frozen=True)
class Hyperparameter:
    """One quantity that a search may vary.

    Attributes
    ----------
    name : str
    kind : str
        ``"int"``, ``"float"``, ``"choice"`` or ``"boolean"``.
    minimum, maximum : float or None
        Bounds of a number, both included.
    step : float or None
        The distance between neighbouring values; with logarithmic sampling their ratio.
    sampling : str
        ``"linear"`` or ``"log"``: on which scale numbers are equally probable.
    values : tuple
        The options of a choice, all of one type.
    default : bool, int, float or str
        Its value in a search's first trial.
    when : mapping of str to tuple
        Its conditions, by names of hyperparameters above this one: the values with which it is active; all must hold.
    """

    name: str
    kind: str
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    sampling: str = "linear"
    values: tuple[Value, ...] = ()
    when: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)

    @property
    def is_numeric(self) -> bool:
        """Whether its values are numbers, which have an order."""
        return self.kind in ("int", "float") or (self.kind == "choice" and not isinstance(self.default, str))

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest value of a number."""
        if self.minimum is None or self.maximum is None:
            raise ValueError(f"{self.name}: a {self.kind} has no bounds")
        return self.minimum, self.maximum

    def is_active(self, values: Mapping[str, Value]) -> bool:
        """Return whether its conditions hold for the values of the hyperparameters above it."""
        return all(values.get(parent) in allowed for parent, allowed in self.when.items())

    @property
    def options(self) -> tuple[Value, ...]:
        """What a choice or a boolean may be."""
        return (False, True) if self.kind == "boolean" else self.values


@dataclass(frozen=True)
class Space:
    """A search space.

    Attributes
    ----------
    name : str
    recipe : mapping
        The recipe's keys that stay as they are. A list may name hyperparameters, whose values replace the names.
    hyperparameters : tuple of Hyperparameter
        Those that decide whether others are active come before these.
    table : mapping
        The space as it was read.
    """

    name: str
    recipe: Mapping[str, Any]
    hyperparameters: tuple[Hyperparameter, ...]
    table: Mapping[str, Any]

    @property
    def defaults(self) -> dict[str, Value]:
        """The values of a search's first trial."""
        return self.complete({})

    def complete(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return the values of all active hyperparameters: defaults where `values` has none."""
        completed: dict[str, Value] = {}
        for one in self.hyperparameters:
            if one.is_active(completed):
                completed[one.name] = values.get(one.name, one.default)
        return completed

    def to_recipe(self, values: Mapping[str, Value], name: str = "tuned") -> Recipe:
        """Return the recipe that some values give; hyperparameters that are not given have their defaults.

        Raises
        ------
        RecipeError
            When they give no valid recipe.

        Examples
        --------
        >>> space = load_space("dense")
        >>> space.to_recipe(space.defaults | {"layers": 1, "dropout": 0.2}).hidden_units
        (256,)
        """
        names, values = {one.name for one in self.hyperparameters}, self.complete(values)
        table: dict[str, Any] = {"name": name}
        for key, value in self.recipe.items():
            table[key] = _filled_in(value, values, names) if isinstance(value, list) else value
        return network_recipe_from_table(table | {key: value for key, value in values.items() if key in _RECIPE_KEYS})


def _filled_in(places: list[Any], values: Mapping[str, Value], names: set[str]) -> list[Any]:
    present = [one for one in places if not isinstance(one, str) or one in values or one not in names]
    return [values.get(one, one) if isinstance(one, str) else one for one in present]


def tidy(value: Value) -> Value:
    """Return a float with six significant digits, as a table shows it; anything else as it is.

    Examples
    --------
    >>> tidy(0.1 + 0.2)
    0.3
    """
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) else value


def built_in_spaces() -> tuple[str, ...]:
    """Return the names of the spaces that come with the kit, in alphabetical order."""
    return tuple(sorted(path.stem for path in _BUILT_IN.glob("*.toml")))


def load_space(name: str) -> Space:
    """Load a space that comes with the kit by its name; raises SpaceError when there is none."""
    if name not in built_in_spaces():
        raise SpaceError(
            f'there is no space for "{name}"; expected one of {", ".join(built_in_spaces())}, '
            f"or a space of your own with `space` FILE.{meant(name, built_in_spaces())}"
        )
    return read_space(_BUILT_IN / f"{name}.toml")


def read_space(path: Path) -> Space:
    """Read a space from a TOML file; `tuning/trials/spaces/dense.toml` is an example.

    Raises
    ------
    SpaceError
        When the file is missing or malformed, names an unknown hyperparameter, has an empty range, or its defaults
        or bounds give no valid recipe.
    """
    table = toml.read_toml(path, SpaceError)
    toml.check_keys(table, ("recipe", "hyperparameters"), (), where=str(path), error=SpaceError)
    return space_from_table(toml.name_from(path), table, str(path))


def space_from_table(name: str, table: Mapping[str, Any], where: str) -> Space:
    """Return the space that a file's table describes.

    Parameters
    ----------
    name : str
    table : mapping
        With the keys ``recipe`` and ``hyperparameters``, both tables.
    where : str
        Error messages begin with it.

    Raises
    ------
    SpaceError
        As `read_space` does for what a file holds.
    """
    recipe, described = (_table(table[key], f"{where}: {key}") for key in ("recipe", "hyperparameters"))
    toml.check_keys(recipe, ("family",), _RECIPE_KEYS, where=f"{where}: recipe", error=SpaceError)
    if not described:
        raise SpaceError(f"{where}: there is no hyperparameter; expected at least one to search over.")
    hyperparameters: dict[str, Hyperparameter] = {}
    for key, entry in described.items():
        place = f"{where}: hyperparameter {key}"
        hyperparameters[key] = _hyperparameter(key, _table(entry, place), hyperparameters, place)
    space = Space(name, recipe, tuple(hyperparameters.values()), table)
    _check_names(space, where)
    _check_recipes(space, where)
    return space


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise SpaceError(f"{where}: expected a table, found {value!r}.")
    return value


def _hyperparameter(
    name: str, entry: Mapping[str, Any], above: Mapping[str, Hyperparameter], where: str
) -> Hyperparameter:
    kind = entry.get("kind")
    if not isinstance(kind, str) or kind not in _KEYS:
        raise SpaceError(f"{where}: its kind is {kind!r}; expected one of {', '.join(_KEYS)}.")
    required, optional = _KEYS[kind]
    toml.check_keys(entry, ("kind", *required), (*optional, "default", "when"), where=where, error=SpaceError)
    when = _conditions(entry.get("when", {}), above, f"{where}: when")
    if kind == "boolean":
        return Hyperparameter(name, kind, _one_of((False, True), entry.get("default", False), where), when=when)
    if kind == "choice":
        values = _choices(entry["values"], where)
        return Hyperparameter(
            name, kind, _one_of(values, entry.get("default", values[0]), where), values=values, when=when
        )
    return _number(name, entry, when, where)


def _number(name: str, entry: Mapping[str, Any], when: Mapping[str, tuple], where: str) -> Hyperparameter:
    kind, sampling = entry["kind"], entry.get("sampling", "linear")
    if not isinstance(sampling, str) or sampling not in _SAMPLINGS:
        raise SpaceError(f"{where}: its sampling is {sampling!r}; expected one of {', '.join(_SAMPLINGS)}.")
    numbers = {
        key: _checked_number(entry[key], kind, f"{where}: {key}")
        for key in ("min", "max", "step", "default")
        if key in entry
    }
    low, high, step = numbers["min"], numbers["max"], numbers.get("step")
    if low >= high:
        raise SpaceError(f"{where}: its range from {low} to {high} is empty; expected a min below the max.")
    if sampling == "log" and low <= 0:
        raise SpaceError(f"{where}: its min is {low}; logarithmic sampling needs a min above 0.")
    least = 1 if sampling == "log" else 0
    if step is not None and not least < step:
        raise SpaceError(f"{where}: its step is {step}; expected more than {least} with {sampling} sampling.")
    default = numbers.get("default", low)
    if not low <= default <= high:
        raise SpaceError(f"{where}: its default is {default}; expected a number from {low} to {high}.")
    return Hyperparameter(name, kind, default, low, high, step, sampling, when=when)


def _checked_number(value: Any, kind: str, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SpaceError(f"{where}: expected a number, found {value!r}.")
    if kind == "int" and not isinstance(value, int):
        raise SpaceError(f"{where}: expected a whole number, found {value!r}.")
    return float(value) if kind == "float" else value


def _choices(values: Any, where: str) -> tuple[Value, ...]:
    if not isinstance(values, list) or len(values) < 2:
        raise SpaceError(f"{where}: values is {values!r}; expected a list of at least two to choose from.")
    if len({type(one) for one in values}) > 1 or not isinstance(values[0], int | float | str):
        raise SpaceError(f"{where}: values is {values!r}; expected all of one type: text, whole numbers or numbers.")
    if isinstance(values[0], bool):
        raise SpaceError(f'{where}: values is {values!r}; for true and false use kind = "boolean".')
    if len(set(values)) < len(values):
        raise SpaceError(f"{where}: values is {values!r}; each may stand there once.")
    return tuple(values)


def _one_of(values: tuple[Value, ...], value: Any, where: str) -> Value:
    if value not in values or type(value) is not type(values[0]):
        raise SpaceError(f"{where}: its default is {value!r}; expected one of {list(values)}.")
    return value


def _conditions(entry: Any, above: Mapping[str, Hyperparameter], where: str) -> dict[str, tuple[Value, ...]]:
    conditions: dict[str, tuple[Value, ...]] = {}
    for parent, allowed in _table(entry, where).items():
        if parent not in above:
            raise SpaceError(f'{where}: there is no hyperparameter "{parent}" above this one; conditions look upwards.')
        if above[parent].kind == "float":
            raise SpaceError(f'{where}: "{parent}" is a float; conditions are on whole numbers, choices and booleans.')
        if not isinstance(allowed, list) or not allowed:
            raise SpaceError(f"{where}: {parent} is {allowed!r}; expected a list of the values that make this active.")
        for one in allowed:
            if not _can_be(above[parent], one):
                raise SpaceError(f'{where}: "{parent}" is never {one!r}; expected values from its own range.')
        conditions[parent] = tuple(allowed)
    return conditions


def _can_be(hyperparameter: Hyperparameter, value: Any) -> bool:
    if hyperparameter.kind == "int":
        low, high = hyperparameter.bounds
        in_range = type(value) is int and low <= value <= high
        return in_range and (hyperparameter.sampling == "log" or (value - low) % (hyperparameter.step or 1) == 0)
    return value in hyperparameter.options and type(value) is type(hyperparameter.options[0])


def _check_names(space: Space, where: str) -> None:
    """Raise SpaceError for the first hyperparameter that has no effect, or that the recipe sets already."""
    listed = {
        one for value in space.recipe.values() if isinstance(value, list) for one in value if isinstance(one, Hashable)
    }
    parents = {parent for one in space.hyperparameters for parent in one.when}
    for name in (one.name for one in space.hyperparameters):
        if name in space.recipe or name in ("name", "family"):
            raise SpaceError(f'{where}: "{name}" cannot be a hyperparameter: the recipe table says what it is.')
        if name not in listed | parents | set(_RECIPE_KEYS):
            near = difflib.get_close_matches(name, _RECIPE_KEYS, n=1)
            hint = f'did you mean "{near[0]}"?' if near else "it is no key of a recipe, in no list and no condition."
            raise SpaceError(f'{where}: unknown hyperparameter "{name}"; {hint}')
    names = {one.name for one in space.hyperparameters}
    for one in listed:
        if isinstance(one, str) and one not in names and not is_size(one):
            raise SpaceError(f'{where}: recipe: a list names "{one}", which is no hyperparameter of this space.')


def _check_recipes(space: Space, where: str) -> None:
    """Raise SpaceError where the defaults, or one hyperparameter at an end of its range, give no valid recipe."""
    for one in space.hyperparameters:
        for value in (one.default, *_ends(one)):
            try:
                space.to_recipe(_with(space, one, value))
            except RecipeError as problem:
                raise SpaceError(f"{where}: with {one.name} = {value!r}, {problem}") from None


def _ends(one: Hyperparameter) -> tuple[Value, ...]:
    return one.values if one.kind == "choice" else one.bounds if one.minimum is not None else ()


def _with(space: Space, changed: Hyperparameter, value: Value) -> dict[str, Value]:
    """Return values with which `changed` is active and has `value`; all others have their defaults."""
    return space.complete({parent: allowed[0] for parent, allowed in changed.when.items()} | {changed.name: value})
