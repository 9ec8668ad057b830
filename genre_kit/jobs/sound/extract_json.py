"""`extract`, of a JSON of frames: it becomes a competition."""

from pathlib import Path

import numpy as np

from competition.audio.json_frames import JsonFrames, read_json_frames
from competition.audio.tables import FRAMES, GROUPS, LABELS, TEST, TRAINING, edition_name, numbers_text
from competition.data.edition import Edition, Files
from competition.data.edition_file import EDITION_FILE, edition_text
from competition.errors import ArgumentError
from competition.storage.files import write_whole, writing
from competition.storage.folders import check_absent, default_folder, new_files
from competition.storage.places import LEAST_BYTES, check_place
from genre_kit.jobs.sound.extract import MADE
from genre_kit.jobs.steps.inputs import PathLike
from genre_kit.results.extraction import Brought


def extract_json(
    path: PathLike, *, out: PathLike | None = None, segments_per_song: int | None = None, force: bool = False
) -> Brought:
    """Make a competition of a JSON with ``mapping``, ``labels`` and ``mfcc``, as the field's programs write them.

    Parameters
    ----------
    path : path
    out : path or None
        The folder; by default a new one in ``runs/``.
    segments_per_song : int or None
        How many rows in turn are parts of one song, 1 where rows are whole songs: the file does not say, and folds must
        not divide a song.
    force : bool
        Whether files of the same names are replaced.

    Raises
    ------
    DataError
        When the file is not as expected.
    ArgumentError
        When `segments_per_song` is missing or below 1.
    RunError
        When files are there already, or cannot be written.
    """
    if segments_per_song is None or segments_per_song < 1:
        raise ArgumentError(
            f"{path}: does not say which rows are parts of one song, and a score with a song on both sides of a fold "
            "is worthless; say how many rows in turn are one with `segments_per_song`, such as 10."
        )
    folder = default_folder("frames", "extract") if out is None else Path(out)
    check_absent(folder, MADE, force=force)
    check_place(folder, LEAST_BYTES)
    found = read_json_frames(Path(path))
    songs = found.songs(segments_per_song)
    edition = _edition(found, Path(path).stem)
    files = {
        TRAINING: numbers_text(found.columns.astype(np.float32)),
        LABELS: "".join(f"{target + 1}\n" for target in found.targets).encode(),
        GROUPS: "".join(f"{song + 1}\n" for song in songs).encode(),
        EDITION_FILE: edition_text(edition).encode(),
    }
    with new_files(folder, MADE, force=force) as place:
        for name, content in files.items():
            write_whole(place / name, content)
        with writing(folder / FRAMES):
            np.save(place / FRAMES, found.frames.astype(np.float16))
    counts = np.bincount(found.targets, minlength=len(found.genres))
    steps, bands = found.frames.shape[1:]
    return Brought(folder, (*files, FRAMES), edition, counts, int(songs[-1]) + 1, (steps, bands))


def _edition(found: JsonFrames, name: str) -> Edition:
    counts = np.bincount(found.targets, minlength=len(found.genres))
    return Edition(
        name=edition_name(name),
        title=f"{name}: frames of MFCC, and their moments",
        genres=found.genres,
        fallback=found.genres[int(np.argmax(counts))],
        files=Files(TRAINING, LABELS, TEST, GROUPS, frames=FRAMES),
        blocks=(found.block,),
    )
