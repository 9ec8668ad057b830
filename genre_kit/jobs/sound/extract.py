"""`extract`: folders of songs become a competition."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from competition.audio.collection import Found, collect
from competition.audio.features.table import CLASSIC, checked, prepare
from competition.audio.frames import KINDS, SECONDS, FrameSettings
from competition.audio.keeping import Kept
from competition.audio.listening import Settings
from competition.audio.processes import Outcome, listen_to_all
from competition.audio.reading import SHORTEST_SECONDS, library
from competition.audio.tables import SONGS, TEST, TRAINING, Songs, Used, edition_of, songs_of, tables_of, write_frames
from competition.data.edition_file import EDITION_FILE, edition_text
from competition.errors import ArgumentError
from competition.runtime.processors import usable_processors
from competition.storage.files import write_whole
from competition.storage.folders import default_folder, new_files
from competition.storage.places import LEAST_BYTES, check_place
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.results.extraction import Extraction

KEPT = ".songs"
"""The folder, inside that of the competition, of songs that have been listened to."""
MADE = (EDITION_FILE, TRAINING, TEST, SONGS)
"""Files that must not be there, unless they may be replaced."""
_LONGEST_SEGMENT = 600.0
_MOST_OVERLAP = 0.9


def extract(
    audio: PathLike,
    *,
    out: PathLike | None = None,
    test: PathLike | None = None,
    labels: PathLike | None = None,
    train_list: PathLike | None = None,
    test_list: PathLike | None = None,
    features: Sequence[str] = CLASSIC,
    segment_seconds: float | None = None,
    overlap: float = 0.0,
    frames: str | None = None,
    bands: int | None = None,
    fft: int | None = None,
    hop: int | None = None,
    processes: int | None = None,
    force: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Extraction:
    """Describe the songs in folders by columns, and write them down as a competition.

    Parameters
    ----------
    audio : path
        A folder of folders named by genre; or of songs, whose genres are in `labels`, or which are to be labelled.
    out : path or None
        The folder; by default a new one in ``runs/``.
    test : path or None
        A folder of songs to be labelled.
    labels : path or None
        A table of file names and genres; songs that it does not name are to be labelled.
    train_list, test_list : path or None
        Files of one song's name a line: which songs are for training, and which are to be labelled.
    features : sequence of str
        Of `competition.audio.features.table.NAMES`.
    segment_seconds : float or None
        Cut songs into parts of this length, each a row; from 1 to 600. By default a song is one row.
    overlap : float
        The share of a part that the next one has as well, from 0 to 0.9.
    frames : str or None
        ``"mfcc"`` or ``"mel"``: keep the time axis of every segment as well, of 3 seconds unless said otherwise.
    bands : int or None
        Of a frame; by default 13 of mfcc, 128 of mel.
    fft, hop : int or None
        Samples of a frame, and from one to the next, at 22,050 Hz; by default 2048 and 512.
    processes : int or None
        By default one for each processor. What is written does not depend on it.
    force : bool
        Whether files of the same names are replaced.
    progress : callable
        Given how many songs are done, and of how many.

    Returns
    -------
    Extraction

    Raises
    ------
    DataError
        When folders or tables hold nothing of use, or too few songs can be used.
    ArgumentError
        When arguments contradict each other.
    RunError
        When files are there already, or cannot be written.
    KitError
        When a package for reading sound, or a feature's weights, are not there.
    """
    kept_frames = _frame_settings(frames, {"bands": bands, "fft": fft, "hop": hop})
    if kept_frames is not None and segment_seconds is None:
        segment_seconds = SECONDS
    settings = _settings(features, segment_seconds, overlap, kept_frames)
    for name in ("soundfile", "soxr"):
        library(name)
    prepare(settings.features)
    places = {"test": test, "labels": labels, "train_list": train_list, "test_list": test_list}
    collection = collect(Path(audio), **{name: None if one is None else Path(one) for name, one in places.items()})
    folder = default_folder("audio", "extract") if out is None else Path(out)
    check_place(folder, LEAST_BYTES)
    kept = Kept(folder / KEPT, settings)
    found = collection.songs
    count = usable_processors() if processes is None else processes
    with new_files(folder, MADE, force=force) as place:
        outcomes = listen_to_all([one.path for one in found], kept, count, lambda done: progress(done, len(found)))
        songs = _songs(found, outcomes, kept)
        names = _write(place, songs, kept, Path(audio).resolve().name)
    return Extraction(folder, names, songs, settings, collection.notes, _known_before(outcomes))


def _frame_settings(kind: str | None, given: Mapping[str, int | None]) -> FrameSettings | None:
    said = {name: value for name, value in given.items() if value is not None}
    if kind is None:
        if said:
            raise ArgumentError(f"`{next(iter(said))}` has no effect without `frames`; leave it out.")
        return None
    bands = KINDS[kind].bands if kind in KINDS else 1
    return FrameSettings(kind, **{"bands": bands} | said)


def _settings(
    features: Sequence[str], segment_seconds: float | None, overlap: float, frames: FrameSettings | None
) -> Settings:
    if segment_seconds is None and overlap:
        raise ArgumentError("`overlap` has no effect without `segment_seconds`; leave it out.")
    if segment_seconds is not None and not SHORTEST_SECONDS <= segment_seconds <= _LONGEST_SEGMENT:
        raise ArgumentError(
            f"`segment_seconds` is {segment_seconds:g}; expected {SHORTEST_SECONDS:g} to {_LONGEST_SEGMENT:g}."
        )
    if not 0 <= overlap <= _MOST_OVERLAP:
        raise ArgumentError(f"`overlap` is {overlap:g}; expected the share of a segment, from 0 to {_MOST_OVERLAP}.")
    return Settings(checked(features), segment_seconds, overlap, frames)


def _known_before(outcomes: Sequence[Outcome]) -> int:
    """Return how many songs had been listened to in an earlier call; copies of a song are one."""
    first: dict[str, bool] = {}
    for outcome in outcomes:
        first.setdefault(outcome.content, outcome.is_new)
    return sum(not is_new for is_new in first.values())


def _songs(found: Sequence[Found], outcomes: Sequence[Outcome], kept: Kept) -> Songs:
    used, skipped = [], []
    for one, outcome in zip(found, outcomes, strict=True):
        song = None if outcome.problem else kept.find(outcome.content)
        if song is None:
            skipped.append((one, outcome.problem or "was removed while it was worked on"))
        else:
            used.append(Used(one, song, outcome.content))
    return songs_of(used, skipped)


def _write(place: Path, songs: Songs, kept: Kept, name: str) -> tuple[str, ...]:
    """Write the competition's files into a folder, and return their names; `name` is that of the folder of songs."""
    files = dict(tables_of(songs, kept.settings))
    if songs.training:
        files[EDITION_FILE] = edition_text(edition_of(songs, kept.settings, name)).encode()
    for file, content in files.items():
        write_whole(place / file, content)
    return (*files, *write_frames(place, songs, kept))
