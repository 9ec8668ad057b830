"""A plan, and its result: all that determines a run, and all that it produced, whether by training or not."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Edition
from competition.data.folds import Folds
from competition.data.songs import COUNTED, Entries, SongNames
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensemble_training import Deadline, Trained
from competition.models.ensembles import Ensemble
from competition.models.yardsticks import Yardstick
from competition.scoring.boards import BINARY_LOG_LOSS, BY_SCORE, Goals, ProbabilitiesMetric, goals_of
from competition.scoring.by_group import GroupScores
from competition.scoring.groups import Grouping
from competition.scoring.logarithmic_pool import flattened
from competition.scoring.metrics import Estimate, expected_calibration_error
from competition.scoring.prior_shift import PriorShift
from competition.scoring.scores import GenreScores, Scores, score_genres, score_probabilities
from competition.shift.drift import Oddities
from competition.shift.forecast import Forecast
from competition.storage.places import LEAST_BYTES
from genre_kit.results.facts import Asked, DataFacts, Origin, TestFile
from genre_kit.results.folds import FoldChoice
from submissions.rule_search import RuleSearch, Settled, UsualRule
from submissions.rules import Rule

_DIGITS = 22
"""Bytes of a number in a file, at most."""


@dataclass(frozen=True)
class Plan:
    """All that determines a run's result.

    Attributes
    ----------
    dataset : Dataset
    ensemble : Ensemble
    choice : FoldChoice
    rule : Rule, RuleSearch or UsualRule
    seed : int
    asked : Asked
        What the rest was made of.
    deadline : Deadline or None
    kept_out : ndarray of int64, shape (test rows,), or None
        The genre numbers of test songs that were taken from the training file, for the last word on the result.
    origin : Origin or None
        Where the files of the songs are.
    known_by : Path or None
        The folder of the run or search that knows them, where nobody named them.
    grouping : Grouping or None
        How the songs of both files are grouped; None where every training song stands for itself.
    """

    dataset: Dataset
    ensemble: Ensemble
    choice: FoldChoice
    rule: Rule | RuleSearch | UsualRule
    seed: int
    asked: Asked
    deadline: Deadline | None = None
    kept_out: np.ndarray | None = None
    origin: Origin | None = None
    known_by: Path | None = None
    grouping: Grouping | None = None

    @property
    def data(self) -> Path | None:
        """The folder or archive that the songs were read from; None where they were not."""
        return None if self.origin is None or self.origin.path is None else Path(self.origin.path)

    @property
    def least_bytes(self) -> int:
        """How much of the disk a run may take: that of any, or of its lines, and the songs that its models keep."""
        size, genres = self.dataset.features.shape, len(self.dataset.edition.whole.genres)
        recipes = [one.recipe for one in self.ensemble.models if isinstance(one.recipe, ClassicalRecipe)]
        lines = _DIGITS * (genres + 1) * (self.dataset.rows + self.dataset.test_rows)
        return max(LEAST_BYTES, lines) + self.folds.count * sum(recipe.stored_bytes(*size) for recipe in recipes)

    @property
    def folds(self) -> Folds:
        """Which songs are held out together."""
        return self.choice.folds

    @property
    def goals(self) -> Goals:
        """What boards rank by."""
        return goals_of(self.dataset.edition.boards)


@dataclass(frozen=True)
class Part:
    """One of the predictions in a pool: a recipe's, or a finished run's.

    Attributes
    ----------
    name : str
        The recipe's, or the run's folder.
    weight : float
    alone : Estimate
        Its own loss out of fold.
    labels_alone : Estimate
        What its most probable genres score by the metric of labels.
    """

    name: str
    weight: float
    alone: Estimate
    labels_alone: Estimate


@dataclass(frozen=True)
class PoolResult:
    """How predictions are pooled, and what that gains; all gains are in the same loss.

    Attributes
    ----------
    parts : tuple of Part
    gain : Estimate
        Of weights found on other folds over equal ones; of a single recipe, of a temperature.
    is_fitted : bool
        Whether the weights or the temperature found are used.
    biases : ndarray of float64, shape (genres,), or None
        None where none were fitted, as in blends.
    bias_gain : Estimate or None
    is_biased : bool
    over_best : Estimate or None
        Of a blend: by how much it is below the best run alone.
    metric : ProbabilitiesMetric
        The loss.
    """

    parts: tuple[Part, ...]
    gain: Estimate
    is_fitted: bool
    biases: np.ndarray | None = None
    bias_gain: Estimate | None = None
    is_biased: bool = False
    over_best: Estimate | None = None
    metric: ProbabilitiesMetric = BINARY_LOG_LOSS


@dataclass(frozen=True, eq=False)
class HeldOut:
    """The training songs, each predicted by models that have not seen it.

    Attributes
    ----------
    targets : ndarray of int64, shape (rows,)
        0-based genre numbers.
    folds : Folds
    probabilities : ndarray of float64, shape (rows, genres)
    plain : ndarray of float64, shape (rows, genres), or None
        The same before calibration; None where there was none, as in blends.
    settled : Settled
        The labels that the rule makes of them, and what it gains.
    scores : Scores
    pool : PoolResult
    yardsticks : tuple of Yardstick
        What simple predictions of the same songs score.
    groups : ndarray of int64, shape (rows,), or None
        Songs with the same number are of one group; None where none are known.
    grouping : Grouping or None
        How they are grouped, and the test file's; None where every song stands for itself.
    by_group : GroupScores or None
        What groups score, their songs taken together; None where none has several, or one has several genres.
    flattening : float
        The factor on the test songs' log probabilities; below 1 where they look like other artists' songs.
    """

    targets: np.ndarray
    folds: Folds
    probabilities: np.ndarray
    plain: np.ndarray | None
    settled: Settled
    scores: Scores
    pool: PoolResult
    yardsticks: tuple[Yardstick, ...] = ()
    groups: np.ndarray | None = None
    grouping: Grouping | None = None
    by_group: GroupScores | None = None
    flattening: float = 1.0

    @property
    def as_test(self) -> np.ndarray:
        """The probabilities, as confident as the test songs' are; float64, shape (rows, genres)."""
        return flattened(self.probabilities, self.flattening)

    @property
    def shares(self) -> np.ndarray:
        """Each genre's share of the training songs; float64, shape (genres,)."""
        return np.bincount(self.targets, minlength=self.probabilities.shape[1]) / len(self.targets)

    @property
    def clustering_on_board(self) -> tuple[float, float]:
        """By how much groups multiply the variances of a board's accuracy and log loss; 1 where songs are alone."""
        known = (self.scores.accuracy, self.scores.board_log_loss)
        if self.grouping is None:
            return 1.0, 1.0
        accuracy, loss = (1.0 if one is None else self.grouping.on_board(one.clustering) for one in known)
        return accuracy, loss

    @property
    def calibration_errors(self) -> tuple[float, float] | None:
        """The expected calibration error, before and after calibration; None where there was none."""
        if self.plain is None:
            return None
        before, after = (expected_calibration_error(self.targets, one) for one in (self.plain, self.probabilities))
        return before, after

    def genre_scores(self, edition: Edition) -> GenreScores:
        """Return each genre's scores: precision, recall, confusion."""
        return score_genres(self.targets, self.settled.labels, edition.genres)


