"""The data that a job works on; the sample's generator is imported only where it is needed, for `check`'s sake."""

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Edition
from competition.data.formats.opening import CompetitionFiles, open_files
from competition.data.formats.wrapping import data_place
from competition.data.frames import Frames
from competition.data.loading import entries_of, frames_of, load_dataset
from competition.data.songs import Entries, numbered
from competition.errors import ArgumentError, DataError, KitWarning
from competition.inference.find import find_edition
from competition.shift.drift import looks_misread
from competition.storage.places import check_name
from genre_kit.results.facts import Origin
from genre_kit.results.genres import ALL_GENRES, GenreChoice
from genre_kit.runs.known_data import KnownData, known_data

PathLike = str | os.PathLike[str]


def paths_in(given: Sequence[PathLike] | PathLike) -> list[Path]:
    """Return the paths that are given, one or several: a text is a path, not a sequence of letters."""
    return [Path(given)] if isinstance(given, str | os.PathLike) else [Path(one) for one in given]


@dataclass(frozen=True)
class DataChoice:
    """Which data a job works on.

    Attributes
    ----------
    data : path or None
        A folder or an archive; None for the embedded sample.
    edition : str, Edition or None
        As for `open_dataset`.
    known : KnownData or None
        Of the run or search that knows the data, where nobody named any.
    choice : GenreChoice
        Which genres are told apart.
    """

    data: PathLike | None
    edition: str | Edition | None
    known: KnownData | None = None
    choice: GenreChoice = ALL_GENRES

    @property
    def known_by(self) -> Path | None:
        """The folder that knows the data; None where it was named, or nothing is known."""
        return None if self.known is None else self.known.folder

    def open(self, *, with_test: bool | None) -> Dataset:
        """Load the data as `open_dataset` does; raises RunError where it is not what the folder knew."""
        dataset = open_dataset(self.data, self.edition, with_test=with_test, choice=self.choice)
        if self.known is not None and self.edition == self.known.edition:
            self.known.check_training_songs(dataset.file_fingerprint)
            if dataset.test_fingerprint is not None:
                self.known.check_test_songs(dataset.test_fingerprint)
        return dataset

    def origin_of(self, dataset: Dataset) -> Origin:
        """Return where these songs are, for the record."""
        return Origin(absolute(self.data), dataset.file_fingerprint, dataset.test_fingerprint)


def choose_data(
    data: PathLike | None, edition: str | None, folder: PathLike | None, choice: GenreChoice = ALL_GENRES
) -> DataChoice:
    """Return the data that is named; else what the run or search in a folder knows; else the embedded sample.

    Parameters
    ----------
    data, edition
        As for `submit`.
    folder : path or None
        A folder, or a file in it, which need not be a run's or a search's.
    choice : GenreChoice
        Where it says nothing, those of a run or search that knows the data.

    Raises
    ------
    RunError
        Where the folder is one of these, and its data is gone or not known.
    """
    known = known_data(Path(folder)) if data is None and folder is not None else None
    chosen = DataChoice(data, edition, choice=choice)
    if known is not None:
        chosen = DataChoice(known.place, known.edition if edition is None else edition, known, choice)
    if chosen.data is not None:
        check_name(Path(chosen.data), "rename it")
    return chosen


def absolute(data: PathLike | None) -> str | None:
    """Return the absolute path of a folder or an archive; None for the embedded sample."""
    return None if data is None else str(Path(data).absolute())


def open_dataset(
    data: PathLike | None,
    edition: str | Edition | None,
    *,
    with_test: bool | None,
    choice: GenreChoice = ALL_GENRES,
) -> Dataset:
    """Load the data folder, or generate the embedded sample where none is given.

    Parameters
    ----------
    data : path or None
    edition : str, Edition or None
        A built-in edition's name, an edition's TOML file, or the edition itself.
    with_test : bool or None
        Whether the test file must be there. If False, it is not read; if None, it is read where it is there, and one
        that cannot be read is left out with a KitWarning.
    choice : GenreChoice
        Training songs of other genres are left out.

    Returns
    -------
    Dataset
        For None, the sample.
    """
    found = choice.narrowed(find_edition(edition, None if data is None else data_place(data)))
    if data is None:
        from competition.data.sample import sample_dataset

        sample = sample_dataset(found.whole).only(found)
        return sample.without_test() if with_test is False else sample
    dataset = _load(data_place(data), found, with_test=with_test)
    if (trouble := looks_misread(dataset)) is not None:
        warnings.warn(trouble, KitWarning, stacklevel=2)
    return dataset


