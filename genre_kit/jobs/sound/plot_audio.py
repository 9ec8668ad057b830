"""`plot --audio`: sound files as pictures."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from competition.audio.collection import collect
from competition.audio.reading import RATE, SHORTEST_SECONDS, SUFFIXES, Recording, pieces
from competition.audio.signal.excerpt import Excerpt
from competition.errors import DataError
from competition.pictures.sound import sound_of_song, spectrograms_of_genres
from competition.pictures.style import save
from competition.scoring.many_genres import MOST_SHOWN
from competition.storage.folders import check_free, default_folder, new_run
from competition.storage.names import safe_name, unlike
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.results.sound import DrawnSong, DrawnSound

GENRES = "genres-mel"
"""What the picture of genres side by side is called."""
_LONGEST = 30 * RATE

Heard = tuple[DrawnSong, Excerpt]


def plot_audio(
    audio: Sequence[PathLike],
    *,
    out: PathLike | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DrawnSound:
    """Draw what features are computed from, song by song, and genres side by side.

    Parameters
    ----------
    audio : sequence of path
        Sound files, whose genres are the names of their folders; and folders of folders named by genre, of which the
        first song of each genre is drawn; a folder without such folders is a genre itself.
    out, force
        As for `submit`.
    progress : callable
        Given how many songs are done, and of how many.

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
    chosen, left_out = _chosen([Path(given) for given in audio])
    heard = [_heard(path, genre) for path, genre in chosen.items()]
    songs = [song for song, _ in heard]
    names = [f"{name}.png" for name in _names(songs)]
    with new_run(folder, force=force) as place:
        for done, (name, (song, excerpt)) in enumerate(zip(names, heard, strict=True), 1):
            save(sound_of_song(excerpt, song.path.name, song.length), place / name)
            progress(done, len(heard))
        names += _draw_genres(place, heard)
    return DrawnSound(tuple(songs), tuple(folder / name for name in names), tuple(left_out))


def _chosen(audio: Sequence[Path]) -> tuple[dict[Path, str], list[str]]:
    """Return the genre of each song that is drawn, and a sentence for what is not."""
    chosen: dict[Path, tuple[Path, str]] = {}
    left_out = []
    for given in audio:
        songs = _first_of_each_genre(given) if given.is_dir() else {_folder_of(given): given}
        if not given.exists():
            raise DataError(f"{given}: there is no such file or folder; expected a sound file, or a folder of some.")
        if len(songs) > MOST_SHOWN:
            left_out.append(f"{len(songs) - MOST_SHOWN} of the {len(songs)} genres in {given} are not drawn")
        for genre, path in list(songs.items())[:MOST_SHOWN]:
            chosen.setdefault(path.resolve(), (path, genre))
    if len(chosen) > MOST_SHOWN:
        raise DataError(f"{len(chosen)} songs chosen with `audio`; one page shows at most {MOST_SHOWN}.")
    return dict(chosen.values()), left_out


def _first_of_each_genre(folder: Path) -> dict[str, Path]:
    """Return the first song of each genre, by the folders below one; songs in it are of the genre that it is named by.

    Sound that cannot be read is passed over where other songs can.
    """
    songs = collect(folder).songs
    readable = [song for song in songs if song.path.suffix.lower() in SUFFIXES] or songs
    first = {song.genre or folder.resolve().name: song.path for song in reversed(readable)}
    return dict(sorted(first.items()))


def _folder_of(path: Path) -> str:
    return path.absolute().parent.name


def _heard(path: Path, genre: str) -> Heard:
    """Read the beginning of a song."""
    try:
        with Recording(path) as recording:
            samples = next(pieces(recording.blocks(), _LONGEST, _LONGEST, None))
        if len(samples) < SHORTEST_SECONDS * RATE:
            raise DataError(f"{len(samples) / RATE:.2f} s of sound")
    except DataError as problem:
        kinds = ", ".join(SUFFIXES[:4])
        raise DataError(
            f"{path}: {problem}; expected a sound file of at least {SHORTEST_SECONDS:g} s ({kinds} ...)."
        ) from None
    listened, seconds = recording.listened, recording.listened.seconds
    if len(samples) == _LONGEST:  # the rest has not been looked at
        seconds = max(listened.expected / listened.rate, seconds)
        listened = replace(listened, expected=listened.samples)
    excerpt = Excerpt(np.ascontiguousarray(samples), RATE)
    return DrawnSong(path, genre, seconds, excerpt.seconds, listened.notes), excerpt


def _names(songs: Sequence[DrawnSong]) -> list[str]:
    """Return a name for each song's picture: the song's own; the genre's before it where songs are called alike."""
    own = [safe_name(song.path.stem) for song in songs]
    alike = Counter(name.casefold() for name in own)
    names: list[str] = []
    for song, name in zip(songs, own, strict=True):
        is_unlike = alike[name.casefold()] == 1
        names.append(unlike(name if is_unlike else safe_name(f"{song.genre}-{song.path.stem}"), [*names, GENRES]))
    return names


def _draw_genres(place: Path, heard: Sequence[Heard]) -> list[str]:
    """Draw the first song of each genre into a folder, where there are several, and return the picture's name."""
    first = {song.genre: (song, excerpt) for song, excerpt in reversed(heard)}
    if len(first) < 2:
        return []
    titles = [f"{genre}: {song.path.name}" for genre, (song, _) in sorted(first.items())]
    excerpts = [excerpt for _, (_, excerpt) in sorted(first.items())]
    save(spectrograms_of_genres(excerpts, titles), place / f"{GENRES}.png")
    return [f"{GENRES}.png"]
