"""Reading a competition's files into a dataset, each checked against the others."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Edition
from competition.data.formats.opening import CompetitionFiles, open_files, say_place
from competition.data.formats.wrapping import locate
from competition.data.frames import Frames, read_frames
from competition.data.songs import Entries
from competition.errors import DataError

_FIRST_ROWS = 100


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
