"""What explaining a finished run found: what it listens to, and where it loses points."""

from dataclasses import dataclass
from pathlib import Path

Pair = tuple[float | None, float | None]
"""A value and its standard error; None where there are too few songs to say."""


@dataclass(frozen=True)
class ImportanceRow:
    """What held-out songs lose by the shuffling of some columns; errors are standard errors.

    Attributes
    ----------
    kind : str
        ``"block"``, ``"band"``, ``"statistic"``, ``"cluster"`` or ``"column"``.
    block, name, title : str
        The block's name, the part's inside it, and the part's among all.
    columns : tuple of str
        What they are called.
    place : tuple of int
        Of bands and statistics, their number from 0; of a column, those of its band and its statistic.
    loss, score : Pair
        The rise of the loss and the fall of the score.
    loss_songs, loss_repeats, score_songs, score_repeats : float or None
        The parts of the errors that songs and repeats make.
    by_genre : tuple of Pair
        The rise of the loss over each genre's songs, in the order of the genres.
    """

    kind: str
    block: str
    name: str
    title: str
    columns: tuple[str, ...]
    place: tuple[int, ...]
    loss: Pair
    loss_songs: float | None
    loss_repeats: float | None
    score: Pair
    score_songs: float | None
    score_repeats: float | None
    by_genre: tuple[Pair, ...]


@dataclass(frozen=True)
class GenreRow:
    """What a genre lives on, and what its songs lose, of the loss, where that is shuffled."""

    genre: str
    lives_on: str
    loss: Pair


@dataclass(frozen=True)
class PairRow:
    """What telling two genres apart costs of all songs' mean, and the part that songs of the first cost."""

    first: str
    second: str
    cost: Pair
    of_first: float


@dataclass(frozen=True)
class NeighbourRow:
    """A near training song: its name, and the root of the mean squared difference of standardized columns."""

    song: str
    distance: float


@dataclass(frozen=True)
class HardSongRow:
    """A song whose genre was given little, and its nearest songs of that genre and of the one it was taken for."""

    song: str
    genre: str
    probability: float
    taken_for: str
    taken_for_probability: float
    nearest: NeighbourRow | None
    nearest_taken_for: NeighbourRow | None


@dataclass(frozen=True)
class SuspectRow:
    """A song whose label may be wrong."""

    song: str
    genre: str
    probability: float
    suggested: str
    suggested_probability: float


@dataclass(frozen=True)
class NoiseRow:
    """The estimated share of wrong labels, its 95 % interval, the number of confident mistakes, and the clearest."""

    share: float
    interval: tuple[float, float]
    songs: int
    suspects: tuple[SuspectRow, ...]


@dataclass(frozen=True)
class SizeRow:
    """What the quick model scores that is trained on so many songs."""

    songs: int
    loss: Pair
    score: Pair


@dataclass(frozen=True)
class CurveRow:
    """The quick model's learning curve, and what twice the songs would bring it, with 95 % intervals."""

    model: str
    sizes: tuple[SizeRow, ...]
    loss_gain: float
    loss_interval: tuple[float, float]
    score_gain: float
    score_interval: tuple[float, float]


@dataclass(frozen=True)
class Explanation:
    """The content of ``explain.json``.

    Attributes
    ----------
    run, model, edition : str
        The run's folder, its model's name, and its edition's title.
    training_sha256 : str
    genres : tuple of str
    loss, score : str
        The names, among scores, of what the boards of probabilities and of labels rank by.
    run_loss : float
        Of all the run's held-out songs, as it scored them.
    held_out_loss, held_out_score : float
        Of the songs that columns were shuffled among, before that; the score is that of the most probable genres.
    of_songs, songs, repeats : int
        The run's songs, those that columns were shuffled among, and how often.
    column_songs, column_repeats : int
        The same for single columns; 0 where they were not measured.
    seed : int
    importance : tuple of ImportanceRow
        Blocks, bands, statistics, clusters.
    columns : tuple of ImportanceRow
    lives_on : tuple of GenreRow
        Of genres of which something is clear.
    pairs_by_loss, pairs_by_labels : tuple of PairRow
        The costliest first.
    hardest : tuple of HardSongRow
    label_noise : NoiseRow
    more_songs : CurveRow or None
        None where there are too few songs.
    """

    run: str
    model: str
    edition: str
    training_sha256: str
    genres: tuple[str, ...]
    loss: str
    score: str
    run_loss: float
    held_out_loss: float
    held_out_score: float
    of_songs: int
    songs: int
    repeats: int
    column_songs: int
    column_repeats: int
    seed: int
    importance: tuple[ImportanceRow, ...]
    columns: tuple[ImportanceRow, ...]
    lives_on: tuple[GenreRow, ...]
    pairs_by_loss: tuple[PairRow, ...]
    pairs_by_labels: tuple[PairRow, ...]
    hardest: tuple[HardSongRow, ...]
    label_noise: NoiseRow
    more_songs: CurveRow | None = None


@dataclass(frozen=True)
class Explained:
    """An explanation, and where it was written.

    Attributes
    ----------
    found : Explanation
    folder : Path
    page : Path
    pictures : tuple of Path
    """

    found: Explanation
    folder: Path
    page: Path
    pictures: tuple[Path, ...]
