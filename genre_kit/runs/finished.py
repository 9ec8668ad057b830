"""Reading a finished run's out-of-fold rows, without TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from competition.data.edition_file import read_boards
from competition.data.formats.csv_files import read_groups
from competition.errors import DataError, RunError
from competition.scoring.boards import CLASSIC, Goals, goals_of
from competition.scoring.by_group import GroupScores
from competition.scoring.groups import Grouping
from competition.scoring.logarithmic_pool import flattened
from competition.scoring.probabilities import bounded
from competition.scoring.scores import row_scores
from competition.storage.folders import GROUPS, MANIFEST, OUT_OF_FOLD, SCORES, check_finished
from competition.storage.reading import read_whole
from genre_kit.results.facts import DataFacts
from genre_kit.results.genres import without_in_words
from genre_kit.runs.manifest import Board, Manifest, ScoresFile
from genre_kit.runs.out_of_fold import FACTS, out_of_fold_header


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A run's out-of-fold rows, and the data that they are of.

    Attributes
    ----------
    folder : Path
    model : str
    genres : tuple of str
    rule : str
        The name of the rule that made the labels.
    repeats : int
        How many times the folds were drawn; these rows are of the first draw.
    data : DataFacts
    test_lines : int
        Of the submission files; 0 where the run had no test file.
    targets, labels : ndarray of int64, shape (rows,)
        0-based genre numbers: the true ones, and those of the rule.
    assignment : ndarray of int64, shape (rows,)
        The fold that holds each row out.
    probabilities : ndarray of float64, shape (rows, genres)
    foreseen : Board or None
        What the run expects boards to say where its test file is unlike its training file.
    flattening : float
        The factor on its test songs' log probabilities, by which its rule was found too.
    goals : Goals
        What its edition's boards rank by.
    groups : ndarray of int64, shape (rows,), or None
        Songs with the same number are of one group; None where none are known.
    grouping : Grouping or None
        How they are grouped, and the test file's.
    by_group : GroupScores or None
        What groups scored, their songs taken together.
    record : ScoresFile or None
        What it wrote about its scores.
    left_out : tuple of str
        The competition's genres that are left out.
    """

    folder: Path
    model: str
    genres: tuple[str, ...]
    rule: str
    repeats: int
    data: DataFacts
    test_lines: int
    targets: np.ndarray
    labels: np.ndarray
    assignment: np.ndarray
    probabilities: np.ndarray
    foreseen: Board | None = None
    flattening: float = 1.0
    goals: Goals = CLASSIC
    groups: np.ndarray | None = None
    grouping: Grouping | None = None
    by_group: GroupScores | None = None
    record: ScoresFile | None = None
    left_out: tuple[str, ...] = ()

    @property
    def genres_in_words(self) -> str:
        """Which genres are told apart, for messages."""
        return without_in_words(self.genres, self.left_out) if self.left_out else f"all {len(self.genres)} genres"

    @property
    def has_lost_groups(self) -> bool:
        """Whether songs were grouped, and an older version of the kit did not keep how."""
        return self.groups is None and self.data.groups not in (None, self.data.training_rows)

    @property
    def training_hash(self) -> str:
        """The SHA-256 of the training songs."""
        return self.data.training_sha256

    @property
    def test_rows(self) -> int:
        """Of the test file; 0 where the run had none."""
        return self.data.test_rows

    @property
    def board_lines(self) -> int:
        """How many songs boards score; 0 where its own scores say nothing of boards, as genres are left out."""
        return 0 if self.left_out else self.test_lines

    @property
    def as_test(self) -> np.ndarray:
        """The out-of-fold probabilities, as confident as the test songs' are; float64, shape (rows, genres)."""
        return self.probabilities if self.flattening == 1 else flattened(bounded(self.probabilities), self.flattening)

    @property
    def shares(self) -> np.ndarray:
        """Each genre's share of the training songs; float64, shape (genres,)."""
        return np.bincount(self.targets, minlength=len(self.genres)) / len(self.targets)

    @cached_property
    def row_scores(self) -> dict[str, np.ndarray]:
        """Each row's contribution to each score, by name; float64, shape (rows,)."""
        return row_scores(self.targets, self.probabilities, self.labels, self.goals)


