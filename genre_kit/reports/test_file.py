"""The lines about how a test file differs from its training file."""

from collections.abc import Callable, Mapping, Sequence

from competition.data.edition import Edition
from competition.shift.diagnosis import Diagnosis
from genre_kit.reports.lines import labelled
from genre_kit.results.folds import FoldChoice

_NAMED = 5


def describe_test_file(choice: FoldChoice, edition: Edition) -> list[str]:
    """Return the lines about the test file, and about what is done where it differs; none where there is no file."""
    diagnosis = choice.diagnosis
    if diagnosis is None:
        return []
    lines = [_WORDS[kind](diagnosis, edition.column_titles) for kind in diagnosis.kinds] or [
        "like the training file as a whole, as far as columns tell"
    ]
    return labelled("test file", [*lines, *_done(choice)])


def _novelty(diagnosis: Diagnosis, titles: Sequence[str]) -> str:
    return (
        "songs like these are missing among the training songs "
        f"(p = {diagnosis.novelty.chance:.1g}): probably other artists, or all measured otherwise"
    )


def _columns(diagnosis: Diagnosis, titles: Sequence[str]) -> str:
    worst = ", ".join(titles[column] for column in diagnosis.differing[:_NAMED])
    count, more = len(diagnosis.differing), " the worst first" if len(diagnosis.differing) > _NAMED else ""
    verb = "column is" if count == 1 else "columns are"
    return f"{count} {verb} on another scale or prepared otherwise:{more} {worst}; held-out scores may not hold"


def _shares(diagnosis: Diagnosis, titles: Sequence[str]) -> str:
    return f"genres are more or less frequent than among the training songs (p = {diagnosis.shares.chance:.1g})"


def _duplicates(diagnosis: Diagnosis, titles: Sequence[str]) -> str:
    return f"{diagnosis.novelty.copies[1].mean():.1%} of its songs are copies of training songs"


_WORDS: Mapping[str, Callable[[Diagnosis, Sequence[str]], str]] = {
    "novelty": _novelty,
    "columns": _columns,
    "shares": _shares,
    "duplicates": _duplicates,
}


def _done(choice: FoldChoice) -> list[str]:
    """Return what is done about strangers, or that folds like the test file were asked for."""
    like_test = choice.like_test
    if like_test is None:
        return ["the folds are not made like it here: held-out scores may be too high"] if choice.has_strangers else []
    if like_test.count == len(like_test.clusters):
        return ["random folds hold songs out as far off as the test songs are"]
    return [f"folds like it: near songs stay together, in {like_test.count} clusters of at most {like_test.largest}"]
