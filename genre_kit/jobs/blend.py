"""`submit --blend RUN --blend RUN`: finished runs' predictions are pooled, without training."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from competition.data.songs import Entries
from competition.errors import ArgumentError, RunError
from competition.models.yardsticks import Yardstick, guessing
from competition.scoring.boards import Goals, goals_of
from competition.scoring.by_group import score_groups
from competition.scoring.logarithmic_pool import flattened, pooled
from competition.scoring.metrics import Estimate, estimate
from competition.scoring.prior_shift import estimate_shift
from competition.scoring.probabilities import GUESSING
from competition.scoring.scores import score_probabilities
from competition.shift.correction import warn_of_chance
from competition.shift.forecast import Forecast, flattening, forecast
from competition.storage.folders import KEPT_OUT, MANIFEST, OUT_OF_FOLD
from genre_kit.jobs.steps.inputs import PathLike, paths_in
from genre_kit.jobs.steps.keep import check_out, keep
from genre_kit.jobs.steps.plan import refuse_correction, rule_for
from genre_kit.results.facts import TestFile
from genre_kit.results.run import HeldOut, Part, PoolResult, Result
from genre_kit.runs.blending import Blend, BlendableRun, blend_runs, check_alike, read_run
from genre_kit.runs.finished import FinishedRun, most_grouped
from genre_kit.runs.known_data import is_run
from genre_kit.runs.manifest import Manifest, YardstickRow
from genre_kit.runs.out_of_fold import read_songs
from genre_kit.runs.outside import outside_files, read_outside
from submissions.layout import PROBABILITY_FILE
from submissions.rule_search import RuleSearch, UsualRule, settle
from submissions.rules import Rule
from submissions.writer import read_written_labels

BLEND = "blend"


def blend(
    runs: Sequence[PathLike] | PathLike,
    *,
    rule: str | None = None,
    threshold: float | None = None,
    fallback: str | None = None,
    correct_shares: bool = False,
    out: PathLike | None = None,
    force: bool = False,
) -> Result:
    """Pool the predictions of finished runs by weights found on their out-of-fold songs; nothing is trained.

    Parameters
    ----------
    runs : sequence of paths
        At least two: folders of runs that `submit` has trained or blended, on the same data and folds; beside at least
        one of these, another tool's predictions: a folder with ``oof.csv`` and ``label_all.csv``, and ``folds.csv``
        where the folds are known, or both files as ``OOF.csv,TEST.csv``.
    rule, threshold, fallback, correct_shares, out, force
        As for `submit`.

    Returns
    -------
    Result

    Raises
    ------
    KitError
        When a folder holds no such run, or the runs do not fit each other.
    """
    folders = paths_in(runs)
    if len(folders) < 2:
        raise ArgumentError("`blend` takes at least two runs: give it once for each, `blend` RUN `blend` RUN.")
    check_out(out, force=force)
    started, clock = datetime.now(UTC), time.perf_counter()
    finished = _read(folders)
    check_alike(finished)
    first, predictions = finished[0], np.stack([run.out_of_fold for run in finished])
    metric, known = goals_of(first.edition.boards).probabilities, most_grouped([run.scored for run in finished])
    found = blend_runs(first.scored.targets, predictions, first.folds, metric, known.groups)
    test = pooled(np.stack([run.test for run in finished]), found.weights)
    knows_shares = all(run.knows_shares for run in finished)
    if correct_shares and not knows_shares:
        refuse_correction()
    shift = estimate_shift(test, found.out_of_fold) if knows_shares else None
    if correct_shares and shift is not None:
        warn_of_chance(shift)
    held_out = _held_out(finished, predictions, found, rule_for(first.edition, rule, threshold, fallback), known)
    result = Result(
        name=BLEND,
        edition=first.edition,
        data=first.scored.data,
        rule=held_out.settled.rule,
        probabilities=shift.correct(test) if correct_shares and shift is not None else test,
        entries=Entries(first.ids, np.arange(len(first.ids))),
        started=started,
        seconds=time.perf_counter() - clock,
        held_out=held_out,
        shift=shift,
        corrected=correct_shares,
        runs=tuple(run.folder for run in finished),
        board_rows=first.scored.board_lines or None,
        forecast=_forecast(finished, test, held_out),
        test_file=_test_file(finished, held_out.flattening),
        origin=Manifest.read(first.folder).origin,
        songs=read_songs(first.folder),
        answers=_answers(finished),
        simple_on_kept_out=_yardsticks_on_kept_out(first),
    )
    return keep(result, out, (first.edition.name, BLEND), force=force)


def _read(places: Sequence[Path]) -> tuple[BlendableRun, ...]:
    """Read the kit's own runs, and after them what other tools predicted of the same songs."""
    outside = {place: files for place in places if not is_run(place) and (files := outside_files(place)) is not None}
    for place in places:
        if place.is_dir() and place not in outside and not (place / MANIFEST).is_file():
            raise RunError(f"{place}: holds no finished run, nor another tool's {OUT_OF_FOLD} and {PROBABILITY_FILE}.")
    own = [read_run(place) for place in places if place not in outside]
    if not own:
        raise ArgumentError("`blend` takes at least one run of the kit, which knows the songs: train one beside these.")
    return (*own, *(read_outside(files, own[0]) for files in outside.values()))


