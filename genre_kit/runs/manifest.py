"""A run's record: ``manifest.json``, all it takes to repeat the run, and ``scores.json``, what it scored.

Each file is one dataclass here, with its one writer and its one reader. docs/files.md describes both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from competition.errors import RunError
from competition.scoring.boards import CLASSIC, Goals
from competition.scoring.by_group import GroupScores
from competition.scoring.groups import Grouping
from competition.scoring.intervals import Interval
from competition.scoring.scores import BOARDS, Scores, board_intervals
from competition.shift.forecast import Forecast
from competition.storage.folders import MANIFEST, SCORES
from competition.storage.typed import fits
from genre_kit.results.facts import Asked, DataFacts, Origin, TestFile
from genre_kit.runs.records import LEFT_OUT, TRAIN_AGAIN, built, read_table, table_of, write_record

FORMAT = 1
"""Of both files; raised when a reader of today could misread them. Files without one are from before there was one."""

_IN_ENVIRONMENT = dict.fromkeys(("packages", "variables"), Mapping[str, str])
_IN_GENRE = {"genre": str, "songs": int}
"""What readers take from a genre's entry in scores.json."""
_IN_EDITION = {"name": str, "genres": tuple[str, ...], "all_genres": tuple[str, ...] | None}
"""What readers take from an edition's table before it is read as one."""


def manifest_path(place: Path) -> Path:
    """Return the file that a place names: itself, or the ``manifest.json`` in a folder."""
    return place / MANIFEST if place.is_dir() else place


@dataclass(frozen=True)
class BlendedRun:
    """A run in a blend: its folder, and its weight."""

    run: str
    weight: float


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The content of ``manifest.json``: how a run was made. Entries that do not apply to its kind of run are None.

    Attributes
    ----------
    command : tuple of str
    started : str
        ISO 8601, UTC.
    edition : mapping
        The edition's own table; of older runs that trained nothing, only its name is known.
    rule, environment : mapping
        The rule as `submissions.rules` has it; versions of the kit, Python and packages, and the machine.
    seconds : float or None
    data : DataFacts or None
    origin : Origin or None
        Where the files of the songs are; of runs of 0.1.0 that is not known.
    asked : Asked or None
        Of a run that trained and labelled test songs, what repeats it beside the rest; None of older ones, too.
    seed, folds, repeats : int or None
        `repeats`: of how many draws of the folds the run keeps the first.
    ensemble : mapping or None
        What was trained, as `recipe.toml` has it.
    blend : tuple of BlendedRun
    models : str or None
        The run whose models predicted, of a run that trained nothing.
    test_rows : int or None
        Of such a run's test file.
    test_lines : int or None
        Of the submission files, where several test rows share a line.
    corrected_shares : bool or None
        Whether such a run's probabilities are corrected for the genre shares of the test songs.
    usual_rule : mapping or None
        The edition's usual rule, where it is not `rule`: nobody asked for it, and it cost too much out of fold.
    """

    command: tuple[str, ...]
    started: str
    seconds: float | None = None
    edition: Mapping[str, Any]
    models: str | None = None
    test_rows: int | None = None
    test_lines: int | None = None
    data: DataFacts | None = None
    origin: Origin | None = None
    asked: Asked | None = field(default=None, metadata=LEFT_OUT)
    seed: int | None = None
    folds: int | None = None
    ensemble: Mapping[str, Any] | None = None
    blend: tuple[BlendedRun, ...] = ()
    rule: Mapping[str, Any]
    usual_rule: Mapping[str, Any] | None = None
    corrected_shares: bool | None = None
    environment: Mapping[str, Any]
    repeats: int = 1

    @property
    def labels(self) -> tuple[int, ...]:
        """The label of each genre that is told apart; raises KeyError where the edition's genres are not known."""
        return tuple(label for label, genre in enumerate(self._all_genres, 1) if genre in self.edition["genres"])

    @property
    def left_out(self) -> tuple[str, ...]:
        """The genres that are left out."""
        return tuple(genre for genre in self._all_genres if genre not in self.edition["genres"])

    @property
    def _all_genres(self) -> Sequence[str]:
        return self.edition.get("all_genres") or self.edition["genres"]

    def write(self, place: Path) -> None:
        """Write ``manifest.json`` into a folder."""
        write_record(place / MANIFEST, self, FORMAT)

    @classmethod
    def read(cls, place: Path) -> Self:
        """Read ``manifest.json`` from a run's folder, or such a file by its own name.

        Raises
        ------
        RunError
            When it is missing, damaged, lacks something, or a newer version of the kit wrote it.
        """
        path = manifest_path(place)
        table = dict(read_table(path, FORMAT))
        if isinstance(table.get("edition"), str):
            table["edition"] = {"name": table["edition"]}
        manifest = built(cls, table, path)
        if manifest.seed is not None and not 0 <= manifest.seed < 2**32:
            raise RunError(f"{path}: seed is {manifest.seed}; expected one from 0 to {2**32 - 1}: {TRAIN_AGAIN}.")
        _check_entries(manifest.edition, _IN_EDITION, f"{path}: its edition")
        _check_entries(manifest.environment, _IN_ENVIRONMENT, f"{path}: its environment")
        return manifest

    def known_data(self, folder: Path) -> DataFacts:
        """Return the facts about the songs; raises RunError, which names the run's `folder`, where there are none."""
        if self.data is None:
            raise RunError(f"{folder / MANIFEST}: 'data' is missing; {TRAIN_AGAIN}.")
        return self.data


