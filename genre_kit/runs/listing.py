"""All runs under a place, read from their folders: what was trained on what, and how it scored."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from competition.errors import RunError
from competition.scoring.metrics import Estimate
from competition.scoring.scores import BOARDS
from competition.storage.files import STAGING_PREFIX
from competition.storage.folders import DONE, MANIFEST, SCORES
from genre_kit.runs.manifest import Manifest, ScoresFile


@dataclass(frozen=True)
class RunSummary:
    """A run's entry in the list.

    Attributes
    ----------
    folder : Path
    model : str
        What was trained: a preset's, an ensemble's or a recipe's name; "blend" where nothing was.
    recipes : tuple of str
        The pool's parts: recipes, or the runs blended.
    edition : str
    accuracy, board_log_loss : Estimate
        Out of fold.
    ranked_by : tuple of str
        Which scores the edition's boards rank by, of labels, of probabilities, of further boards.
    others : mapping of str to Estimate
        Those of them that are neither accuracy nor board log loss.
    seconds : float
        The run's duration.
    started : str
        ISO 8601, UTC.
    data : str
        The SHA-256 of its training songs, in hexadecimal.
    """

    folder: Path
    model: str
    recipes: tuple[str, ...]
    edition: str
    accuracy: Estimate
    board_log_loss: Estimate
    seconds: float
    started: str
    data: str
    ranked_by: tuple[str, ...] = BOARDS
    others: Mapping[str, Estimate] = field(default_factory=dict)

    @property
    def ranked(self) -> tuple[Estimate, ...]:
        """The scores of `ranked_by`."""
        known = {"accuracy": self.accuracy, "board_log_loss": self.board_log_loss} | dict(self.others)
        return tuple(known[name] for name in self.ranked_by)

    def to_table(self) -> dict[str, Any]:
        """Return the summary as a JSON-serializable dictionary."""
        others: dict[str, float] = {}
        for name, score in self.others.items():
            others |= {name: score.value, f"{name}_se": score.standard_error}
        return {
            "folder": str(self.folder),
            "model": self.model,
            "recipes": list(self.recipes),
            "edition": self.edition,
            "accuracy": self.accuracy.value,
            "accuracy_se": self.accuracy.standard_error,
            "board_log_loss": self.board_log_loss.value,
            "board_log_loss_se": self.board_log_loss.standard_error,
            **others,
            "seconds": self.seconds,
            "started": self.started,
            "data_sha256": self.data,
        }


@dataclass(frozen=True)
class RunList:
    """The runs under a place.

    Attributes
    ----------
    runs : tuple of RunSummary
    unfinished : tuple of Path
        Folders in which a run was begun, and is going on or was killed.
    unreadable : tuple of str
        A sentence for each finished run whose files cannot be read.
    """

    runs: tuple[RunSummary, ...]
    unfinished: tuple[Path, ...]
    unreadable: tuple[str, ...]


def list_runs(place: Path, order: str) -> RunList:
    """Find all scored runs in a folder and the folders inside it.

    Parameters
    ----------
    place : Path
    order : str
        ``"accuracy"`` or ``"log-loss"``, or what an edition's boards of labels and of probabilities rank by instead:
        the best first; ``"time"``: the latest first.

    Raises
    ------
    RunError
        When there is no such folder.
    """
    if not place.is_dir():
        raise RunError(f"{place}: there is no such folder; expected one that holds runs: submit and score make them.")
    found: list[RunSummary] = []
    unfinished, unreadable = [], []
    for folder in _run_folders(place):
        if not (folder / DONE).is_file():
            unfinished.append(folder)
        elif (folder / SCORES).is_file():
            try:
                found.append(read_summary(folder))
            except RunError as problem:
                unreadable.append(str(problem))
    found.sort(key=_KEYS[order], reverse=order != "log-loss")
    return RunList(tuple(found), tuple(unfinished), tuple(unreadable))


_KEYS: dict[str, Callable[[RunSummary], Any]] = {
    "accuracy": lambda run: run.ranked[0].value,
    "log-loss": lambda run: run.ranked[1].value,
    "time": lambda run: run.started,
}


def read_summary(folder: Path) -> RunSummary:
    """Read a finished and scored run's summary; raises RunError where its files are damaged."""
    scores, manifest = ScoresFile.read(folder), Manifest.read(folder)
    table = scores.out_of_fold
    try:
        return RunSummary(
            folder=folder,
            model=scores.model,
            recipes=tuple(one.recipe for one in scores.pool),
            edition=manifest.edition["name"],
            accuracy=Estimate(table["accuracy"], table["accuracy_se"]),
            board_log_loss=Estimate(table["board_log_loss"], table["board_log_loss_se"]),
            seconds=float(scores.seconds),
            started=manifest.started,
            data=manifest.known_data(folder).training_sha256,
            ranked_by=scores.boards,
            others={name: Estimate(table[name], table[f"{name}_se"]) for name in scores.boards if name not in BOARDS},
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise RunError(f"{folder}: its scores and manifest cannot be read ({problem!r}).") from None


def _run_folders(place: Path) -> Iterator[Path]:
    """Yield the folders that hold a run, finished or not, in alphabetical order; nothing inside a run is one."""
    for name, folders, files in os.walk(place):
        folders.sort()
        begun = any(folder.startswith(STAGING_PREFIX) for folder in folders)
        if DONE in files or MANIFEST in files or begun:
            folders.clear()
            yield Path(name)
