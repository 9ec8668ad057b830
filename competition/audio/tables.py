"""The tables of a competition that was made from sound."""

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from competition.audio.collection import Found
from competition.audio.features.table import CLASSIC, blocks_of, scales_of
from competition.audio.fingerprints import Same, same_recordings
from competition.audio.keeping import Kept
from competition.audio.listening import Settings, Song
from competition.data.edition import Edition, Files
from competition.errors import DataError, listed
from competition.storage.files import writing

TRAINING, LABELS, GROUPS = "train_data.csv", "train_labels.csv", "groups.csv"
TEST, TEST_GROUPS, TEST_LABELS = "test_data.csv", "test_groups.csv", "test_labels.csv"
FRAMES, TEST_FRAMES = "train_frames.npy", "test_frames.npy"
SONGS = "songs.csv"
_LEAST_SONGS = 2


@dataclass(frozen=True, eq=False)
class Used:
    """A song that is used.

    Attributes
    ----------
    found : Found
    song : Song
    content : str
        The SHA-256 of its file.
    """

    found: Found
    song: Song
    content: str


@dataclass(frozen=True, eq=False)
class Songs:
    """All songs, used or not.

    Attributes
    ----------
    used : tuple of Used
        In the order of the collection: training songs, then test songs.
    skipped : tuple of (Found, str)
        Songs that cannot be used, and why.
    repeats : tuple of Same
        Pairs of used songs, by place, that are the same recording.
    """

    used: tuple[Used, ...]
    skipped: tuple[tuple[Found, str], ...]
    repeats: tuple[Same, ...]

    @cached_property
    def training(self) -> tuple[Used, ...]:
        """The songs for training."""
        return tuple(one for one in self.used if not one.found.is_test)

    @cached_property
    def test(self) -> tuple[Used, ...]:
        """The songs to be labelled."""
        return tuple(one for one in self.used if one.found.is_test)

    @cached_property
    def genres(self) -> tuple[str, ...]:
        """The genres of the training songs, in alphabetical order."""
        return tuple(sorted({str(one.found.genre) for one in self.training}))

    @cached_property
    def counts(self) -> Counter[str]:
        """How many training songs each genre has."""
        return Counter(str(one.found.genre) for one in self.training)


def songs_of(used: Sequence[Used], skipped: Sequence[tuple[Found, str]]) -> Songs:
    """Return songs, and which of them are the same recording.

    Parameters
    ----------
    used : sequence of Used
    skipped : sequence of (Found, str)
        Files that are no songs, and why.

    Raises
    ------
    DataError
        When there are training songs of fewer than two genres, or fewer than two of a genre.
    """
    songs = Songs(tuple(used), tuple(skipped), tuple(same_recordings([one.song.words for one in used])))
    _check(songs)
    return songs


def _check(songs: Songs) -> None:
    first = f"; the first that cannot is {songs.skipped[0][0].name}: {songs.skipped[0][1]}" if songs.skipped else ""
    if not songs.used:
        raise DataError(f"none of the {len(songs.skipped)} songs can be used{first}.")
    if not songs.training:
        return
    if len(songs.genres) == 1:
        raise DataError(f"all songs are of the genre {songs.genres[0]}{first}; expected folders of two genres or more.")
    lost = {found.genre for found, _ in songs.skipped if found.genre is not None and not found.is_test}
    few = [genre for genre in sorted({*songs.genres, *lost}) if songs.counts[genre] < _LEAST_SONGS]
    if few:
        raise DataError(
            f"{songs.counts[few[0]]} songs of the genre {few[0]} can be used{first}; expected at least "
            f"{_LEAST_SONGS} of each: add songs, or take the folder away."
        )


def edition_of(songs: Songs, settings: Settings, name: str) -> Edition:
    """Return the edition of songs' tables.

    Parameters
    ----------
    songs : Songs
    settings : Settings
    name : str
        Of the folder that the songs are from.
    """
    counts = songs.counts
    is_cut = settings.segment_seconds is not None
    unit = f"{settings.segment_seconds:g} s of a song" if is_cut else "song"
    return Edition(
        name=edition_name(name),
        title=f"{name}: {', '.join(settings.features)} of each {unit}",
        genres=songs.genres,
        fallback=max(songs.genres, key=lambda genre: counts[genre]),
        files=Files(
            train=TRAINING,
            labels=LABELS,
            test=TEST,
            groups=GROUPS,
            test_groups=TEST_GROUPS if is_cut and songs.test else None,
            frames=None if settings.frames is None else FRAMES,
            test_frames=None if settings.frames is None or not songs.test else TEST_FRAMES,
        ),
        blocks=blocks_of(settings.features),
    )


