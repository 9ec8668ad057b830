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
from competition.models.base.checks import check_choice, check_share, check_sizes, check_truth, check_widths

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
    sized_alike : tuple of str
        Keys whose lists are as long as that of the first of them; optional ones may be empty.
    is_packed : bool
        Whether all folds' networks that read columns are trained as one; otherwise, and where they read frames, they
        are trained one after the other.
    """

    name: str
    reads: str
    keys: Mapping[str, Key] = field(default_factory=dict)
    reads_blocks: bool = False
    sized_alike: tuple[str, ...] = ()
    is_packed: bool = True

    def check(self, name: str, values: Mapping[str, Any]) -> None:
        """Raise RecipeError where lists of layers' properties are of different lengths; `name` is the recipe's."""
        for key in self.sized_alike[1:]:
            wanted = len(values[self.sized_alike[0]])
            if values[key] and len(values[key]) != wanted:
                raise RecipeError(
                    f"{name}: {key} has {len(values[key])} entries; expected {wanted}, one for each of "
                    f"{self.sized_alike[0]}."
                )

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
    def single_body(self) -> Callable:
        """The function that builds one network's layers over frames, before the dense ones; imports Keras."""
        return import_module(f"competition.models.networks.single.{self.name}").body

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
        Family(
            "cnn",
            "frames, or each block of columns, as a picture of bands over time or statistics",
            {
                "filters": Key((), check_widths, "how many filters each of its convolutions has"),
                "kernels": Key((), check_sizes, 'their sizes, steps x bands, such as "3x3"'),
                "pools": Key((), check_sizes),
                "strides": Key((), check_sizes),
                "batch_normalization": Key(False, check_truth),
                "momentum": Key(0.0, check_share),
            },
            reads_blocks=True,
            sized_alike=("filters", "kernels", "pools", "strides"),
            is_packed=False,
        ),
    )
}
"""All families by name."""

FAMILY_KEYS = {key: one for family in FAMILIES.values() for key, one in family.keys.items()}
"""All keys that not every family reads."""
