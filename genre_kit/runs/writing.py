"""Writing a result into a run's folder: all files except pictures and the report."""

import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from competition.data.dataset import Dataset
from competition.data.edition_file import EDITION_FILE, edition_table, edition_text
from competition.errors import KitWarning, SubmissionError, printable
from competition.models.ensembles import RECIPE_FILE
from competition.models.saved import MODELS, save_index
from competition.models.yardsticks import Yardstick
from competition.runtime.environment import environment
from competition.scoring.boards import ACCURACY, BINARY_LOG_LOSS, CLASSIC, Goals, LabelsMetric, ProbabilitiesMetric
from competition.scoring.groups import grouping_of
from competition.scoring.metrics import Estimate
from competition.scoring.prior_shift import PriorShift
from competition.scoring.probabilities import spread
from competition.shift.drift import Oddities
from competition.storage.files import write_whole
from competition.storage.folders import FOLDS, GROUPS, HISTORY, KEPT_OUT, OUT_OF_FOLD
from genre_kit.results.facts import DataFacts
from genre_kit.results.run import HeldOut, Part, PoolResult, Result
from genre_kit.runs import manifest
from genre_kit.runs.foresight import foreseen
from genre_kit.runs.manifest import BlendedRun, Manifest, ScoresFile
from genre_kit.runs.out_of_fold import SONGS, class_columns, songs_text
from submissions.checks.checker import check_file
from submissions.checks.findings import Expectation
from submissions.layout import LABEL_FILE, PROBABILITY_FILE, layout_of
from submissions.rule_search import Settled
from submissions.rules import rule_to_table
from submissions.writer import label_parts, probability_parts


def data_facts(dataset: Dataset, oddities: Oddities) -> DataFacts:
    """Return the facts about a run's songs, for its record."""
    return DataFacts(
        source=dataset.source,
        sha256=dataset.fingerprint,
        training_sha256=dataset.training_fingerprint,
        groups=None if dataset.groups is None else len(np.unique(dataset.groups)),
        training_rows=dataset.rows,
        test_rows=dataset.test_rows,
        notes=oddities.to_notes(dataset.edition.column_titles, dataset.song_names, dataset.test_names),
        copies=oddities.copies or None,
        songs_left_out=None if dataset.left_out is None else dataset.left_out.songs,
    )


def write_run(place: Path, result: Result) -> None:
    """Write a result into a run's folder, except pictures and the report."""
    manifest_of(result).write(place)
    if result.held_out is not None:
        scores_file(result).write(place)
        write_whole(place / FOLDS, result.held_out.folds.to_text())
        write_whole(place / OUT_OF_FOLD, _csv(_out_of_fold(result, result.held_out)))
        if (songs := songs_text(result.songs, len(result.held_out.targets))) is not None:
            write_whole(place / SONGS, songs)
        if result.held_out.groups is not None:
            write_whole(place / GROUPS, _group_lines(result.held_out.groups))
    if result.ensemble is not None:
        write_whole(place / RECIPE_FILE, result.ensemble.to_text())
        if result.ensemble.needs_keras:
            write_whole(place / HISTORY, _csv(_history(result)))
    if result.probabilities is not None:
        _write_models(place, result)
        write_submission(place, result)
        _write_kept_out(place, result)


def _write_kept_out(place: Path, result: Result) -> None:
    """Write the labels of the songs that were kept out as the test file, in the form of the label file."""
    if result.answers is not None and result.entries is not None:
        answers = result.edition.places[result.answers]
        write_whole(place / KEPT_OUT, label_parts(answers, layout_of(result.edition, result.entries)))


def write_submission(place: Path, result: Result) -> None:
    """Write both submission files of a result, and check them as the board would."""
    probabilities, entries = result.probabilities, result.entries
    if probabilities is None or entries is None:
        raise ValueError(f"{result.name}: there are no test songs to label.")
    edition, layout = result.edition, layout_of(result.edition, entries)
    everything = spread(probabilities, edition.places, len(edition.whole.genres))
    write_whole(place / LABEL_FILE, label_parts(edition.places[result.rule.predict(probabilities)], layout))
    write_whole(place / PROBABILITY_FILE, probability_parts(everything, layout))
    shares = None if result.held_out is None or edition.left_out else result.held_out.shares
    for name in (LABEL_FILE, PROBABILITY_FILE):
        for finding in check_file(place / name, Expectation(edition.whole, layout, shares)).findings:
            if finding.severity != "suspicious":
                raise SubmissionError(f"the written file did not pass its own check: {finding}")
            warnings.warn(f"{name}: {finding.message}", KitWarning, stacklevel=2)


