"""The list of runs, as lines and for JSON."""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from competition.scoring.boards import BY_SCORE, LabelsMetric
from competition.scoring.metrics import Estimate
from genre_kit.reports.lines import WIDTH, aligned, labelled
from genre_kit.results.genres import without_in_words
from genre_kit.runs.listing import AppliedRun, RunList, RunSummary
from genre_kit.runs.recommending import Advice, Recommendation
from submissions.layout import LABEL_FILE, PROBABILITY_FILE

if TYPE_CHECKING:
    from genre_kit.tracking.records import Tracked

_UNKNOWN = "-"


def runs_table(found: RunList, advice: Sequence[Advice]) -> dict[str, Any]:
    """Return the runs as a JSON-serializable dictionary; `advice` is that on each of the groups."""
    return {
        "runs": [run.to_table() for run in found.runs],
        "applied": [run.to_table() for run in found.applied],
        "unfinished": [str(folder) for folder in found.unfinished],
        "recommended": [_recommended(one) for part in advice for one in part.recommendations],
    }


def tracked_lines(tracked: "Tracked", place: Path) -> list[str]:
    """Return the lines that say what was written into a store."""
    if not tracked.written and not tracked.known:
        return [f"There are no finished runs or searches under {place}."]
    trials = sum(len(one.children) for one in tracked.written)
    searches = f", {trials} trials with them" if trials else ""
    known = f"; {len(tracked.known)} were there" if tracked.known else ""
    return labelled("mlflow", [f"{len(tracked.written)} written to {tracked.address}{searches}{known}"])


def _recommended(one: Recommendation) -> dict[str, Any]:
    best: dict[str, Any] = {}
    if one.simpler is not None and one.gain is not None:
        best = {"best": str(one.best.folder), "value": one.gain.value}
        best |= {"standard_error": one.gain.standard_error, "interval": asdict(one.gain.bounds)}
    return {"data_sha256": one.run.data, "score": one.metric.score, "run": str(one.run.folder)} | best


def run_lines(found: RunList, advice: Sequence[Advice], place: Path, *, filtered: bool = False) -> list[str]:
    """Return a table of the runs on each data, with what to hand in, and a line for each folder without scores.

    `filtered` says that only some runs were asked for.
    """
    *applied, others = found.applied_by_group()
    lines = (
        [] if found.runs or found.applied else [f"{place}: no runs{' of that data and edition' if filtered else ''}"]
    )
    for group, part, of_group in zip(found.groups, advice, applied, strict=True):
        lines += [*_group_lines(group), *(line for run in of_group for line in _applied_lines(run, group[0].source))]
        lines += [*_kept_out_lines(group), *advice_lines(part, group), ""]
    lines += [line for run in others for line in _applied_lines(run, None)]
    lines += [f"unfinished: {folder}" for folder in found.unfinished]
    return lines[:-1] if lines and not lines[-1] else lines


def _group_lines(group: Sequence[RunSummary]) -> list[str]:
    """Return a table with a line for each run, and a column for each score that some run's boards rank by."""
    first, editions = group[0], list(dict.fromkeys(run.edition for run in group))
    named = f"edition{'s' if len(editions) > 1 else ''} {', '.join(editions)}"
    title = f"data {first.data:.8}: {first.source}, {first.rows} training songs{_genres(first)} ({named})"
    columns = _columns(group)
    return [title, *aligned([list(columns), *([cell(run) for cell in columns.values()] for run in group)])]


def _genres(run: RunSummary) -> str:
    """Return which genres' songs a run was trained on, where some are left out."""
    if not run.left_out:
        return ""
    return f" of {without_in_words(run.genres, run.left_out)}: {run.songs_left_out} songs are left out"


def _columns(group: Sequence[RunSummary]) -> dict[str, Callable[[RunSummary], str]]:
    """Return what stands in each column: editions and folds where they differ, further scores where there are some."""
    columns = dict(_FIRST)
    columns |= {name: cell for name, cell in _IF_DIFFERENT.items() if len({cell(run) for run in group}) > 1}
    columns |= _SCORES
    for name in BY_SCORE:
        if any(name in run.others for run in group):
            columns[BY_SCORE[name].title] = partial(_other, name)
    for board in dict.fromkeys(one.board for run in group for one in run.sent):
        columns[f"board {board}"] = partial(_on_board, board)
    return columns | _LAST


