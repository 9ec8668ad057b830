"""What Keras Tuner's files of a search hold, checked: they may be damaged in ways that leave them JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from competition.runtime.backend import keras  # noqa: F401  sets Keras's backend before Keras Tuner asks for it
from competition.storage.reading import read_json
from competition.storage.typed import fits, misfit

import keras_tuner  # isort: skip
from keras_tuner.engine.trial import Trial, TrialStatus

from tuning.errors import TuningError
from tuning.trials.spaces import Hyperparameter, Space, Value, tidy

_STATUSES = ("IDLE", "RUNNING", "COMPLETED", "FAILED", "INVALID", "STOPPED")


@dataclass(frozen=True)
class OracleRecord:
    """What an oracle's file adds to those of its trials and to the study; times in seconds."""

    start_order: Sequence[str]
    end_order: Sequence[str]
    run_times: Mapping[str, int]
    seed_state: int
    tried_so_far: Sequence[str]
    id_to_hash: Mapping[str, str | None]
    seconds: float


@dataclass(frozen=True)
class TrialRecord:
    """What a trial's file holds, as Keras Tuner names it."""

    trial_id: str
    hyperparameters: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Mapping[str, Any]]]
    score: float | None
    best_step: int | None
    status: str
    message: str | None

    @property
    def values(self) -> Mapping[str, Value]:
        """Those of the active hyperparameters."""
        return dict(self.hyperparameters["values"])


Record = TypeVar("Record", OracleRecord, TrialRecord)


def read_oracle(path: Path) -> OracleRecord:
    """Read an oracle's file; raises TuningError where it is damaged."""
    return _read(path, OracleRecord, "it is made again of the trials' own files")


def read_trial(path: Path, hyperparameters: keras_tuner.HyperParameters, space: Space) -> Trial:
    """Read a trial's file.

    Parameters
    ----------
    path : Path
        In a folder that is named after the trial.
    hyperparameters : HyperParameters
        The study's, of which the trial has values.
    space : Space
        The same.

    Raises
    ------
    TuningError
        When it is damaged: no JSON, or not what a trial of this study holds.
    """
    cure = "it is made again, of its outcome if that is there"
    record = _read(path, TrialRecord, cure)
    wrong = _wrong(record, path.parent.name, space)
    if wrong is not None:
        raise TuningError(f"{path}: cannot be read ({wrong}); {cure}.")
    own = hyperparameters.copy()
    own.values = dict(record.values)
    trial = Trial(own, record.trial_id, record.status, record.message)
    trial.metrics = type(trial.metrics).from_config(record.metrics)
    trial.score, trial.best_step = record.score, record.best_step
    return trial


def _read(path: Path, kind: type[Record], cure: str) -> Record:
    """Return a record made of a file's entries of its names."""
    table = read_json(path, TuningError, cure)
    names = [one.name for one in fields(kind)]
    lacking = [name for name in names if name not in table]
    record = None if lacking else kind(**{name: table[name] for name in names})
    wrong = f"{lacking[0]} is missing" if lacking else misfit(record)
    if wrong is not None or record is None:
        raise TuningError(f"{path}: cannot be read ({wrong}); {cure}.")
    return record


def _wrong(record: TrialRecord, folder: str, space: Space) -> str | None:
    """Return what a trial's record holds that is not its own, in words; None where all is."""
    if folder != f"trial_{record.trial_id}":
        return f"trial_id is {record.trial_id!r}"
    if record.status not in _STATUSES:
        return f"status is {record.status!r}"
    if record.status == TrialStatus.COMPLETED and record.score is None:
        return "it is completed and has no score"
    if not fits(record.hyperparameters.get("values"), Mapping[str, Value]):
        return "its values are no values of hyperparameters"
    known = {one.name: one for one in space.hyperparameters}
    odd = [name for name, value in record.values.items() if name not in known or not _may_be(known[name], value)]
    return f"{odd[0]} is {record.values[odd[0]]!r}" if odd else _wrong_metric(record.metrics)


def _may_be(one: Hyperparameter, value: Value) -> bool:
    """Return whether a trial may have a value: rounded as in tables or, in older searches, 1 above the largest."""
    if value == one.default and type(value) is type(one.default):
        return True
    if one.kind == "int":
        return type(value) is int and one.bounds[0] <= value <= one.bounds[1] + 1
    if one.kind == "float":
        ends = (*one.bounds, *map(tidy, one.bounds))
        return type(value) in (int, float) and min(ends) <= value <= max(ends)  # type: ignore[type-var, operator]
    return any(value == option and type(value) is type(option) for option in (*one.options, *map(tidy, one.options)))


def _wrong_metric(metrics: Mapping[str, Mapping[str, Any]]) -> str | None:
    """Return which metric has not what Keras Tuner keeps of each: a direction, and numbers by step."""
    histories = metrics.get("metrics")
    if histories is None:
        return "there are no metrics"
    return next((f"the metric {name} is no number" for name, one in histories.items() if not _is_history(one)), None)


def _is_history(history: Mapping[str, Any]) -> bool:
    seen = history.get("observations")
    if history.get("direction") not in ("min", "max") or not fits(seen, Sequence[Mapping[str, Any]]) or not seen:
        return False
    are_numbers = (one.get("value") and fits(one["value"], Sequence[float]) for one in seen)
    return all(are_numbers) and all(set(one) == {"value", "step"} and fits(one["step"], int) for one in seen)
