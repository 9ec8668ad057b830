"""All runs under a place, read from their folders: what was trained on what, and how it scored."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from competition.data.edition import Board
from competition.data.edition_file import read_boards
from competition.errors import EditionError, RunError
from competition.scoring.metrics import Estimate
from competition.scoring.scores import BOARDS
from competition.storage.files import STAGING_PREFIX
from competition.storage.folders import DONE, MANIFEST, OUT_OF_FOLD, SCORES
from genre_kit.runs.boards.sent import BoardsFile, Sent
from genre_kit.runs.manifest import Manifest, ScoresFile
from submissions.layout import LABEL_FILE, PROBABILITY_FILE


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
    models : int
        How many were trained on all folds, those of blended runs included.
    source : str
        Where the songs came from, for people.
    rows : int
        How many training songs there are.
    file_data : str or None
        The SHA-256 of the training songs in the files, before any were kept out; None where it is not known.
    has_files : bool
        Whether there are files to hand in.
    is_like_test : bool
        Whether songs were held out that are like the test songs.
    kept_out : mapping of str to Estimate
        What its files score by `ranked_by`, where they are of songs kept out of the training file; empty elsewhere.
    kept_out_rows : int
        How many songs these are.
    folds : int
    size : (int, int)
        How many recipes, and how many models of them each fold has, those of blended runs included.
    seconds : float
        The run's duration.
    started : str
        ISO 8601, UTC.
    data : str
        The SHA-256 of its training songs, in hexadecimal.
    genres, left_out : tuple of str
        Those that are told apart, and those that are left out.
    songs_left_out : int
        Their training songs.
    boards : mapping of str to Board
        Its edition's; empty where it names none.
    sent : tuple of Sent
        What was sent to boards, and what they said.
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
    models: int = 1
    source: str = ""
    rows: int = 0
    file_data: str | None = None
    has_files: bool = False
    is_like_test: bool = False
    kept_out: Mapping[str, Estimate] = field(default_factory=dict)
    kept_out_rows: int = 0
    folds: int = 0
    size: tuple[int, int] = (1, 1)
    genres: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    songs_left_out: int = 0
    boards: Mapping[str, Board] = field(default_factory=dict)
    sent: tuple[Sent, ...] = ()

    def score(self, name: str) -> Estimate:
        """Return one of the scores, by name."""
        return ({"accuracy": self.accuracy, "board_log_loss": self.board_log_loss} | dict(self.others))[name]

    @property
    def ranked(self) -> tuple[Estimate, ...]:
        """The scores of `ranked_by`."""
        return tuple(map(self.score, self.ranked_by))

    def to_table(self) -> dict[str, Any]:
        """Return the summary as a JSON-serializable dictionary."""
        others = _as_table(self.others)
        left_out = {"left_out": list(self.left_out), "songs_left_out": self.songs_left_out} if self.left_out else {}
        return {
            "folder": str(self.folder),
            "model": self.model,
            "recipes": list(self.recipes),
            "models": self.models,
            "edition": self.edition,
            "accuracy": self.accuracy.value,
            "accuracy_se": self.accuracy.standard_error,
            "board_log_loss": self.board_log_loss.value,
            "board_log_loss_se": self.board_log_loss.standard_error,
            **others,
            **({"kept_out": _as_table(self.kept_out) | {"rows": self.kept_out_rows}} if self.kept_out else {}),
            "seconds": self.seconds,
            "started": self.started,
            "data_sha256": self.data,
            **left_out,
            **({"sent": [one.to_table() for one in self.sent]} if self.sent else {}),
        }


def _as_table(scores: Mapping[str, Estimate]) -> dict[str, float]:
    table: dict[str, float] = {}
    for name, score in scores.items():
        table |= {name: score.value, f"{name}_se": score.standard_error}
    return table


@dataclass(frozen=True)
class AppliedRun:
    """A run without scores: a finished run's models, applied to a test file.

    Attributes
    ----------
    folder : Path
    models_of : str
        The run whose models they are.
    rule : str
        The name of the rule that made the labels.
    lines : int
        Of its submission files.
    edition : str
    started : str
        ISO 8601, UTC.
    test_data : str or None
        Where the test file is; None where that is not known, or it is the sample's.
    data : str or None
        The SHA-256 of the training songs of the models; None where their run is gone.
    sent : tuple of Sent
        What was sent to boards, and what they said.
    """

    folder: Path
    models_of: str
    rule: str
    lines: int
    edition: str
    started: str
    test_data: str | None
    data: str | None
    sent: tuple[Sent, ...] = ()

    @property
    def file_data(self) -> None:
        """Its training songs are not known otherwise than by the models' run."""

    def to_table(self) -> dict[str, Any]:
        """Return it as a JSON-serializable dictionary."""
        table = {**asdict(self), "folder": str(self.folder)}
        del table["sent"]
        return table | ({"sent": [one.to_table() for one in self.sent]} if self.sent else {})


