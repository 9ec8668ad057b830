"""The oracle decides which hyperparameters come next, and keeps the record of all trials."""

import json
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from competition.errors import KitError, KitWarning, RunError
from competition.runtime.backend import keras  # noqa: F401  sets Keras's backend before Keras Tuner asks for it
from competition.storage.files import make_folder, write_whole, writing

import keras_tuner  # isort: skip
from keras_tuner.engine.trial import Trial, TrialStatus

from tuning.errors import TuningError
from tuning.keras_tuner.records import read_oracle, read_trial
from tuning.trials.spaces import Hyperparameter, Space, Value, tidy
from tuning.trials.study import MOST_TRIALS, Budget, Study

_CANDIDATES = 4000
_NEIGHBOURS = 5
_NEAR = 0.1
_FENCE = 1.5
_MOST_COLLISIONS = 100


def to_hyperparameters(space: Space) -> keras_tuner.HyperParameters:
    """Return a space as Keras Tuner describes it."""
    described = keras_tuner.HyperParameters()
    for one in space.hyperparameters:
        _add(described, one, list(one.when.items()))
    return described


def _add(described: keras_tuner.HyperParameters, one: Hyperparameter, conditions: list[tuple[str, tuple]]) -> None:
    if conditions:
        (parent, allowed), *others = conditions
        with described.conditional_scope(parent, list(allowed)):
            _add(described, one, others)
    elif one.kind == "boolean":
        described.Boolean(one.name, default=one.default)
    elif one.kind == "choice":
        described.Choice(one.name, list(one.values), default=one.default)
    else:
        number = described.Int if one.kind == "int" else described.Float
        number(one.name, one.minimum, one.maximum, step=one.step, sampling=one.sampling, default=one.default)