def read_finished(folder: Path) -> FinishedRun:
    """Read the folder of a finished run.

    Raises
    ------
    RunError
        When it holds no finished run, or one without out-of-fold rows, or its files are damaged.
    """
    check_finished(folder)
    if not (folder / OUT_OF_FOLD).is_file():
        raise RunError(f"{folder}: has no {OUT_OF_FOLD}, no held-out songs; expected a run of submit or score.")
    manifest = Manifest.read(folder)
    data = manifest.known_data(folder)
    try:
        genres, labels, rule = tuple(manifest.edition["genres"]), manifest.labels, manifest.rule["name"]
        name = (manifest.ensemble or {})["name"]
    except (KeyError, TypeError) as problem:
        raise RunError(f"{folder / MANIFEST}: {problem} is missing; train the run again.") from None
    table = _out_of_fold(folder / OUT_OF_FOLD, data.training_rows, labels)
    fold, label, predicted = table[:, 1:4].astype(np.int64).T
    return FinishedRun(
        folder,
        name,
        genres,
        rule,
        manifest.repeats,
        data,
        data.test_rows if manifest.test_lines is None else manifest.test_lines,
        np.searchsorted(labels, label),
        np.searchsorted(labels, predicted),
        fold,
        table[:, len(FACTS) :],
        goals=goals_of(read_boards(manifest.edition.get("boards", {}), where=f"{folder / MANIFEST}: boards")),
        groups=_groups(folder, data.training_rows),
        left_out=manifest.left_out,
        **_of_its_scores(folder),
    )


def _groups(folder: Path, rows: int) -> np.ndarray | None:
    path = folder / GROUPS
    if not path.is_file():
        return None
    try:
        groups = read_groups(path)
    except DataError as problem:
        raise RunError(f"{problem} Train the run again.") from None
    if len(groups) != rows:
        raise RunError(f"{path}: {len(groups)} rows; its manifest says {rows}: was it changed? Train the run again.")
    return groups


def _of_its_scores(folder: Path) -> dict[str, Any]:
    """Return what scores.json says of the test file where that is unlike the training file, and of groups."""
    if not (folder / SCORES).is_file():
        return {}
    scores = ScoresFile.read(folder)
    try:
        by_group = None if scores.by_group is None else GroupScores.from_table(scores.by_group)
    except (KeyError, TypeError) as problem:
        raise RunError(f"{folder / SCORES}: by_group cannot be read ({problem!r}); train the run again.") from None
    return {
        "foreseen": scores.board if scores.board is not None and scores.board.expected_accuracy is not None else None,
        "flattening": 1.0 if scores.test_file is None else scores.test_file.flattening,
        "grouping": scores.grouping,
        "by_group": by_group,
        "record": scores,
    }


def most_grouped(runs: Sequence[FinishedRun]) -> FinishedRun:
    """Return the run whose songs are in the fewest groups, the first of equal ones.

    Songs of one training file are grouped, whichever run knows it: a run without groups may be compared with one that
    has them.

    Parameters
    ----------
    runs : sequence of FinishedRun
        Of the same songs; at least one.
    """
    return min(runs, key=lambda run: len(run.targets) if run.groups is None else len(np.unique(run.groups)))


def check_comparable(first: FinishedRun, other: FinishedRun) -> None:
    """Raise RunError when two runs have not scored the same songs, or have not told the same genres apart."""
    if first.left_out != other.left_out:
        raise RunError(
            f"{other.folder}: tells {other.genres_in_words} apart, {first.folder} {first.genres_in_words}; expected "
            "runs on the same genres: compare runs with the same `genres` or `without`."
        )
    if len(first.targets) != len(other.targets):
        raise RunError(
            f"{other.folder}: scored {len(other.targets)} songs, {first.folder} {len(first.targets)}; expected runs on "
            "the same training file: compare runs of one `data`."
        )
    if first.training_hash != other.training_hash:
        if first.data.source == other.data.source and np.array_equal(first.targets, other.targets):
            raise RunError(
                f"{other.folder}: was trained on other columns of {other.data.source} than {first.folder} was, or on "
                f"changed ones (SHA-256 {other.training_hash:.8}, not {first.training_hash:.8}): the edition or the "
                "files have changed in between; expected runs on the same columns: train one of them again."
            )
        raise RunError(
            f"{other.folder}: was trained on other songs than {first.folder} (SHA-256 {other.training_hash:.8}, not "
            f"{first.training_hash:.8}); expected runs on the same training file: compare runs of one `data`."
        )


def _out_of_fold(path: Path, rows: int, labels: Sequence[int]) -> np.ndarray:
    """Return the file's numbers, float64, (rows, columns)."""
    expected = out_of_fold_header(labels)
    header, *lines = read_whole(path, RunError, "train the run again").splitlines()
    columns = header.split(",")
    try:
        table = np.loadtxt(lines, delimiter=",", ndmin=2)
    except ValueError as problem:
        raise RunError(f"{path}: cannot be read ({problem}); train the run again.") from None
    if columns != expected:
        raise RunError(f"{path}: the columns are {', '.join(columns)}; expected {', '.join(expected)}: was it changed?")
    if len(table) != rows:
        raise RunError(f"{path}: {len(table)} rows; its manifest says {rows}: was it changed? Train the run again.")
    if not np.isfinite(table).all():
        raise RunError(f"{path}: some of its values are no numbers; train the run again.")
    return table
