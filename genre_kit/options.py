"""Types of options, and the options that several commands share."""

import re
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click

_MOST_ROWS = 1000
_QUOTED = re.compile(r"`(\w+)`")

Decorator = Callable[[Any], Any]


class NumberType(click.FloatRange):
    """A number of a range; what is not a number is refused."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return a float of the range."""
        number = super().convert(value, param, ctx)
        return number if number == number else self.fail(f"{value} is not a number.")


class FoldsType(click.ParamType):
    """A number of folds, their kind, or the path of a file with one fold number a row."""

    name = "N|KIND|FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:
        """Return an int, or the text as it stands."""
        text = str(value)
        return int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else text


class RowsType(click.ParamType):
    """Row numbers from 1, single or as ranges: ``1,5,10-12``."""

    name = "ROWS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        """Return the numbers in the order given."""
        rows: list[int] = []
        for part in str(value).split(","):
            found = re.fullmatch(r"\s*(\d{1,9})(?:-(\d{1,9}))?\s*", part, re.ASCII)
            if not found:
                self.fail(f'"{part}" is not a row number or a range; expected for example 1,5,10-12.')
            rows += islice(range(int(found[1]), int(found[2] or found[1]) + 1), _MOST_ROWS)
        return rows or self.fail(f'"{value}" names no rows; ranges go upwards.')


class GenresType(click.ParamType):
    """Genres by their names or labels, with commas between them: ``rock,jazz,3``."""

    name = "GENRES"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """Return the names and labels."""
        if isinstance(value, list):
            return value
        names = [name.strip() for name in str(value).split(",")]
        if not all(names):
            self.fail(f'"{value}" names no genre in one place; expected names or labels with commas: rock,jazz.')
        return names


class TableChoice(click.Choice):
    """One of the names in a table, which is imported only when it is needed: a command's help, or its use."""

    def __init__(self, names: Callable[[], Sequence[str]]) -> None:
        self._names = names
        self.case_sensitive = True

    @property
    def choices(self) -> Sequence[str]:  # type: ignore[override]
        """The names in the table."""
        return tuple(self._names())


class SomeOf(TableChoice):
    """Some of the names in a table, with commas."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the names as a tuple."""
        return tuple(super(SomeOf, self).convert(name.strip(), param, ctx) for name in str(value).split(","))


def _rule_names() -> Sequence[str]:
    from submissions.rule_search import RULE_NAMES

    return RULE_NAMES


def joined(*decorators: Decorator) -> Decorator:
    """Join option declarations into one decorator, first listed first in the help."""

    def decorate(command: Any) -> Any:
        """Declare the options for a command."""
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


PATH = click.Path(path_type=Path, readable=False)

