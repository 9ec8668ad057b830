"""A competition's data in memory: training features with their genres, and the test features to be labelled."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from competition.data.edition import Edition
from competition.data.formats.csv_files import read_groups
from competition.data.frames import Frames
from competition.data.gaps import column_medians, has_gaps, with_equal_gaps, with_medians
from competition.data.songs import COUNTED, Entries, LeftOut, SongNames, numbered
from competition.errors import DataError
from competition.runtime.parts import parts


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
        return any(has_gaps(songs) for songs in (self.features, self.test_features) if songs is not None)

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
