"""The data a command works on, and what it says of it."""

import warnings
from pathlib import Path

import numpy as np

from competition.data.csv_files import count_rows, locate, read_features
from competition.data.dataset import Dataset, load_dataset
from competition.data.drift import looks_misread
from competition.data.edition import Edition, find_edition
from competition.errors import DataError, KitWarning

_SAMPLE_NOTE = "          This is a made-up SAMPLE to try the kit on; give a real download with --data DIR."


def open_dataset(data: Path | None, edition: str | None, *, with_test: bool) -> Dataset:
    """Load the data folder, or generate the embedded sample where none is given.

    Without `with_test` the test file need not be there, and is not read.
    """
    layout = find_edition(edition, data)
    if data is not None:
        dataset = load_dataset(data, layout, with_test=with_test)
        if (trouble := looks_misread(dataset)) is not None:
            warnings.warn(trouble, KitWarning, stacklevel=2)
        return dataset
    from competition.data.sample import sample_dataset

    return sample_dataset(layout) if with_test else sample_dataset(layout).without_test()


def describe(dataset: Dataset, data: Path | None) -> list[str]:
    """Return the lines that say which data a command works on."""
    tests = "" if dataset.test_features is None else f"{len(dataset.test_features)} test songs, "
    size = (
        f"{dataset.rows} training songs, {tests}{dataset.edition.columns} columns, {len(dataset.edition.genres)} genres"
    )
    lines = [f"edition   {dataset.edition.title} ({dataset.edition.name})", f"data      {dataset.source}: {size}"]
    return lines if data is not None else [*lines, _SAMPLE_NOTE]


def open_test_songs(data: Path | None, edition: Edition) -> np.ndarray:
    """Read the test file alone, or generate the embedded sample's; float32, shape (test rows, columns)."""
    if data is not None:
        return read_features(locate(data, edition.files.test), edition)
    from competition.data.sample import sample_dataset

    return sample_dataset(edition).test_features


def count_test_songs(data: Path | None, edition: Edition) -> int | None:
    """Return how many lines the test file has, without reading their numbers; None where there is no such file."""
    try:
        return None if data is None else count_rows(locate(data, edition.files.test))
    except DataError:
        return None
