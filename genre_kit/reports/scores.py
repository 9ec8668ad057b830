"""Scores, as lines and for JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from competition.scoring.boards import Goals
from competition.scoring.metrics import Estimate
from competition.scoring.scores import GenreScores, Scores, shown
from genre_kit.results.genres import some_in_words
from genre_kit.results.scored_file import ScoredFile
from genre_kit.runs.comparing import Comparison, Difference, ScoredRun, improvement, is_clear
from genre_kit.runs.finished import FinishedRun
from genre_kit.runs.manifest import Board, board
from submissions.layout import LABEL_FILE

HEADING = "(each song by models that have not seen it; ± one standard error, 95 % interval)"


def score_lines(scores: Scores, foreseen: Board | None, goals: Goals, names: Sequence[str] = ()) -> list[str]:
    """Return indented lines with scores, and with what the boards are likely to say.

    Parameters
    ----------
    scores : Scores
    foreseen : Board or None
        None where the number of the board's songs is not known.
    goals : Goals
        What the boards rank by.
    names : sequence of str
        Which scores; none stands for all.
    """
    lines = [f"  {line}" for line in scores.to_lines(names)]
    return lines if foreseen is None else [*lines, board_line(foreseen, goals)]


def board_line(foreseen: Board, goals: Goals) -> str:
    """Return the line that says what the boards are likely to say."""
    intervals = {metric.title: foreseen.interval_of(metric.score) for metric in goals.metrics}
    known = ", ".join(f"{title} {one[0]:.4f} to {one[1]:.4f}" for title, one in intervals.items() if one is not None)
    if foreseen.expected_accuracy is None:
        return f"boards    of {foreseen.rows} songs are likely to say (95 %): {known}"
    unknown = " and ".join(title for title, one in intervals.items() if one is None)
    parts = [f"expect (95 %) {known}"] if known else []
    parts += [f"no forecast is made for {unknown}"] if unknown else []
    return f"boards    not these scores, the {foreseen.rows} test songs differ: {'; '.join(parts)}"


def among_lines(genres: Sequence[str], left_out: Sequence[str], foreseen: Board | None) -> list[str]:
    """Return an indented line that says of what songs scores are where genres are left out; none elsewhere."""
    if not left_out:
        return []
    boards = "score songs of all genres: nothing is foreseen of them"
    if foreseen is not None:
        boards = "are taken to have such songs and columns alone"
    return [f"  of the songs of {some_in_words(genres, left_out)}, among these alone; boards {boards}"]


def genre_lines(genres: GenreScores) -> list[str]:
    """Return indented lines with each genre's scores."""
    return [f"  {line}" for line in genres.to_lines()]


def _score_table(scores: Scores, rows: int, foreseen: Board | None, genres: GenreScores) -> dict[str, Any]:
    """Return the scores of `rows` songs as a JSON-serializable dictionary."""
    table: dict[str, Any] = {"rows": rows, "scores": scores.to_table(), "intervals": scores.intervals()}
    if foreseen is not None:
        table["board"] = {name: value for name, value in asdict(foreseen).items() if value is not None}
    return table | {"genres": genres.to_table()}


def comparison_lines(comparison: Comparison, board_rows: int | None) -> list[str]:
    """Return the lines about finished runs: each alone, then the later ones compared with the first."""
    parts = [_run_lines(one, board_rows) for one in comparison.runs]
    parts += [difference_lines(one) for one in comparison.differences]
    return [line for part in parts for line in (*part, "")]


def _run_lines(scored: ScoredRun, board_rows: int | None) -> list[str]:
    run, rows = scored.run, len(scored.run.targets)
    title = f"{run.folder}: {run.model}, {rows} songs, {run.assignment.max() + 1} folds, rule {run.rule}"
    title += f"; {run.genres_in_words}" if run.left_out else ""
    title += f"; the first of {run.repeats} repeats" if run.repeats > 1 else ""
    lines = [title, f"held-out scores {HEADING}"]
    foreseen = _foreseen(scored, board_rows)
    lines += score_lines(scored.scores, foreseen, run.goals)
    return [*lines, *among_lines(run.genres, run.left_out, foreseen), "", *genre_lines(scored.genres)]


def _foreseen(scored: ScoredRun, board_rows: int | None) -> Board | None:
    """Return what the boards are likely to say: where the test songs differ, what the run has found of them."""
    run = scored.run
    return run.foreseen or board(scored.scores, len(run.targets), board_rows or run.board_lines, run.goals)


def difference_lines(one: Difference) -> list[str]:
    """Return the lines that compare a run with the first one."""
    title = f"{one.run.folder} against {one.first.folder} (paired by song; + is better, - is worse)"
    lines = [title, *(f"  {_verdict(one.run, name, difference)}" for name, difference in one.differences.distinct())]
    if one.labels is not None:
        lines.append(f"  {one.labels.differing} of the {one.labels.lines} labels in their {LABEL_FILE} differ")
    return lines


def _verdict(run: FinishedRun, name: str, difference: Estimate) -> str:
    better = improvement(name, difference)
    low, high = better.bounds.low, better.bounds.high
    word = ("" if is_clear(better) else "not clearly ") + ("worse" if better.value < 0 else "better")
    size = f"{signed(better.value)} ± {better.standard_error:.4f} {shown(name)}"
    return f"{run.folder.name} is {word}: {size} (95 %: {signed(low)} to {signed(high)})"


def signed(value: float) -> str:
    """Return a number of four places with its sign; zero has a plus.

    Examples
    --------
    >>> signed(-0.00001), signed(-0.0001)
    ('+0.0000', '-0.0001')
    """
    return f"{round(value, 4) + 0.0:+.4f}"


def comparison_table(comparison: Comparison, board_rows: int | None) -> dict[str, Any]:
    """Return a comparison as a JSON-serializable dictionary."""
    return {
        "runs": [_run_table(one, board_rows) for one in comparison.runs],
        "comparisons": [
            {
                "run": str(one.run.folder),
                "against": str(one.first.folder),
                "differences": one.differences.to_table(),
                "intervals": one.differences.intervals(),
                "test_labels": None if one.labels is None else asdict(one.labels),
            }
            for one in comparison.differences
        ],
    }


def _run_table(scored: ScoredRun, board_rows: int | None) -> dict[str, Any]:
    run = scored.run
    facts: dict[str, Any] = {"run": str(run.folder), "model": run.model, "rule": run.rule, "data": run.training_hash}
    facts |= {"left_out": list(run.left_out)} if run.left_out else {}
    return facts | _score_table(scored.scores, len(run.targets), _foreseen(scored, board_rows), scored.genres)


def file_lines(scored: ScoredFile, board_rows: int | None) -> list[str]:
    """Return the lines about a file that was scored against known labels."""
    lines = [f"{scored.path}: {scored.kind}, {scored.rows} rows (± one standard error, 95 % interval)"]
    lines += score_lines(scored.scores, _foreseen_of_file(scored, board_rows), scored.goals)
    return [*lines, "", *genre_lines(scored.genres), ""]


def _foreseen_of_file(scored: ScoredFile, board_rows: int | None) -> Board | None:
    return board(scored.scores, scored.rows, board_rows, scored.goals)


def file_table(scored: ScoredFile, board_rows: int | None) -> dict[str, Any]:
    """Return a scored file as a JSON-serializable dictionary."""
    table = _score_table(scored.scores, scored.rows, _foreseen_of_file(scored, board_rows), scored.genres)
    return {"file": str(scored.path), "kind": scored.kind} | table