def _held_out(
    runs: Sequence[BlendableRun],
    predictions: np.ndarray,
    found: Blend,
    rule: Rule | RuleSearch | UsualRule,
    known: FinishedRun,
) -> HeldOut:
    """Return the blend's out-of-fold rows; its test songs are flattened as its runs' are.

    `predictions` are the runs' own (runs, rows, genres), `known` is the one that says how rows are grouped.
    """
    targets, folds, goals = runs[0].scored.targets, runs[0].folds, goals_of(runs[0].edition.boards)
    groups, probabilities = known.groups, found.out_of_fold
    factor = float(found.weights @ [run.scored.flattening for run in runs])
    settled = settle(rule, targets, flattened(probabilities, factor), folds.assignment, goals.labels, groups)
    return HeldOut(
        targets=targets,
        folds=folds,
        probabilities=probabilities,
        plain=None,
        settled=settled,
        scores=score_probabilities(targets, probabilities, settled.labels, goals, groups),
        pool=_pool(runs, predictions, found, goals, groups),
        yardsticks=(guessing(targets, probabilities.shape[1], folds, goals, groups), *_trained_yardsticks(runs[0])),
        groups=groups,
        grouping=known.grouping,
        by_group=score_groups(targets, groups, probabilities, settled.group_labels, goals),
        flattening=factor,
    )


def _trained_yardsticks(run: BlendableRun) -> tuple[Yardstick, ...]:
    """Return the yardsticks that took a training, which the first run has done, on the same songs and folds."""
    record = run.scored.record
    known = () if record is None else record.yardsticks or ()
    return tuple(_as_yardstick(one) for one in known if one.name != GUESSING)


def _yardsticks_on_kept_out(run: BlendableRun) -> tuple[Yardstick, ...]:
    record = run.scored.record
    return tuple(map(_as_yardstick, () if record is None else record.kept_out_yardsticks or ()))


def _as_yardstick(row: YardstickRow) -> Yardstick:
    """Return a yardstick of a run's record, which keeps no standard errors."""
    labels, probabilities = (Estimate(value, float("nan")) for value in row.scores.values())
    return Yardstick(row.name, labels, probabilities)


def _answers(runs: Sequence[BlendableRun]) -> np.ndarray | None:
    """Return the genre numbers of the songs that the runs have kept out, all the same ones; None where they have not.

    Runs on the same songs, with the same lines, have kept out the same ones; other tools' files do not say.
    """
    path = runs[0].folder / KEPT_OUT
    if not all((run.folder / KEPT_OUT).is_file() for run in runs if is_run(run.folder)):
        return None
    try:
        return read_written_labels(path, runs[0].edition)
    except (OSError, ValueError, KeyError) as problem:
        raise RunError(f"{path}: cannot be read ({problem}); train the run again.") from None


def _test_file(runs: Sequence[BlendableRun], flattening: float) -> TestFile | None:
    """Return how the test file differs, as the first run says that has looked at it."""
    records = [run.scored.record for run in runs if run.scored.record is not None]
    found = next((one.test_file for one in records if one.test_file is not None), None)
    return None if found is None else replace(found, flattening=flattening)


def _forecast(runs: Sequence[BlendableRun], test: np.ndarray, held_out: HeldOut) -> Forecast | None:
    """Return what boards are likely to say, where the runs have found the test songs to differ."""
    expected = [run.scored.foreseen.expected_accuracy for run in runs if run.scored.foreseen is not None]
    known = [accuracy for accuracy in expected if accuracy is not None]
    if not known:
        return None
    believed, labels = flattened(test, flattening(test, float(np.mean(known)))), held_out.settled.rule.predict(test)
    return forecast(test, labels, believed, held_out.clustering_on_board)


def _pool(
    runs: Sequence[BlendableRun], predictions: np.ndarray, found: Blend, goals: Goals, groups: np.ndarray | None
) -> PoolResult:
    """Return how the runs are pooled; `predictions` are their out-of-fold probabilities (runs, rows, genres)."""
    targets, metric, labels = runs[0].scored.targets, goals.probabilities, goals.labels
    losses = np.stack([metric.row_values(targets, one) for one in [*predictions, found.out_of_fold]])
    right = [labels.row_values(targets, one.argmax(axis=1)) for one in predictions]
    parts = zip(runs, found.weights, losses[:-1], right, strict=True)
    return PoolResult(
        tuple(
            Part(str(run.folder), float(weight), estimate(loss, groups), estimate(hits, groups))
            for run, weight, loss, hits in parts
        ),
        gain=found.gain,
        is_fitted=found.is_fitted,
        over_best=estimate(losses[losses[:-1].mean(axis=1).argmin()] - losses[-1], groups),
        metric=metric,
    )