@dataclass(frozen=True)
class RunList:
    """The runs under a place.

    Attributes
    ----------
    runs : tuple of RunSummary
    applied : tuple of AppliedRun
    unfinished : tuple of Path
        Folders in which a run was begun, and is going on or was killed.
    unreadable : tuple of str
        A sentence for each finished run whose files cannot be read.
    """

    runs: tuple[RunSummary, ...]
    applied: tuple[AppliedRun, ...]
    unfinished: tuple[Path, ...]
    unreadable: tuple[str, ...]

    @property
    def groups(self) -> list[tuple[RunSummary, ...]]:
        """The runs that can be compared: on the same training songs and genres, for boards that rank alike."""
        groups: dict[tuple[object, ...], list[RunSummary]] = {}
        for run in self.runs:
            groups.setdefault((run.data, run.ranked_by, run.left_out), []).append(run)
        return list(map(tuple, groups.values()))

    def applied_by_group(self) -> list[tuple[AppliedRun, ...]]:
        """Return the applied runs that belong to each of the groups, and last those that belong to none."""
        found: list[list[AppliedRun]] = [[] for _ in (*self.groups, None)]
        for run in self.applied:
            alike = [place for place, group in enumerate(self.groups) if group[0].data == run.data]
            named = [place for place in alike if run.edition in {one.edition for one in self.groups[place]}]
            found[(named or alike or [-1])[0]].append(run)
        return list(map(tuple, found))


def list_runs(place: Path, order: str, *, edition: str | None = None, data: str | None = None) -> RunList:
    """Find all scored runs in a folder and the folders inside it.

    Parameters
    ----------
    place : Path
    order : str
        ``"accuracy"`` or ``"log-loss"``, or what an edition's boards of labels and of probabilities rank by instead:
        the best first; ``"time"``: the latest first.
    edition, data : str or None
        Only runs of the edition of this name; only runs on training songs with this SHA-256.

    Raises
    ------
    RunError
        When there is no such folder.
    """
    if not place.is_dir():
        raise RunError(f"{place}: there is no such folder; expected one that holds runs: submit and score make them.")
    found: list[RunSummary] = []
    applied: list[AppliedRun] = []
    unfinished: list[Path] = []
    unreadable: list[str] = []
    for folder in _run_folders(place):
        if not (folder / DONE).is_file():
            unfinished.append(folder)
            continue
        try:
            if (folder / SCORES).is_file():
                found.append(replace(read_summary(folder), sent=_sent(folder, unreadable)))
            elif (folder / LABEL_FILE).is_file():
                applied.append(replace(_read_applied(folder), sent=_sent(folder, unreadable)))
        except RunError as problem:
            unreadable.append(str(problem))
    found = [run for run in found if _is_wanted(run, edition, data)]
    found.sort(key=_KEYS[order], reverse=order != "log-loss")
    wanted = tuple(run for run in applied if _is_wanted(run, edition, data))
    return RunList(tuple(found), wanted, tuple(unfinished), tuple(unreadable))


def _sent(folder: Path, unreadable: list[str]) -> tuple[Sent, ...]:
    """Return what a run has sent; where that cannot be read, nothing, and a sentence is added to those."""
    try:
        return BoardsFile.read(folder).submissions
    except RunError as problem:
        unreadable.append(str(problem))
        return ()


def _is_wanted(run: RunSummary | AppliedRun, edition: str | None, data: str | None) -> bool:
    return edition in (None, run.edition) and (data is None or data in (run.data, run.file_data))