data = click.option(
    "--data",
    type=PATH,
    metavar="DIR",
    help="Folder with the competition's CSV files. [default: the data of a run or search that is given, else the "
    "embedded sample]",
)
edition = click.option(
    "--edition",
    metavar="NAME|FILE",
    help="Built-in edition or an edition's TOML file. [default: edition.toml in the data folder, else mlbp-2018]",
)
out = click.option("--out", type=PATH, metavar="DIR", help="Where the results go. [default: a new folder in runs/]")
seed = click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**32 - 1),
    default=0,
    show_default=True,
    help="The same seed gives the same files.",
)
quiet = click.option("--quiet", is_flag=True, help="Say only what was asked for, errors and notes.")
force = click.option("--force", is_flag=True, help="Replace a finished run in the output folder.")
folds = click.option(
    "--folds",
    type=FoldsType(),
    default="10",
    show_default=True,
    help="Number of folds: random ones, or like the test file where its songs are strangers; random or like-test (:N) "
    "says which; or a file with one fold number a row.",
)
groups = click.option(
    "--groups",
    type=PATH,
    metavar="FILE",
    help="One id a training song (artist, say): songs of one id stay in one fold. [default: the edition's, if any]",
)
genres = joined(
    click.option(
        "--genres",
        type=GenresType(),
        help="Only these genres, by names or labels: rock,jazz,3; songs of the others are left out. "
        "[default: all, or those of a run or search that is given]",
    ),
    click.option("--without", type=GenresType(), help="All genres but these."),
)
training = joined(
    click.option(
        "--model",
        metavar="NAME",
        help="dense or lstm (pools of several models, see --preset), or a single recipe: baseline, support-vector, "
        "... [default: dense]",
    ),
    click.option(
        "--preset",
        type=click.Choice(["quick", "standard", "best"]),
        help="How much effort, for dense and lstm. [default: standard]",
    ),
    click.option(
        "--minutes",
        type=NumberType(0, min_open=True),
        metavar="N",
        help="Train what fits into this time, instead of a preset.",
    ),
    click.option(
        "--recipe",
        type=PATH,
        metavar="FILE|DIR",
        help="A recipe or ensemble of your own (TOML), or a folder with a recipe.toml, instead of --model.",
    ),
    click.option(
        "--add-recipe",
        type=PATH,
        metavar="FILE|DIR",
        help="The same, or a search's folder, added to the pool of --model and --preset.",
    ),
    folds,
    groups,
    genres,
    click.option(
        "--seeds",
        type=click.IntRange(min=1),
        metavar="N",
        help="Networks of each recipe for every fold, whose probabilities are averaged. "
        "[default: the preset's or the file's; 4 for a single recipe]",
    ),
    click.option(
        "--rule",
        type=TableChoice(_rule_names),
        help="How probabilities become labels; auto takes what pays out of fold, by the metric of the labels' board. "
        "[default: threshold, argmax where that costs more than its standard error; argmax where an edition says how "
        "submissions look; auto on macro boards]",
    ),
    click.option(
        "--threshold",
        type=NumberType(0, 1),
        metavar="P",
        help="Where no probability (margin: no lead over the second) exceeds it, the fallback genre is written. "
        "[default: 0.25; margin: found out of fold]",
    ),
    click.option("--fallback", metavar="GENRE", help="Name or label of the fallback genre. [default: the edition's]"),
)
TRAINING = (
    "model",
    "preset",
    "minutes",
    "recipe",
    "add_recipe",
    "folds",
    "groups",
    "genres",
    "without",
    "seeds",
    "seed",
)
"""The parameters that say what is trained."""


def refuse(context: click.Context, names: Sequence[str], why: str) -> None:
    """Raise UsageError for the first of some parameters that is given on the command line and has no effect.

    Parameters
    ----------
    context : click.Context
    names : sequence of str
        Of parameters, as the commands' functions have them.
    why : str
        The sentence's end: "with --from, which trains nothing".
    """
    used = [name for name in names if is_given(context, name)]
    if used:
        raise click.UsageError(f"{flag(context.command, used[0])} has no effect {why}. Leave it out.")


def refuse_others(context: click.Context, kept: set[str], why: str) -> None:
    """Raise UsageError as `refuse` does, for all of a command's parameters but some.

    Parameters
    ----------
    context : click.Context
    kept : set of str
        Names of the parameters that have an effect.
    why : str
        As for `refuse`.
    """
    names = [parameter.name or "" for parameter in context.command.params]
    refuse(context, [name for name in names if name not in kept], why)


def is_given(context: click.Context, name: str) -> bool:
    """Return whether a parameter is given on the command line."""
    return context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def flag(command: click.Command, name: str) -> str:
    """Return a parameter as the command's help writes it: an option, or an argument in capitals."""
    is_option = {parameter.name: isinstance(parameter, click.Option) for parameter in command.params}
    if not is_option.get(name, True):
        return name.upper()
    spelled = {parameter.name: parameter.opts[0] for parameter in command.params}
    return spelled.get(name, "--" + name.replace("_", "-"))


def worded(message: object, command: click.Command | None) -> str:
    """Return a message in which a command's options replace the argument names between backticks.

    Examples
    --------
    >>> worded("replace it with `force`", None)
    'replace it with --force'
    """
    none = click.Command(None)
    return _QUOTED.sub(lambda found: flag(command or none, found[1]), str(message))
