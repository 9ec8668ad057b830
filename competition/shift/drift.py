"""What is odd about a competition's rows: reported to the user, never changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Block
from competition.data.gaps import with_equal_gaps
from competition.data.songs import COUNTED, SongNames, shortened
from competition.runtime.parts import parts

_SPREADS = {"variance", "deviation", "standard deviation"}
_MOST_MISREAD = 0.5
_HAVE, _ARE = ("has", "have"), ("is", "are")
_FLATTERED = "; copies in two folds flatter held-out scores: leave them out, or give them one group"


@dataclass(frozen=True)
class Oddities:
    """Column and row numbers, counted from 0; ascending unless said otherwise.

    Attributes
    ----------
    missing : ndarray of int, shape (cells, 2)
        Row and column of each missing cell; test songs' rows are counted on from the training songs'.
    constant : ndarray of int
        Columns with one value in all songs.
    shifted : ndarray of int
        Columns in which some test song that is not silent is farther outside the training songs' range than that
        range is wide; the farthest first.
    silent_training, silent_test : ndarray of int
        Rows in which all of a block's variances are 0.
    repeated_training, repeated_test : ndarray of int
        Rows equal to an earlier one of the same file.
    shared, originals : ndarray of int
        Test rows equal to some training row, and for each the first such training row.
    """

    missing: np.ndarray
    constant: np.ndarray
    shifted: np.ndarray
    silent_training: np.ndarray
    silent_test: np.ndarray
    repeated_training: np.ndarray
    repeated_test: np.ndarray
    shared: np.ndarray
    originals: np.ndarray

    def to_notes(
        self, titles: Sequence[str], training: SongNames = COUNTED, test: SongNames = COUNTED
    ) -> tuple[str, ...]:
        """Return a sentence for each kind of oddity found, and one that says from where numbers count.

        Parameters
        ----------
        titles : sequence of str
            What each column is called: its name, or its number from 1.
        training, test : SongNames
            What the songs are called.
        """
        of_columns = [*self._missing_note(titles), *self._column_notes(titles)]
        of_training = _song_notes(
            training,
            (self.silent_training, "{} of the training songs {} silent: {}"),
            (self.repeated_training, "{} of the training songs {} equal to an earlier one: {}" + _FLATTERED),
        )
        of_test = _song_notes(
            test,
            (self.silent_test, "{} of the test songs {} silent: {}"),
            (self.repeated_test, "{} of the test songs {} equal to an earlier one: {}; copies get the same genre"),
        )
        of_both = self._shared_note(training, test)
        rows = training.ids is None and (of_training or of_both), test.ids is None and (of_test or of_both)
        columns = of_columns and all(map(str.isdecimal, titles))
        counted = [what for what, is_counted in (("columns", columns), ("rows", any(rows))) if is_counted]
        counting = [f"{' and '.join(counted)} count from 1; a header is none of them"] if counted else []
        return (*of_columns, *of_training, *of_test, *of_both, *counting)

    def _column_notes(self, titles: Sequence[str]) -> Iterator[str]:
        found = (
            (self.constant, "the same value in all songs"),
            (self.shifted, "at least one test song far outside the training songs' range"),
        )
        for places, what in found:
            if len(places):
                names = shortened([titles[place] for place in places])
                yield f"{len(places)} of the columns {_HAVE[len(places) > 1]} {what}: {names}"

    def _shared_note(self, training: SongNames, test: SongNames) -> tuple[str, ...]:
        """Say which test songs are equal to which training songs, which knows their genres."""
        pairs = [
            f"{test.name(one)} ({'' if place else 'training row ' if training.ids is None else 'training song '}"
            f"{training.name(other)})"
            for place, (one, other) in enumerate(zip(self.shared, self.originals, strict=True))
        ]
        word = "row " if test.ids is None else ""
        what = f"{len(pairs)} of the test songs {_ARE[len(pairs) > 1]} equal to a training song"
        return (f"{what}, and easier than new songs: {word}{shortened(pairs)}",) if pairs else ()

    @property
    def copies(self) -> tuple[tuple[int, int], ...]:
        """The rows, from 1, of each test song that is equal to a training song, and of the first such training song."""
        return tuple((int(test) + 1, int(one) + 1) for test, one in zip(self.shared, self.originals, strict=True))

    def _missing_note(self, titles: Sequence[str]) -> tuple[str, ...]:
        columns, cells = np.unique(self.missing[:, 1]), len(self.missing)
        if not cells:
            return ()
        what = f"{cells} {'cells are' if cells > 1 else 'cell is'} missing"
        return (
            f"{what}, in {len(columns)} of the columns: {shortened([titles[column] for column in columns])}; "
            "each fold fills in its own medians",
        )


def _song_notes(names: SongNames, *found: tuple[np.ndarray, str]) -> list[str]:
    return [
        sentence.format(len(places), _ARE[len(places) > 1], names.words(places))
        for places, sentence in found
        if len(places)
    ]


def find_oddities(dataset: Dataset) -> Oddities:
    """Look for oddities in a competition's rows; without test songs, only in the training songs.

    Examples
    --------
    >>> from competition.data.edition_file import load_edition
    >>> from competition.data.sample import sample_dataset
    >>> find_oddities(sample_dataset(load_edition("mlbp-2018"))).constant
    array([216, 217, 218, 219])
    """
    training = dataset.features
    test = np.empty((0, training.shape[1]), training.dtype) if dataset.test_features is None else dataset.test_features
    silent = _silent(training, dataset.edition.blocks), _silent(test, dataset.edition.blocks)
    keys, test_keys = _keys(training), _keys(test)
    known, originals = np.unique(keys, return_index=True)
    places = np.minimum(np.searchsorted(known, test_keys), len(known) - 1)
    shared = np.flatnonzero(known[places] == test_keys)
    return Oddities(
        missing=np.concatenate([_missing(training), _missing(test, first=len(training))]),
        constant=np.flatnonzero(_equal(training, training[0]) & _equal(test, training[0])),
        shifted=_shifted(training, test, silent[1]),
        silent_training=silent[0],
        silent_test=silent[1],
        repeated_training=_repeated(keys),
        repeated_test=_repeated(test_keys),
        shared=shared,
        originals=originals[places[shared]],
    )


def looks_foreign(dataset: Dataset, oddities: Oddities) -> str | None:
    """Return a sentence if the test file is unlikely to belong to the training file, else None."""
    if 2 * len(oddities.shifted) >= dataset.edition.columns and not dataset.has_other_genres_in_test:
        return (
            f"{len(oddities.shifted)} of {dataset.edition.columns} columns have test songs far outside the training "
            "songs' range: are both files from the same edition, with columns in the same order and units?"
        )
    if dataset.test_features is not None and 2 * len(oddities.shared) >= len(dataset.test_features):
        return (
            f"{len(oddities.shared)} of {len(dataset.test_features)} test songs are equal to a training song: "
            "is the test file a copy of the training file?"
        )
    return None


def looks_misread(dataset: Dataset) -> str | None:
    """Return a sentence if the columns are unlikely to be those that the edition describes, else None.

    Editions with the same number of columns differ only in the order of their blocks. Read with the wrong one, nearly
    every song has a band whose minimum exceeds its maximum.
    """
    blocks = [block for block in dataset.edition.blocks if {"min", "max"} <= set(block.statistics)]
    for block in blocks:
        low, high = (block.sequence(dataset.features)[:, :, block.statistics.index(name)] for name in ("min", "max"))
        if (low > high).any(axis=1).mean() <= _MOST_MISREAD:
            return None
    if not blocks:
        return None
    return (
        f"most songs have minima above their maxima in every block: the columns are hardly those of "
        f"{dataset.edition.name}; give their edition with `edition`."
    )


def _silent(features: np.ndarray, blocks: Sequence[Block]) -> np.ndarray:
    silent = np.zeros(len(features), bool)
    for block in blocks:
        for place, name in enumerate(block.statistics):
            if name in _SPREADS:
                spreads = block.sequence(features)[:, :, place]
                says_something = np.nan_to_num(spreads).any()  # a block that is 0 throughout does not
                silent |= (spreads == 0).all(axis=1) & says_something
    return np.flatnonzero(silent)


def _missing(features: np.ndarray, first: int = 0) -> np.ndarray:
    """Return row, counted from `first`, and column of each missing cell; int64, (cells, 2)."""
    found = [np.argwhere(np.isnan(features[part])) for part in parts(len(features))]
    starts = [(first + part.start, 0) for part in parts(len(features))]
    return np.concatenate([cells + np.array(start) for cells, start in zip(found, starts, strict=True)])


def _equal(features: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return for each column whether all rows have the number that it has in `first`; bool, (columns,)."""
    return np.all([(features[part] == first).all(axis=0) for part in parts(len(features))], axis=0)


