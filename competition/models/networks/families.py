"""The families of networks: which keys a recipe may have for each, and which modules build it.

A family is one entry of `FAMILIES` and one module beside this one, with the function ``packed_body``. Its namesake in
`competition.models.reference`, with the function ``body``, is what tests compare it with.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Any, Protocol

from competition.data.edition import Edition
from competition.errors import KitWarning, RecipeError, listed
from competition.models.base.checks import check_choice, check_widths

READ_OUTS = ("last", "all")


class Check(Protocol):
    """Raises RecipeError, whose message begins with `where`, when a value is not as expected."""

    def __call__(self, value: Any, *, where: str) -> None:
        """Check a value."""


@dataclass(frozen=True)
class Key:
    """A key of a recipe that only one family reads.

    Attributes
    ----------
    default : object
        Its value where a recipe does not name it.
    check : callable
    missing : str
        For a key that a recipe must have, what it is, as the end of the message; empty for an optional one.
    """

    default: Any
    check: Check
    missing: str = ""


@dataclass(frozen=True)
class Family:
    """A kind of network.

    Attributes
    ----------
    name : str
        Also that of its modules, in `competition.models.networks` and in `competition.models.reference`.
    reads : str
        How it reads a song's columns, in words.
    keys : mapping of str to Key
        The keys that only its recipes may have.
    reads_blocks : bool
        Whether it reads blocks of columns band by band, which components and block means would take away.
    """

    name: str
    reads: str
    keys: Mapping[str, Key] = field(default_factory=dict)
    reads_blocks: bool = False

    def check_edition(self, edition: Edition) -> None:
        """Raise RecipeError where the family reads bands, and the edition's columns have none; warn of single ones."""
        if self.reads_blocks and not edition.has_bands:
            raise RecipeError(
                f"{self.name} reads a block's bands one after the other, and the columns of {edition.name} have none; "
                "use dense, or describe [[blocks]] in its edition (docs/editions.md)."
            )
        short = [block.name for block in edition.blocks if block.bands == 1] if self.reads_blocks else []
        if short:
            message = (
                f"{self.name} reads a block's bands one after the other; of {listed(short)} there is one band only."
            )
            warnings.warn(message, KitWarning, stacklevel=2)

    @property
    def packed_body(self) -> Callable:
        """The function that builds all members' layers between the scaled columns and the genres; imports Keras."""
        return import_module(f"competition.models.networks.{self.name}").packed_body

    @property
    def reference_body(self) -> Callable:
        """The function that builds one network's layers between the scaled columns and the genres; imports Keras."""
        return import_module(f"competition.models.reference.{self.name}").body


FAMILIES = {
    one.name: one
    for one in (
        Family("dense", "a song's columns at once"),
        Family(
            "lstm",
            "each block of columns as a sequence over its bands",
            {
                "recurrent_units": Key((), check_widths, "the width of each of its LSTM layers"),
                "read_out": Key("last", partial(check_choice, choices=READ_OUTS)),
            },
            reads_blocks=True,
        ),
    )
}
"""All families by name."""

FAMILY_KEYS = {key: one for family in FAMILIES.values() for key, one in family.keys.items()}
"""All keys that not every family reads."""