def _on_board(board: str, run: RunSummary) -> str:
    """Return what a board has said of the file that was sent last: the public score, and the private one if known."""
    sent = [one for one in run.sent if one.board == board]
    if not sent:
        return _UNKNOWN
    scores = [f"{value:.4f}" for value in (sent[-1].public, sent[-1].private) if value is not None]
    return ", ".join(scores) or sent[-1].state


def _other(name: str, run: RunSummary) -> str:
    return str(run.others.get(name, _UNKNOWN))


_FIRST: dict[str, Callable[[RunSummary], str]] = {
    "folder": lambda run: str(run.folder),
    "model": lambda run: run.model,
    "recipes": lambda run: str(run.size[0]),
}
_IF_DIFFERENT: dict[str, Callable[[RunSummary], str]] = {
    "edition": lambda run: run.edition,
    "folds": lambda run: str(run.folds),
}
_SCORES: dict[str, Callable[[RunSummary], str]] = {
    "accuracy": lambda run: str(run.accuracy),
    "board log loss": lambda run: str(run.board_log_loss),
}
_LAST: dict[str, Callable[[RunSummary], str]] = {
    "seconds": lambda run: f"{run.seconds:.0f}",
    "started (UTC)": lambda run: _when(run.started),
}


def _applied_lines(run: AppliedRun, source: str | None) -> list[str]:
    """Return the lines about models that labelled a test file; `source` is the data of the table above, if any."""
    where = "" if run.test_data is None or run.test_data == source else f" of {run.test_data}"
    what = f"{run.lines} test songs{where} labelled by the models of {run.models_of}, rule {run.rule}"
    return _wrapped(f"{run.folder}: without scores; {what} ({_when(run.started)})")


def _kept_out_lines(group: Sequence[RunSummary]) -> list[str]:
    """Return a line for each run whose files are of songs that it kept out: what they score."""
    lines = []
    for run in group:
        if run.kept_out:
            scores = ", ".join(f"{score} {BY_SCORE[name].title}" for name, score in run.kept_out.items())
            lines.append(f"{run.folder}: {scores} on {run.kept_out_rows} songs")
    return labelled("kept out", lines)


def advice_lines(advice: Advice, group: Sequence[RunSummary] = ()) -> list[str]:
    """Return a line for each board: the file to hand in, and that the best run is not clearly better."""
    if advice.recommendations:
        said = [line for one in advice.recommendations for line in _wrapped(_recommendation(one))]
    elif any(run.kept_out for run in group):
        said = _wrapped(
            "nothing: these files are of songs that were kept out, for which there is no board; put a test file beside "
            "the training file, and apply a run to it: submit --from RUN"
        )
    else:
        said = ["nothing: none of these runs has files and held-out rows; submit makes them"]
    return labelled("hand in", said)


def _recommendation(one: Recommendation) -> str:
    file = LABEL_FILE if isinstance(one.metric, LabelsMetric) else PROBABILITY_FILE
    said = f"{one.metric.title}: {one.run.folder / file}"
    said += "; boards score songs of the genres left out, too" if one.run.left_out else ""
    if one.simpler is None or one.gain is None:
        return said
    gain = Estimate(one.gain.value, one.gain.standard_error)
    is_same = round(gain.value, 4) == 0 == round(gain.standard_error, 4)
    better = "scores the same" if is_same else f"is better by {gain}, not clearly"
    return f"{said} ({_simplicity(one.simpler, one.best)}; {one.best.folder} {better})"


def _simplicity(simpler: RunSummary, best: RunSummary) -> str:
    """Return by what a run is simpler: by its recipes, else by its models a fold."""
    (recipes, models), (most, more) = simpler.size, best.size
    if recipes < most:
        return f"the simpler run: {recipes} recipe{'s' if recipes > 1 else ''} instead of {most}"
    return f"the simpler run: {models} model{'s' if models > 1 else ''} a fold instead of {more}"


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)


def _when(started: str) -> str:
    return started[:16].replace("T", " ")
