"""A competition's data in memory: training features with their genres, and the test features to be labelled."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from competition.data.csv_files import read_groups
from competition.data.edition import Edition
from competition.data.formats import CompetitionFiles, open_files, say_place
from competition.errors import DataError

_FIRST_ROWS = 100


@dataclass(frozen=True, eq=False)
class Entries:
    """The lines of the submission files, and which of them each test song belongs to.

    Attributes
    ----------
    ids : tuple of str
        In the order of the lines.
    places : ndarray of int64, shape (test rows,)
        The number of each test song's line, from 0; several may share one.

    Examples
    --------
    >>> entries = Entries(("b", "a"), np.array([1, 0, 1]))
    >>> entries.gathered(np.array([[0.2, 0.8], [0.7, 0.3], [0.5, 0.5]])).round(4)
    array([[0.7   , 0.3   ],
           [0.3333, 0.6667]])
    """

    ids: tuple[str, ...]
    places: np.ndarray

    def gathered(self, probabilities: np.ndarray) -> np.ndarray:
        """Return the probabilities of each line: those of its test songs, averaged; float64, shape (lines, genres).

        Parameters
        ----------
        probabilities : ndarray of float64, shape (test rows, genres)
            Above 0.

        Notes
        -----
        Logarithms are averaged, and the result is brought to a sum of 1: the geometric mean, as of a pool's models. It
        is surer than the arithmetic one where a song's parts agree, and scores better (docs/experiments.md).
        """
        counts = np.bincount(self.places, minlength=len(self.ids))
        if (counts == 1).all():
            return probabilities[np.argsort(self.places)]
        sums = np.zeros((len(self.ids), probabilities.shape[1]))
        np.add.at(sums, self.places, np.log(probabilities))
        means = np.exp(sums / counts[:, None])
        return means / means.sum(axis=1, keepdims=True)


def numbered(rows: int) -> Entries:
    """Return the entries of test songs that have no ids: they are counted from 1."""
    return Entries(tuple(map(str, range(1, rows + 1))), np.arange(rows))


@dataclass(frozen=True, eq=False)
class Dataset:
    """One competition's rows.

    Attributes
    ----------
    edition : Edition
    features : ndarray of float32, shape (rows, columns)
        The training songs, as in the file: nothing is scaled here, and missing cells are nan.
    targets : ndarray of int64, shape (rows,)
        0-based genre numbers of the training songs: label minus 1.
    test_features : ndarray of float32, shape (test rows, columns), or None
        The songs to be labelled; None where there is no test file.
    source : str
        Where the rows come from, in words.
    groups : ndarray of int64, shape (rows,), or None
        Training songs with the same number stay in one fold; None where songs are not grouped.
    labels_from, groups_from : str
        The files that labels and groups were read from, for messages; empty where there is none.
    ids : tuple of str or None
        Of the training songs; None where they have none.
    test_entries : Entries or None
        The lines of the submission files; None where they are the test songs, counted from 1.
    test_groups : ndarray of int64, shape (test rows,), or None
        As `groups`, of the test songs and of the same kind; None where they are not known.
    """

    edition: Edition
    features: np.ndarray
    targets: np.ndarray
    test_features: np.ndarray | None
    source: str
    groups: np.ndarray | None = None
    labels_from: str = ""
    groups_from: str = ""
    ids: tuple[str, ...] | None = None
    test_entries: Entries | None = None
    test_groups: np.ndarray | None = None

    def without_test(self) -> "Dataset":
        """Return the same training songs without the test songs."""
        return replace(self, test_features=None, test_entries=None, test_groups=None)

    def with_groups(self, path: Path) -> "Dataset":
        """Return the same songs, grouped by a file of one id per training song; raises DataError if it does not fit."""
        groups = read_groups(path)
        if len(groups) != self.rows:
            hint = " (the file should have no header)" if len(groups) == self.rows + 1 else ""
            raise DataError(
                f"{path}: {len(groups)} group ids for {self.rows} training songs{hint}; expected one a song."
            )
        return replace(self, groups=groups, groups_from=str(path), test_groups=None)

    @property
    def rows(self) -> int:
        """The number of training songs."""
        return len(self.targets)

    @property
    def test_rows(self) -> int:
        """The number of test songs; 0 where there is no test file."""
        return 0 if self.test_features is None else len(self.test_features)

    @property
    def entries(self) -> Entries:
        """The lines of the submission files."""
        return numbered(self.test_rows) if self.test_entries is None else self.test_entries

    @property
    def lines_are_groups(self) -> bool:
        """Whether several test rows make one line, those of a group."""
        return self.test_groups is not None and len(self.entries.ids) < self.test_rows

    @cached_property
    def counts(self) -> np.ndarray:
        """The number of training songs of each genre, int64, shape (genres,)."""
        return np.bincount(self.targets, minlength=len(self.edition.genres))

    @cached_property
    def has_gaps(self) -> bool:
        """Whether a cell is missing, of a training song or of a test song."""
        return any(np.isnan(songs).any() for songs in (self.features, self.test_features) if songs is not None)

    def filled(self) -> "Dataset":
        """Return the songs with the training file's medians where cells are missing; never what a score is made of.

        For what compares or draws songs. Models fill cells themselves, with the medians of the songs that they are
        trained on.
        """
        if not self.has_gaps:
            return self
        medians = column_medians(self.features)
        test = None if self.test_features is None else with_medians(self.test_features, medians)
        return replace(self, features=with_medians(self.features, medians), test_features=test)

    @property
    def shares(self) -> np.ndarray:
        """Each genre's share of the training rows; float64, shape (genres,)."""
        return self.counts / self.rows

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of all numbers, in hexadecimal: equal for equal rows, whatever their folder and edition."""
        test = None if self.test_features is None else with_equal_gaps(self.test_features)
        return _sha256(with_equal_gaps(self.features), self.targets, test)

    @cached_property
    def training_fingerprint(self) -> str:
        """The SHA-256 of the training songs alone: two runs with the same one can be compared."""
        return _sha256(with_equal_gaps(self.features), self.targets)

    @cached_property
    def test_fingerprint(self) -> str | None:
        """The SHA-256 of the test songs alone; None where there is no test file."""
        return None if self.test_features is None else fingerprint(self.test_features)


def fingerprint(songs: np.ndarray) -> str:
    """Return the SHA-256 of songs without labels, float32, (rows, columns), in hexadecimal."""
    return _sha256(with_equal_gaps(songs))


def column_medians(table: np.ndarray) -> np.ndarray:
    """Return the median of each column's values, nan left out; 0 for a column without any; shape (columns,).

    Parameters
    ----------
    table : ndarray of float, shape (rows, columns)

    Examples
    --------
    >>> column_medians(np.array([[1.0, np.nan], [np.nan, np.nan], [4.0, np.nan]]))
    array([2.5, 0. ])
    """
    known = [column[~np.isnan(column)] for column in table.T]
    return np.array([np.median(column) if column.size else 0.0 for column in known])


def with_medians(table: np.ndarray, medians: np.ndarray) -> np.ndarray:
    """Return a copy of a table with its columns' medians in place of nan.

    Parameters
    ----------
    table : ndarray of float, shape (rows, columns)
    medians : ndarray of float, shape (columns,)

    Returns
    -------
    ndarray
        Of the table's shape and dtype.
    """
    return np.where(np.isnan(table), medians.astype(table.dtype), table)


def with_equal_gaps(table: np.ndarray) -> np.ndarray:
    """Return a table whose every nan has the same bytes: a nan has a sign and bits of its own, which say nothing."""
    gaps = np.isnan(table)
    return np.where(gaps, table.dtype.type(np.nan), table) if gaps.any() else table


def load_dataset(folder: Path, edition: Edition, *, with_test: bool = True) -> Dataset:
    """Read an edition's files from a folder.

    Parameters
    ----------
    folder : Path
    edition : Edition
    with_test : bool
        Whether to read the test file, which then must be there.

    Raises
    ------
    DataError
        When a file is missing or malformed, or the number of labels or group ids is not that of training rows.
    """
    files = open_files(folder, edition)
    say_place(files)
    features, targets = files.training_songs(), files.targets()
    _check_equal_rows(files, len(features), len(targets))
    _check_no_answers(files.training_path, features, targets)
    dataset = Dataset(
        edition, features, targets, None, str(folder), labels_from=str(files.labels_path), ids=files.ids()
    )
    if with_test:
        dataset = replace(dataset, test_features=files.test_songs(), test_entries=entries_of(files))
    if files.groups_path is not None:
        return dataset.with_groups(files.groups_path)
    groups = files.groups()
    if groups is None:
        return dataset
    test_groups = files.test_groups() if with_test else None
    return replace(dataset, groups=groups, groups_from=str(files.training_path), test_groups=test_groups)


def entries_of(files: CompetitionFiles) -> Entries | None:
    """Return the lines that are handed in; None where they are the test songs, counted from 1."""
    found = files.test_entries()
    return None if found is None else Entries(*found)


def _test_songs(files: CompetitionFiles) -> int | None:
    try:
        return files.count_test_songs()
    except DataError:
        return None


def _sha256(*arrays: np.ndarray | None) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(b"none" if array is None else str(array.shape).encode() + np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _check_no_answers(path: Path, features: np.ndarray, targets: np.ndarray) -> None:
    """Refuse features of which a column is the labels."""
    begin = features[:_FIRST_ROWS] == targets[:_FIRST_ROWS, None] + 1
    alike = np.flatnonzero(begin.all(axis=0))
    answers = alike[(features[:, alike] == targets[:, None] + 1).all(axis=0)]
    if answers.size and len(np.unique(targets)) > 1:  # a constant column may equal constant labels
        raise DataError(
            f"{path}: column {answers[0] + 1} equals the labels in all {len(targets)} songs; expected features alone. "
            "Was another column, such as the id, cut off instead? Take the file as downloaded."
        )


def _check_equal_rows(files: CompetitionFiles, features: int, labels: int) -> None:
    if features == labels:
        return
    features_path, labels_path = files.training_path, files.labels_path
    if labels == _test_songs(files):
        raise DataError(
            f"{labels_path}: {labels} labels, as many as there are rows in {files.test_path.name}, but {features} rows "
            f"in {features_path.name}: these two files look swapped."
        )
    hint = " (a reader that takes the first song for a header loses one row)" if abs(features - labels) == 1 else ""
    raise DataError(
        f"{labels_path}: {labels} labels for the {features} rows of {features_path.name}{hint}; "
        "expected one label a row: take both files from the same download."
    )