def _write_models(place: Path, result: Result) -> None:
    """Write what predicting by this run needs besides its models: how they are pooled, and the edition they read."""
    if result.held_out is None:
        return
    write_whole(place / EDITION_FILE, edition_text(result.edition))
    if result.ensemble is not None:
        pool = result.held_out.pool
        weights = {part.name: part.weight for part in pool.parts}
        biases = np.zeros(len(result.edition.genres)) if pool.biases is None else pool.biases
        save_index(place / MODELS, result.ensemble.models, weights, biases)


def _csv(frame: pd.DataFrame) -> str:
    """Return a table as CSV with LF line ends, every number at full precision."""
    return frame.to_csv(index=False, lineterminator="\n")


def _out_of_fold(result: Result, held_out: HeldOut) -> pd.DataFrame:
    labels = np.array(result.edition.labels)
    columns = {
        "Row": np.arange(1, len(held_out.targets) + 1),
        "Fold": held_out.folds.assignment,
        "Label": labels[held_out.targets],
    }
    columns["Predicted"] = labels[held_out.settled.labels]
    table = pd.DataFrame(held_out.probabilities, columns=class_columns(result.edition.labels))
    return pd.concat([pd.DataFrame(columns), table], axis=1)


def _group_lines(groups: np.ndarray) -> str:
    """Return a number a line, all of as many digits: read back as texts, groups keep their order, and so do folds."""
    digits = len(str(groups.max()))
    return "".join(f"{group:0{digits}}\n" for group in groups)


def _history(result: Result) -> pd.DataFrame:
    rows = [
        {"model": place, "recipe": one.model.recipe.name} | asdict(epoch)
        for place, one in enumerate(result.trained, 1)
        for epoch in one.fit.history
    ]
    return pd.DataFrame(rows)


def manifest_of(result: Result) -> Manifest:
    """Return the record of how a result was made."""
    scored = result.held_out is not None
    return Manifest(
        command=("genre-kit", *map(printable, sys.argv[1:])),
        started=result.started.isoformat(timespec="seconds"),
        seconds=round(result.seconds, 1) if scored else None,
        edition=edition_table(result.edition),
        models=None if result.models_of is None else str(result.models_of),
        test_rows=None if scored or result.entries is None else len(result.entries.places),
        test_lines=_test_lines(result),
        data=result.data,
        origin=result.origin,
        asked=None if result.plan is None or result.probabilities is None else result.plan.asked,
        seed=None if result.plan is None else result.plan.seed,
        folds=None if result.held_out is None else result.held_out.folds.count,
        ensemble=_ensemble_table(result),
        blend=_blended_runs(result),
        rule=rule_to_table(result.rule, result.edition.labels),
        usual_rule=_usual_rule(result),
        corrected_shares=None if scored else result.corrected,
        environment=environment(),
        repeats=max(1, len(result.repeats)),
    )


def _usual_rule(result: Result) -> Mapping[str, Any] | None:
    """Return the usual rule, where the result does without it."""
    given_up = None if result.held_out is None else result.held_out.settled.given_up
    return None if given_up is None else rule_to_table(given_up.rule, result.edition.labels)


def _test_lines(result: Result) -> int | None:
    """Return how many lines the submission files have; None where there are none, or each test row has its own."""
    if result.entries is None:
        return None
    rows = len(result.entries.places) if result.data is None else result.data.test_rows
    lines = len(result.entries.ids)
    return None if lines == rows else lines


def _ensemble_table(result: Result) -> Mapping[str, Any] | None:
    if result.ensemble is not None:
        return result.ensemble.to_table()
    return {"name": result.name, "models": []} if result.runs else None


def _blended_runs(result: Result) -> tuple[BlendedRun, ...]:
    parts = result.known.pool.parts if result.runs else ()
    return tuple(BlendedRun(part.name, part.weight) for part in parts)


