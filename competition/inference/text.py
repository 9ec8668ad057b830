"""An inferred edition as TOML, with what led to it as comments."""

import re
import textwrap
from collections.abc import Sequence
from typing import Any

import tomli_w

from competition.data.edition import Block, Edition
from competition.data.edition_file import edition_from_table, edition_table
from competition.errors import EditionError
from competition.inference.findings import Finding, Inferred

_SECTIONS = {
    "files": ("training", "test", "template", "not used", "not read", "edition"),
    "columns": ("labels", "id", "left out", "features", "groups", "missing", "blocks"),
    "blocks": (),
    "boards": (),
    "submission": ("hand in",),
}
"""The tables of an edition, and the findings that each rests on."""
_WIDTH = 118


def commented(found: Inferred, source: str) -> str:
    """Return the text of an edition's file.

    Parameters
    ----------
    found : Inferred
    source : str
        Where the files are, for people.
    """
    table = _with_patterns(found.edition)
    top = {key: value for key, value in table.items() if key not in _SECTIONS}
    parts = [_comment(f"What the files in {source} were taken for; correct here what is otherwise.")]
    parts += [_comment(f"doubtful: {doubt}") for doubt in found.doubts]
    parts += [_findings(found, ("genres",)) + tomli_w.dumps(top)]
    parts += [_findings(found, _SECTIONS[key]) + _dumped(key, table[key]) for key in _SECTIONS if _is_said(table, key)]
    return "\n".join(parts)


def _is_said(table: dict[str, Any], key: str) -> bool:
    return bool(table.get(key)) or (key == "columns" and key in table)  # which says that columns are described


def _with_patterns(edition: Edition) -> dict[str, Any]:
    """Return an edition's table, with patterns in the places of columns' names where they say the same.

    It is shorter so, and easier to change.
    """
    table = edition_table(edition)
    roles = edition.roles
    if roles is None or (edition.has_bands and not roles.header):
        return table
    columns = {key: value for key, value in table["columns"].items() if key != "features"}
    blocks = [_named(block, roles.features) for block in edition.blocks if block.bands > 1]
    short = {key: value for key, value in table.items() if key != "blocks"} | {"columns": columns}
    short |= {"blocks": blocks} if blocks else {}
    others = [name for name in (roles.id, roles.label, roles.group, *roles.leave_out) if name is not None]
    try:
        same = edition_from_table(short, lambda files, said: [*others, *roles.features], where="") == edition
    except EditionError:
        return table
    return short if same else table


def _named(block: Block, features: Sequence[str]) -> dict[str, Any]:
    starts = range(block.first, block.stop, block.bands)
    patterns = [_pattern(features[start : start + block.bands]) for start in starts]
    return {"name": block.name, "columns": patterns, "statistics": list(block.statistics)}


def _pattern(names: Sequence[str]) -> str:
    """Return what names have in common, with a star for the number in which they differ."""
    numbers = [re.search(r"\d+", name) for name in names]
    first = numbers[0]
    return names[0] if first is None else f"{names[0][: first.start()]}*{names[0][first.end() :]}"


def _dumped(key: str, value: Any) -> str:
    return tomli_w.dumps({key: value}, multiline_strings=False)


def _findings(found: Inferred, kinds: tuple[str, ...]) -> str:
    return "".join(_comment(f"{one.what}: {one}") for one in _of_kinds(found, kinds))


def _of_kinds(found: Inferred, kinds: tuple[str, ...]) -> list[Finding]:
    return [one for one in found.findings if one.what in kinds]


def _comment(text: str) -> str:
    return "".join(f"# {line}\n" for line in textwrap.wrap(text, _WIDTH))
