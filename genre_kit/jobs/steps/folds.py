"""Which songs are held out together: at random, like the test file, or as a file says."""

import re
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import (
    Folds,
    check_genres_left,
    check_groups_whole,
    read_folds,
    stratified_folds,
    warn_of_untrained_genres,
)
from competition.errors import ArgumentError, FoldsError, KitWarning
from competition.shift.diagnosis import Diagnosis, diagnose
from competition.shift.like_test import LikeTest, like_test_folds
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.results.folds import FoldChoice

AUTO, RANDOM, LIKE_TEST = "auto", "random", "like-test"
DEFAULT_FOLDS = 10
_WORDS = re.compile(rf"({AUTO}|{RANDOM}|{LIKE_TEST})(?::(\d{{1,9}}))?", re.ASCII)


@dataclass(frozen=True)
class FoldRequest:
    """What kind of folds is asked for, and how many."""

    kind: str
    count: int


def asked_folds(folds: int | PathLike) -> FoldRequest | Path:
    """Return what `folds` asks for: a number, ``"like-test"``, ``"random:5"``, or the path of a file."""
    if isinstance(folds, int):
        return FoldRequest(AUTO, folds)
    found = _WORDS.fullmatch(str(folds))
    return Path(folds) if found is None else FoldRequest(found[1], int(found[2] or DEFAULT_FOLDS))


def written(folds: int | PathLike) -> int | str:
    """Return what `folds` asks for as a record keeps it: a file's path is absolute."""
    if isinstance(folds, int):
        return folds
    return str(Path(folds).absolute()) if isinstance(asked_folds(folds), Path) else str(folds)


def choose_folds(dataset: Dataset, folds: int | PathLike, seed: int) -> FoldChoice:
    """Divide the training songs into folds, and say how the test songs differ from them.

    Parameters
    ----------
    dataset : Dataset
        Its groups are never divided.
    folds : int or path or str
        As `asked_folds` reads it.
    seed : int

    Raises
    ------
    FoldsError
        Where the songs cannot be divided so.
    """
    asked, names = asked_folds(folds), genre_names(dataset)
    if dataset.has_other_genres_in_test:
        _refuse_like_test(asked)
        dataset = dataset.without_test()
    if isinstance(asked, Path):
        given = _given(dataset, asked)
        chosen = FoldChoice(given, _diagnosed(dataset, given.count, seed))
    else:
        chosen = _made(dataset, asked, seed)
    warn_of_untrained_genres(dataset.targets, chosen.folds, names)
    for target in np.flatnonzero(dataset.counts == 0):
        message = f"no training song is {dataset.edition.genres[target]} (label {target + 1}): it cannot be learned."
        warnings.warn(message, KitWarning, stacklevel=2)
    return chosen


def drawn_again(dataset: Dataset, choice: FoldChoice, seed: int) -> FoldChoice:
    """Return folds of the same kind by another seed; `dataset` has test songs where the folds are like those."""
    random = _random(dataset, choice.folds.count, seed)
    if choice.like_test is None:
        return replace(choice, folds=random)
    like_test = like_test_folds(dataset, random, seed, _kept(choice.diagnosis))
    return replace(choice, folds=like_test.folds, like_test=like_test)


def _refuse_like_test(asked: FoldRequest | Path) -> None:
    if isinstance(asked, FoldRequest) and asked.kind == LIKE_TEST:
        raise ArgumentError(
            "`folds` like-test makes folds like the test file, which has songs of the genres that are left out, too. "
            "Ask for random ones."
        )


def genre_names(dataset: Dataset) -> list[str]:
    """Return what messages call each genre."""
    edition = dataset.edition
    return [f"label {label} ({genre})" for label, genre in zip(edition.labels, edition.genres, strict=True)]


def _given(dataset: Dataset, path: Path) -> Folds:
    """Read the songs' folds; where genres are left out, the file may have those of their songs, too."""
    folds = read_folds(path, dataset.rows, dataset.own_part, dataset.of_these_genres)
    check_genres_left(folds, dataset.targets, where=str(path))
    if dataset.groups is not None:
        check_groups_whole(folds, dataset.groups, where=str(path))
    return folds


def _diagnosed(dataset: Dataset, count: int, seed: int) -> Diagnosis | None:
    """Compare the test songs with songs held out at random, as where no file gives the folds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KitWarning)
        try:
            random = stratified_folds(dataset.targets, count, seed, groups=dataset.groups)
        except FoldsError:
            return None
    return diagnose(dataset, random, seed)


def _made(dataset: Dataset, asked: FoldRequest, seed: int) -> FoldChoice:
    random = _random(dataset, asked.count, seed)
    diagnosis = diagnose(dataset, random, seed)
    if asked.kind == LIKE_TEST and diagnosis is None:
        raise ArgumentError("`folds` like-test needs the test file, and there is none. Put it beside the others.")
    has_strangers = diagnosis is not None and diagnosis.has_strangers
    if asked.kind == RANDOM or (asked.kind == AUTO and not has_strangers):
        return FoldChoice(random, diagnosis)
    like_test = _like_test(dataset, random, seed, diagnosis, is_asked=asked.kind == LIKE_TEST)
    return FoldChoice(random if like_test is None else like_test.folds, diagnosis, like_test)


def _random(dataset: Dataset, count: int, seed: int) -> Folds:
    names, where = genre_names(dataset), dataset.labels_from
    folds = stratified_folds(dataset.targets, count, seed, names, dataset.groups, where=where)
    check_genres_left(folds, dataset.targets, where=dataset.groups_from or dataset.source)
    return folds


def _kept(diagnosis: Diagnosis | None) -> np.ndarray | None:
    return None if diagnosis is None else diagnosis.kept


def _like_test(
    dataset: Dataset, random: Folds, seed: int, diagnosis: Diagnosis | None, *, is_asked: bool
) -> LikeTest | None:
    """Return folds like the test file; None, with a note, where nobody asked and they cannot be had."""
    try:
        return like_test_folds(dataset, random, seed, _kept(diagnosis))
    except FoldsError as problem:
        if is_asked:
            raise
        message = f"the folds are random ones, and held-out scores too high: {str(problem).partition(';')[0]}."
        warnings.warn(message, KitWarning, stacklevel=2)
        return None
