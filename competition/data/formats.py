"""A competition's files in its folder: callers get rows from here and need not know the files' format."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from competition.data.csv_files import count_rows, locate, read_features, read_labels
from competition.data.edition import Edition


@dataclass(frozen=True)
class CompetitionFiles:
    """The files of an edition in a folder; each may be packed as ``.csv.gz``.

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
        return locate(self.folder, self.edition.files.labels)

    @property
    def test_path(self) -> Path:
        """Where the test songs are."""
        return locate(self.folder, self.edition.files.test)

    @property
    def groups_path(self) -> Path | None:
        """Where the training songs' groups are; None where the edition has none."""
        groups = self.edition.files.groups
        return None if groups is None else locate(self.folder, groups)

    def training_songs(self) -> np.ndarray:
        """Return the training songs' features; float32, shape (rows, columns)."""
        return read_features(self.training_path, self.edition)

    def targets(self) -> np.ndarray:
        """Return the training songs' 0-based genre numbers; int64, shape (rows,)."""
        return read_labels(self.labels_path, self.edition)

    def test_songs(self) -> np.ndarray:
        """Return the test songs' features; float32, shape (test rows, columns)."""
        return read_features(self.test_path, self.edition)

    def count_test_songs(self) -> int:
        """Return how many test songs there are, without reading their numbers."""
        return count_rows(self.test_path)
