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


@dataclass(frozen=True)
class ColumnDifference:
    """A column, counted from 0, that differs in the test file: by how much, its p-value, and its name if it has one."""

    column: int
    distance: float
    chance: float
    name: str | None = None


@dataclass(frozen=True)
class TestFile:
    """How the test file differs from the training file.

    Attributes
    ----------
    kinds : tuple of str
        Those of `competition.shift.diagnosis.KINDS` that are clear.
    novelty_chance, shares_chance, duplicates_chance : float
        P-values.
    farther : float
        How often a test song lies farther from the training songs than a held-out song does.
    copies, held_out_copies : float
        The shares of songs that are copies of training songs.
    columns : tuple of ColumnDifference
        The differing ones, worst first.
    clusters : int or None
        How many clusters of songs the folds keep together; None where the folds are not made like the test file.
    largest_cluster : int or None
    flattening : float
        The factor on the test songs' log probabilities.
    suggests_correct_shares : bool
    """

    kinds: tuple[str, ...]
    novelty_chance: float
    farther: float
    shares_chance: float
    duplicates_chance: float
    copies: float
    held_out_copies: float
    columns: tuple[ColumnDifference, ...] = ()
    clusters: int | None = None
    largest_cluster: int | None = None
    flattening: float = 1.0
    suggests_correct_shares: bool = False
