"""A competition's data in memory: training features with their genres, and the test features to be labelled."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from competition.data.csv_files import read_groups
from competition.data.edition import Edition
from competition.data.formats import CompetitionFiles, open_files, say_place
from competition.data.frames import Frames, read_frames
from competition.data.wrapping import locate
from competition.errors import DataError
from competition.runtime.parts import parts

_FIRST_ROWS = 100
_NAMED = 3


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


@dataclass(frozen=True)
class SongNames:
    """What the songs of a file are called in messages: their ids, or else their rows in it.

    Attributes
    ----------
    ids : tuple of str or None
        One a song; None where songs have none, or several rows share one.
    numbers : tuple of int or None
        Each song's row in its file, from 1, a header not counted; None where the songs are all rows in their order.

    Examples
    --------
    >>> SongNames(numbers=(3, 7, 9)).words([0, 2]), SongNames(("a.wav", "b.wav")).words([1])
    ('row 3, 9', 'b.wav')
    """

    ids: tuple[str, ...] | None = None
    numbers: tuple[int, ...] | None = None

    def name(self, place: int) -> str:
        """Return a song's id, or its row's number; `place` is counted from 0."""
        return str(self.row(place)) if self.ids is None else self.ids[place]

    def row(self, place: int) -> int:
        """Return a song's row in its file, from 1; `place` is counted from 0."""
        return int(place) + 1 if self.numbers is None else self.numbers[place]

    def words(self, places: Iterable[int]) -> str:
        """Return some songs in words, the first ones of many."""
        return ("" if self.ids is not None else "row ") + shortened([self.name(place) for place in places])


COUNTED = SongNames()
"""What songs are called that are all rows of a file and have no ids."""


def shortened(names: Sequence[str]) -> str:
    """Return the first of some names, or all of them as a range where they are consecutive numbers.

    Examples
    --------
    >>> shortened(["7", "8", "9", "10"]), shortened(["a", "b", "c", "d"])
    ('7 to 10', 'a, b, c and 1 more')
    """
    if len(names) > 1 and all(map(str.isdecimal, names)):
        numbers = list(map(int, names))
        if numbers == list(range(numbers[0], numbers[0] + len(numbers))):
            return f"{numbers[0]} to {numbers[-1]}"
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def numbered(rows: int) -> Entries:
    """Return the entries of test songs that have no ids: they are counted from 1."""
    return Entries(tuple(map(str, range(1, rows + 1))), np.arange(rows))


@dataclass(frozen=True, eq=False)
class LeftOut:
    """The training songs of genres that are left out.

    Attributes
    ----------
    songs : int
        How many are left out.
    file_rows : int
        How many training songs there are in the file.
    training_sha256 : str
        Of all training songs in the file, in hexadecimal.
    in_test : bool
        Whether the test songs may be of genres that are left out, too.
    """

    songs: int
    file_rows: int
    training_sha256: str
    in_test: bool = True