@dataclass(frozen=True)
class Board:
    """The 95 % prediction intervals, low and high, of boards that score `rows` songs.

    `expected_accuracy` and `expected_board_log_loss` are known where the test file is unlike the training file;
    `others` are the intervals of other scores that boards rank by. `grouping` says how the songs are grouped: as the
    ``"test"`` file says; as in the ``"training"`` file, where that is all that is known; or so that ``"lines"`` are
    groups. It is None where every song stands for itself.
    """

    rows: int
    accuracy: tuple[float, float] | None = None
    board_log_loss: tuple[float, float] | None = None
    expected_accuracy: float | None = None
    expected_board_log_loss: float | None = None
    others: Mapping[str, Sequence[float]] | None = field(default=None, metadata=LEFT_OUT)
    grouping: str | None = field(default=None, metadata=LEFT_OUT)

    @classmethod
    def of_forecast(cls, forecast: Forecast, grouping: str | None) -> Self:
        """Return what is kept of a forecast."""
        accuracy, loss = ((one.low, one.high) for one in (forecast.accuracy_interval, forecast.board_log_loss_interval))
        return cls(forecast.rows, accuracy, loss, forecast.accuracy, forecast.board_log_loss, grouping=grouping)

    @property
    def forecast(self) -> Forecast | None:
        """The forecast; None where the test file is like the training file."""
        if self.expected_accuracy is None or self.expected_board_log_loss is None:
            return None
        if self.accuracy is None or self.board_log_loss is None or self.rows < 1:
            return None
        intervals = Interval(*self.accuracy), Interval(*self.board_log_loss)
        return Forecast(self.rows, self.expected_accuracy, self.expected_board_log_loss, *intervals)

    def interval_of(self, score: str) -> Sequence[float] | None:
        """Return a score's interval; None where none is known."""
        known = {"accuracy": self.accuracy, "board_log_loss": self.board_log_loss}
        return known[score] if score in known else (self.others or {}).get(score)


@dataclass(frozen=True)
class PoolRow:
    """A recipe or run in the pool: its weight, and its own board log loss out of fold, or the loss pooled for.

    `accuracy` is that of its most probable genres; where the board of labels ranks by another score, that is `score`.
    """

    recipe: str
    weight: float
    board_log_loss: float | None = field(default=None, metadata=LEFT_OUT)
    loss: float | None = field(default=None, metadata=LEFT_OUT)
    accuracy: float | None = field(default=None, metadata=LEFT_OUT)
    score: float | None = field(default=None, metadata=LEFT_OUT)

    @property
    def alone(self) -> float | None:
        """The loss, whichever it is."""
        return self.loss if self.board_log_loss is None else self.board_log_loss

    @property
    def labels_alone(self) -> float | None:
        """The score of its most probable genres; None in older runs."""
        return self.score if self.accuracy is None else self.accuracy


