"""Which songs there are, of which genre, and whether they are for training or to be labelled."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from competition.audio.reading import SUFFIXES, UNREADABLE
from competition.data.formats.wrapping import read_utf8
from competition.errors import DataError, listed

_SOUND = {*SUFFIXES, *UNREADABLE}


@dataclass(frozen=True)
class Found:
    """A sound file.

    Attributes
    ----------
    path : Path
    name : str
        Its place below the folder that was given, with ``/`` between folders.
    genre : str or None
    is_test : bool
        Whether it is to be labelled.
    """

    path: Path
    name: str
    genre: str | None
    is_test: bool


@dataclass(frozen=True)
class Collection:
    """The songs of a competition.

    Attributes
    ----------
    songs : tuple of Found
        Training songs first, both in the order of their names.
    notes : tuple of str
        What was left out, in sentences.
    """

    songs: tuple[Found, ...]
    notes: tuple[str, ...] = ()


def collect(
    folder: Path,
    *,
    test: Path | None = None,
    labels: Path | None = None,
    train_list: Path | None = None,
    test_list: Path | None = None,
) -> Collection:
    """Find the songs of a competition.

    Parameters
    ----------
    folder : Path
        Of folders named by genre; or of songs, which `labels` names the genres of, or which are to be labelled.
    test : Path or None
        A folder of songs to be labelled.
    labels : Path or None
        A table of file names and genres.
    train_list, test_list : Path or None
        Files of one song's name a line, which choose training songs and songs to be labelled among those of `folder`.

    Raises
    ------
    DataError
        When a folder or file is missing, holds nothing of use, or songs cannot be told apart.
    """
    if test is not None and test_list is not None:
        raise DataError(f"{test_list}: a list and a folder of test songs at once; expected one of them.")
    notes: list[str] = []
    songs = _songs_in(folder, notes)
    if labels is not None:
        songs = _labelled(songs, labels, notes)
    if train_list is not None or test_list is not None:
        songs = _chosen(songs, train_list, test_list, notes)
    else:
        songs = [replace(song, is_test=song.genre is None) for song in songs]
        if test is not None:
            songs = _beside_test(songs, folder, notes)
            songs += [replace(song, is_test=True) for song in _songs_in(test, notes)]
        elif labels is not None:
            notes += _say_unlabelled(songs, labels)
    _check_genres(songs)
    return Collection(tuple(sorted(songs, key=lambda song: (song.is_test, song.name))), tuple(notes))


def _check_genres(songs: Sequence[Found]) -> None:
    unknown = [song.path for song in songs if song.genre is None and not song.is_test]
    if unknown:
        raise DataError(
            f"{unknown[0]}: has no genre, nor have {len(unknown) - 1} other training songs; expected folders named by "
            "genre, or a table of file names and genres with `labels`."
        )


def _say_unlabelled(songs: Sequence[Found], labels: Path) -> list[str]:
    unlabelled = [song.name for song in songs if song.is_test]
    return [f"{labels} names no genre of {len(unlabelled)} songs: they are the test songs."] if unlabelled else []


def _beside_test(songs: list[Found], folder: Path, notes: list[str]) -> list[Found]:
    """Return the training songs, where test songs are elsewhere."""
    unknown = [song.name for song in songs if song.genre is None]
    if len(unknown) == len(songs):
        raise DataError(
            f"{folder}: its songs have no genres; expected folders named by genre, or a table of file names and genres "
            "with `labels`."
        )
    if unknown:
        notes.append(f"{folder}: {len(unknown)} songs of no genre are left out: {listed(unknown)}.")
    return [song for song in songs if song.genre is not None]


def _songs_in(folder: Path, notes: list[str]) -> list[Found]:
    """Return the sound files in and below a folder, each of the genre that the folder below it is named by."""
    if not folder.is_dir():
        raise DataError(
            f"{folder}: there is no such folder; expected one of sound files, or of folders named by genre."
        )
    files = sorted(_files_below(folder), key=lambda path: path.relative_to(folder).as_posix())
    songs = [_found(path, folder) for path in files if path.suffix.lower() in _SOUND]
    others = [path.relative_to(folder).as_posix() for path in files if path.suffix.lower() not in _SOUND]
    if not songs:
        seen = f"it holds {listed(others)}" if others else "it is empty"
        raise DataError(f"{folder}: there is no sound file in it ({seen}); expected {', '.join(SUFFIXES[:6])} ...")
    if others:
        notes.append(f"{folder}: {len(others)} files are no sound and are left out: {listed(others)}.")
    return songs


def _files_below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _files_below(path)
        elif path.is_file():
            yield path


def _found(path: Path, folder: Path) -> Found:
    name = path.relative_to(folder)
    return Found(path, name.as_posix(), name.parts[0] if len(name.parts) > 1 else None, is_test=False)


def _labelled(songs: list[Found], labels: Path, notes: list[str]) -> list[Found]:
    """Return songs with the genres that a table names."""
    genres = _genres_in(labels)
    places = _places_there(songs, list(genres), labels, "file names in the first column, genres in the second", notes)
    known = {place: genres[name] for name, place in places.items()}
    return [replace(song, genre=known.get(place)) for place, song in enumerate(songs)]


def _genres_in(labels: Path) -> dict[str, str]:
    """Return the genre of each file name in a table; a first line that names no file is its header."""
    lines = _lines(labels)
    delimiter = max(",;\t", key=lines[0].count)
    rows = list(csv.reader(lines, delimiter=delimiter))
    wrong = next((number for number, row in enumerate(rows, 1) if len(row) < 2 or not row[1].strip()), None)
    if wrong is not None:
        raise DataError(
            f"{labels}, line {wrong}: expected a file name and a genre, found {delimiter.join(rows[wrong - 1])!r}."
        )
    genres = {row[0].strip(): row[1].strip() for row in rows}
    if _looks_like_header(rows):
        genres.pop(rows[0][0].strip())
    return genres


def _looks_like_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first line names no file, and a genre that stands nowhere else."""
    name, genre = rows[0][0].strip(), rows[0][1].strip()
    others = {row[1].strip() for row in rows[1:]}
    return bool(others) and genre not in others and PurePosixPath(name).suffix.lower() not in _SOUND


