"""Outcomes: the results of trials, kept in files of their own, so that no trial is lost and none is run twice."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from competition.errors import KitWarning
from competition.storage.arrays import read_array
from competition.storage.files import make_folder, write_whole, writing
from competition.storage.folders import write_json
from competition.storage.reading import read_json
from competition.storage.typed import misfit
from tuning.errors import TuningError
from tuning.trials.spaces import Value
from tuning.trials.study import Objective, Study, digest

_CURE = "remove it, and the same command makes it again"
FINISHED, STOPPED, DIVERGED, FAILED = "finished", "stopped", "diverged", "failed"
SAID = {STOPPED: "ended early"}
"""What people are told of a state, where that is not the word in files."""


@dataclass(frozen=True)
class Outcome:
    """The result of one trial.

    Attributes
    ----------
    values : mapping of str to Value
        The active hyperparameters.
    state : str
        ``"finished"``; ``"stopped"`` early, because it fell behind; ``"diverged"`` or ``"failed"``: it gave no
        probabilities, and has the scores of guessing every genre by its share.
    board_log_loss, accuracy : float
        Of all out-of-fold rows, calibrated as `submit` does it.
    spread : float
        The standard deviation of the objective over the folds.
    folds : tuple of float
        The objective by fold.
    curve : tuple of (share, value)
        The objective during training, at its best temperature, by the share of epochs done.
    share : float
        The share of its epochs that were trained, in (0, 1].
    seconds : float
    message : str
        Why there are no probabilities; else empty.
    others : mapping of str to float
        The objective, where it is neither board log loss nor accuracy.
    """

    values: Mapping[str, Value]
    state: str
    board_log_loss: float
    accuracy: float
    spread: float
    folds: tuple[float, ...]
    curve: tuple[tuple[float, float], ...] = ()
    share: float = 1.0
    seconds: float = 0.0
    message: str = ""
    others: Mapping[str, float] = field(default_factory=dict)

    def value(self, objective: Objective) -> float:
        """Return the score that the search optimizes."""
        known = {"board_log_loss": self.board_log_loss, "accuracy": self.accuracy}
        return (known | dict(self.others))[objective.name]

    def metrics(self) -> dict[str, float]:
        """Return the numbers that Keras Tuner keeps in the trial's record."""
        by_fold = {f"fold_{fold}": value for fold, value in enumerate(self.folds, 1)}
        names = ("board_log_loss", "accuracy", "spread", "share", "seconds")
        return {name: getattr(self, name) for name in names} | dict(self.others) | by_fold


