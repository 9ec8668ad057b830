"""`plot --audio`: sound files as pictures."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from competition.errors import DataError
from competition.pictures.sound import sound_of_song, spectrograms_of_genres
from competition.pictures.style import save
from competition.storage.folders import check_free, default_folder, new_run
from competition.storage.names import safe_name, unlike
from genre_kit.jobs.audio.decoding import SUFFIXES, Beginning, read_beginning
from genre_kit.jobs.inputs import PathLike
from genre_kit.results.sound import DrawnSong, DrawnSound

MOST_SONGS = 24
"""More songs than this are not readable on one page."""
GENRES = "genres-mel"
_SECONDS = 30.0


def plot_audio(audio: Sequence[PathLike], *, out: PathLike | None = None, force: bool = False) -> DrawnSound:
    """Draw what features are computed from, song by song, and genres side by side.

    Parameters
    ----------
    audio : sequence of path
        Sound files; and folders, of each of which the first song by name is drawn, and the first song of each folder
        in it. Songs from folders of several names, which are taken for genres, are drawn side by side too, the first
        of each.
    out, force
        As for `submit`.

    Returns
    -------
    DrawnSound

    Raises
    ------
    DataError
        When a file or folder is missing, or holds no sound that can be read.
    KitError
        When a package for reading sound is not installed.
    RunError
        When the pictures cannot be written.
    """
    folder = default_folder("audio", "plots") if out is None else Path(out)
    check_free(folder, force=force)
    paths, left_out = _chosen(audio)
    beginnings = [read_beginning(path, _SECONDS) for path in paths]
    songs = [_described(path, beginning) for path, beginning in zip(paths, beginnings, strict=True)]
    names = [f"{name}.png" for name in _names(songs)]
    with new_run(folder, force=force) as place:
        for name, song, beginning in zip(names, songs, beginnings, strict=True):
            save(sound_of_song(beginning.excerpt, song.path.name, song.length), place / name)
        names += _draw_genres(place, songs, beginnings)
    return DrawnSound(tuple(songs), tuple(folder / name for name in names), tuple(left_out))


def _chosen(audio: Sequence[PathLike]) -> tuple[list[Path], list[str]]:
    """Return the songs to draw, each once, and a sentence for those of folders that are too many."""
    chosen: dict[Path, Path] = {}
    left_out = []
    for given in map(Path, audio):
        found = list(_first_songs(given)) if given.is_dir() else [given]
        if not given.exists():
            raise DataError(f"{given}: there is no such file or folder; expected a sound file, or a folder of some.")
        if not found:
            raise DataError(
                f"{given}: neither the folder nor any folder in it holds a sound file; expected {', '.join(SUFFIXES)}."
            )
        if len(found) > MOST_SONGS:
            left_out.append(
                f"{len(found) - MOST_SONGS} of the {len(found)} folders with songs in {given} are not drawn"
            )
        chosen |= {path.resolve(): path for path in found[:MOST_SONGS]}
    if len(chosen) > MOST_SONGS:
        raise DataError(f"{len(chosen)} songs chosen with `audio`; one page shows at most {MOST_SONGS}.")
    return list(chosen.values()), left_out


def _first_songs(folder: Path) -> Iterator[Path]:
    """Yield the first song of a folder and of each folder in it, where there is one."""
    for place in [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]:
        songs = [path for path in place.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
        yield from sorted(path for path in songs if not path.name.startswith("."))[:1]


def _described(path: Path, beginning: Beginning) -> DrawnSong:
    return DrawnSong(path, beginning.rate, beginning.channels, beginning.seconds, beginning.excerpt.seconds)


def _names(songs: Sequence[DrawnSong]) -> list[str]:
    """Return a name for each song's picture: the song's own; the genre's before it where songs are called alike."""
    own = [safe_name(song.path.stem) for song in songs]
    alike = Counter(name.casefold() for name in own)
    names: list[str] = []
    for song, name in zip(songs, own, strict=True):
        is_unlike = alike[name.casefold()] == 1
        names.append(unlike(name if is_unlike else safe_name(f"{song.genre}-{song.path.stem}"), [*names, GENRES]))
    return names


def _draw_genres(place: Path, songs: Sequence[DrawnSong], beginnings: Sequence[Beginning]) -> list[str]:
    """Draw the first song of each genre into a folder, where there are several, and return the picture's name."""
    first = {song.genre: (song, beginning) for song, beginning in reversed(list(zip(songs, beginnings, strict=True)))}
    if len(first) < 2:
        return []
    excerpts = [beginning.excerpt for _, (_, beginning) in sorted(first.items())]
    titles = [f"{genre}: {song.path.name}" for genre, (song, _) in sorted(first.items())]
    save(spectrograms_of_genres(excerpts, titles), place / f"{GENRES}.png")
    return [f"{GENRES}.png"]
