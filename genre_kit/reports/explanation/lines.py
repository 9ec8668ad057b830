"""An explained run on the terminal: progress, and what was found."""

import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click
from tqdm import tqdm

from competition.errors import printable
from competition.explain.parts import BLOCK
from competition.runtime import interruption
from competition.scoring.scores import shown
from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.runs.explained.content import CurveRow, Explained, Explanation, ImportanceRow, Pair, PairRow

_MOST = 5
_EVERY_SECONDS = 10.0


@contextmanager
def explain_progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Yield what a job tells its progress to: a bar on a terminal, plain lines elsewhere, nothing when quiet."""
    if quiet:
        yield lambda what, done, total: interruption.check()
    elif sys.stderr.isatty():
        with tqdm(leave=False, bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}") as bar:
            yield lambda what, done, total: _draw(bar, what, done, total)
    else:
        yield _Lines()


def _draw(bar: tqdm, what: str, done: int, total: int) -> None:
    interruption.check()
    if bar.desc != f"{what}":
        bar.reset(total)
        bar.set_description(what)
    bar.update(done - bar.n)


class _Lines:
    """Prints a line for each step that ends, and for what takes long every few seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.last = clock, clock()

    def __call__(self, what: str, done: int, total: int) -> None:
        interruption.check()
        if done == total or self.clock() - self.last > _EVERY_SECONDS:
            self.last = self.clock()
            click.echo(printable(f"{what}, {done} of {total}"))


def explanation_table(explained: Explained) -> dict[str, Any]:
    """Return an explanation as a JSON-serializable dictionary, with its folder."""
    return asdict(explained.found) | {"folder": str(explained.folder)}


def explanation_lines(explained: Explained) -> list[str]:
    """Return what was found, in lines."""
    found = explained.found
    return [
        *_importance_lines(found),
        *labelled("genres", [f"{row.genre} lives on {row.lives_on} ({_signed(row.loss)})" for row in found.lives_on]),
        *_pair_lines("confused", found.pairs_by_loss, f"{shown(found.loss)}"),
        *_pair_lines("mistaken", found.pairs_by_labels, "of all songs' labels"),
        *_wrapped("labels", noise_sentence(found)),
        *_wrapped("songs", more_songs_sentence(found)),
        *labelled("written", [f"{explained.page} and {len(explained.pictures)} pictures"]),
    ]


def _importance_lines(found: Explanation) -> list[str]:
    blocks = [row for row in found.importance if row.kind == BLOCK]
    finer = [row for row in found.importance if row.kind != BLOCK]
    lines = _wrapped("shuffled", shuffled_sentence(found))
    for label, rows in (("blocks", blocks), ("in them", finer)):
        lines += labelled(label, _aligned(largest(rows), found))
    return lines


def largest(rows: Sequence[ImportanceRow], most: int = _MOST) -> list[ImportanceRow]:
    """Return the parts whose shuffling costs most of the loss, the costliest first."""
    return sorted(rows, key=lambda row: -(row.loss[0] or 0.0))[:most]


def _aligned(rows: Sequence[ImportanceRow], found: Explanation) -> list[str]:
    width = max((len(row.title) for row in rows), default=0)
    return [
        f"{row.title:<{width}}  {shown(found.loss)} {_signed(row.loss)}, {shown(found.score)} {_signed(row.score, -1)}"
        for row in rows
    ]


def _signed(pair: Pair, sign: int = 1) -> str:
    """Return a rise, or with -1 a fall, with its standard error."""
    value, error = pair
    if value is None:
        return "not known"
    return f"{sign * value:+.4f}" + ("" if error is None else f" ± {error:.4f}")


def shuffled_sentence(found: Explanation) -> str:
    """Return on what importance was measured."""
    of = "all" if found.songs == found.of_songs else f"{found.songs} of"
    times = _times(found.repeats)
    sentence = (
        f"{of} {found.of_songs} held-out songs, {times}; before, their {shown(found.loss)} is "
        f"{found.held_out_loss:.4f}, their {shown(found.score)} {found.held_out_score:.4f} (most probable genres)"
    )
    if not found.column_songs:
        return f"{sentence}; single columns were not: they are too many, and `columns` asks for them"
    if (found.column_songs, found.column_repeats) == (found.songs, found.repeats):
        return f"{sentence}; single columns, too"
    return f"{sentence}; single columns among {found.column_songs} songs, {_times(found.column_repeats)}"


def _times(repeats: int) -> str:
    return {1: "once", 2: "twice"}.get(repeats, f"{repeats} times")


def _pair_lines(label: str, pairs: Sequence[PairRow], what: str) -> list[str]:
    return labelled(label, [f"{one.first} and {one.second} cost {_plain(one.cost)} {what}" for one in pairs[:_MOST]])


def _plain(pair: Pair) -> str:
    return _signed(pair).removeprefix("+")


def noise_sentence(found: Explanation) -> str:
    """Return how many labels may be wrong, and what that cannot tell."""
    noise = found.label_noise
    low, high = noise.interval
    return (
        f"{noise.songs} confident mistakes; at most {100 * noise.share:.1f} % of labels may be wrong (95 % interval "
        f"{100 * low:.1f} to {100 * high:.1f}): songs that sound like another genre count among them"
    )


def more_songs_sentence(found: Explanation) -> str:
    """Return what twice the songs would bring."""
    curve = found.more_songs
    if curve is None:
        return "too few for a learning curve over their number"
    return (
        f"with twice as many, {curve.model} alone would gain about {curve.loss_gain:.4f} {shown(found.loss)} (95 % "
        f"interval {_ends(curve.loss_interval)}) and {curve.score_gain:.4f} {shown(found.score)} "
        f"({_ends(curve.score_interval)}){_offset(curve, found)}"
    )


def _offset(curve: CurveRow, found: Explanation) -> str:
    value = curve.sizes[-1].loss[0]
    if value is None:
        return ""
    return (
        f"; it scores {value:.4f} with the songs there are, {found.model} {found.run_loss:.4f}, whose own curve "
        "was not measured"
    )


def _ends(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.4f} to {interval[1]:.4f}"


def _wrapped(label: str, sentence: str) -> list[str]:
    return labelled(label, textwrap.wrap(sentence, WIDTH))
