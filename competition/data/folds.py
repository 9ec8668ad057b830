"""Folds: one assignment of rows, used by training, tuning and scoring alike."""

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from competition.errors import FoldsError, KitWarning
from competition.storage.opening import read_once

LEAST_FOLDS = 2


@dataclass(frozen=True)
class Folds:
    """An assignment of rows to folds; each row is held out in exactly one.

    Attributes
    ----------
    assignment : ndarray of int64, shape (rows,)
        Each row's fold, from 0 to ``count - 1``; no fold is empty.
    """

    assignment: np.ndarray

    @cached_property
    def count(self) -> int:
        """The number of folds."""
        return int(self.assignment.max()) + 1

    def held_out(self, fold: int) -> np.ndarray:
        """Return the rows that are held out in `fold`, ascending."""
        return np.flatnonzero(self.assignment == fold)

    def training(self, fold: int) -> np.ndarray:
        """Return the rows that a network of `fold` may see, ascending."""
        return np.flatnonzero(self.assignment != fold)

    def to_text(self) -> str:
        """Return the assignment as `read_folds` reads it: one fold number a line."""
        return "".join(f"{fold}\n" for fold in self.assignment)


def _all(numbers: np.ndarray) -> np.ndarray:
    return numbers


def stratified_folds(
    targets: np.ndarray,
    count: int,
    seed: int,
    names: Sequence[str] = (),
    groups: np.ndarray | None = None,
    *,
    where: str = "",
) -> Folds:
    """Assign rows to folds at random, stratified by genre.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    count : int
        Lowered, with a KitWarning, to the number of songs of the rarest genre.
    seed : int
    names : sequence of str
        What messages call each genre; by default "label 1" and so on.
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are put into one fold.
    where : str
        The file that the targets were read from, with which messages begin.

    Returns
    -------
    Folds
        Without groups, the folds' sizes differ by at most 1, and so do their counts of each genre; with groups, only
        approximately.

    Raises
    ------
    FoldsError
        When `count` is below 2, the rows have fewer than two genres or a genre with a single song, or there are fewer
        groups than folds.
    """
    if count < LEAST_FOLDS:
        raise FoldsError(f"{count} fold(s) asked for; expected at least {LEAST_FOLDS}: one to train on, one to score.")
    count = _affordable(targets, count, names, where)
    if groups is not None:
        _check_group_count(groups, count)
    assignment = np.empty(len(targets), np.int64)
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = kind(count, shuffle=True, random_state=seed)
    for fold, (_, held_out) in enumerate(splitter.split(assignment, targets, groups)):
        assignment[held_out] = fold
    if len(np.unique(assignment)) < count:
        raise FoldsError(f"the groups are too unequal for {count} folds: one stays empty; ask for fewer with `folds`.")
    return Folds(assignment)


def _check_group_count(groups: np.ndarray, count: int) -> None:
    found = len(np.unique(groups))
    if found < count:
        raise FoldsError(
            f"{found} group(s) for {count} folds, and a group stays in one fold; expected at least as many groups as "
            "folds: ask for fewer with `folds`."
        )


def check_groups_whole(folds: Folds, groups: np.ndarray, *, where: str) -> None:
    """Check that the rows of each group are all in one fold.

    Parameters
    ----------
    folds : Folds
    groups : ndarray of int, shape (rows,)
        Rows with the same number are of one group.
    where : str
        What the message begins with, such as the file's path.

    Raises
    ------
    FoldsError
        When rows of one group are in different folds.
    """
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        apart = rows[folds.assignment[rows] != folds.assignment[rows[0]]]
        if apart.size:
            raise FoldsError(
                f"{where}: rows {rows[0] + 1} and {apart[0] + 1} are of one group, but in different folds; expected "
                "every group in one fold: leave the folds to the kit, or mend the file."
            )


def check_genres_left(folds: Folds, targets: np.ndarray, *, where: str) -> None:
    """Check that the rows outside each fold are of at least two genres.

    Parameters
    ----------
    folds : Folds
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    where : str
        What the message begins with, such as the file's path.

    Raises
    ------
    FoldsError
        When the rows outside some fold are all of one genre.
    """
    for fold in range(folds.count):
        if len(np.unique(targets[folds.training(fold)])) < 2:
            raise FoldsError(
                f"{where}: all songs outside fold {fold} are of one genre, so nothing can be learned there; expected "
                "songs of at least two genres outside every fold."
            )