@dataclass(frozen=True)
class YardstickRow:
    """What simple predictions score, by the names of the two scores that boards rank by.

    `name` is ``"guessing"`` (everyone the genre shares, the commonest genre as label), or a recipe's.
    """

    name: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class CalibrationErrors:
    """The expected calibration error out of fold, before and after calibration."""

    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class RuleGain:
    """What the rule gains out of fold, with its standard error and 95 % interval: in accuracy, or in another score."""

    accuracy: float | None = field(default=None, metadata=LEFT_OUT)
    accuracy_se: float | None = field(default=None, metadata=LEFT_OUT)
    interval: tuple[float, float]
    score: float | None = field(default=None, metadata=LEFT_OUT)
    score_se: float | None = field(default=None, metadata=LEFT_OUT)

    @property
    def value(self) -> float | None:
        """The gain, in whichever score."""
        return self.score if self.accuracy is None else self.accuracy

    @property
    def standard_error(self) -> float | None:
        """The gain's standard error."""
        return self.score_se if self.accuracy is None else self.accuracy_se


@dataclass(frozen=True)
class GenreShares:
    """Genre shares, in label order: the training songs', those expected of and estimated for the test songs.

    `chance` is the p-value of their difference, `corrected` whether the probabilities are corrected for it.
    """

    training: tuple[float, ...]
    expected: tuple[float, ...]
    estimated: tuple[float, ...]
    chance: float
    corrected: bool


@dataclass(frozen=True, kw_only=True)
class ScoresFile:
    """The content of ``scores.json``: a run's scores out of fold, and what its choices gained.

    Attributes
    ----------
    out_of_fold, intervals : mapping
        Scores and their standard errors (``_se``), and their 95 % intervals, by name.
    grouping : Grouping or None
        How the songs are grouped: errors and intervals then count groups; None where every song stands for itself.
    by_group : mapping or None
        What groups score, their songs taken together, as `competition.scoring.by_group.GroupScores` has it.
    board : Board or None
    ranked_by : tuple of str or None
        Which scores the edition's boards rank by, of labels, of probabilities, of further boards; None where these are
        accuracy and board log loss.
    genres : tuple of mapping
        One a genre: songs, shares, precision, recall, row of the confusion matrix.
    model : str
    folds, members : int
        `members`: how many models were trained on all folds, or how many runs blended.
    yardsticks : tuple of YardstickRow or None
        What simple predictions of the same songs score; None in older runs.
    pool : tuple of PoolRow
    pool_is_fitted : bool
    pool_gain, pool_gain_se : float
        In board log loss, or in the other loss of `ranked_by`; as all gains here but the rule's.
    pool_is_biased : bool or None
    biases : tuple of float or None
    bias_gain, bias_gain_se, gain_over_best, gain_over_best_se : float or None
    late_gain, late_gain_se : float or None
        Under a time budget: the gain of the models of the second half of the training.
    expected_calibration_error : CalibrationErrors or None
    rule_gain : RuleGain
    usual_rule_gain : RuleGain or None
        What the edition's usual rule would gain, where it is not the run's: it is below 0.
    test_shares : GenreShares or None
    test_file : TestFile or None
        None where there was no test file, or nobody looked at it.
    kept_out : mapping or None
        What both files score on songs kept out as the test file.
    kept_out_intervals : mapping or None
        The 95 % intervals of these scores.
    kept_out_yardsticks : tuple of YardstickRow or None
        What simple predictions of these songs score.
    kept_out_groups : int or None
        How many groups their errors count; None where they count songs.
    seconds : float
    seconds_by_model : tuple of float or None
    repeats : tuple of mapping or None
        Each draw's own scores, where the folds were drawn several times.
    """

    out_of_fold: Mapping[str, float]
    intervals: Mapping[str, Sequence[float]] | None = None
    grouping: Grouping | None = None
    by_group: Mapping[str, Any] | None = None
    board: Board | None = None
    ranked_by: tuple[str, ...] | None = None
    genres: tuple[Mapping[str, Any], ...]
    model: str
    folds: int
    members: int
    yardsticks: tuple[YardstickRow, ...] | None = None
    pool: tuple[PoolRow, ...]
    pool_is_fitted: bool
    pool_is_biased: bool | None = None
    pool_gain: float
    pool_gain_se: float
    biases: tuple[float, ...] | None = None
    bias_gain: float | None = None
    bias_gain_se: float | None = None
    gain_over_best: float | None = None
    gain_over_best_se: float | None = None
    late_gain: float | None = None
    late_gain_se: float | None = None
    expected_calibration_error: CalibrationErrors | None = None
    rule_gain: RuleGain | None = None
    usual_rule_gain: RuleGain | None = None
    test_shares: GenreShares | None = None
    test_file: TestFile | None = None
    kept_out: Mapping[str, float] | None = None
    kept_out_intervals: Mapping[str, Sequence[float]] | None = None
    kept_out_yardsticks: tuple[YardstickRow, ...] | None = None
    kept_out_groups: int | None = None
    seconds: float
    seconds_by_model: tuple[float, ...] | None = None
    repeats: tuple[Mapping[str, float], ...] | None = None

    @property
    def boards(self) -> tuple[str, ...]:
        """The scores that the edition's boards rank by."""
        return self.ranked_by or BOARDS

    def to_json(self) -> dict[str, Any]:
        """Return what the file holds."""
        return table_of(self)

    def write(self, place: Path) -> None:
        """Write ``scores.json`` into a folder."""
        write_record(place / SCORES, self, FORMAT)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``scores.json`` from a run's folder; raises RunError as `Manifest.read` does."""
        path = folder / SCORES
        scores = built(cls, read_table(path, FORMAT), path)
        for genre in scores.genres:
            if not (_IN_GENRE.keys() <= genre.keys()):
                raise RunError(f"{path}: a genre of it lacks one of {', '.join(_IN_GENRE)}; {TRAIN_AGAIN}.")
            _check_entries(genre, _IN_GENRE, f"{path}: a genre of it")
        known = set(vars(Scores()))
        named = {
            name for one in (*(scores.yardsticks or ()), *(scores.kept_out_yardsticks or ())) for name in one.scores
        }
        if len(scores.boards) < 2 or not {*scores.boards, *named} <= known:
            raise RunError(
                f"{path}: names scores that there are not; expected some of {', '.join(sorted(known))}: {TRAIN_AGAIN}."
            )
        return scores


