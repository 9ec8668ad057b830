"""What is tracked: finished runs, searches and their trials, as records that know no store."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from competition.errors import RunError
from competition.storage.folders import DONE, MANIFEST, REPORT, SCORES
from competition.storage.reading import read_whole
from genre_kit.runs.listing import RunList
from genre_kit.runs.manifest import Manifest, ScoresFile
from tuning.errors import TuningError
from tuning.folder import SEARCH, read_origin, read_search
from tuning.trials_file import FILE as TRIALS
from tuning.trials_file import read_trials

_KEPT = (REPORT, SCORES, MANIFEST, "recipe.toml", "edition.toml", "history.csv")
_KEPT_OF_SEARCH = (TRIALS, SEARCH, "result.json", "recipe.toml")
_CURE = "train the run again"


@dataclass(frozen=True)
class Record:
    """A run, a search or a trial.

    Attributes
    ----------
    key : str
        Tells it apart for good: a hash of what its files hold.
    experiment, name : str
        The edition's name, and the folder's or the trial's.
    started, ended : float
        Seconds since 1970.
    parameters : mapping of str to str
    metrics : mapping of str to float
        Finite.
    tags : mapping of str to str
    files : mapping of str to Path
        Names of files among those of the record, and where each is.
    children : tuple of Record
    """

    key: str
    experiment: str
    name: str
    started: float
    ended: float
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    children: tuple["Record", ...] = ()


@dataclass(frozen=True)
class Tracked:
    """What was written into a store.

    Attributes
    ----------
    address : str
        The store's, without passwords.
    written, known : tuple of Record
        Those that were written, and those that were there.
    """

    address: str
    written: tuple[Record, ...]
    known: tuple[Record, ...]


def records_of(found: RunList, place: Path) -> Iterator[Record]:
    """Yield the records of listed runs, and of the searches under a place.

    Raises
    ------
    KitError
        When files are damaged.
    """
    started = {run.folder: run.started for run in found.runs} | {run.folder: run.started for run in found.applied}
    for folder in sorted(started, key=lambda folder: started[folder]):
        yield run_record(folder)
    for folder in _search_folders(place):
        yield search_record(folder)


def run_record(folder: Path) -> Record:
    """Return a finished run's record."""
    manifest = Manifest.read(folder)
    scores = ScoresFile.read(folder) if (folder / SCORES).is_file() else None
    started = datetime.fromisoformat(manifest.started).timestamp()
    return Record(
        key=_hash(read_whole(folder / MANIFEST, RunError, _CURE)),
        experiment=str(manifest.edition["name"]),
        name=folder.resolve().name,
        started=started,
        ended=started + (manifest.seconds or 0),
        parameters=_run_parameters(manifest),
        metrics={} if scores is None else _run_metrics(scores),
        tags=_run_tags(manifest),
        files=_files(folder, _KEPT),
    )


def _run_parameters(manifest: Manifest) -> dict[str, str]:
    """Return what decided the run, each recipe's values by its name."""
    ensemble = manifest.ensemble or {}
    known = {
        "model": ensemble.get("name"),
        "models_of": manifest.models,
        "seed": manifest.seed,
        "folds": manifest.folds,
        "rule": manifest.rule.get("name"),
    }
    parameters = {name: str(value) for name, value in known.items() if value is not None}
    for model in ensemble.get("models", ()):
        recipe = model["recipe"]
        parameters |= _flat(recipe.get("name", "recipe"), {"seeds": model["seeds"], **recipe})
    return parameters | {f"blend.{number}": one.run for number, one in enumerate(manifest.blend, 1)}


def _flat(prefix: str, table: Mapping[str, Any]) -> dict[str, str]:
    """Return a table's values as texts, those of tables in it by both names.

    Examples
    --------
    >>> _flat("svm", {"name": "svm", "parameters": {"C": 2.0}})
    {'svm.parameters.C': '2.0'}
    """
    flat: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(f"{prefix}.{name}", value)
        elif name != "name":
            flat[f"{prefix}.{name}"] = str(value)
    return flat


def _run_metrics(scores: ScoresFile) -> dict[str, float]:
    known = dict(scores.out_of_fold) | {f"kept_out.{name}": value for name, value in (scores.kept_out or {}).items()}
    known |= {f"weight.{place}.{_plain(row.recipe)}": row.weight for place, row in enumerate(scores.pool, 1)}
    for score in scores.boards:
        if scores.board is not None and (interval := scores.board.interval_of(score)) is not None:
            known |= {f"board.{score}.low": interval[0], f"board.{score}.high": interval[1]}
    return _finite(known | {"seconds": scores.seconds})


def _run_tags(manifest: Manifest) -> dict[str, str]:
    tags = {f"version.{name}": str(version) for name, version in manifest.environment.get("packages", {}).items()}
    tags["version.kit"] = str(manifest.environment.get("kit"))
    if manifest.data is not None:
        tags |= {"data": manifest.data.source, "training_sha256": manifest.data.training_sha256}
    return tags


def search_record(folder: Path) -> Record:
    """Return a search's record, with its trials as children; raises TuningError where its files are damaged."""
    search, trials = read_search(folder) or {}, read_trials(folder)
    key = _hash(read_whole(folder / TRIALS, TuningError, "the command of the search writes it again"))
    edition = (read_origin(folder) or {}).get("edition", {})
    ended = (folder / TRIALS).stat().st_mtime
    started = ended - float(trials["seconds"].sum())
    space = search.get("space", {})
    experiment = str(edition.get("name", "searches"))
    children = tuple(
        replace(
            _trial_record(trial, space.get("hyperparameters", {}), started),
            key=_hash(f"{key} {trial['trial_id']}"),
            experiment=experiment,
        )
        for trial in trials.to_dict("records")
    )
    return Record(
        key=key,
        experiment=experiment,
        name=folder.resolve().name,
        started=started,
        ended=ended,
        parameters={"space": str(space.get("name"))} | {name: str(search.get(name)) for name in ("objective", "seed")},
        metrics={"trials": float(len(trials))},
        files=_files(folder, _KEPT_OF_SEARCH),
        children=children,
    )


def _trial_record(trial: Mapping[Any, Any], hyperparameters: Mapping[str, Any], started: float) -> Record:
    values = {str(name): value for name, value in trial.items() if pd.notna(value)}
    scores = {name: value for name, value in values.items() if name not in {"trial_id", "state", *hyperparameters}}
    return Record(
        key="",
        experiment="",
        name=f"trial {trial['trial_id']}",
        started=started,
        ended=started + float(values.get("seconds", 0)),
        parameters={name: str(values[name]) for name in hyperparameters if name in values},
        metrics=_finite(scores),
        tags={"state": str(values.get("state"))},
    )


def _search_folders(place: Path) -> Iterator[Path]:
    """Yield the folders of finished searches in alphabetical order."""
    for name, folders, files in os.walk(place):
        folders.sort()
        if MANIFEST in files or SEARCH in files:
            folders.clear()
        if {SEARCH, TRIALS, DONE} <= set(files):
            yield Path(name)


def _files(folder: Path, names: tuple[str, ...]) -> dict[str, Path]:
    """Return the files of these names that are there, and all pictures."""
    pictures = sorted((folder / "plots").glob("*.png"))
    found = {name: folder / name for name in names if (folder / name).is_file()}
    return found | {f"plots/{path.name}": path for path in pictures}


def _finite(values: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value) for name, value in values.items() if pd.notna(value) and abs(float(value)) < float("inf")
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(name: str) -> str:
    """Return a name of the letters that a metric's may have: a blended run's is its folder's path."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in Path(name).name)
