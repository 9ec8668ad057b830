"""A competition's files, brought from Kaggle."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from competition.inference.findings import Inferred


@dataclass(frozen=True, eq=False)
class Fetched:
    """A competition's files, ready to work on.

    Attributes
    ----------
    folder : Path
    slug : str
        Of the Kaggle competition.
    files : tuple of str
        Their paths in the folder.
    size : int
        Of all of them, in bytes.
    found : Inferred
        What they are, with the boards' slugs in the edition.
    edition : Path
        The edition's file.
    """

    folder: Path
    slug: str
    files: tuple[str, ...]
    size: int
    found: Inferred
    edition: Path


Teller = Callable[[str], None]
"""Given a line about what is going on now."""


def nobody(line: str) -> None:
    """Tell nobody."""
