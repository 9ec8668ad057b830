"""A competition's data in memory: training features with their genres, and the test features to be labelled."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from competition.csv_files import locate, read_features, read_labels
from competition.edition import Edition
from competition.errors import DataError


@dataclass(frozen=True, eq=False)
class Dataset:
    """One competition's rows.

    Attributes
    ----------
    edition : Edition
    features : ndarray of float32, shape (rows, columns)
        The training songs, as in the file: nothing is scaled here.
    targets : ndarray of int64, shape (rows,)
        0-based genre numbers of the training songs: label minus 1.
    test_features : ndarray of float32, shape (test rows, columns), or None
        The songs to be labelled; None where there is no test file.
    source : str
        Where the rows come from, for people.
    """

    edition: Edition
    features: np.ndarray
    targets: np.ndarray
    test_features: np.ndarray | None
    source: str

    def without_test(self) -> "Dataset":
        """Return the same training songs without the test songs."""
        return replace(self, test_features=None)

    @property
    def rows(self) -> int:
        """The number of training songs."""
        return len(self.targets)

    @cached_property
    def counts(self) -> np.ndarray:
        """The number of training songs of each genre, int64, shape (genres,)."""
        return np.bincount(self.targets, minlength=len(self.edition.genres))

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of all numbers, in hexadecimal: equal for equal rows, wherever and in whichever edition."""
        digest = hashlib.sha256()
        for array in (self.features, self.targets, self.test_features):
            digest.update(b"none" if array is None else str(array.shape).encode() + np.ascontiguousarray(array).data)
        return digest.hexdigest()


def load_dataset(folder: Path, edition: Edition, *, with_test: bool = True) -> Dataset:
    """Read an edition's three CSV files (each may be packed as ``.csv.gz``) from a folder.

    Parameters
    ----------
    folder : Path
    edition : Edition
    with_test : bool
        Whether to read the test file, which then must be there.

    Raises
    ------
    DataError
        When a file is missing or malformed, or there are not as many labels as training rows.
    """
    features_path = locate(folder, edition.files.train)
    labels_path = locate(folder, edition.files.labels)
    features = read_features(features_path, edition)
    targets = read_labels(labels_path, edition)
    _check_equal_rows(features_path, len(features), labels_path, len(targets))
    test_features = read_features(locate(folder, edition.files.test), edition) if with_test else None
    return Dataset(edition, features, targets, test_features, str(folder))


def _check_equal_rows(features_path: Path, features: int, labels_path: Path, labels: int) -> None:
    if features == labels:
        return
    hint = " (a reader that takes the first song for a header loses one row)" if abs(features - labels) == 1 else ""
    raise DataError(
        f"{labels_path}: {labels} labels for the {features} rows of {features_path.name}{hint}; "
        "expected one label a row: take both files from the same download."
    )
