"""Songs that have been drawn from their sound."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DrawnSong:
    """A sound file that has been drawn.

    Attributes
    ----------
    path : Path
    genre : str
        What the folder is called that it lies in, or that lies in the folder which was given.
    seconds, drawn_seconds : float
        How long it is, and how much of it is drawn, from its beginning.
    notes : tuple of str
        What was done to the sound, and what is odd about it.
    """

    path: Path
    genre: str
    seconds: float
    drawn_seconds: float
    notes: tuple[str, ...] = ()

    @property
    def length(self) -> str:
        """How long it is, and how much of that is drawn, in words.

        Examples
        --------
        >>> DrawnSong(Path("a.wav"), "jazz", 12.04, 12.04).length, DrawnSong(Path("a.wav"), "jazz", 205, 30).length
        ('12.0 s', '3 min 25 s, of which the first 30 s')
        """
        minutes, seconds = divmod(round(self.seconds), 60)
        whole = f"{minutes} min {seconds} s" if minutes else f"{self.seconds:.1f} s"
        is_all = self.seconds - self.drawn_seconds < 0.05
        return whole if is_all else f"{whole}, of which the first {self.drawn_seconds:.0f} s"


@dataclass(frozen=True)
class DrawnSound:
    """What `plot` has made of sound files.

    Attributes
    ----------
    songs : tuple of DrawnSong
    pictures : tuple of Path
        One of each song; then, where there are several genres, one of them side by side.
    left_out : tuple of str
        A sentence for what is not drawn.
    """

    songs: tuple[DrawnSong, ...]
    pictures: tuple[Path, ...]
    left_out: tuple[str, ...]
