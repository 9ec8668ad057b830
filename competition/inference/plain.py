"""Editions of plain files, described column by column: what a missing cell needs."""

from dataclasses import replace
from pathlib import Path

from competition.data.edition import Edition, Roles
from competition.data.edition_file import gaps_block
from competition.data.formats.tables import open_table
from competition.data.formats.wrapping import locate
from competition.errors import DataError

MANY = 0.05
"""A feature of which a larger share of cells is missing gets a column that says where."""


def with_medians(edition: Edition, data: Path) -> Edition:
    """Return an edition of plain files as one of described files, in which missing cells are filled by medians.

    Parameters
    ----------
    edition : Edition
        Without roles.
    data : Path
        The folder with its files.

    Raises
    ------
    DataError
        When the training file has other columns.
    """
    table = open_table(locate(data, edition.files.train))
    if len(table.names) != edition.columns:
        raise DataError(
            f"{table.path}: {len(table.names)} columns; expected {edition.columns} (edition {edition.name}): take the "
            "file as downloaded."
        )
    gaps = tuple(name for name in table.names if table.count_missing(name) > MANY * table.rows)
    roles = Roles(features=table.names, first_label=1, missing="median", gaps=gaps, header=table.form.has_header)
    block = gaps_block(roles, edition.columns)
    return replace(edition, roles=roles, blocks=edition.blocks if block is None else (*edition.blocks, block))
