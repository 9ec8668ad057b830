"""The lines about the data that a command works on, and what a folder's files are."""

import textwrap
from collections.abc import Sequence
from pathlib import Path

import click

from competition.data.dataset import Dataset
from competition.data.edition_file import EDITION_FILE
from competition.data.sample import SOURCE
from competition.inference.findings import Inferred
from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.results.genres import without_in_words
from genre_kit.results.sound import DrawnSong

_SAMPLE_NOTE = "          This is a made-up SAMPLE to try the kit on; give a real download with --data DIR."


def describe_data(dataset: Dataset, known_by: Path | None = None) -> list[str]:
    """Return the lines that say which data a command works on; `known_by` is the folder that knew it, if one did."""
    tests = "" if dataset.test_features is None else f"{dataset.test_rows} test songs, "
    size = (
        f"{dataset.rows} training songs, {tests}{dataset.edition.columns} columns, {len(dataset.edition.genres)} genres"
    )
    lines = [
        f"edition   {dataset.edition.title} ({dataset.edition.name})",
        f"data      {said_by(known_by)}{dataset.source}: {size}",
    ]
    lines += [_SAMPLE_NOTE] if dataset.source == SOURCE and known_by is None else []
    return [*lines, *_describe_genres(dataset)]


def _describe_genres(dataset: Dataset) -> list[str]:
    """Return the lines about genres that are left out, and their songs; none where all genres are told apart."""
    edition, left_out = dataset.edition, dataset.left_out
    if left_out is None:
        return []
    songs = f"{left_out.songs} of the {left_out.file_rows} training songs are left out before all else"
    lines = textwrap.wrap(f"{without_in_words(edition.genres, edition.left_out)}; {songs}", WIDTH)
    if dataset.has_other_genres_in_test:
        lines.append("the test file has songs of all genres: it is not compared with the training songs")
    return labelled("genres", lines)


def said_by(known_by: Path | None) -> str:
    """Return what stands before data that a run's or a search's folder knew."""
    return "" if known_by is None else f"from {known_by}: "


def describe_oddities(notes: Sequence[str]) -> list[str]:
    """Return the lines that say what is odd about the data."""
    return labelled("noticed", [line for one in notes for line in _wrapped(one)])


def describe_sample(folder: Path, edition: str) -> list[str]:
    """Return the lines that say where the sample was written, in which edition's layout, and what to do with it."""
    return [
        f"sample    {folder}: made-up data in the layout of {edition}",
        f"          try it: python -m competition submit --data {folder}",
    ]


def describe_songs(songs: Sequence[DrawnSong]) -> list[str]:
    """Return the lines that say which sound files a command works on."""
    return [f"song      {click.format_filename(song.path)}: {'; '.join([song.length, *song.notes])}" for song in songs]


def describe_edition(found: Inferred, path: Path | None, data: Path) -> list[str]:
    """Return the lines that `edition` prints; `path` is where the edition was written, if so, `data` what it is of."""
    lines: list[str] = []
    for finding in found.findings:
        lines += labelled(finding.what, _wrapped(str(finding)))
    for doubt in found.doubts:
        lines += labelled("doubtful", _wrapped(doubt))
    has_test = found.edition.files.test is not None
    submit = f"python -m competition submit --data {data}{'' if has_test else ' --test-share 0.3'}"
    if path is None:
        return [*lines, f"next      {submit}"]
    is_beside = path.name == EDITION_FILE and path.parent == data
    how = "" if is_beside else f" --edition {path}"
    lines.append(f"written   {path}: correct there what is otherwise")
    return [*lines, f"next      {submit}{how}"]


def _wrapped(text: str) -> list[str]:
    """Return lines in which paths and options stay whole."""
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