def _affordable(targets: np.ndarray, count: int, names: Sequence[str], where: str) -> int:
    """Return the number of folds, at most `count`, in each of which every genre can be held out."""
    present, songs = np.unique(targets, return_counts=True)
    start = f"{where}: " if where else ""
    if len(present) < 2:
        raise FoldsError(
            f"{start}all {len(targets)} songs have {_name(present[0], names)}; expected at least two genres: "
            "there is nothing to learn."
        )
    rarest, least = _name(present[songs.argmin()], names), int(songs.min())
    if least < 2:
        raise FoldsError(
            f"{start}only one song has {rarest}; expected at least two of every genre, one to train on and one "
            "to score: add songs of that genre, or remove this one."
        )
    if count > least:
        warnings.warn(
            f"{count} folds asked for, but only {least} songs have {rarest}: {least} folds are used.",
            KitWarning,
            stacklevel=3,
        )
    return min(count, least)


def _name(target: int, names: Sequence[str]) -> str:
    return names[target] if names else f"label {target + 1}"


def warn_of_untrained_genres(targets: np.ndarray, folds: Folds, names: Sequence[str] = ()) -> None:
    """Warn of the first genre that some fold's networks never see, because it is all held out.

    Parameters
    ----------
    targets : ndarray of int, shape (rows,)
        0-based genre numbers.
    folds : Folds
    names : sequence of str
        As in `stratified_folds`.

    Warns
    -----
    KitWarning
        At most once, even if there are several such genres.
    """
    present = np.unique(targets)
    for fold in range(folds.count):
        unseen = np.setdiff1d(present, targets[folds.training(fold)])
        if unseen.size:
            warnings.warn(
                f"all songs with {_name(unseen[0], names)} are held out together (fold {fold + 1}): "
                "the networks that score them have never seen their genre.",
                KitWarning,
                stacklevel=2,
            )
            return


def read_folds(path: Path, rows: int, part: Callable[[np.ndarray], np.ndarray] = _all, of: str = "") -> Folds:
    """Read an assignment from a file: one whole number a row, in the training file's order.

    Any whole numbers will do; they are renumbered from 0 in ascending order.

    Parameters
    ----------
    path : Path
    rows : int
        The number of training rows.
    part : callable
        Returns the rows' own numbers of those in the file, where it has others too.
    of : str
        As for `assigned_folds`.

    Raises
    ------
    FoldsError
        When a line is not a whole number, there are not `rows` lines, or fewer than two different folds.
    """
    numbers = np.array([_fold_number(line, f"{path}, line {n}") for n, line in enumerate(_lines(path), 1)])
    return assigned_folds(part(numbers), rows, where=str(path), of=of)


def assigned_folds(numbers: np.ndarray, rows: int, *, where: str, of: str = "") -> Folds:
    """Return the folds of an assignment, renumbered from 0 in ascending order.

    Parameters
    ----------
    numbers : ndarray of int, shape (rows,)
        Each row's fold: any whole numbers, at least two different ones.
    rows : int
        The number of training rows.
    where : str
        What the message begins with, such as the file's path.
    of : str
        What it says of the rows behind their number.

    Raises
    ------
    FoldsError
        When there are not `rows` numbers, or fewer than two different ones.
    """
    if len(numbers) != rows:
        raise FoldsError(f"{where}: {len(numbers)} fold numbers for {rows} training rows{of}; expected one a row.")
    names, assignment = np.unique(numbers, return_inverse=True)
    if len(names) < LEAST_FOLDS:
        raise FoldsError(f"{where}: every row is in fold {names[0]}; expected at least {LEAST_FOLDS} different folds.")
    return Folds(assignment.astype(np.int64))


def _lines(path: Path) -> list[str]:
    try:
        return read_once(path).decode("utf-8-sig").rstrip().splitlines()
    except OSError as problem:
        raise FoldsError(f"{path}: cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise FoldsError(f"{path}: is not UTF-8 text; expected one fold number a line.") from None


def _fold_number(line: str, where: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", line.strip(), re.ASCII):
        raise FoldsError(
            f'{where}: "{line[:40]}" is not a whole number of at most 18 digits; expected one fold number a line.'
        )
    return int(line.strip())
