"""The list of runs, as lines and for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from competition.scoring.boards import BY_SCORE, LabelsMetric
from genre_kit.reports.lines import labelled
from genre_kit.reports.scores import signed
from genre_kit.results.genres import without_in_words
from genre_kit.runs.listing import AppliedRun, RunList, RunSummary
from genre_kit.runs.recommending import Advice, Recommendation
from submissions.layout import LABEL_FILE, PROBABILITY_FILE

_BEFORE = ("folder", "model", "recipes", "models", "accuracy", "board log loss")
_AFTER = ("seconds", "started (UTC)")
_UNKNOWN = "-"
_RECIPES = 2


def runs_table(found: RunList, advice: Sequence[Advice]) -> dict[str, Any]:
    """Return the runs as a JSON-serializable dictionary; `advice` is that on each of the groups."""
    return {
        "runs": [run.to_table() for run in found.runs],
        "applied": [run.to_table() for run in found.applied],
        "unfinished": [str(folder) for folder in found.unfinished],
        "recommended": [_recommended(one) for part in advice for one in part.recommendations],
    }


def _recommended(one: Recommendation) -> dict[str, Any]:
    simpler: dict[str, Any] = {}
    if one.simpler is not None and one.gain is not None:
        simpler = {"simpler": str(one.simpler.folder), "value": one.gain.value}
        simpler |= {"standard_error": one.gain.standard_error, "interval": asdict(one.gain.bounds)}
    return {"data_sha256": one.best.data, "score": one.metric.score, "run": str(one.best.folder)} | simpler


def run_lines(found: RunList, advice: Sequence[Advice], place: Path, *, filtered: bool = False) -> list[str]:
    """Return a table of the runs on each data, with what to hand in, and a line for each folder without scores.

    `filtered` says that only some runs were asked for.
    """
    groups = found.groups
    lines = [] if groups or found.applied else [f"{place}: no runs{' of that data and edition' if filtered else ''}"]
    for group, part in zip(groups, advice, strict=True):
        lines += [*_group_lines(group, found.applied), *advice_lines(part), ""]
    shown = {run.data for run in found.runs}
    lines += [_applied_line(run) for run in found.applied if run.data not in shown]
    lines += [f"unfinished: {folder}" for folder in found.unfinished]
    return lines[:-1] if lines and not lines[-1] else lines


def _group_lines(group: Sequence[RunSummary], applied: Sequence[AppliedRun]) -> list[str]:
    """Return a table with a line for each run, and a column for each score that some run's boards rank by."""
    first = group[0]
    title = (
        f"data {first.data:.8}: {first.source}, {first.rows} training songs{_genres(first)} (edition {first.edition})"
    )
    others = [name for name in BY_SCORE if any(name in run.others for run in group)]
    headings = [*_BEFORE, *(BY_SCORE[name].title for name in others), *_AFTER]
    table = _aligned([headings, *(_cells(run, others) for run in group)])
    return [title, *table, *(_applied_line(run) for run in applied if run.data == first.data)]


def _genres(run: RunSummary) -> str:
    """Return which genres' songs a run was trained on, where some are left out."""
    if not run.left_out:
        return ""
    return f" of {without_in_words(run.genres, run.left_out)}: {run.songs_left_out} songs are left out"


def _applied_line(run: AppliedRun) -> str:
    where = "" if run.test_data is None else f" of {run.test_data}"
    what = f"{run.lines} test songs{where} labelled by the models of {run.models_of}, rule {run.rule}"
    return f"{run.folder}: without scores; {what} ({_when(run.started)})"


def advice_lines(advice: Advice) -> list[str]:
    """Return a line for each board: the file to hand in, and a simpler run that is as good."""
    if not advice.recommendations:
        return labelled("hand in", ["nothing: none of these runs has files and held-out rows; submit makes them"])
    return labelled("hand in", [_recommendation(one) for one in advice.recommendations])


def _recommendation(one: Recommendation) -> str:
    file = LABEL_FILE if isinstance(one.metric, LabelsMetric) else PROBABILITY_FILE
    said = f"{one.metric.title}: {one.best.folder / file}"
    said += "; boards score songs of the genres left out, too" if one.best.left_out else ""
    if one.simpler is None or one.gain is None:
        return said
    models = f"{one.simpler.models} model{'s' if one.simpler.models > 1 else ''} instead of {one.best.models}"
    size = f"{signed(one.gain.value)} ± {one.gain.standard_error:.4f}"
    return f"{said} (not clearly better than {one.simpler.folder}: {size}; that is simpler: {models})"


def _cells(run: RunSummary, others: Sequence[str]) -> list[str]:
    scores = [str(run.accuracy), str(run.board_log_loss), *(str(run.others.get(name, _UNKNOWN)) for name in others)]
    recipes = ", ".join(run.recipes[:_RECIPES]) + (" ..." if len(run.recipes) > _RECIPES else "")
    return [str(run.folder), run.model, recipes, str(run.models), *scores, f"{run.seconds:.0f}", _when(run.started)]


def _when(started: str) -> str:
    return started[:16].replace("T", " ")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as aligned lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
