"""The data that a job works on; the sample's generator is imported only where it is needed, for `check`'s sake."""

import os
import warnings
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset, load_dataset
from competition.data.drift import looks_misread
from competition.data.edition import Edition, find_edition
from competition.data.formats import CompetitionFiles
from competition.errors import DataError, KitWarning

PathLike = str | os.PathLike[str]


def open_dataset(data: PathLike | None, edition: str | None, *, with_test: bool) -> Dataset:
    """Load the data folder, or generate the embedded sample where none is given.

    Parameters
    ----------
    data : path or None
    edition : str or None
        A built-in edition's name or an edition's TOML file; by default as `find_edition` finds it.
    with_test : bool
        Whether to read the test file; otherwise it need not be there.

    Raises
    ------
    EditionError
        When there is no such edition or folder, or its file is malformed.
    DataError
        When a file is missing or malformed.
    """
    found = find_edition(edition, None if data is None else Path(data))
    if data is None:
        from competition.data.sample import sample_dataset

        return sample_dataset(found) if with_test else sample_dataset(found).without_test()
    dataset = load_dataset(Path(data), found, with_test=with_test)
    if (trouble := looks_misread(dataset)) is not None:
        warnings.warn(trouble, KitWarning, stacklevel=2)
    return dataset


def open_test_songs(data: PathLike | None, edition: Edition) -> np.ndarray:
    """Read the test file alone, or generate the embedded sample's; float32, shape (test rows, columns)."""
    if data is not None:
        return CompetitionFiles(Path(data), edition).test_songs()
    from competition.data.sample import sample_dataset

    songs = sample_dataset(edition).test_features
    assert songs is not None  # the sample has some
    return songs


def count_test_songs(data: PathLike | None, edition: Edition) -> int | None:
    """Return how many lines the test file has, without parsing them; None where it is missing or unreadable."""
    try:
        return None if data is None else CompetitionFiles(Path(data), edition).count_test_songs()
    except DataError:
        return None


def name_of_test_songs(data: PathLike | None, edition: Edition) -> str:
    """Return where the test songs come from, for people."""
    from competition.data.sample import SOURCE

    return SOURCE if data is None else str(CompetitionFiles(Path(data), edition).test_path)