@dataclass(frozen=True, eq=False)
class Result:
    """A run: its predictions, and what they score. Trained, predicted by a finished run's models, or blended.

    Attributes
    ----------
    name : str
        What predicts: an ensemble's or a recipe's name, ``"blend"``, or a finished run's.
    edition : Edition
    data : DataFacts or None
        None where a finished run's models predicted: then only the test file was read.
    rule : Rule
    origin : Origin or None
        Where the files of the songs are.
    entries : Entries or None
        The lines of the submission files, and the line of each test row; None where there is no test file.
    probabilities : ndarray of float64, shape (lines, genres), or None
        As in ``label_all.csv``: one row for each of the entries' lines, gathered from its test rows, in the order of
        the edition's genres; None where there is no test file.
    started : datetime
    seconds : float
    held_out : HeldOut or None
        None where a finished run's models predicted.
    shift : PriorShift or None
        The genre shares of the test songs, where they were estimated.
    corrected : bool
        Whether the probabilities are corrected for them.
    training_shares : ndarray of float64, shape (genres,), or None
        What they are compared with where nothing was held out: the shares of the finished run's training songs.
    plan, ensemble : Plan, Ensemble or None
        Of a training: what was planned, and what was trained, which under a time budget is less.
    trained : tuple of Trained
        Each model's predictions; the models themselves are in the folder.
    oddities : Oddities or None
    runs : tuple of Path
        Those that were blended.
    models_of : Path or None
        The run whose models predicted.
    folder : Path or None
        Where the files are; None before they are written.
    repeats : tuple of Result
        One for each draw of the folds, where they were drawn several times.
    test_file : TestFile or None
        How the test file differs; None where nobody looked.
    forecast : Forecast or None
        What boards are likely to say; None where the held-out songs' score says it.
    board_rows : int or None
        For how many songs the boards' scores are predicted.
    late_gain : Estimate or None
        Under a time budget: by how much the models of the second half of the training lowered the pool's loss.
    songs : SongNames
        What the training songs are called.
    answers : ndarray of int64, shape (lines,), or None
        The 0-based genre numbers of the test songs, where these were kept out of the training file.
    simple_on_kept_out : tuple of Yardstick
        What simple predictions of these songs score.
    """

    name: str
    edition: Edition
    data: DataFacts | None
    rule: Rule
    probabilities: np.ndarray | None
    started: datetime
    seconds: float
    held_out: HeldOut | None = None
    shift: PriorShift | None = None
    corrected: bool = False
    training_shares: np.ndarray | None = None
    plan: Plan | None = None
    ensemble: Ensemble | None = None
    trained: tuple[Trained, ...] = ()
    oddities: Oddities | None = None
    runs: tuple[Path, ...] = ()
    models_of: Path | None = None
    folder: Path | None = None
    repeats: tuple["Result", ...] = ()
    board_rows: int | None = None
    test_file: TestFile | None = None
    forecast: Forecast | None = None
    entries: Entries | None = None
    origin: Origin | None = None
    late_gain: Estimate | None = None
    songs: SongNames = COUNTED
    answers: np.ndarray | None = None
    simple_on_kept_out: tuple[Yardstick, ...] = ()

    def __repr__(self) -> str:
        """Return the folder and both scores, not all arrays."""
        where = "" if self.folder is None else f" in {self.folder}"
        known = {} if self.scores is None else dict(self.scores.distinct())
        said = ", ".join(f"{BY_SCORE[name].title} {known[name]}" for name in self.goals.scores if name in known)
        return f"<Result {self.name}{where}: {said or 'nothing was scored'}>"

    @property
    def goals(self) -> Goals:
        """What boards rank by."""
        return goals_of(self.edition.boards)

    @property
    def scores(self) -> Scores | None:
        """The scores out of fold, with standard errors and intervals; None where nothing was scored."""
        return None if self.held_out is None else self.held_out.scores

    @property
    def kept_out(self) -> Scores | None:
        """What both files score on songs kept out as the test file; None where there are none."""
        if self.answers is None or self.probabilities is None:
            return None
        labels = self.rule.predict(self.probabilities)
        return score_probabilities(self.answers, self.probabilities, labels, self.goals, self.kept_out_groups)

    @property
    def kept_out_groups(self) -> np.ndarray | None:
        """The groups of songs kept out as the test file; None where there are none, or they are not known."""
        return None if self.answers is None or self.plan is None else self.plan.dataset.test_groups

    @property
    def out_of_fold(self) -> np.ndarray | None:
        """Every training song's probabilities by models that have not seen it; float64, shape (rows, genres)."""
        return None if self.held_out is None else self.held_out.probabilities

    @property
    def labels(self) -> np.ndarray | None:
        """The genres in the lines of ``label_pred.csv``, whatever is written: their labels, from 1; int64, (lines,).

        They are the competition's, also where genres are left out.
        """
        predicted = self.predicted
        return None if predicted is None else 1 + self.edition.places[predicted]

    @property
    def predicted(self) -> np.ndarray | None:
        """The same as 0-based numbers of the edition's genres, in whose order the probabilities stand."""
        return None if self.probabilities is None else self.rule.predict(self.probabilities)

    @property
    def known(self) -> HeldOut:
        """The out-of-fold rows; raises ValueError where nothing was held out."""
        if self.held_out is None:
            raise ValueError(f"{self.name}: nothing was held out, so there is no score.")
        return self.held_out

    @property
    def facts(self) -> DataFacts:
        """The facts about the songs; raises ValueError where only the test file was read."""
        if self.data is None:
            raise ValueError(f"{self.name}: only the test file was read.")
        return self.data
