"""Reading what a finished run keeps of its scoring, without TensorFlow."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from competition.errors import RunError
from competition.runs import MANIFEST, check_finished
from competition.scores import row_scores

OUT_OF_FOLD = "oof.csv"
_COLUMNS = ["Row", "Fold", "Label", "Predicted"]


@dataclass(frozen=True, eq=False)
class FinishedRun:
    """A run's out-of-fold rows, and what they are of.

    Attributes
    ----------
    folder : Path
    model : str
    genres : tuple of str
    rule : str
        The name of the rule that made the labels.
    data : str
        The SHA-256 of the training songs.
    test_rows : int
        0 where the run had no test file.
    targets, labels : ndarray of int64, shape (rows,)
        0-based genre numbers: the true ones, and those of the rule.
    assignment : ndarray of int64, shape (rows,)
        The fold that holds each row out.
    probabilities : ndarray of float64, shape (rows, genres)
    """

    folder: Path
    model: str
    genres: tuple[str, ...]
    rule: str
    data: str
    test_rows: int
    targets: np.ndarray
    labels: np.ndarray
    assignment: np.ndarray
    probabilities: np.ndarray

    @cached_property
    def row_scores(self) -> dict[str, np.ndarray]:
        """What each row adds to each score."""
        return row_scores(self.targets, self.probabilities, self.labels)


def read_finished(folder: Path) -> FinishedRun:
    """Read the folder of a finished run.

    Raises
    ------
    RunError
        When it holds no finished run, or one without out-of-fold rows, or its files are damaged.
    """
    check_finished(folder)
    manifest = _manifest(folder)
    table = _out_of_fold(folder / OUT_OF_FOLD)
    try:
        genres, ensemble = tuple(manifest["edition"]["genres"]), manifest["ensemble"]["name"]
        data, rule = manifest["data"], manifest["rule"]["name"]
        origin = (folder, ensemble, genres, rule, data["training_sha256"], data["test_rows"])
    except (KeyError, TypeError) as problem:
        raise RunError(f"{folder / MANIFEST}: {problem} is missing; run the command again.") from None
    if table.shape != (data["training_rows"], len(_COLUMNS) + len(genres)):
        raise RunError(
            f"{folder / OUT_OF_FOLD}: {table.shape[0]} rows and {table.shape[1]} columns; expected "
            f"{data['training_rows']} and {len(_COLUMNS) + len(genres)}: was it changed? Run the command again."
        )
    fold, label, predicted = table[:, 1:4].astype(np.int64).T
    return FinishedRun(*origin, label - 1, predicted - 1, fold, table[:, len(_COLUMNS) :])


def check_comparable(first: FinishedRun, other: FinishedRun) -> None:
    """Raise RunError when two runs have not scored the same songs."""
    if len(first.targets) != len(other.targets):
        raise RunError(
            f"{other.folder}: scored {len(other.targets)} songs, {first.folder} {len(first.targets)}; expected runs on "
            "the same training file: compare runs of one --data."
        )
    if first.data != other.data:
        raise RunError(
            f"{other.folder}: was trained on other songs than {first.folder} (sha256 {other.data[:12]}, not "
            f"{first.data[:12]}); expected runs on the same training file: compare runs of one --data."
        )


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise RunError(f"{folder / MANIFEST}: cannot be read ({problem}); run the command again.") from None


def _out_of_fold(path: Path) -> np.ndarray:
    """Return the file's numbers, float64, (rows, columns)."""
    if not path.is_file():
        raise RunError(f"{path}: there is no such file; expected a run that submit or score has trained.")
    try:
        with path.open(encoding="utf-8") as file:
            columns = file.readline().strip().split(",")
            if columns[: len(_COLUMNS)] != _COLUMNS:
                raise RunError(f"{path}: the columns are {', '.join(columns[:4])}, ...; run the command again.")
            return np.loadtxt(file, delimiter=",", ndmin=2)
    except (OSError, ValueError) as problem:
        raise RunError(f"{path}: cannot be read ({problem}); run the command again.") from None