class SearchOracle(keras_tuner.oracles.BayesianOptimizationOracle):
    """Keras Tuner's Bayesian optimization, which can be interrupted and resumed at any point.

    Parameters
    ----------
    study : Study
    budget : Budget
    on_trial_end : callable
        Called with this oracle after every trial.

    Notes
    -----
    What differs from Keras Tuner's own:

    - The first trial has the space's defaults. No point is tried twice.
    - The next point is the best of some thousand random ones and of neighbours of the best trials, instead of 50 runs
      of a gradient search by finite differences, which cost 20-40 s a trial in 13 dimensions on two busy cores.
    - Costs beyond Tukey's fence (1.5 interquartile ranges above the third quartile) are clipped to it, so that a
      diverged trial does not flatten the differences that matter.
    - Random numbers depend on the seed and on the number of trials, so that a search that was interrupted goes on as
      if it had not been.
    - Files appear whole or not at all; `problem` is the reason when one does not. A trial is finished when its own
      file says so, whatever the oracle's last file says, and every unfinished one is run again.
    """

    trials: dict[str, Trial]
    ongoing_trials: dict[str, Trial]
    start_order: list[str]
    end_order: list[str]

    def __init__(self, study: Study, budget: Budget, on_trial_end: Callable[["SearchOracle"], None]) -> None:
        settings = study.settings
        super().__init__(
            objective=keras_tuner.Objective(study.objective.name, study.objective.direction),
            max_trials=MOST_TRIALS,
            num_initial_points=settings.initial,
            alpha=settings.alpha,
            beta=settings.beta,
            seed=study.oracle_seed,
            hyperparameters=to_hyperparameters(study.space),
            tune_new_entries=False,
        )
        self.study, self.budget, self.on_trial_end = study, budget, on_trial_end
        self.verbose = 0
        self.problem: Exception | None = None
        self.lost: list[str] = []
        self.is_exhausted = False
        self._earlier, self._clock = 0.0, time.monotonic()

    @property
    def seconds(self) -> float:
        """The duration of the search, over all its sessions."""
        return self._earlier + time.monotonic() - self._clock

    @property
    def ended(self) -> list[Trial]:
        """The trials that are over, in the order of their numbers."""
        return [self.trials[name] for name in sorted(self.trials) if not _is_open(self.trials[name])]

    @property
    def at_work(self) -> set[str]:
        """The names of the workers that have a trial, or will ask for one."""
        return self.tuner_ids | set(self.ongoing_trials)

    @property
    def is_spent(self) -> bool:
        """Whether the budget allows no further trial; the first one is always allowed."""
        if not self.trials:
            return False
        if self.budget.trials is not None and len(self.trials) >= self.budget.trials:
            return True
        if self.budget.seconds is None:
            return False
        taken = [_seconds(trial) for trial in self.ended]
        reserve = self.budget.reserved * float(np.mean(taken or [0.0]))
        return self.seconds + reserve >= self.budget.seconds

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Return the values of the next trial, or that there is none."""
        is_spent = self.is_spent
        values = None if is_spent else self._next_values()
        self.is_exhausted = values is None and not is_spent
        status = TrialStatus.STOPPED if values is None else TrialStatus.RUNNING
        return {"status": status, "values": values}

    def end_trial(self, trial: Trial) -> None:
        """Record a trial that is over, and call `on_trial_end`."""
        super().end_trial(trial)
        try:
            self.on_trial_end(self)
        except KitError as problem:
            self.problem = problem

    @keras_tuner.synchronized
    def forget_worker(self, name: str) -> None:
        """Requeue a dead worker's trial for the next worker."""
        trial = self.ongoing_trials.pop(name, None)
        self.tuner_ids.discard(name)
        if trial is not None:
            trial.metrics = type(trial.metrics)()
            self._retry_queue.append(trial.trial_id)
            self.save()

    def _next_values(self) -> dict[str, Value] | None:
        if not self.trials:
            return self.study.space.defaults
        completed = sum(trial.status == TrialStatus.COMPLETED for trial in self.trials.values())
        return self._random_values() if completed < self.num_initial_points else self._promising_values()

    def _random_values(self) -> dict[str, Value] | None:
        """Return random values that were not tried, rounded as in tables, or None when none are left."""
        for _ in range(_MOST_COLLISIONS):
            values = super()._random_values()
            if values is None:
                break
            if not self._duplicate(_tidied(values)):
                return _tidied(values)
        generator = np.random.default_rng((self.seed, len(self.trials)))
        return self._first_new(generator.uniform(size=(_CANDIDATES, len(self.hyperparameters.space))))

    def _first_new(self, candidates: Iterable[np.ndarray]) -> dict[str, Value] | None:
        """Return the values of the first point of the unit cube that was not tried, or None."""
        for candidate in candidates:
            values = self._within(_tidied(self._vector_to_values(candidate)))
            if not self._duplicate(values):
                return values
        return None

    def _within(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return values of which whole numbers are at most the largest: Keras Tuner gives one more at the very end."""
        most = {one.name: int(one.bounds[1]) for one in self.study.space.hyperparameters if one.kind == "int"}
        return {name: min(int(value), most[name]) if name in most else value for name, value in values.items()}

    def _promising_values(self) -> dict[str, Value] | None:
        with threadpool_limits(1):  # the matrices are small: threads only wait for each other
            points, costs = self._vectorize_trials()
            self.gpr.fit(points, costs)
            candidates = self._candidates(points[np.argsort(costs)[:_NEIGHBOURS]])
            expected, deviation = self.gpr.predict(candidates, return_std=True)
        return self._first_new(candidates[np.argsort(expected - self.beta * deviation)])

    def _candidates(self, best: np.ndarray) -> np.ndarray:
        """Return points (candidates, dimensions) of the unit cube: anywhere, and near the best trials."""
        generator = np.random.default_rng((self.seed, len(self.trials)))
        anywhere = generator.uniform(size=(_CANDIDATES, best.shape[1]))
        near = np.repeat(best, _CANDIDATES // (2 * len(best)), axis=0)
        moved = generator.uniform(size=near.shape) < 0.5
        near = np.clip(near + moved * generator.normal(scale=_NEAR, size=near.shape), 0, 1)
        return np.concatenate([anywhere, near])

    def _vectorize_trials(self) -> tuple[np.ndarray, np.ndarray]:
        """Return trials as points of the unit cube (trials, dimensions), and their costs (trials,).

        A trial that is running on another machine is given a pessimistic guess, so that it is not suggested again.
        """
        completed = [trial for trial in self.trials.values() if trial.status == TrialStatus.COMPLETED]
        points = np.array([self._vector(trial) for trial in completed])
        costs = np.array([self.study.objective.cost(trial.score) for trial in completed])
        first, third = np.quantile(costs, (0.25, 0.75))
        costs = np.minimum(costs, third + _FENCE * (third - first))
        running = np.array([self._vector(trial) for trial in self.ongoing_trials.values()])
        if not len(running):
            return points, costs
        self.gpr.fit(points, costs)
        expected, deviation = self.gpr.predict(running, return_std=True)
        return np.concatenate([points, running]), np.concatenate([costs, expected + deviation])

    def _vector(self, trial: Trial) -> list[float]:
        values = trial.hyperparameters.values
        return [one.value_to_prob(values.get(one.name, one.default)) for one in self.hyperparameters.space]

    def get_state(self) -> dict[str, Any]:
        """Return what the oracle's file holds."""
        return super().get_state() | {"seconds": self.seconds}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Restore what the oracle's file holds."""
        super().set_state(state)
        self._earlier, self._clock = state["seconds"], time.monotonic()

    def save(self) -> None:
        """Write the oracle's file, which the trials' own make good where a power cut takes it."""
        self._write(Path(self._get_oracle_fname()), self.get_state(), lasting=False)

    def _save_trial(self, trial: Trial) -> None:
        self._write(Path(self._project_dir) / f"trial_{trial.trial_id}" / "trial.json", trial.get_state())

    def _write(self, path: Path, state: Mapping[str, Any], *, lasting: bool = True) -> None:
        """Write a file, or remember why not: an exception here would leave Keras Tuner's lock held for ever."""
        try:
            with writing(path):
                make_folder(path.parent)
            write_whole(path, json.dumps(state), lasting=lasting)
        except RunError as problem:
            self.problem = problem

    def reload(self) -> None:
        """Read all files; where the oracle's is older than the trials' own, these hold.

        Of those that cannot be read a KitWarning tells, and `lost` keeps the numbers of trials that they were of.
        """
        found = (self._read_trial(folder) for folder in sorted(Path(self._project_dir).glob("trial_*")))
        self.trials = {trial.trial_id: trial for trial in found if trial is not None}
        self._restore_state()
        self.lost = self._missing_numbers()
        self._retry_queue = [name for name in reversed(self.trials) if _is_open(self.trials[name])]
        self.start_order = _in_order(self.start_order, self.trials)
        self.end_order = _in_order(self.end_order, [trial.trial_id for trial in self.ended])
        for trial in self.trials.values():
            self._record_values(trial)
        for name in self._retry_queue:
            self.trials[name].metrics = type(self.trials[name].metrics)()

    def _read_trial(self, folder: Path) -> Trial | None:
        path = folder / "trial.json"
        if not path.exists():  # it was just going to begin
            return None
        try:
            return read_trial(path, self.hyperparameters, self.study.space)
        except TuningError as problem:
            warnings.warn(str(problem), KitWarning, stacklevel=2)
        return None

    def _restore_state(self) -> None:
        """Restore what the oracle's file holds; where it is lost, what the trials say of it.

        Random numbers begin anew then, and pass by what was tried: those that follow are what they would have been.
        """
        self._earlier = sum(_seconds(trial) for trial in self.ended)
        path = Path(self._get_oracle_fname())
        try:
            found = read_oracle(path)
        except TuningError as problem:
            warnings.warn(str(problem), KitWarning, stacklevel=2)
        else:
            self.set_state(self.get_state() | asdict(found) | {"ongoing_trials": {}})

    def _missing_numbers(self) -> list[str]:
        """Return the numbers of trials that were begun, and of which there is no file that can be read."""
        folders = (folder.name.removeprefix("trial_") for folder in Path(self._project_dir).glob("trial_*"))
        begun = {name for name in (*folders, *self.start_order) if name.isdecimal()}
        last = max(map(int, begun), default=-1)
        return [name for name in (_number(place) for place in range(last + 1)) if name not in self.trials]

    def adopt(self, trial_id: str, values: Mapping[str, Value], metrics: Mapping[str, float]) -> None:
        """Make the record of a trial again, of its outcome.

        Parameters
        ----------
        trial_id : str
            One of `lost`.
        values : mapping of str to Value
        metrics : mapping of str to float
        """
        trial = self._begin(trial_id, values)
        self.update_trial(trial_id, metrics)
        trial.status = TrialStatus.COMPLETED
        self.score_trial(trial)
        self.end_order.append(trial_id)
        self._save_trial(trial)

    def renew(self, trial_id: str) -> None:
        """Give a number whose trial is lost, with its outcome, to a new trial; those after it keep theirs."""
        values = self._random_values() if self.trials else None
        self._begin(trial_id, values or self.study.space.defaults)
        self._retry_queue.append(trial_id)

    def reopen(self, trial: Trial) -> None:
        """Let a trial be run again, whose outcome is lost."""
        trial.status, trial.metrics = TrialStatus.RUNNING, type(trial.metrics)()
        self.end_order.remove(trial.trial_id)
        self._retry_queue.insert(0, trial.trial_id)

    def _begin(self, trial_id: str, values: Mapping[str, Value]) -> Trial:
        hyperparameters = self.hyperparameters.copy()
        hyperparameters.values = dict(values)
        trial = Trial(hyperparameters, trial_id)
        self._record_values(trial)
        self.trials = dict(sorted({**self.trials, trial_id: trial}.items()))
        self.start_order.append(trial_id)
        self._save_trial(trial)
        return trial


def _number(place: int) -> str:
    """Return a trial's number as Keras Tuner writes it."""
    return f"{place:0{len(str(MOST_TRIALS))}d}"


def _in_order(known: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return names in the order in which they are known, then the others."""
    wanted = dict.fromkeys(names)
    return list(dict.fromkeys([*(name for name in known if name in wanted), *wanted]))


def _seconds(trial: Trial) -> float:
    return float(trial.metrics.get_best_value("seconds")) if trial.metrics.exists("seconds") else 0.0


def _is_open(trial: Trial) -> bool:
    return trial.status not in (TrialStatus.COMPLETED, TrialStatus.FAILED)


def _tidied(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: tidy(value) for name, value in values.items()}