@dataclass(frozen=True, eq=False)
class Dataset:
    """One competition's rows.

    Attributes
    ----------
    edition : Edition
    features : ndarray of float32, shape (rows, columns)
        The training songs, as in the file: nothing is scaled here, and missing cells are nan.
    targets : ndarray of int64, shape (rows,)
        0-based numbers of the training songs' genres among those of the edition.
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
    numbers : tuple of int or None
        The training songs' rows in their file, from 1; None where they are all rows.
    frames, test_frames : Frames or None
        Bands over time of each row, beside its columns; None where there are none.
    test_groups : ndarray of int64, shape (test rows,), or None
        As `groups`, of the test songs and of the same kind; None where they are not known.
    left_out : LeftOut or None
        What is not there of the training file, as the edition leaves genres out; None where all genres are there.
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
    numbers: tuple[int, ...] | None = None
    frames: Frames | None = None
    test_frames: Frames | None = None
    test_groups: np.ndarray | None = None
    left_out: LeftOut | None = None

    def without_test(self) -> "Dataset":
        """Return the same training songs without the test songs."""
        return replace(self, test_features=None, test_entries=None, test_frames=None, test_groups=None)

    def take(self, rows: np.ndarray) -> "Dataset":
        """Return some of the training songs, with the same test songs.

        Parameters
        ----------
        rows : ndarray of int64, shape (chosen rows,)
            0-based row numbers.
        """
        return replace(
            self,
            features=self.features[rows],
            targets=self.targets[rows],
            frames=None if self.frames is None else self.frames.only(rows),
            groups=None if self.groups is None else self.groups[rows],
            ids=None if self.ids is None else tuple(self.ids[row] for row in rows),
            numbers=tuple(self.song_names.row(row) for row in rows),
        )

    def only(self, edition: Edition) -> "Dataset":
        """Return the songs of the genres that an edition tells apart, and all test songs.

        Parameters
        ----------
        edition : Edition
            That of these songs, of whose genres it may leave some out.

        Raises
        ------
        DataError
            When no training song has one of its genres.
        """
        if not edition.left_out:
            return self
        self._check_genres(edition.places)
        rows = np.flatnonzero(np.isin(self.targets, edition.places))
        left_out = LeftOut(self.rows - len(rows), self.rows, self.training_fingerprint)
        kept = replace(self, left_out=left_out).take(rows)
        return replace(kept, edition=edition, targets=np.searchsorted(edition.places, kept.targets))

    def _check_genres(self, numbers: np.ndarray) -> None:
        """Raise DataError where no song has one of some genres, given by their 0-based numbers."""
        missing = [int(number) for number in numbers if not self.counts[number]]
        if not missing:
            return
        names = " or ".join(f"{self.edition.genres[number]} (label {number + 1})" for number in missing)
        nothing = f"; all {self.rows} songs would be left out" if len(missing) == len(numbers) else ""
        raise DataError(
            f"{self.labels_from or self.source}: no training song is {names}, which cannot be learned{nothing}. Leave "
            "such genres out of `genres`, or name them in `without`."
        )

    def own_part(self, values: np.ndarray) -> np.ndarray:
        """Return those of one value for each training song in the file that are for this dataset's songs.

        Values that are not as many as the file's songs are returned as they are.

        Parameters
        ----------
        values : ndarray, shape (songs,)
        """
        if self.left_out is None or self.numbers is None or len(values) != self.left_out.file_rows:
            return values
        return values[np.array(self.numbers) - 1]

    def with_groups(self, path: Path) -> "Dataset":
        """Return the same songs, grouped by a file of one id per training song; raises DataError if it does not fit.

        Where genres are left out, the file may have ids of their songs, too.
        """
        groups = self.own_part(read_groups(path))
        if len(groups) != self.rows:
            hint = " (the file should have no header)" if len(groups) == self.rows + 1 else ""
            raise DataError(
                f"{path}: {len(groups)} group ids for {self.rows} training songs{self.of_these_genres}{hint}; expected "
                "one a song."
            )
        return replace(self, groups=groups, groups_from=str(path), test_groups=None)

    @property
    def of_these_genres(self) -> str:
        """What messages say behind the number of training songs: how many there are of all genres, if not the same."""
        return "" if self.left_out is None else f" of these genres ({self.left_out.file_rows} of all genres)"

    @property
    def has_other_genres_in_test(self) -> bool:
        """Whether test songs may be of genres that no training song is of, so that the two cannot be compared."""
        return self.test_features is not None and self.left_out is not None and self.left_out.in_test

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
    def song_names(self) -> SongNames:
        """What the training songs are called in messages."""
        return SongNames(_distinct(self.ids), self.numbers)

    @property
    def test_names(self) -> SongNames:
        """What the test songs are called in messages."""
        found = self.test_entries
        if found is None or len(found.ids) != len(found.places):
            return COUNTED
        return SongNames(tuple(found.ids[place] for place in found.places))

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
        return any(_has_gaps(songs) for songs in (self.features, self.test_features) if songs is not None)

    def filled(self, medians: np.ndarray | None = None) -> "Dataset":
        """Return the songs with the training file's medians where cells are missing; never what a score is made of.

        For what compares or draws songs. Models fill cells themselves, with the medians of the songs that they are
        trained on.

        Parameters
        ----------
        medians : ndarray of float, shape (columns,), or None
            The training file's, where these are only some of its songs.
        """
        if not self.has_gaps:
            return self
        medians = column_medians(self.features) if medians is None else medians
        test = None if self.test_features is None else with_medians(self.test_features, medians)
        return replace(self, features=with_medians(self.features, medians), test_features=test)

    @property
    def shares(self) -> np.ndarray:
        """Each genre's share of the training rows; float64, shape (genres,)."""
        return self.counts / self.rows

    @cached_property
    def fingerprint(self) -> str:
        """The SHA-256 of all numbers, in hexadecimal: equal for equal rows, whatever their folder and edition."""
        return _sha256(self.features, self.targets, self.test_features)

    @cached_property
    def training_fingerprint(self) -> str:
        """The SHA-256 of the training songs alone: two runs with the same one can be compared."""
        return _sha256(self.features, self.targets)

    @property
    def file_fingerprint(self) -> str:
        """That of all training songs in the file, those of genres that are left out among them."""
        return self.training_fingerprint if self.left_out is None else self.left_out.training_sha256

    @cached_property
    def test_fingerprint(self) -> str | None:
        """The SHA-256 of the test songs alone; None where there is no test file."""
        return None if self.test_features is None else fingerprint(self.test_features)


