"""What a run is of, and what it was asked for."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Origin:
    """Where the files of a run's songs are, and what they held.

    Attributes
    ----------
    path : str or None
        A folder or an archive, absolute; None for the embedded sample and for data frames.
    training_sha256, test_sha256 : str or None
        Of all training songs, of whatever genre, and of all test songs in the files, in hexadecimal; None where they
        were not read.
    """

    path: str | None
    training_sha256: str | None = None
    test_sha256: str | None = None


@dataclass(frozen=True)
class Asked:
    """What a training was asked for beside its songs, genres, models and seed: with these, all that repeats it.

    Attributes
    ----------
    folds : int or str
        As `genre_kit.submit` takes it; a file's path is absolute.
    groups : str or None
        The absolute path of a file.
    rule, threshold, fallback
        As `genre_kit.submit` takes them.
    correct_shares : bool
    test_share : float or None
    """

    folds: int | str
    groups: str | None = None
    rule: str | None = None
    threshold: float | None = None
    fallback: str | None = None
    correct_shares: bool = False
    test_share: float | None = None


@dataclass(frozen=True)
class DataFacts:
    """The songs that a run is of.

    Attributes
    ----------
    source : str
        Where they came from, for people.
    sha256 : str
        Of all songs, in hexadecimal.
    training_sha256 : str
        Of the training songs alone: two runs with the same one can be compared.
    training_rows, test_rows : int
        0 test rows where there was no test file.
    groups : int or None
        How many groups of songs stay in one fold; None where every song is its own.
    notes : tuple of str
        What is odd about them.
    copies : tuple of (int, int), or None
        The rows, from 1, of each test song that is equal to a training song, and of the first such training song; None
        where there is none.
    songs_left_out : int or None
        Training songs of genres that are left out; None where none is.
    """

    source: str
    sha256: str
    training_sha256: str
    training_rows: int
    test_rows: int
    groups: int | None = None
    notes: tuple[str, ...] = ()
    copies: tuple[tuple[int, int], ...] | None = field(default=None, metadata={"left_out": True})
    songs_left_out: int | None = field(default=None, metadata={"left_out": True})
