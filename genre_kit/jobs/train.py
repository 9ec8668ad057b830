"""`submit` and `score` of a model: train it as planned, and write the result."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from competition.errors import ArgumentError, KitWarning
from competition.inference.findings import FRAMES
from competition.inference.frames import as_folder
from competition.models.saved import MODELS
from competition.scoring.scores import Scores, row_scores, summarize
from competition.shift.correction import warn_of_chance
from competition.shift.drift import looks_foreign
from genre_kit.jobs.steps.folds import asked_folds, drawn_again
from genre_kit.jobs.steps.inputs import PathLike, count_test_songs
from genre_kit.jobs.steps.keep import check_out, keep
from genre_kit.jobs.steps.plan import make_plan
from genre_kit.jobs.steps.training import carry_out
from genre_kit.results.events import Listener, Planned, nobody
from genre_kit.results.genres import Genres
from genre_kit.results.run import Plan, Result

if TYPE_CHECKING:
    import pandas as pd

    from competition.inference.frames import Labels

_LATE = 1.1
_SEEDS = 2**32


def submit(
    train: "pd.DataFrame | None" = None,
    labels: "Labels | None" = None,
    test: "pd.DataFrame | None" = None,
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    model: str | None = None,
    preset: str | None = None,
    minutes: float | None = None,
    recipe: PathLike | None = None,
    add_recipe: PathLike | None = None,
    folds: int | PathLike = 10,
    groups: PathLike | None = None,
    seeds: int | None = None,
    rule: str | None = None,
    threshold: float | None = None,
    fallback: str | None = None,
    genres: Genres | None = None,
    without: Genres | None = None,
    correct_shares: bool = False,
    test_share: float | None = None,
    seed: int = 0,
    out: PathLike | None = None,
    force: bool = False,
    progress: Listener = nobody,
) -> Result:
    """Train, score out of fold, write and check both submission files.

    Parameters
    ----------
    train, labels, test : DataFrame, or None
        Songs as data frames, instead of `data`: looked at as files with a header are. `labels` may also be a column of
        `train`, or one genre a song; None where `train` shows them.
    data : path or None
        The folder with the competition's files, or a zip archive; None for the data of the run or search that `recipe`
        or `add_recipe` is from, else the embedded sample.
    edition : str or None
        A built-in edition's name or an edition's TOML file; by default the folder's ``edition.toml``, else mlbp-2018.
    model : str or None
        ``"dense"`` (the default) or ``"lstm"``, which are pools of models, or a single recipe's name.
    preset : str or None
        Of a pool: ``"quick"``, ``"standard"`` (the default) or ``"best"``.
    minutes : float or None
        Train what fits into this time, instead of a preset.
    recipe : path or None
        A recipe or ensemble of your own (TOML), or a folder with a ``recipe.toml``, such as a run's or a search's,
        instead of a model.
    add_recipe : path or None
        The same, added to the model's pool: with at most as many seeds as its own networks have.
    folds : int or path
        The number of folds, or a file with one fold number a row.
    groups : path or None
        A file with one id a training song: songs of one id stay in one fold.
    seeds : int or None
        Networks of each recipe for every fold.
    rule : str or None
        How probabilities become labels: one of `submissions.rule_search.RULE_NAMES`; by default the
        edition's: ``"threshold"``, ``"argmax"`` where it says how submissions look, ``"auto"`` for macro metrics.
    threshold : float or None
        In [0, 1]; of the rules that have one.
    fallback : str or None
        Name or label of the fallback genre; by default the edition's.
    genres, without : sequence of str or int, or None
        Names or labels of the only genres that are told apart, or of those that are left out: their training songs are
        not there for anything, and each has a tiny probability in ``label_all.csv``. By default all genres of the
        edition, or those of the run or search that knows the data.
    correct_shares : bool
        Whether to correct the probabilities for the genre shares that they show in the test file.
    test_share : float or None
        Where there is no test file: the share of the training songs, in (0, 0.5], that is kept out as one, and scores
        both files at the end.
    seed : int
        At least 0; the same one gives the same files on the same machine.
    out : path or None
        The run's folder; by default a new one in ``runs/``.
    force : bool
        Whether a finished run there is replaced.
    progress : callable
        Called with each event of `genre_kit.results.events`.

    Returns
    -------
    Result
        With `scores`, `labels`, `probabilities`, `out_of_fold` and `folder`.

    Raises
    ------
    KitError
        Where anything given is wrong, with a sentence; ArgumentError where arguments contradict each other.
    """
    check_out(out, force=force)
    with _frames_as_data(train, labels, test, data, test_share) as place:
        plan = make_plan(
            data=place,
            edition=edition,
            with_test=True,
            model=model,
            preset=preset,
            recipe=recipe,
            add_recipe=add_recipe,
            minutes=minutes,
            folds=folds,
            groups=groups,
            seeds=seeds,
            rule=rule,
            threshold=threshold,
            fallback=fallback,
            genres=genres,
            without=without,
            seed=seed,
            correct_shares=correct_shares,
            test_share=test_share,
        )
    if train is not None:
        in_memory = None if plan.origin is None else replace(plan.origin, path=None)
        plan = replace(plan, dataset=replace(plan.dataset, source=FRAMES), origin=in_memory)
    return submit_plan(plan, out, force=force, progress=progress)


def submit_plan(plan: Plan, out: PathLike | None, *, force: bool, progress: Listener) -> Result:
    """Train as planned, and write the run; arguments, result and errors are those of `submit`."""
    check_out(out, force=force, least=plan.least_bytes)
    result = keep(
        partial(_train_for_submission, plan, progress),
        out,
        (plan.dataset.edition.name, plan.ensemble.name),
        force=force,
    )
    _warn_afterwards(result, plan)
    return result


@contextmanager
def _frames_as_data(
    train: "pd.DataFrame | None",
    labels: "Labels | None",
    test: "pd.DataFrame | None",
    data: PathLike | None,
    test_share: float | None,
) -> Iterator[PathLike | None]:
    """Yield a folder with data frames' files, or `data` where there are none."""
    if train is None:
        if labels is not None or test is not None:
            raise ArgumentError("`labels` and `test` belong to `train`, a data frame of songs. Give all, or `data`.")
        yield data
        return
    if data is not None:
        raise ArgumentError("`train` and `data` contradict each other: both say which songs. Give one.")
    if test is None and test_share is None:
        raise ArgumentError(
            "`train` needs `test`, a data frame of the songs to be labelled, or `test_share`, such as 0.3, which keeps "
            "so many of its songs out as such."
        )
    with as_folder(train, labels, test) as folder:
        yield folder