def _distinct(ids: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return ids if ids is not None and len(set(ids)) == len(ids) else None


def fingerprint(songs: np.ndarray) -> str:
    """Return the SHA-256 of songs without labels, float32, (rows, columns), in hexadecimal."""
    return _sha256(songs)


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
    return np.where(np.isnan(table), table.dtype.type(np.nan), table) if _has_gaps(table) else table


def _has_gaps(table: np.ndarray) -> bool:
    return any(np.isnan(table[part]).any() for part in parts(len(table)))


def load_dataset(folder: Path, edition: Edition, *, with_test: bool = True) -> Dataset:
    """Read an edition's files from a folder; training songs of genres that it leaves out are not there.

    Parameters
    ----------
    folder : Path
    edition : Edition
    with_test : bool
        Whether to read the test file, which then must be there.

    Raises
    ------
    DataError
        When a file is missing or malformed, the number of labels or group ids is not that of training rows, or no
        song has a genre of an edition that leaves some out.
    """
    return _load_whole(folder, edition.whole, with_test=with_test).only(edition)


def _load_whole(folder: Path, edition: Edition, *, with_test: bool) -> Dataset:
    files = open_files(folder, edition)
    say_place(files)
    features, targets = files.training_songs(), files.targets()
    _check_equal_rows(files, len(features), len(targets))
    _check_no_answers(files.training_path, features, targets)
    dataset = Dataset(
        edition, features, targets, None, str(folder), labels_from=str(files.labels_path), ids=files.ids()
    )
    dataset = replace(dataset, frames=frames_of(folder, edition.files.frames, len(features)))
    if with_test:
        test = files.test_songs()
        test_frames = frames_of(folder, edition.files.test_frames, len(test))
        dataset = replace(dataset, test_features=test, test_entries=entries_of(files), test_frames=test_frames)
    if files.groups_path is not None:
        lines = dataset.test_entries if edition.files.test_groups is not None else None
        return replace(dataset.with_groups(files.groups_path), test_groups=None if lines is None else lines.places)
    groups = files.groups()
    if groups is None:
        return dataset
    test_groups = files.test_groups() if with_test else None
    return replace(dataset, groups=groups, groups_from=str(files.training_path), test_groups=test_groups)


def frames_of(folder: Path, name: str | None, rows: int) -> Frames | None:
    """Return the frames in a folder's file of some name; None where there is no name."""
    return None if name is None else read_frames(locate(folder, name), rows)


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
        if array is None:
            digest.update(b"none")
            continue
        digest.update(str(array.shape).encode())
        for part in parts(len(array)):
            digest.update(np.ascontiguousarray(with_equal_gaps(array[part])).data)
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
