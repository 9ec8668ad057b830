"""What may be otherwise than it looks, though it can be read: said, and nothing is done about it."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.formats.tables import Table
from competition.errors import listed
from competition.inference.columns import ColumnsFound
from competition.inference.files import FilesFound
from competition.inference.findings import command

_DESCRIBES_FILE = re.compile(r"length|n_?samples|frames|file_?size|bytes|bit_?rate|sample_?rate", re.IGNORECASE)
_COPIES_OF, _MOST_ROWS, _LEAST_ROWS, _MOST_COLUMNS = 0.5, 2000, 30, 300
_NEAR = 0.5
"""Rows are near copies at less than so much of the distance of two songs of one genre, which differ by chance."""


def find_doubts(files: FilesFound, columns: ColumnsFound, counts: Counter[str], *, is_grouped: bool) -> list[str]:
    """Return what is doubtful about genres, features and rows, as sentences.

    Parameters
    ----------
    files : FilesFound
    columns : ColumnsFound
    counts : Counter of str
        How many training songs each genre has.
    is_grouped : bool
        Whether rows of one song are known.
    """
    return [
        *_about_genres(counts),
        *_about_files(columns.features, files.train.path.parent),
        *_about_constants(files, columns.features),
        *([] if is_grouped else _about_copies(files.train, columns)),
    ]


def _about_genres(counts: Counter[str]) -> list[str]:
    alike: dict[str, list[str]] = defaultdict(list)
    for genre in counts:
        alike[re.sub(r"[\W_]+", "", genre.casefold()) or genre].append(genre)
    found = [
        f"the genres {' and '.join(names)} differ only in how they are written; if they are one, write them alike."
        for names in alike.values()
        if len(names) > 1
    ]
    single = [genre for genre, count in counts.items() if count == 1]
    if single:
        one = "one song" if len(single) == 1 else "one song each"
        found.append(
            f"{listed(single)} has {one}, and needs two, one to train on and one to score: find more, or leave the "
            "rows out."
        )
    return found


def _about_files(features: Sequence[str], folder: Path) -> list[str]:
    return [
        f"{name} says something about the file rather than the music; if test songs were cut otherwise, leave it out: "
        + command(folder, f"--leave-out {name} --force")
        for name in features
        if _DESCRIBES_FILE.fullmatch(name)
    ]


def _about_constants(files: FilesFound, features: Sequence[str]) -> list[str]:
    """Return what is said of columns that have one value in one file, and several in the other."""
    train, test = files.train, files.test
    if test is None or not test.form.has_header or test.rows < _LEAST_ROWS:
        return []
    found = []
    for one, other in ((train, test), (test, train)):
        constant = [name for name in features if _is_constant(one, name) and not _is_constant(other, name)]
        if constant:
            found.append(
                f"{listed(constant)}: one value in all rows of {files.name(one)}, several in {files.name(other)}; if "
                "that is no accident, leave out what differs: "
                + command(train.path.parent, f'--leave-out "{constant[0]}" --force')
            )
    return found


def _is_constant(table: Table, name: str) -> bool:
    return table.count_distinct(name) <= 1


def _about_copies(train: Table, columns: ColumnsFound) -> list[str]:
    """Return what is said where neighbouring rows are near copies: parts of one song, in most cases."""
    if len(columns.label_texts) != train.rows:
        return []
    rows = min(train.rows, _MOST_ROWS)
    values = train.numbers(columns.features[:_MOST_COLUMNS])[:rows]
    share = share_of_copies(values, np.unique(columns.label_texts[:rows], return_inverse=True)[1])
    if share < _COPIES_OF:
        return []
    return [
        f"{share:.0%} of the rows are near copies of the row before or behind, as parts of one song are; parts on both "
        "sides of a fold make the score far too good: name the songs in a column or in a file of one id a row: "
        + command(train.path.parent, "--groups FILE --force")
    ]


def share_of_copies(values: np.ndarray, targets: np.ndarray) -> float:
    """Return the share of rows that are far nearer to a neighbouring row than songs of one genre are to each other.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, columns)
        NaN where a cell is missing.
    targets : ndarray of int, shape (rows,)
        The number of each row's genre.
    """
    if len(values) < _LEAST_ROWS:
        return 0.0
    ranks = np.nan_to_num(values).argsort(axis=0).argsort(axis=0) / len(values)  # no column outweighs the others
    apart = np.abs(np.diff(ranks, axis=0)).mean(axis=1)
    by_chance = _by_chance(ranks, targets)
    if not by_chance.size:  # no genre has two songs
        return 0.0
    near = apart < _NEAR * np.median(by_chance)
    return float(np.mean(np.append(near, False) | np.insert(near, 0, False)))


def _by_chance(ranks: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return the distances of rows to songs of their genre that stand half of the genre away."""
    pairs = [
        (rows, np.roll(rows, len(rows) // 2)) for rows in map(np.flatnonzero, targets == np.unique(targets)[:, None])
    ]
    first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return np.abs(ranks[first] - ranks[second])[first != second].mean(axis=1)
