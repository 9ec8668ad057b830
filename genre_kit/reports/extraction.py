"""The lines about a competition that was made from sound, and the progress on the way."""

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import click
from tqdm import tqdm

from competition.audio.tables import repeats_in_words, units_of
from competition.errors import listed
from competition.runtime import interruption
from competition.scoring.many_genres import named
from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.results.extraction import Brought, Extraction

_LINES = 4
_ARTISTS = (
    "not known: songs of one artist may stand in several folds, which flatters the local score where the board's songs "
    "are by others; submit --groups FILE, one artist a row of train_data.csv, keeps them together (docs/audio.md)"
)


@contextmanager
def songs_progress(*, quiet: bool, done: str = "listened to") -> Iterator[Callable[[int, int], None]]:
    """Yield what is told how many songs are done, and of how many; `done` is the word for it."""
    if quiet:
        yield _unless_interrupted(lambda done, total: None)
    elif sys.stderr.isatty():
        with tqdm(leave=False, unit=" songs", desc=done) as bar:
            yield _unless_interrupted(lambda done, total: _draw(bar, done, total))
    else:
        yield _unless_interrupted(partial(_print, done))


def _unless_interrupted(tell: Callable[[int, int], None]) -> Callable[[int, int], None]:
    def listen(done: int, total: int) -> None:
        """Hear of a song that is done."""
        interruption.check()
        tell(done, total)

    return listen


def _draw(bar: tqdm, done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)


def _print(word: str, done: int, total: int) -> None:
    if done * _LINES // total > (done - 1) * _LINES // total:
        click.echo(f"{word} {done} of {total} songs")


def describe_extraction(made: Extraction) -> list[str]:
    """Return the lines that `extract` prints."""
    said = {
        "songs": [_songs(made)],
        "features": [_features(made)],
        "left out": made.notes,
        "skipped": _skipped(made),
        "repeated": repeats_in_words(made.songs),
        "artists": [_ARTISTS] if made.songs.training else [],
        "written": [f"{made.folder}: {', '.join(made.files)}"],
    }
    lines: list[str] = []
    for label, sentences in said.items():
        wrapped = [line for sentence in sentences for line in textwrap.wrap(sentence, WIDTH, break_on_hyphens=False)]
        lines += labelled(label, wrapped)
    return [*lines, *labelled("next", [_next(made)])]


def _songs(made: Extraction) -> str:
    songs = made.songs
    hours = sum(one.song.seconds for one in songs.used) / 3600
    length = f"{hours:.1f} hours" if hours >= 2 else f"{hours * 60:.0f} minutes"
    parts = []
    if songs.training:
        counts = named([f"{genre} {songs.counts[genre]}" for genre in songs.genres])
        parts.append(f"{len(songs.training)} to train with, of {len(songs.genres)} genres ({counts})")
    if songs.test:
        parts.append(f"{len(songs.test)} to be labelled")
    old = f"; {made.kept} had been listened to before" if made.kept else ""
    return f"{'; '.join(parts)}; {length}{old}"


def _features(made: Extraction) -> str:
    settings = made.settings
    columns = sum(one.song.rows.shape[1] for one in made.songs.used[:1])
    names = ", ".join(settings.features)
    cut = ""
    if settings.segment_seconds is not None:
        rows = sum(len(one.song.rows) for one in made.songs.used)
        cut = f"; {rows} rows, one for each {settings.segment_seconds:g} s, with their songs in groups.csv"
    return f"{columns} columns ({names}) in {units_of(settings)}{cut}{_frames(made)}"


def _frames(made: Extraction) -> str:
    settings = made.settings.frames
    if settings is None:
        return ""
    return f"; frames of {settings.steps(made.settings.length)} steps x {settings.bands} {settings.kind} bands"


def _skipped(made: Extraction) -> list[str]:
    skipped = made.songs.skipped
    if not skipped:
        return []
    reasons = [f"{found.name} ({why})" for found, why in skipped]
    return [
        f"{len(skipped)} of {len(skipped) + len(made.songs.used)} songs: {listed(reasons, 3)}; all are in songs.csv"
    ]


def _next(made: Extraction) -> str:
    if not made.songs.training:
        return f"python -m competition submit --from RUN --data {made.folder}"
    if not made.songs.test:
        return f"python -m competition submit --data {made.folder} --test-share 0.3"
    return f"python -m competition submit --data {made.folder}"


def describe_brought(made: Brought) -> list[str]:
    """Return the lines that `extract` prints of a JSON of frames."""
    genres = named([f"{genre} {count}" for genre, count in zip(made.edition.genres, made.counts, strict=True)])
    steps, bands = made.shape
    songs = f"{made.counts.sum()} rows of {made.songs} songs, of {len(made.counts)} genres ({genres})"
    said = {
        "songs": songs,
        "features": f"{made.edition.columns} columns, the moments of frames of {steps} steps x {bands} bands",
        "written": f"{made.folder}: {', '.join(made.files)}",
    }
    lines = [line for label, text in said.items() for line in labelled(label, textwrap.wrap(text, WIDTH))]
    return [
        *lines,
        *labelled("next", [f"python -m competition submit --data {made.folder} --test-share 0.3 --model cnn"]),
    ]