def _chosen(songs: list[Found], train: Path | None, test: Path | None, notes: list[str]) -> list[Found]:
    """Return the songs that lists name."""
    chosen: dict[int, Found] = {}
    for path, is_test in ((train, False), (test, True)):
        if path is None:
            continue
        places = _places_there(songs, _lines(path), path, "one file name a line, as below the folder", notes)
        both = [songs[place].name for place in places.values() if place in chosen]
        if both:
            raise DataError(f"{path}: {listed(both)} stand in the other list, too; expected each song in one of them.")
        chosen |= {place: replace(songs[place], is_test=is_test) for place in places.values()}
    if train is None:  # what the other list does not name is for training
        rest = {place: song for place, song in enumerate(songs) if place not in chosen and song.genre is not None}
        chosen |= rest
    return [song for _, song in sorted(chosen.items())]


def _text_of(path: Path) -> str:
    if not path.is_file():
        raise DataError(f"{path}: there is no such file.")
    return read_utf8(path)[0].decode()


def _lines(path: Path) -> list[str]:
    lines = [line.strip() for line in _text_of(path).splitlines()]
    kept = [line for line in lines if line]
    if not kept:
        raise DataError(f"{path}: is empty; expected one song a line.")
    return kept


def _places_there(
    songs: Sequence[Found], names: Sequence[str], source: Path, expected: str, notes: list[str]
) -> dict[str, int]:
    """Return the place of the song that each name means; names of songs that are not there are noted."""
    places = _places(songs, names, source)
    missing = [name for name in names if name not in places]
    if len(missing) == len(names):
        raise DataError(
            f'{source}: none of its {len(names)} names is that of a song, the first is "{names[0]}", the first song '
            f'"{songs[0].name}"; expected {expected}.'
        )
    if missing:
        notes.append(f"{source}: {len(missing)} of {len(names)} songs are not in the folder: {listed(missing)}.")
    return places


def _places(songs: Sequence[Found], names: Iterable[str], source: Path) -> dict[str, int]:
    """Return the place of the song that each name means: its whole name or its last part, with its suffix or without.

    Published lists name a collection's files by other suffixes, since it has been converted since.
    """
    keys = [_keys(song.name) for song in songs]
    places: dict[str, int] = {}
    tables = [_first_places(keys, kind, songs) for kind in range(4)]
    for name in names:
        for table, key in zip(tables, _keys(name.replace("\\", "/").removeprefix("./")), strict=True):
            if key not in table:
                continue
            if table[key] is None:
                raise DataError(f'{source}: "{name}" is the name of several songs; expected their folders, too.')
            places[name] = table[key]  # type: ignore[assignment]
            break
    return places


def _keys(name: str) -> tuple[str, str, str, str]:
    """Return what a name may be known by, the most exact first."""
    path = PurePosixPath(name)
    is_sound = path.suffix.lower() in _SOUND
    bare = path.with_suffix("") if is_sound else path
    return str(path), str(bare), path.name, bare.name


def _first_places(keys: Sequence[Sequence[str]], kind: int, songs: Sequence[Found]) -> Mapping[str, int | None]:
    """Return the place of each key of a kind; None where several songs have it."""
    table: dict[str, int | None] = {}
    for place in range(len(songs)):
        key = keys[place][kind]
        table[key] = None if key in table else place
    return table
