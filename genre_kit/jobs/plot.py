"""`plot`: the data as pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.errors import DataError
from competition.pictures.genres import genre_distribution
from competition.pictures.songs import samples
from competition.pictures.style import save
from competition.storage.folders import default_folder, new_run
from genre_kit.jobs.inputs import PathLike, open_dataset
from genre_kit.jobs.keep import check_out

MOST_SONGS = 24
"""More songs than this are not readable on one page."""


def plot(
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    rows: Sequence[int] | None = None,
    out: PathLike | None = None,
    force: bool = False,
) -> tuple[Dataset, list[Path]]:
    """Draw the genre distribution, and pages of songs: whole, and block by block.

    Parameters
    ----------
    data, edition, out, force
        As for `submit`.
    rows : sequence of int or None
        The songs, by line of the training file, from 1; by default the first of each genre.

    Returns
    -------
    Dataset, list of Path
        What was drawn, and the pictures.
    """
    check_out(out, force=force)
    dataset = open_dataset(data, edition, with_test=False)
    chosen = _first_of_each_genre(dataset) if rows is None else _checked(rows, dataset)
    folder = default_folder(dataset.edition.name, "plots") if out is None else Path(out)
    pictures = {"genres.png": genre_distribution(dataset.edition.genres, dataset.counts)}
    pictures["songs.png"] = samples(dataset, chosen)
    for block in dataset.edition.blocks:
        pictures[f"songs-{block.name}.png"] = samples(dataset, chosen, block)
    with new_run(folder, force=force) as place:
        for name, figure in pictures.items():
            save(figure, place / name)
    return dataset, [folder / name for name in pictures]


def _first_of_each_genre(dataset: Dataset) -> list[int]:
    _, first = np.unique(dataset.targets, return_index=True)
    return [int(row) for row in first[:MOST_SONGS]]


def _checked(rows: Sequence[int], dataset: Dataset) -> list[int]:
    """Return rows counted from 1 as rows counted from 0."""
    for row in rows:
        if not 1 <= row <= dataset.rows:
            raise DataError(
                f"there is no song {row}; `rows` takes line numbers of the training file, 1 to {dataset.rows}."
            )
    if len(rows) > MOST_SONGS:
        raise DataError(f"{len(rows)} songs chosen with `rows`; one page shows at most {MOST_SONGS}.")
    return [row - 1 for row in rows]