def _table(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as a JSON-serializable dictionary, without `others` where there are none."""
    table = asdict(outcome)
    if not table["others"]:
        del table["others"]
    return table


def _misplaced(outcome: Outcome, key: str) -> str | None:
    """Return what does not belong in the file of a key, in words; None where all does."""
    if outcome.state not in (FINISHED, STOPPED, DIVERGED, FAILED):
        return f"state is {outcome.state!r}"
    return None if key.startswith(key_of(outcome.values)) else "its values are those of another file"


def key_of(values: Mapping[str, Value]) -> str:
    """Return the key under which the outcome of these hyperparameters is kept."""
    return digest(values)


@dataclass(frozen=True)
class Outcomes:
    """A folder of outcomes; several processes may use it at once.

    Attributes
    ----------
    folder : Path
    known : dict of str to Outcome
        Those that were read or written already: an outcome never changes, so none is read twice.
    """

    folder: Path
    known: dict[str, Outcome] = field(default_factory=dict, compare=False, repr=False)

    def read(self, key: str) -> Outcome | None:
        """Return the outcome kept under `key`, or None; raises TuningError where its file is damaged."""
        if key not in self.known:
            found = self._read(key)
            if found is None:
                return None
            self.known[key] = found
        return self.known[key]

    def _read(self, key: str) -> Outcome | None:
        path = self.folder / f"{key}.json"
        if not path.exists():
            return None
        table = read_json(path, TuningError, _CURE)
        try:
            table["folds"], table["curve"] = tuple(table["folds"]), tuple(tuple(point) for point in table["curve"])
            outcome = Outcome(**table)
        except (KeyError, TypeError) as problem:
            raise TuningError(f"{path}: cannot be read ({problem!r}); {_CURE}.") from None
        if (wrong := misfit(outcome) or _misplaced(outcome, key)) is not None:
            raise TuningError(f"{path}: cannot be read ({wrong}, which the kit does not write); {_CURE}.")
        return outcome

    def write(self, key: str, outcome: Outcome, probabilities: np.ndarray) -> None:
        """Write an outcome and its out-of-fold probabilities, each file whole or not at all.

        Parameters
        ----------
        key : str
        outcome : Outcome
        probabilities : ndarray of float64, shape (rows, genres)

        Raises
        ------
        RunError
            When a file cannot be written.
        """
        with writing(self.folder):
            make_folder(self.folder)
        buffer = BytesIO()
        np.save(buffer, probabilities)
        write_whole(self._probabilities(key), buffer.getvalue())
        write_json(self.folder / f"{key}.json", _table(outcome))
        self.known[key] = outcome

    def probabilities(self, key: str) -> np.ndarray | None:
        """Return the out-of-fold probabilities kept under `key`, or None; raises as `read` does."""
        path = self._probabilities(key)
        if not path.exists():
            return None
        try:
            found = read_array(path)
        except ValueError as problem:
            what = "it is empty" if not path.stat().st_size else f"it is cut short or damaged: {problem}"
            raise TuningError(f"{path}: cannot be read ({what}); {_CURE}.") from None
        if not isinstance(found, np.ndarray) or found.ndim != 2 or found.dtype != np.float64:
            raise TuningError(f"{path}: cannot be read (it holds no probabilities, rows x genres); {_CURE}.")
        return found

    def drop_damaged(self, study: Study) -> None:
        """Remove outcomes that cannot be read, as after a power cut, with a KitWarning: they are made again."""
        for path in sorted(self.folder.glob("*.json")):
            try:
                self._check(path.stem, study)
            except TuningError as problem:
                warnings.warn(f"{problem} It is left out, and made again.", KitWarning, stacklevel=2)
                self.known.pop(path.stem, None)
                with writing(path):
                    path.unlink(missing_ok=True)
                    self._probabilities(path.stem).unlink(missing_ok=True)

    def _check(self, key: str, study: Study) -> None:
        """Raise TuningError where an outcome, or its probabilities, cannot be one of a study."""
        outcome, found = self.read(key), self.probabilities(key)
        shape = (study.dataset.rows, len(study.dataset.edition.genres))
        if found is not None and (found.shape != shape or not np.isfinite(found).all()):
            what = f"expected probabilities of {shape[0]} rows and {shape[1]} genres"
            raise TuningError(f"{self._probabilities(key)}: cannot be read ({what}); {_CURE}.")
        known = {"board_log_loss", "accuracy"} if outcome is None else {"board_log_loss", "accuracy", *outcome.others}
        if study.objective.name not in known:
            raise TuningError(f"{self.folder / key}.json: cannot be read ({study.objective.name} is missing); {_CURE}.")

    def __iter__(self) -> Iterator[Outcome]:
        for path in sorted(self.folder.glob("*.json")):
            outcome = self.read(path.stem)
            if outcome is not None:
                yield outcome

    def keep_probabilities(self, keys: set[str]) -> None:
        """Remove the probabilities of all outcomes but some."""
        for path in self.folder.glob("*.npy"):
            if path.stem not in keys and path.with_suffix(".json").exists():  # else it is being written
                path.unlink(missing_ok=True)

    def _probabilities(self, key: str) -> Path:
        return self.folder / f"{key}.npy"


def best_first(outcomes: Iterable[Outcome], objective: Objective) -> list[Outcome]:
    """Return the finished outcomes, the best first."""
    finished = [one for one in outcomes if one.state == FINISHED]
    return sorted(finished, key=lambda one: (objective.cost(one.value(objective)), key_of(one.values)))