def scores_file(result: Result) -> ScoresFile:
    """Return the content of a scored result's ``scores.json``."""
    held_out, ensemble = result.known, result.ensemble
    errors = held_out.calibration_errors
    return ScoresFile(
        out_of_fold=held_out.scores.to_table(),
        intervals=held_out.scores.intervals(),
        grouping=held_out.grouping,
        by_group=None if held_out.by_group is None else held_out.by_group.to_table(),
        board=foreseen(result),
        ranked_by=None if result.goals == CLASSIC else result.goals.scores,
        genres=tuple(held_out.genre_scores(result.edition).to_table()),
        model=result.name,
        folds=held_out.folds.count,
        members=len(result.runs) if ensemble is None else ensemble.count_models(held_out.folds.count),
        yardsticks=_yardstick_rows(held_out.yardsticks, result.goals),
        **_pool_entries(held_out.pool, result.goals.labels),
        **_late_gain(result.late_gain),
        expected_calibration_error=None if errors is None else manifest.CalibrationErrors(*errors),
        rule_gain=_rule_gain(held_out.settled.gain, held_out.settled.metric),
        usual_rule_gain=_usual_rule_gain(held_out.settled),
        **_kept_out(result),
        test_shares=_test_shares(result.shift, held_out.shares, corrected=result.corrected),
        test_file=result.test_file,
        seconds=round(result.seconds, 1),
        seconds_by_model=None if ensemble is None else tuple(round(one.seconds, 1) for one in result.trained),
        repeats=tuple(one.known.scores.to_table() for one in result.repeats) or None,
    )


def _yardstick_rows(yardsticks: Sequence[Yardstick], goals: Goals) -> tuple[manifest.YardstickRow, ...] | None:
    scores = goals.labels.score, goals.probabilities.score
    values = ((one.name, (one.labels.value, one.probabilities.value)) for one in yardsticks)
    return tuple(manifest.YardstickRow(name, dict(zip(scores, pair, strict=True))) for name, pair in values) or None


def _kept_out(result: Result) -> dict[str, Any]:
    scores = result.kept_out
    if scores is None:
        return {}
    yardsticks = _yardstick_rows(result.simple_on_kept_out, result.goals)
    grouping = grouping_of(result.kept_out_groups)
    return {
        "kept_out": scores.to_table(),
        "kept_out_intervals": scores.intervals(),
        "kept_out_yardsticks": yardsticks,
        "kept_out_groups": None if grouping is None else grouping.groups,
    }


def _late_gain(gain: Estimate | None) -> dict[str, Any]:
    return {} if gain is None else {"late_gain": gain.value, "late_gain_se": gain.standard_error}


def _pool_entries(pool: PoolResult, labels: LabelsMetric) -> dict[str, Any]:
    entries: dict[str, Any] = {
        "pool": tuple(_pool_row(part, pool.metric, labels) for part in pool.parts),
        "pool_is_fitted": pool.is_fitted,
        "pool_gain": pool.gain.value,
        "pool_gain_se": pool.gain.standard_error,
    }
    if pool.biases is not None and pool.bias_gain is not None:
        entries |= {"pool_is_biased": pool.is_biased, "biases": tuple(pool.biases.tolist())}
        entries |= {"bias_gain": pool.bias_gain.value, "bias_gain_se": pool.bias_gain.standard_error}
    if pool.over_best is not None:
        entries |= {"gain_over_best": pool.over_best.value, "gain_over_best_se": pool.over_best.standard_error}
    return entries


def _pool_row(part: Part, metric: ProbabilitiesMetric, labels: LabelsMetric) -> manifest.PoolRow:
    loss = "board_log_loss" if metric is BINARY_LOG_LOSS else "loss"
    score = "accuracy" if labels is ACCURACY else "score"
    return manifest.PoolRow(part.name, part.weight, **{loss: part.alone.value, score: part.labels_alone.value})


def _usual_rule_gain(settled: Settled) -> manifest.RuleGain | None:
    return None if settled.given_up is None else _rule_gain(settled.given_up.gain, settled.metric)


def _rule_gain(gain: Estimate, metric: LabelsMetric) -> manifest.RuleGain:
    entry = "accuracy" if metric is ACCURACY else "score"
    values = {entry: gain.value, f"{entry}_se": gain.standard_error}
    return manifest.RuleGain(**values, interval=(gain.bounds.low, gain.bounds.high))


def _test_shares(shift: PriorShift | None, training: np.ndarray, *, corrected: bool) -> manifest.GenreShares | None:
    if shift is None:
        return None
    return manifest.GenreShares(
        training=tuple(training.tolist()),
        expected=tuple(shift.expected.tolist()),
        estimated=tuple(shift.estimated.tolist()),
        chance=shift.chance,
        corrected=corrected,
    )
