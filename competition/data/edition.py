"""An edition: what a competition's files look like, what their columns and labels mean, and what is handed in."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from competition.errors import EditionError


@dataclass(frozen=True)
class Block:
    """Adjacent feature columns of one kind, statistic-major: all bands of one statistic, then the next.

    Attributes
    ----------
    name : str
    first : int
        The block's first column, counted from 0.
    bands : int
    statistics : tuple of str
        In column order.

    Examples
    --------
    >>> block = Block("chroma", first=2, bands=3, statistics=("mean", "max"))
    >>> block.stop
    8
    >>> block.sequence(np.arange(9.0)[None])[0]
    array([[2., 5.],
           [3., 6.],
           [4., 7.]])
    """

    name: str
    first: int
    bands: int
    statistics: tuple[str, ...]

    @property
    def stop(self) -> int:
        """One past the block's last column."""
        return self.first + self.bands * len(self.statistics)

    @property
    def columns(self) -> slice:
        """The block's columns in a feature matrix."""
        return slice(self.first, self.stop)

    def sequence(self, features: np.ndarray) -> np.ndarray:
        """View the block's columns as a sequence over its bands.

        Parameters
        ----------
        features : ndarray, shape (rows, columns)
            All of the edition's columns.

        Returns
        -------
        ndarray, shape (rows, bands, statistics)
            A view of `features`.
        """
        grid = features[:, self.columns].reshape(len(features), len(self.statistics), self.bands)
        return grid.transpose(0, 2, 1)


