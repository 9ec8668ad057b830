"""`plot`: the data as pictures."""

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np

from competition.data.dataset import Dataset
from competition.errors import DataError
from competition.pictures.genres import genre_distribution
from competition.pictures.songs import samples
from competition.pictures.style import save
from competition.storage.folders import check_free, default_folder, new_run
from genre_kit.jobs import inputs

MOST_SONGS = 24
"""More songs than this are not readable on one page."""


def plot(
    *, data: Path | None, edition: str | None, out: Path | None, quiet: bool, force: bool, rows: Sequence[int] | None
) -> None:
    """Draw the genre distribution and a page of songs; the parameters are the command's options."""
    if out is not None:
        check_free(out, force=force)
    dataset = inputs.open_dataset(data, edition, with_test=False)
    chosen = _first_of_each_genre(dataset) if rows is None else _checked(rows, dataset)
    folder = out or default_folder(dataset.edition.name, "plots")
    pictures = {"genres.png": genre_distribution(dataset.edition.genres, dataset.counts)}
    pictures["songs.png"] = samples(dataset, chosen)
    for block in dataset.edition.blocks:
        pictures[f"songs-{block.name}.png"] = samples(dataset, chosen, block)
    with new_run(folder, force=force) as place:
        for name, figure in pictures.items():
            save(figure, place / name)
    if not quiet:
        for line in [*inputs.describe(dataset, data), *(f"picture   {folder / name}" for name in pictures)]:
            click.echo(line)


def _first_of_each_genre(dataset: Dataset) -> list[int]:
    _, first = np.unique(dataset.targets, return_index=True)
    return [int(row) for row in first[:MOST_SONGS]]


def _checked(rows: Sequence[int], dataset: Dataset) -> list[int]:
    """Return rows counted from 1 as rows counted from 0."""
    for row in rows:
        if not 1 <= row <= dataset.rows:
            raise DataError(
                f"there is no song {row}; --rows takes line numbers of the training file, 1 to {dataset.rows}."
            )
    if len(rows) > MOST_SONGS:
        raise DataError(f"{len(rows)} songs chosen with --rows; one page shows at most {MOST_SONGS}.")
    return [row - 1 for row in rows]