def board(
    scores: Scores,
    rows: int,
    board_rows: int | None,
    goals: Goals = CLASSIC,
    grouping: Grouping | None = None,
    by_group: GroupScores | None = None,
) -> Board | None:
    """Return the boards' prediction intervals; None where `board_rows` is None or 0.

    Parameters
    ----------
    scores : Scores
    rows : int
        How many songs they are of.
    board_rows : int or None
        How many songs the boards score.
    goals : Goals
        What they rank by.
    grouping : Grouping or None
        How the songs are grouped.
    by_group : GroupScores or None
        What boards are likely to say where they score groups.
    """
    if not board_rows:
        return None
    kind = None if grouping is None else grouping_of_board(grouping)
    if grouping is not None and grouping.lines_are_groups:
        scores, rows, grouping = scores if by_group is None else by_group.mean, grouping.groups, None
    names = tuple(dict.fromkeys((*BOARDS, *goals.scores)))
    intervals = board_intervals(scores, rows, board_rows, names, grouping)
    pairs = {name: (one.low, one.high) for name, one in intervals.items()}
    others = {name: list(pair) for name, pair in pairs.items() if name not in BOARDS}
    return Board(board_rows, pairs.get("accuracy"), pairs.get("board_log_loss"), others=others or None, grouping=kind)


def grouping_of_board(grouping: Grouping) -> str:
    """Return how a board's songs are grouped, as in `Board`."""
    if grouping.lines_are_groups:
        return "lines"
    return "training" if grouping.test_rows_per_group is None else "test"


def _check_entries(table: Mapping[str, Any], kinds: Mapping[str, Any], where: str) -> None:
    for name, kind in kinds.items():
        if name in table and not fits(table[name], kind):
            raise RunError(f"{where}: {name} is {table[name]!r}, which the kit does not write; {TRAIN_AGAIN}.")