@dataclass(frozen=True)
class Files:
    """The names of an edition's CSV files inside the data folder.

    Attributes
    ----------
    train : str
    labels : str or None
        None where the labels are a column of the training file.
    test : str or None
        None where there is no test file.
    groups : str or None
        One id per training song, of what must not be split between folds: its artist, or the song it is a part of.
    template : str or None
        A sample submission.
    test_groups : str or None
        One id per row of the test file: rows of one id are parts of one song, and make one line of what is handed in.
    frames, test_frames : str or None
        Bands over time of each row of the training and of the test file, beside its columns; ``.npy``.
    """

    train: str
    labels: str | None = None
    test: str | None = None
    groups: str | None = None
    template: str | None = None
    test_groups: str | None = None
    frames: str | None = None
    test_frames: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all files that the edition has."""
        return tuple(name for name in vars(self).values() if name is not None)


BoardFile = Literal["labels", "probabilities"]
BOARD_METRICS: Mapping[str, BoardFile] = {
    "accuracy": "labels",
    "balanced-accuracy": "labels",
    "macro-f1": "labels",
    "binary-log-loss": "probabilities",
    "log-loss": "probabilities",
}
"""What boards may rank by, and the file that it scores; `competition.scoring.boards` computes it."""
CLASSIC_BOARDS = {"accuracy": "accuracy", "log_loss": "binary-log-loss"}
"""The boards that an edition may name by their slugs alone, and their metrics."""


@dataclass(frozen=True)
class Board:
    """A leaderboard.

    Attributes
    ----------
    metric : str
        Of `BOARD_METRICS`.
    slug : str or None
        Of the Kaggle competition.

    Examples
    --------
    >>> Board("macro-f1").file
    'labels'
    """

    metric: str
    slug: str | None = None

    @property
    def file(self) -> BoardFile:
        """Which of the two files it scores."""
        return BOARD_METRICS[self.metric]


def boards_in_effect(boards: Mapping[str, Board]) -> tuple[Board, Board]:
    """Return the two boards that training goes by: the first of labels, the first of probabilities.

    Where there is none, a classic one: of accuracy, of binary log loss.

    Examples
    --------
    >>> boards_in_effect({"main": Board("log-loss", "songs")})
    (Board(metric='accuracy', slug=None), Board(metric='log-loss', slug='songs'))
    """
    labels = (board for board in boards.values() if board.file == "labels")
    probabilities = (board for board in boards.values() if board.file == "probabilities")
    return next(labels, Board("accuracy")), next(probabilities, Board("binary-log-loss"))


Missing = Literal["refuse", "median"]


@dataclass(frozen=True)
class Roles:
    """What the columns are, in files that have more than features. Columns without names are named "1", "2", ...

    Attributes
    ----------
    features : tuple of str
        In the order of the edition's blocks, `gaps` left out.
    id, label : str or None
        None where there is no such column.
    first_label : int or None
        The number of the first genre; None where labels are genres' names.
    leave_out : tuple of str
        Columns that are known and not used.
    group : str or None
        Songs that are alike in this column stay in one fold.
    group_pattern : str or None
        A regular expression, whose first group is the part of `group` that counts.
    missing : str
        What becomes of a missing cell: ``"refuse"`` it, or the ``"median"`` of the songs that a model is trained on.
    gaps : tuple of str
        Features with so many missing cells that each has a further column, 1 where its cell is missing and 0 elsewhere:
        the edition's last block.
    header : bool or None
        Whether files have one; None where that is seen in each file.
    separator, decimal : str or None
        None where they are seen in each file.
    """

    features: tuple[str, ...]
    id: str | None = None
    label: str | None = None
    first_label: int | None = None
    leave_out: tuple[str, ...] = ()
    group: str | None = None
    group_pattern: str | None = None
    missing: Missing = "refuse"
    gaps: tuple[str, ...] = ()
    header: bool | None = None
    separator: str | None = None
    decimal: str | None = None


@dataclass(frozen=True)
class SubmissionForm:
    """How the two submission files are written.

    Attributes
    ----------
    id, label : str
        Names of columns.
    first_label : int or None
        The number written for the first genre; None where genres' names are written.
    classes : tuple of (str, str), or None
        The name of each column of probabilities and its genre, in the order of the columns; None for ``Class_1``, ...,
        or for genres' names where labels are names.
    order : str
        Whether lines stand in the order of the ``"test"`` file's songs or of the ``"template"``.
    rows : str
        Whether a line is a row of the test file, or a song: the mean of the rows of one group.
    """

    id: str = "Sample_id"
    label: str = "Sample_label"
    first_label: int | None = 1
    classes: tuple[tuple[str, str], ...] | None = None
    order: Literal["test", "template"] = "test"
    rows: Literal["rows", "songs"] = "rows"


@dataclass(frozen=True)
class Edition:
    """One competition: its genres, its files and the meaning of its columns.

    Attributes
    ----------
    name, title : str
    genres : tuple of str
        Those that are told apart, in the order of their labels.
    fallback : str
        The genre given to a row that the model is unsure about; may be one that is left out.
    files : Files
    blocks : tuple of Block
        In column order, without gaps or overlaps.
    boards : mapping of str to Board
        By their names; may be empty, which stands for the two classic ones, of accuracy and of binary log loss.
    roles : Roles or None
        None where files hold features alone, without a header, and labels are numbers from 1 in a file of their own.
    submission : SubmissionForm
    all_genres : tuple of str
        All genres of the competition, label 1 first, where `genres` are some of them; empty where none is left out.
    """

    name: str
    title: str
    genres: tuple[str, ...]
    fallback: str
    files: Files
    blocks: tuple[Block, ...]
    boards: Mapping[str, Board] = field(default_factory=dict)
    roles: Roles | None = None
    submission: SubmissionForm = SubmissionForm()
    all_genres: tuple[str, ...] = ()

    @property
    def whole(self) -> "Edition":
        """The same competition with all its genres: what its files hold, and what is handed in."""
        return replace(self, genres=self.all_genres, all_genres=()) if self.all_genres else self

    @property
    def left_out(self) -> tuple[str, ...]:
        """The competition's genres that are not told apart."""
        return tuple(genre for genre in self.all_genres if genre not in self.genres)

    @property
    def labels(self) -> tuple[int, ...]:
        """Each genre's label: its number from 1 among all genres of the competition."""
        return tuple(label for label, genre in enumerate(self.whole.genres, 1) if genre in self.genres)

    @property
    def places(self) -> np.ndarray:
        """Each genre's 0-based number among all genres of the competition; int64, shape (genres,)."""
        return np.array(self.labels) - 1

    def only(self, genres: Collection[str]) -> "Edition":
        """Return the same competition, of whose genres only some are told apart, in the order of their labels.

        Parameters
        ----------
        genres : collection of str
            Names; all that are not among the competition's have no effect.
        """
        whole = self.whole
        chosen = tuple(genre for genre in whole.genres if genre in genres)
        return whole if chosen == whole.genres else replace(whole, genres=chosen, all_genres=whole.genres)

    @property
    def columns(self) -> int:
        """The number of feature columns."""
        return self.blocks[-1].stop

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the feature columns; empty where they have none."""
        named = self.roles is not None and self.roles.header is not False
        return self.column_titles if named else ()

    @property
    def column_titles(self) -> tuple[str, ...]:
        """What people are told each feature column is called: its name, else its number in the file, from 1."""
        if self.roles is None:
            return tuple(map(str, range(1, self.columns + 1)))
        return tuple(name for block in self.blocks for name in self._names_in(block))

    def _names_in(self, block: "Block") -> tuple[str, ...]:
        assert self.roles is not None  # see `column_titles`
        features = self.roles.features
        return features[block.columns] if block.stop <= len(features) else block.statistics

    @property
    def fallback_target(self) -> int | None:
        """The fallback genre's 0-based number; None where it is left out."""
        return self.genres.index(self.fallback) if self.fallback in self.genres else None

    @property
    def default_rule(self) -> str:
        """The rule that is used where none is asked for.

        A fallback genre is for the field's classic boards; where every genre counts the same, what pays is looked for.
        Where the fallback genre is left out, the rules are those that have none.
        """
        has_fallback = self.fallback_target is not None
        if self.boards_in_effect[0].metric != "accuracy":
            return "auto" if has_fallback else "offsets"
        return "threshold" if has_fallback and self.submission == SubmissionForm() else "argmax"

    @property
    def gathers_test_rows(self) -> bool:
        """Whether several rows of the test file may make one line of what is handed in."""
        return self.submission.rows == "songs" or self.files.test_groups is not None

    @property
    def has_bands(self) -> bool:
        """Whether some block has several bands, which a network can read one after the other."""
        return any(block.bands > 1 for block in self.blocks)

    @property
    def allows_gaps(self) -> bool:
        """Whether cells may be missing, which models then fill with medians."""
        return self.roles is not None and self.roles.missing == "median"

    @property
    def boards_in_effect(self) -> tuple[Board, Board]:
        """The two boards that training goes by, of labels and of probabilities: as `boards_in_effect`."""
        return boards_in_effect(self.boards)

    @property
    def has_classic_boards(self) -> bool:
        """Whether all boards are of accuracy and of binary log loss."""
        return {board.metric for board in self.boards.values()} <= set(CLASSIC_BOARDS.values())

    def block_of(self, column: int) -> Block:
        """Return the block that holds a 0-based column."""
        return next(block for block in self.blocks if column < block.stop)

    def target_of(self, genre: str) -> int:
        """Return the 0-based number of a genre given by its name or by its label (``"1"`` is the competition's first).

        Raises
        ------
        EditionError
            When the edition has no such genre, or it is left out.
        """
        names = self.whole.genres
        if genre not in names and genre.isdecimal() and 1 <= int(genre) <= len(names):
            genre = names[int(genre) - 1]
        if genre in self.genres:
            return self.genres.index(genre)
        if genre in names:
            raise EditionError(f"{genre} is left out; expected one of the other genres, {', '.join(self.genres)}.")
        raise EditionError(
            f'"{genre}" is not a genre of {self.name}; expected a label from 1 to {len(names)} '
            f"or one of {', '.join(names)}."
        )