def _train_for_submission(plan: Plan, progress: Listener, place: Path) -> Result:
    progress(Planned(plan, plan.data))
    result = carry_out(plan, progress, models=place / MODELS)
    if plan.asked.correct_shares and result.shift is not None:
        warn_of_chance(result.shift, plan.choice.diagnosis)
    return result


def _warn_afterwards(result: Result, plan: Plan) -> None:
    if result.oddities is not None and (trouble := looks_foreign(plan.dataset, result.oddities)) is not None:
        warnings.warn(trouble, KitWarning, stacklevel=3)
    late = plan.deadline
    if late is not None and late.passed > _LATE * late.length and len(result.trained) == 1:
        warnings.warn(
            f"this took {late.passed / 60:.1f} minutes instead of {late.length / 60:.1f}: "
            "on this machine the smallest ensemble takes that long.",
            KitWarning,
            stacklevel=3,
        )


def score(
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    model: str | None = None,
    preset: str | None = None,
    minutes: float | None = None,
    recipe: PathLike | None = None,
    add_recipe: PathLike | None = None,
    folds: int | PathLike = 10,
    groups: PathLike | None = None,
    seeds: int | None = None,
    rule: str | None = None,
    threshold: float | None = None,
    fallback: str | None = None,
    genres: Genres | None = None,
    without: Genres | None = None,
    repeats: int = 1,
    board_rows: int | None = None,
    seed: int = 0,
    out: PathLike | None = None,
    force: bool = False,
    progress: Listener = nobody,
) -> Result:
    """Score a model out of fold, without labelling test songs.

    Parameters
    ----------
    data, edition, model, preset, minutes, recipe, add_recipe, folds, groups, seeds
        As for `submit`; the test file need not be there.
    rule, threshold, fallback, genres, without, seed, out, force
        As for `submit`.
    repeats : int
        How many times to draw the folds, with `seed` and the seeds that follow it; the scores are averaged.
    board_rows : int or None
        For how many songs the boards' scores are predicted; by default the test file's, where there is one.
    progress : callable
        Called with each event of `genre_kit.results.events`.

    Returns
    -------
    Result
        That of the first draw, with the mean scores, and all draws in `repeats` where there are several.

    Raises
    ------
    KitError
        As `submit` does.
    """
    _refuse_repeats_without_effect(repeats, folds, minutes)
    check_out(out, force=force)
    plan = make_plan(
        data=data,
        edition=edition,
        with_test=False,
        model=model,
        preset=preset,
        recipe=recipe,
        add_recipe=add_recipe,
        minutes=minutes,
        folds=folds,
        groups=groups,
        seeds=seeds,
        rule=rule,
        threshold=threshold,
        fallback=fallback,
        genres=genres,
        without=without,
        seed=seed,
    )
    return keep(
        partial(_score_repeatedly, plan, repeats, board_rows, progress),
        out,
        (plan.dataset.edition.name, plan.ensemble.name),
        force=force,
    )


def _score_repeatedly(plan: Plan, repeats: int, board_rows: int | None, progress: Listener, place: Path) -> Result:
    progress(Planned(plan, plan.data))
    results = [carry_out(one, progress) for one in _repeated(plan, repeats)]
    edition = plan.dataset.edition
    rows = board_rows or (None if edition.left_out else count_test_songs(plan.data, edition))
    first = replace(results[0], board_rows=rows, probabilities=None, entries=None, shift=None)
    if len(results) == 1:
        return first
    held_out, seconds = replace(first.known, scores=_mean_scores(results)), sum(one.seconds for one in results)
    return replace(first, held_out=held_out, seconds=seconds, repeats=tuple(results))


def _refuse_repeats_without_effect(repeats: int, folds: int | PathLike, minutes: float | None) -> None:
    for name, used in (("`folds` FILE", isinstance(asked_folds(folds), Path)), ("`minutes`", minutes)):
        if repeats > 1 and used:
            raise ArgumentError(f"`repeats` draws the folds anew, which {name} does not allow. Give one of them.")


def _repeated(plan: Plan, repeats: int) -> list[Plan]:
    """Return the plan, and again with the seeds that follow its own: other folds, other networks."""
    seeds = [(plan.seed + repeat) % _SEEDS for repeat in range(1, repeats)]
    again = (replace(plan, seed=seed, choice=drawn_again(plan.dataset, plan.choice, seed)) for seed in seeds)
    return [plan, *again]


def _mean_scores(results: Sequence[Result]) -> Scores:
    """Return the scores averaged over repeats, song by song: repeats do not make the songs more."""
    targets, groups, goals = results[0].known.targets, results[0].known.groups, results[0].goals
    rows = [row_scores(targets, one.known.probabilities, one.known.settled.labels, goals) for one in results]
    return summarize(targets, {name: np.mean([one[name] for one in rows], axis=0) for name in rows[0]}, groups)
