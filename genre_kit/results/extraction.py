"""What `extract` returns."""

from dataclasses import dataclass
from pathlib import Path

from competition.audio.listening import Settings
from competition.audio.tables import Songs


@dataclass(frozen=True, eq=False)
class Extraction:
    """A competition that was made from sound.

    Attributes
    ----------
    folder : Path
    files : tuple of str
        What was written into it.
    songs : Songs
    settings : Settings
    notes : tuple of str
        What was left out, in sentences.
    kept : int
        How many songs had been listened to before.
    """

    folder: Path
    files: tuple[str, ...]
    songs: Songs
    settings: Settings
    notes: tuple[str, ...]
    kept: int