def _read_applied(folder: Path) -> AppliedRun:
    manifest = Manifest.read(folder)
    try:
        return AppliedRun(
            folder,
            models_of=str(manifest.models),
            rule=manifest.rule["name"],
            lines=manifest.test_lines or manifest.test_rows or 0,
            edition=manifest.edition["name"],
            started=manifest.started,
            test_data=None if manifest.origin is None else manifest.origin.path,
            data=_training_songs_of(Path(str(manifest.models))),
        )
    except (KeyError, TypeError) as problem:
        raise RunError(f"{folder}: its manifest cannot be read ({problem!r}).") from None


def _training_songs_of(folder: Path) -> str | None:
    """Return the SHA-256 of the training songs of a run; None where it is gone."""
    try:
        return Manifest.read(folder).known_data(folder).training_sha256
    except RunError:
        return None


_KEYS: dict[str, Callable[[RunSummary], Any]] = {
    "accuracy": lambda run: run.ranked[0].value,
    "log-loss": lambda run: run.ranked[1].value,
    "time": lambda run: run.started,
}


def read_summary(folder: Path) -> RunSummary:
    """Read a finished and scored run's summary; raises RunError where its files are damaged."""
    scores, manifest = ScoresFile.read(folder), Manifest.read(folder)
    table, data = scores.out_of_fold, manifest.known_data(folder)
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
            data=data.training_sha256,
            ranked_by=scores.boards,
            others={name: Estimate(table[name], table[f"{name}_se"]) for name in scores.boards if name not in BOARDS},
            models=_count_models(scores, manifest),
            source=data.source,
            rows=data.training_rows,
            file_data=None if manifest.origin is None else manifest.origin.training_sha256,
            has_files=all((folder / name).is_file() for name in (LABEL_FILE, PROBABILITY_FILE, OUT_OF_FOLD)),
            is_like_test=scores.test_file is not None and scores.test_file.clusters is not None,
            kept_out=_kept_out(scores),
            kept_out_rows=data.test_rows if scores.kept_out is not None else 0,
            folds=scores.folds,
            size=_size(scores, manifest),
            genres=tuple(manifest.edition.get("genres", ())),
            left_out=manifest.left_out if "genres" in manifest.edition else (),
            songs_left_out=data.songs_left_out or 0,
            boards=read_boards(manifest.edition.get("boards", {}), where=f"{folder / MANIFEST}: boards"),
        )
    except (EditionError, ValueError, KeyError, TypeError) as problem:
        raise RunError(f"{folder}: its scores and manifest cannot be read ({problem!r}).") from None


def _kept_out(scores: ScoresFile) -> dict[str, Estimate]:
    known = scores.kept_out or {}
    return {name: Estimate(known[name], known[f"{name}_se"]) for name in scores.boards if name in known}


def _count_models(scores: ScoresFile, manifest: Manifest) -> int:
    """Return how many models predict: of a blend, those of its runs; each counts once where its run is gone."""
    return sum(_models_of(Path(part.run)) for part in manifest.blend) or scores.members


def _models_of(folder: Path) -> int:
    try:
        return _count_models(ScoresFile.read(folder), Manifest.read(folder))
    except RunError:
        return 1


def _size(scores: ScoresFile, manifest: Manifest) -> tuple[int, int]:
    """Return how many recipes a run has, and how many models a fold; a blended run that is gone counts as one."""
    if not manifest.blend:
        return len(scores.pool), max(1, scores.members // scores.folds)
    recipes, models = zip(*(_size_of(Path(part.run)) for part in manifest.blend), strict=True)
    return sum(recipes), sum(models)


def _size_of(folder: Path) -> tuple[int, int]:
    try:
        return _size(ScoresFile.read(folder), Manifest.read(folder))
    except RunError:
        return 1, 1


def _run_folders(place: Path) -> Iterator[Path]:
    """Yield the folders that hold a run, finished or not, in alphabetical order; nothing inside a run is one."""
    for name, folders, files in os.walk(place):
        folders.sort()
        begun = any(folder.startswith(STAGING_PREFIX) for folder in folders)
        if DONE in files or MANIFEST in files or begun:
            folders.clear()
            yield Path(name)
