"""Lines and JSON on the terminal."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np

from competition.errors import printable

WIDTH = 108
"""Where long lines are wrapped, label not counted."""


def say(lines: Sequence[str], *, quiet: bool = False) -> None:
    """Print lines, unless asked to be quiet."""
    if not quiet and lines:
        click.echo("\n".join(map(printable, lines)))


def paragraphs(parts: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of several parts, with an empty one in between.

    Examples
    --------
    >>> paragraphs([["a", "b"], ["c"]])
    ['a', 'b', '', 'c']
    """
    return [line for part in parts for line in ("", *part)][1:]


def labelled(label: str, lines: Sequence[str]) -> list[str]:
    """Return lines with a label before the first one, all aligned."""
    return [f"{'' if place else label:<10}{line}" for place, line in enumerate(lines)]


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as aligned lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def say_json(table: Mapping[str, Any]) -> None:
    """Print a table as JSON, with null for what is not a number."""
    click.echo(json.dumps(_finite(table), indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