def _load(folder: Path, edition: Edition, *, with_test: bool | None) -> Dataset:
    if with_test is not None or count_test_songs(folder, edition) is None:
        return load_dataset(folder, edition, with_test=bool(with_test))
    try:
        return load_dataset(folder, edition, with_test=True)
    except DataError as problem:
        dataset = load_dataset(folder, edition, with_test=False)
        warnings.warn(f"the test file is not looked at: {problem}", KitWarning, stacklevel=3)
        return dataset


def refuse_genres_as_groups(dataset: Dataset) -> None:
    """Raise DataError where songs are grouped by their genres: no genre would be left to train on."""
    assert dataset.groups is not None
    pairs = len(np.unique(np.stack([dataset.groups, dataset.targets]), axis=1).T)
    if pairs == len(np.unique(dataset.groups)) == len(np.unique(dataset.targets)):
        raise DataError(
            f"{dataset.groups_from}: its groups are the genres, which would keep each genre in one fold, with none of "
            "its songs to train on; expected one id a song, of its artist, album or recording."
        )


def keep_songs_out(dataset: Dataset, share: float, seed: int) -> tuple[Dataset, np.ndarray]:
    """Take a share of the training songs for the test file.

    Parameters
    ----------
    dataset : Dataset
        Without test songs; its groups are not divided.
    share : float
        In (0, 0.5]; of each genre about the same.
    seed : int

    Returns
    -------
    Dataset
        Of the other songs, with these as its test songs.
    targets : ndarray of int64, shape (test rows,)
        Their 0-based genre numbers, which nothing in the dataset tells.

    Raises
    ------
    ArgumentError
        When there is a test file, or the share is outside its range.
    """
    from tuning.trials.holdout import split_holdout, subset

    if dataset.test_features is not None:
        raise ArgumentError(
            f"`test_share` takes training songs for a test file, and {dataset.source} has one already. Leave it out."
        )
    if not 0 < share <= 0.5:
        raise ArgumentError(f"`test_share` is {share:g}; expected a number above 0, and at most 0.5.")
    rest, kept_out = split_holdout(dataset, None, share, seed, option="test_share")
    numbers = [str(dataset.song_names.row(row)) for row in kept_out]
    ids = numbers if dataset.ids is None else [dataset.ids[row] for row in kept_out]
    if len(set(ids)) < len(ids):  # rows of one song have one id
        ids = numbers
    remaining = subset(dataset, rest)
    found = replace(
        remaining,
        left_out=None if remaining.left_out is None else replace(remaining.left_out, in_test=False),
        test_features=dataset.features[kept_out],
        test_frames=None if dataset.frames is None else dataset.frames.only(kept_out),
        test_entries=Entries(tuple(ids), np.arange(len(ids))),
        test_groups=None if dataset.groups is None else dataset.groups[kept_out],
    )
    return found, dataset.targets[kept_out]


def open_test_songs(data: PathLike | None, edition: Edition) -> tuple[np.ndarray, Entries, Frames | None]:
    """Read the test file alone, or generate the embedded sample's.

    Returns
    -------
    features : ndarray of float32, shape (test rows, columns)
    entries : Entries
        The lines that are handed in.
    frames : Frames or None
    """
    if data is not None:
        files = open_files(data_place(data), edition)
        songs = files.test_songs()
        frames = frames_of(data_place(data), edition.files.test_frames, len(songs))
        return songs, entries_of(files) or numbered(len(songs)), frames
    from competition.data.sample import sample_dataset

    sample = sample_dataset(edition.whole)
    assert sample.test_features is not None  # the sample has some
    return sample.test_features, sample.entries, None


def count_test_songs(data: PathLike | None, edition: Edition) -> int | None:
    """Return how many lines are handed in for the test file; None where it is missing or unreadable."""
    try:
        return None if data is None else _count_lines(open_files(data_place(data), edition))
    except DataError:
        return None


def _count_lines(files: CompetitionFiles) -> int:
    entries = entries_of(files) if files.edition.gathers_test_rows else None
    return files.count_test_songs() if entries is None else len(entries.ids)


def name_of_test_songs(data: PathLike | None, edition: Edition) -> str:
    """Return where the test songs come from, for people."""
    from competition.data.sample import SOURCE

    return SOURCE if data is None else str(open_files(data_place(data), edition).test_path)
