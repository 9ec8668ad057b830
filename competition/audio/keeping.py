"""Songs that have been listened to, kept by what is in their files, so that nothing is done twice."""

import hashlib
import io
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from competition.audio.listening import Settings, Song
from competition.storage.arrays import DAMAGED, read_array
from competition.storage.files import write_whole, writing

_ARRAYS = ("rows", "words", "frames")
FORMAT = 1
"""Grows when features, fingerprints or notes are computed otherwise, so that nothing old is taken for new."""


def content_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Kept:
    """A folder of finished songs.

    Attributes
    ----------
    folder : Path
        Made when the first song is kept.
    settings : Settings
    """

    folder: Path
    settings: Settings

    def place(self, content: str) -> Path:
        """Return where the song with some content is, or would be; its frames are beside it, ending in ``.npy``."""
        said = json.dumps([FORMAT, content, asdict(self.settings)])
        return self.folder / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.npz"

    def frames(self, content: str) -> np.ndarray:
        """Return the frames of a song that is kept; float16, shape (rows, steps, bands), mapped."""
        frames: np.ndarray = read_array(self.place(content).with_suffix(".npy"), mapped=True)
        return frames

    def find(self, content: str) -> Song | None:
        """Return the song with some content, without its frames; None where it is not there, or cut short."""
        try:
            with read_array(self.place(content)) as arrays:
                facts = json.loads(str(arrays["facts"]))
                if self.settings.frames is not None:
                    self.frames(content)  # or it is not whole
                return Song(arrays["rows"], arrays["words"], None, **facts | {"notes": tuple(facts["notes"])})
        except (*DAMAGED, AttributeError, RecursionError):  # the facts in it are another's
            return None

    def keep(self, content: str, song: Song) -> None:
        """Keep a song; raises RunError when it cannot be written."""
        facts = {one.name: getattr(song, one.name) for one in fields(song) if one.name not in _ARRAYS}
        packed = io.BytesIO()
        np.savez(packed, rows=song.rows, words=song.words, facts=np.array(json.dumps(facts)))
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        if song.frames is not None:
            frames = io.BytesIO()
            np.save(frames, song.frames)
            write_whole(self.place(content).with_suffix(".npy"), frames.getvalue())
        write_whole(self.place(content), packed.getvalue())
