"""`tune`: search for a recipe; every trial is a full cross-validation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from genre_kit.jobs.inputs import describe, open_dataset
from genre_kit.jobs.plan import choose_folds
from tuning.addresses import check_port_free, check_worker_name, parse_address
from tuning.errors import TuningError
from tuning.folder import check_folder, locked, read_result
from tuning.report import result_lines
from tuning.trials.holdout import split_holdout, subset
from tuning.trials.spaces import Space, load_space, read_space
from tuning.trials.study import MOST_TRIALS, OBJECTIVES, REPEATS, Budget, Settings, Study

if TYPE_CHECKING:
    from tuning.search import Search

DEFAULT_MODEL = "dense"
DEFAULT_TRIALS = 60
FINALISTS = 3


def tune(
    *,
    data: Path | None,
    edition: str | None,
    out: Path | None,
    model: str | None,
    space: Path | None,
    trials: int | None,
    minutes: float | None,
    objective: str,
    folds: int | Path,
    groups: Path | None,
    seeds: int,
    seed: int,
    holdout: float | None,
    initial: int,
    alpha: float,
    beta: float,
    racing: bool,
    force: bool,
    quiet: bool,
    workers: int | None,
    chief: str | None,
    worker: str | None,
    name: str | None,
) -> None:
    """Carry out the command; the parameters are its options."""
    _check_roles(workers, chief, worker, name)
    budget = _budget(trials, minutes, holdout)
    chosen = _choose_space(model, space)
    dataset = open_dataset(data, edition, with_test=False)
    if groups is not None:
        dataset = dataset.with_groups(groups)
    searched, assignment, kept_out = _divide(dataset, folds, holdout, seed)
    settings = Settings(initial=initial, alpha=alpha, beta=beta, racing=racing)
    study = Study(searched, assignment, chosen, OBJECTIVES[objective], seed, seeds, settings)
    folder = out or Path("runs") / f"{dataset.edition.name}-{chosen.name}-tuning"
    if worker is not None:
        from tuning.distributed import work

        work(study, folder, worker, name)
        return
    check_folder(folder, study, force=force)
    result = read_result(folder, study)
    if result is None or result["budget"] != asdict(budget):
        with locked(folder), _going_on_later(folder):
            _announce(dataset, data, study, kept_out, quiet=quiet)
            search = _search(study, budget, folder, isinstance(folds, Path), kept_out)
            result = _run(search, quiet=quiet, workers=workers, chief=chief)
    elif not quiet:
        click.echo(f"{folder}: holds this search, finished")
    if not quiet:
        click.echo("\n".join(["", *result_lines(result, folder)]))


def _check_roles(workers: int | None, chief: str | None, worker: str | None, name: str | None) -> None:
    given = [option for option, value in (("--workers", workers), ("--chief", chief), ("--worker", worker)) if value]
    if len(given) > 1:
        raise click.UsageError(f"{given[0]} and {given[1]} contradict each other. Give one.")
    if (worker is None) != (name is None):
        raise click.UsageError("--worker and --id belong together. Give both, or neither.")
    if chief is not None:
        check_port_free(*parse_address(chief, "--chief"))
    if worker is not None and name is not None:
        parse_address(worker, "--worker")
        check_worker_name(name)


def _budget(trials: int | None, minutes: float | None, holdout: float | None) -> Budget:
    if trials is not None and not 1 <= trials <= MOST_TRIALS:
        raise TuningError(f"--trials is {trials}; expected a whole number from 1 to {MOST_TRIALS}.")
    if minutes is not None and not 0 < minutes < float("inf"):
        raise TuningError(f"--minutes is {minutes:g}; expected a number above 0.")
    if trials is None and minutes is None:
        trials = DEFAULT_TRIALS
    reserved = REPEATS * (FINALISTS + 1) + (holdout is not None)
    return Budget(trials, None if minutes is None else 60 * minutes, reserved)


def _choose_space(model: str | None, path: Path | None) -> Space:
    if model is not None and path is not None:
        raise click.UsageError("--model and --space contradict each other: a space says its own model. Give one.")
    return load_space(model or DEFAULT_MODEL) if path is None else read_space(path)


def _divide(
    dataset: Dataset, folds: int | Path, share: float | None, seed: int
) -> tuple[Dataset, Folds, Dataset | None]:
    """Return the rows to search on, their folds, and the rows kept out of the search."""
    if share is None:
        return dataset, choose_folds(dataset, folds, seed), None
    own = choose_folds(dataset, folds, seed) if isinstance(folds, Path) else None
    searched, kept_out = split_holdout(dataset, own, share, seed)
    rows = subset(dataset, searched)
    if own is None:
        return rows, choose_folds(rows, folds, seed), subset(dataset, kept_out)
    _, assignment = np.unique(own.assignment[searched], return_inverse=True)
    return rows, Folds(assignment.astype(np.int64)), subset(dataset, kept_out)


@contextmanager
def _going_on_later(folder: Path) -> Iterator[None]:
    """Say how to go on when the search is interrupted."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        click.echo(f"note: {folder} holds all finished trials; the same command goes on with the search.", err=True)
        raise


def _announce(dataset: Dataset, data: Path | None, study: Study, kept_out: Dataset | None, *, quiet: bool) -> None:
    if quiet:
        return
    seeds = "1 seed" if study.seeds == 1 else f"{study.seeds} seeds"
    lines = describe(dataset, data)
    if kept_out is not None:
        lines.append(f"holdout   {kept_out.rows} of the training songs are kept out of the search")
    count = len(study.space.hyperparameters)
    lines.append(
        f"space     {study.space.name}: {count} hyperparameters; a trial is {study.folds.count} folds x {seeds}"
    )
    click.echo("\n".join(lines))


def _search(study: Study, budget: Budget, folder: Path, own_folds: bool, holdout: Dataset | None) -> "Search":
    # Imported here, after the data is read: TensorFlow takes seconds, and a mistake should be met at once.
    from tuning.search import Search

    return Search(study, budget, folder, FINALISTS, own_folds, holdout)


def _run(search: "Search", *, quiet: bool, workers: int | None, chief: str | None) -> dict:
    from tuning.keras_tuner.tuner import CrossFitTuner
    from tuning.progress import search_progress
    from tuning.search import run_search

    run_trials = CrossFitTuner.search
    if workers is not None or chief is not None:
        from tuning.distributed import hand_out

        run_trials = hand_out(search, workers, chief)
    with search_progress(search.study.objective, search.budget, quiet=quiet) as progress:
        return run_search(search, progress, run_trials).to_table()
