"""A competition's files in its folder: callers get rows from here and need not know the files' format."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from competition.data.edition import Edition
from competition.data.formats.csv_files import (
    count_rows,
    last_cells,
    read_features,
    read_groups,
    read_labels,
    read_names,
    read_songs,
)
from competition.data.formats.wrapping import locate
from competition.errors import DataError, KitWarning

if TYPE_CHECKING:
    from competition.data.formats.described import DescribedFiles


@dataclass(frozen=True)
class PlainFiles:
    """The files, in a folder, of an edition without roles: features alone, and labels beside.

    Each may be packed as ``.gz`` or ``.zip``.

    Attributes
    ----------
    folder : Path
    edition : Edition

    Notes
    -----
    All methods raise DataError at the first line or cell that is not as expected, or when a file is missing.
    """

    folder: Path
    edition: Edition

    @property
    def training_path(self) -> Path:
        """Where the training songs are."""
        return locate(self.folder, self.edition.files.train)

    @property
    def labels_path(self) -> Path:
        """Where the labels are."""
        return locate(self.folder, _named(self.edition.files.labels))

    @property
    def test_path(self) -> Path:
        """Where the test songs are."""
        return locate(self.folder, _named(self.edition.files.test))

    @property
    def groups_path(self) -> Path | None:
        """Where the training songs' groups are; None where the edition has none."""
        groups = self.edition.files.groups
        return None if groups is None else locate(self.folder, groups)

    def training_songs(self) -> np.ndarray:
        """Return the training songs' features; float32, shape (rows, columns)."""
        path = self.training_path
        try:
            return read_features(path, self.edition)
        except DataError:
            self._refuse_labels_among_features(path)
            raise

    def _refuse_labels_among_features(self, path: Path) -> None:
        try:
            labels, last = last_cells(self.labels_path), last_cells(path)
        except DataError:  # what is wrong with the features is said first
            return
        if last[-len(labels) :] == labels:
            raise DataError(
                f"{path}: its last column holds the labels of {self.labels_path.name}; expected features alone: "
                "cut that column off."
            ) from None

    def targets(self) -> np.ndarray:
        """Return the training songs' 0-based genre numbers; int64, shape (rows,)."""
        return read_labels(self.labels_path, self.edition)

    def test_songs(self) -> np.ndarray:
        """Return the test songs' features, in the training file's order of columns; float32, (test rows, columns)."""
        songs = read_songs(self.test_path, self.edition)
        wanted = self._training_names()
        if wanted is None and songs.names is None:
            return songs.features
        order = self._order(songs.names, wanted)
        if not np.array_equal(order, np.arange(len(order))):
            message = f"{self.test_path}: its columns are in another order than the training file's; put right by name."
            warnings.warn(message, KitWarning, stacklevel=3)
        return songs.features[:, order]

    def _training_names(self) -> tuple[str, ...] | None:
        """Return the training file's names of columns; None where it is not there or has no header."""
        try:
            return read_names(self.training_path, self.edition)
        except DataError:
            return None

    def _order(self, names: tuple[str, ...] | None, wanted: tuple[str, ...] | None) -> np.ndarray:
        if names is None or wanted is None:
            if wanted is None and not self._has_training_file():
                return np.arange(self.edition.columns)
            with_header, without = ("training", "test") if names is None else ("test", "training")
            raise DataError(
                f"{self.test_path}: the {with_header} file has a header and the {without} file none; expected both or "
                "neither, so that columns can be matched: take both files from the same download."
            )
        order = order_of(names, wanted)
        if order is None:
            extra, missing = sorted(set(names) - set(wanted)), sorted(set(wanted) - set(names))
            parts = [f"has {extra[0]!r}" if extra else "", f"lacks {missing[0]!r}" if missing else ""]
            raise DataError(
                f"{self.test_path}: {' and '.join(filter(None, parts))}, unlike the training file; expected the same "
                "columns in both: take both files from the same download."
            )
        return order

    def _has_training_file(self) -> bool:
        try:
            return self.training_path.is_file()
        except DataError:
            return False

    def groups(self) -> None:
        """Return None: no column says which songs belong together."""
        return None

    def test_groups(self) -> None:
        """Return None: no column says which test songs belong together."""
        return None

    def ids(self) -> None:
        """Return None: songs have no ids."""
        return None

    def test_entries(self) -> tuple[tuple[str, ...], np.ndarray] | None:
        """Return the ids of the lines that are handed in, and the line of each row; int64, shape (test rows,).

        None where the lines are the test file's rows, counted from 1. Where these are parts of songs, the songs are
        counted from 1, in the order of their first rows.
        """
        if self.edition.files.test_groups is None:
            return None
        path = locate(self.folder, self.edition.files.test_groups)
        songs = read_groups(path)
        rows = self.count_test_songs()
        if len(songs) != rows:
            raise DataError(
                f"{path}: {len(songs)} ids for the {rows} rows of {self.test_path.name}; expected one a row: take both "
                "files from the same place."
            )
        _, first, song = np.unique(songs, return_index=True, return_inverse=True)
        order = np.argsort(np.argsort(first))
        return tuple(map(str, range(1, len(first) + 1))), order[song]

    def count_test_songs(self) -> int:
        """Return how many test songs there are, without reading their numbers."""
        return count_rows(self.test_path)


def _named(name: str | None) -> str:
    """Return the name of a file that editions of plain files always have."""
    if name is None:
        raise DataError("the edition names no such file; describe it in [files].")
    return name


CompetitionFiles: TypeAlias = "PlainFiles | DescribedFiles"
"""What both kinds have in common is what callers use."""


def open_files(folder: Path, edition: Edition) -> CompetitionFiles:
    """Return an edition's files in a folder, or in the only folder inside it; they hold songs of all genres."""
    from competition.data.formats.described import DescribedFiles  # here alone: plain files need no pyarrow

    edition = edition.whole
    return PlainFiles(folder, edition) if edition.roles is None else DescribedFiles(folder, edition)


def say_place(files: CompetitionFiles) -> None:
    """Warn where the files are not in the folder itself, but in the one inside it."""
    where, below = (str(place).rstrip("/") for place in (files.folder, files.training_path.parent))
    if where != below:  # as text: places inside an archive do not compare
        warnings.warn(f"{files.folder}: the files are in {files.training_path.parent}.", KitWarning, stacklevel=3)


def order_of(names: Sequence[str], wanted: Sequence[str]) -> np.ndarray | None:
    """Return which column of `names` each of `wanted` is; int64, shape (columns,); None where they are not the same.

    Examples
    --------
    >>> order_of(["b", "a"], ["a", "b"])
    array([1, 0])
    """
    places = {name: place for place, name in enumerate(names)}
    if set(places) != set(wanted):
        return None
    return np.array([places[name] for name in wanted])