def _shifted(training: np.ndarray, test: np.ndarray, silent: np.ndarray) -> np.ndarray:
    heard = np.delete(np.arange(len(test)), silent)
    if not len(heard):
        return np.empty(0, np.int64)
    low, high = _range(training, np.arange(len(training)))
    lowest, highest = _range(test, heard)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Infinite where a constant column changes, nan where it does not and where a file has no value.
        widths = np.maximum(highest - high, low - lowest) / (high - low)
    farthest = np.argsort(-np.nan_to_num(widths, nan=0.0), kind="stable")
    return farthest[widths[farthest] > 1]


def _range(features: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and the largest number of each column in some rows; float64, (columns,)."""
    # fmin and fmax pass over nan, a missing cell, where there is another value.
    found = [
        (np.fmin.reduce(some), np.fmax.reduce(some)) for some in (features[rows[part]] for part in parts(len(rows)))
    ]
    lows, highs = zip(*found, strict=True)
    return np.fmin.reduce(lows).astype(np.float64), np.fmax.reduce(highs).astype(np.float64)


def _keys(features: np.ndarray) -> np.ndarray:
    """Return a number for each row, equal for equal rows: 64 bits of a hash, which no others are likely to share."""
    keys = np.empty(len(features), np.uint64)
    for part in parts(len(features)):
        rows = np.ascontiguousarray(with_equal_gaps(features[part] + 0.0))  # - 0.0 becomes 0.0
        keys[part] = [int.from_bytes(blake2b(row, digest_size=8).digest()) for row in rows]
    return keys


def _repeated(keys: np.ndarray) -> np.ndarray:
    """Return the rows whose key an earlier one has, ascending."""
    return np.setdiff1d(np.arange(len(keys)), np.unique(keys, return_index=True)[1])