def edition_name(text: str) -> str:
    """Return a text as the name of an edition: letters, digits and _ - . of it.

    Examples
    --------
    >>> edition_name("My songs (2026)"), edition_name("?")
    ('My-songs-2026', 'audio')
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-.") or "audio"


def tables_of(songs: Songs, settings: Settings) -> dict[str, bytes]:
    """Return the content of each CSV file, by its name; files that there is nothing for are left out."""
    tables: dict[str, bytes] = {}
    if songs.training:
        number = {genre: label for label, genre in enumerate(songs.genres, 1)}
        tables[TRAINING] = _features(songs.training, settings)
        tables[LABELS] = _lines(songs.training, [str(number[str(one.found.genre)]) for one in songs.training])
        tables[GROUPS] = _lines(songs.training, _recordings(songs))
        if all(one.found.genre in number for one in songs.test) and songs.test:
            labels = [str(number[str(one.found.genre)]) for one in songs.test]
            tables[TEST_LABELS] = "".join(f"{label}\n" for label in labels).encode()
    if songs.test:
        tables[TEST] = _features(songs.test, settings)
        if settings.segment_seconds is not None:
            tables[TEST_GROUPS] = _lines(songs.test, [str(place) for place in range(1, len(songs.test) + 1)])
    tables[SONGS] = _list_of(songs)
    return tables


def write_frames(folder: Path, songs: Songs, kept: Kept) -> list[str]:
    """Write the frames of all rows into a folder, song by song, and return the files' names; none without frames."""
    if kept.settings.frames is None:
        return []
    tables = {FRAMES: songs.training, TEST_FRAMES: songs.test}
    return [_write_frames(folder / name, used, kept) for name, used in tables.items() if used]


def _write_frames(path: Path, used: Sequence[Used], kept: Kept) -> str:
    rows = sum(len(one.song.rows) for one in used)
    shape = (rows, *kept.frames(used[0].content).shape[1:])
    with writing(path):
        stored = np.lib.format.open_memmap(path, "w+", np.float16, shape)
        stop = 0
        for one in used:
            frames = kept.frames(one.content)
            stop += len(frames)
            stored[stop - len(frames) : stop] = frames
        stored.flush()
    return path.name


def units_of(settings: Settings) -> str:
    """Return which units the columns are in, in words."""
    return "the units of mlbp-2018" if settings.features == CLASSIC else "natural units"


def _features(songs: Sequence[Used], settings: Settings) -> bytes:
    scaled = np.concatenate([one.song.rows for one in songs]) * scales_of(settings.features)
    return numbers_text(scaled.astype(np.float32))


def numbers_text(numbers: np.ndarray) -> bytes:
    """Return a table of numbers as CSV without a header; each reads back as the same float32.

    Parameters
    ----------
    numbers : ndarray of float32, shape (rows, columns)
    """
    columns = [pa.array(column) for column in numbers.T]
    table = pa.table(columns, names=[str(place) for place in range(len(columns))])
    sink = io.BytesIO()
    arrow_csv.write_csv(table, sink, arrow_csv.WriteOptions(include_header=False))
    return sink.getvalue()


def _lines(songs: Sequence[Used], texts: Sequence[str]) -> bytes:
    """Return one line for each row of each song."""
    rows = [len(one.song.rows) for one in songs]
    return "".join(f"{text}\n" * count for text, count in zip(texts, rows, strict=True)).encode()


def _recordings(songs: Songs) -> list[str]:
    """Return the number of each training song, or of the first one that is the same recording; from 1."""
    first = list(range(len(songs.training)))
    for same in songs.repeats:
        if same.second < len(first):  # test songs stand behind
            merged = {first[same.first], first[same.second]}
            first = [min(merged) if place in merged else place for place in first]
    return [str(place + 1) for place in first]


def _list_of(songs: Songs) -> bytes:
    """Return the table of all files: what each is used for, and what was done to it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "use", "number", "genre", "rows", "seconds", "rate", "channels", "notes"])
    lines = [_line_of(songs, place) for place in range(len(songs.used))]
    lines += [[found.name, "skipped", "", found.genre, 0, "", "", "", why] for found, why in songs.skipped]
    writer.writerows([as_text(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)
    return text.getvalue().encode(errors="backslashreplace")


def as_text(cell: str) -> str:
    """Return a cell of a table for people, which no spreadsheet takes for a formula: an apostrophe makes it a text.

    Examples
    --------
    >>> as_text("=1+1.wav"), as_text("rock/01.wav")
    ("'=1+1.wav", 'rock/01.wav')
    """
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _line_of(songs: Songs, place: int) -> list[object]:
    found, song = songs.used[place].found, songs.used[place].song
    number = place + 1 - (len(songs.training) if found.is_test else 0)
    notes = "; ".join([*song.notes, *_repeats_of(songs, place)])
    size = (len(song.rows), f"{song.seconds:.2f}", song.rate, song.channels)
    return [found.name, "test" if found.is_test else "training", number, found.genre, *size, notes]


def _repeats_of(songs: Songs, place: int) -> list[str]:
    pairs = [same for same in songs.repeats if place in (same.first, same.second)]
    others = [songs.used[same.second if same.first == place else same.first].found for same in pairs]
    return [f"same recording as {other.name}" for other in others]


def repeats_in_words(songs: Songs) -> list[str]:
    """Return sentences about recordings that occur more than once, the most worrying first."""
    kinds: Mapping[str, list[str]] = {"across": [], "genres": [], "alike": []}
    for same in songs.repeats:
        first, second = songs.used[same.first].found, songs.used[same.second].found
        kind = "across" if first.is_test != second.is_test else "alike" if first.genre == second.genre else "genres"
        kinds[kind].append(f"{first.name} = {second.name}")
    said = {
        "across": "in the training songs and the test songs",
        "genres": "under two genres",
        "alike": "twice, kept in one fold",
    }
    return [_in_words(pairs, said[kind]) for kind, pairs in kinds.items() if pairs]


def _in_words(pairs: Sequence[str], where: str) -> str:
    return f"{len(pairs)} recording{'s stand' if len(pairs) > 1 else ' stands'} {where}: {listed(pairs)}."
