"""`tune`: search for a recipe; every trial is a full cross-validation."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.errors import ArgumentError
from competition.models.ensembles import load_preset
from competition.runtime.variables import warn_of_arithmetic
from competition.scoring.boards import goals_of
from competition.storage.folders import RUNS
from competition.storage.places import check_place
from genre_kit.jobs.steps.folds import asked_folds, choose_folds
from genre_kit.jobs.steps.inputs import PathLike, choose_data, refuse_genres_as_groups
from genre_kit.jobs.steps.plan import refuse_both
from genre_kit.results.folds import FoldChoice
from genre_kit.results.genres import GenreChoice, Genres, without_as_option
from genre_kit.results.search import SearchPlan, SearchResult
from genre_kit.runs.known_data import origin_table
from tuning.addresses import check_port_free, check_worker_name, parse_address
from tuning.errors import TuningError
from tuning.folder import check_folder, locked, read_result
from tuning.trials.holdout import split_holdout, subset
from tuning.trials.spaces import Space, load_space, read_space
from tuning.trials.study import MOST_TRIALS, REPEATS, Budget, Settings, Study, objectives_of

if TYPE_CHECKING:
    from tuning.distributed import WorkerCommand
    from tuning.progress import SearchProgress
    from tuning.search import RunTrials, Search

DEFAULT_MODEL = "dense"
DEFAULT_TRIALS = 60
FINALISTS = 3
_PLAIN = ("dense", "quick")
"""The preset that stands beside the winner: the one that takes seconds."""


SearchListener = Callable[[SearchPlan], AbstractContextManager["SearchProgress"]]
"""Called when a search begins or resumes; returns a context manager that yields its listener."""


def tune(
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    model: str | None = None,
    space: PathLike | None = None,
    trials: int | None = None,
    minutes: float | None = None,
    objective: str = "log-loss",
    folds: int | PathLike = 10,
    groups: PathLike | None = None,
    genres: Genres | None = None,
    without: Genres | None = None,
    seeds: int = 1,
    seed: int = 0,
    holdout: float | None = None,
    initial: int = 12,
    alpha: float = 0.01,
    beta: float = 1.8,
    racing: bool = True,
    workers: int | None = None,
    worker_command: "WorkerCommand | None" = None,
    chief: str | None = None,
    worker: str | None = None,
    name: str | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: SearchListener | None = None,
) -> SearchResult | None:
    """Search for a recipe by Keras Tuner's Bayesian optimization; an interrupted search is resumed.

    Parameters
    ----------
    data, edition, folds, groups, genres, without, seed
        As for `submit`; without data, a search that `out` holds goes on with its own.
    model, space : str, path or None
        What to search over: a space that comes with the kit (by default ``"dense"``), or a TOML file.
    trials, minutes : int, float or None
        The budget: at most 1 to 9999 trials, a time above 0, or both; 60 trials where neither is given.
    objective : str
        ``"log-loss"``: what the edition's board of probabilities ranks by; or ``"accuracy"``: what its board of labels
        does.
    seeds : int
        Networks of each fold, at least 1.
    holdout : float or None
        This share of the songs, in (0, 0.5], is kept out of the whole search, and scores the winner once.
    initial, alpha, beta, racing
        As in `tuning.trials.study.Settings`.
    workers : int or None
        Run trials in that many processes of this machine; needs `worker_command`.
    worker_command : callable or None
        Given the chief's address and a worker's name, returns the command that starts that worker.
    chief, worker, name : str or None
        Addresses of a search over several machines, and a worker's name.
    out : path or None
        The search's folder; by default the same one for the same edition and space, in ``runs/``.
    force : bool
        Begin another search in a folder that holds a finished one.
    progress : callable or None
        A `SearchListener`.

    Returns
    -------
    SearchResult or None
        None for a worker.

    Raises
    ------
    KitError
        Where anything given is wrong, or the folder holds something else.
    """
    _check_roles(workers, chief, worker, name)
    if workers is not None and worker_command is None:
        raise ArgumentError("`workers` needs `worker_command`, which says how a worker is started.")
    check_place(RUNS if out is None else Path(out))
    budget = _budget(trials, minutes, holdout)
    warn_of_arithmetic()
    chosen = _choose_space(model, space)
    known_by = out if out is not None and Path(out).is_dir() else None
    songs = choose_data(data, edition, known_by, GenreChoice(genres, without))
    dataset = songs.open(with_test=None)
    origin = songs.origin_of(dataset)
    chosen.to_recipe(chosen.defaults).check_edition(dataset.edition)
    if groups is not None:
        dataset = dataset.with_groups(Path(groups))
        refuse_genres_as_groups(dataset)
    searched, choice, kept_out = _divide(dataset, folds, holdout, seed)
    objectives = objectives_of(goals_of(dataset.edition.boards))
    if objective not in objectives:
        raise ArgumentError(f"`objective` is {objective!r}; expected one of {', '.join(objectives)}.")
    settings = Settings(initial=initial, alpha=alpha, beta=beta, racing=racing)
    together = None if choice.like_test is None else choice.like_test.clusters
    study = Study(searched, choice.folds, chosen, objectives[objective], seed, seeds, settings, together)
    folder = RUNS / f"{dataset.edition.name}-{chosen.name}-tuning" if out is None else Path(out)
    if worker is not None and name is not None:
        from tuning.distributed import work

        work(study, folder, worker, name)
        return None
    check_folder(folder, study, force=force)
    found = read_result(folder, study)
    place = None if data is None else Path(data)
    if found is not None and found.get("budget") == asdict(budget):
        return SearchResult(
            folder,
            found,
            was_there=True,
            data=place,
            has_test=dataset.test_features is not None,
            without=without_as_option(dataset.edition),
        )
    own_folds = isinstance(asked_folds(folds), Path)
    plan = SearchPlan(dataset, choice, study, budget, folder, own_folds, kept_out, origin, songs.known_by)
    with locked(folder):
        return SearchResult(
            folder,
            _run(plan, progress or _unheard, partial(_trial_runner, chief, workers, worker_command)),
            was_there=False,
            data=place,
            has_test=dataset.test_features is not None,
            without=without_as_option(dataset.edition),
        )


def _check_roles(workers: int | None, chief: str | None, worker: str | None, name: str | None) -> None:
    given = [role for role, value in (("workers", workers), ("chief", chief), ("worker", worker)) if value]
    if len(given) > 1:
        raise ArgumentError(f"`{given[0]}` and `{given[1]}` contradict each other. Give one.")
    if (worker is None) != (name is None):
        raise ArgumentError("`worker` and `name` belong together. Give both, or neither.")
    if chief is not None:
        check_port_free(*parse_address(chief, "chief"))
    if worker is not None and name is not None:
        parse_address(worker, "worker")
        check_worker_name(name)


def _budget(trials: int | None, minutes: float | None, holdout: float | None) -> Budget:
    if trials is not None and not 1 <= trials <= MOST_TRIALS:
        raise TuningError(f"`trials` is {trials}; expected a whole number from 1 to {MOST_TRIALS}.")
    if minutes is not None and not 0 < minutes < float("inf"):
        raise TuningError(f"`minutes` is {minutes:g}; expected a number above 0.")
    if trials is None and minutes is None:
        trials = DEFAULT_TRIALS
    reserved = REPEATS * (FINALISTS + 2) + (holdout is not None)  # the first trial and a preset beside the finalists
    return Budget(trials, None if minutes is None else 60 * minutes, reserved)


def _choose_space(model: str | None, path: PathLike | None) -> Space:
    refuse_both("model", model, "space", path, "a space says its own model")
    return load_space(model or DEFAULT_MODEL) if path is None else read_space(Path(path))


def _divide(
    dataset: Dataset, folds: int | PathLike, share: float | None, seed: int
) -> tuple[Dataset, FoldChoice, Dataset | None]:
    """Return the rows to search on, their folds, and the rows kept out of the search."""
    own = choose_folds(dataset, folds, seed) if share is None or isinstance(asked_folds(folds), Path) else None
    if share is None and own is not None:
        return dataset.without_test(), own, None
    searched, kept_out = split_holdout(dataset, None if own is None else own.folds, share or 0.0, seed)
    rows = subset(dataset, searched)
    if own is None:
        choice = choose_folds(replace(rows, test_features=dataset.test_features), folds, seed)
        return rows, choice, subset(dataset, kept_out)
    _, assignment = np.unique(own.folds.assignment[searched], return_inverse=True)
    return rows, replace(own, folds=Folds(assignment.astype(np.int64))), subset(dataset, kept_out)


@contextmanager
def _unheard(plan: SearchPlan) -> "Iterator[SearchProgress]":
    from tuning.progress import SearchProgress

    yield SearchProgress(plan.study.objective, plan.budget, None, quiet=True)


def _run(plan: SearchPlan, progress: SearchListener, runner: "Callable[[Search], RunTrials]") -> Mapping[str, Any]:
    with progress(plan) as listener:
        # Imported here, after the data is read: TensorFlow takes seconds, and mistakes should be reported at once.
        from tuning.search import Search, run_search

        # Where the test songs are strangers, submit pools otherwise, and the preset would say nothing about it.
        plain = None if plan.choice.has_strangers else load_preset(*_PLAIN)
        origin = origin_table(plan.dataset.source, plan.origin, plan.dataset.edition)
        search = Search(plan.study, plan.budget, plan.folder, FINALISTS, plan.own_folds, plan.kept_out, origin, plain)
        return run_search(search, listener, runner(search)).to_table()


def _trial_runner(
    chief: str | None, workers: int | None, command: "WorkerCommand | None", search: "Search"
) -> "RunTrials":
    """Return what runs the trials: this process, or a chief that hands them out."""
    from tuning.keras_tuner.tuner import CrossFitTuner

    if workers is None and chief is None:
        return CrossFitTuner.search
    from tuning.distributed import hand_out

    return hand_out(search, chief) if workers is None or command is None else hand_out(search, None, workers, command)
