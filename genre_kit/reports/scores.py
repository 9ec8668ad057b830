"""Scores as the commands say them: for people, and as what JSON can hold."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import click
import numpy as np

from competition.scoring.metrics import Estimate
from competition.scoring.prior_shift import PriorShift
from competition.scoring.scores import GenreScores, Scores, board_intervals, shown

HEADING = "(each song by models that have not seen it; ± one standard error, 95 % interval)"


def labelled(label: str, lines: Sequence[str]) -> list[str]:
    """Return lines with a label before the first one, all aligned."""
    return [f"{'' if place else label:<10}{line}" for place, line in enumerate(lines)]


def score_lines(scores: Scores, rows: int, board_rows: int | None, names: Sequence[str] = ()) -> list[str]:
    """Return indented lines with the scores of `rows` songs, and what boards of `board_rows` songs are to say.

    `names` says which scores; none stands for all.
    """
    lines = [f"  {line}" for line in scores.to_lines(names)]
    return lines if not board_rows else [*lines, board_line(scores, rows, board_rows)]


def board_line(scores: Scores, rows: int, board_rows: int) -> str:
    """Return the line that says what boards of `board_rows` songs are likely to say."""
    parts = [f"{shown(name)} {interval}" for name, interval in board_intervals(scores, rows, board_rows).items()]
    return f"boards    of {board_rows} songs are likely to say (95 %): {', '.join(parts)}"


def score_table(scores: Scores, rows: int, board_rows: int | None, genres: GenreScores | None) -> dict[str, Any]:
    """Return the same as what JSON can hold."""
    table: dict[str, Any] = {"rows": rows, "scores": scores.to_table(), "intervals": scores.intervals()}
    if board_rows:
        table["board"] = board_table(scores, rows, board_rows)
    if genres is not None:
        table["genres"] = genres.to_table()
    return table


def board_table(scores: Scores, rows: int, board_rows: int) -> dict[str, Any]:
    """Return the boards' prediction intervals, and for how many songs."""
    intervals = board_intervals(scores, rows, board_rows)
    return {"rows": board_rows} | {name: [interval.low, interval.high] for name, interval in intervals.items()}


def gain_table(gain: Estimate) -> dict[str, Any]:
    """Return what a rule gains in accuracy, as what JSON can hold."""
    return {
        "accuracy": gain.value,
        "accuracy_se": gain.standard_error,
        "interval": [gain.interval.low, gain.interval.high],
    }


def shares_table(shift: PriorShift, training: np.ndarray, *, corrected: bool) -> dict[str, Any]:
    """Return the genre shares of the test songs and those of the training songs (genres,), as what JSON can hold."""
    return {
        "training": training.tolist(),
        "expected": shift.expected.tolist(),
        "estimated": shift.estimated.tolist(),
        "chance": shift.chance,
        "corrected": corrected,
    }


def say_json(table: Mapping[str, Any]) -> None:
    """Print a table as JSON, with null for what is not a number."""
    click.echo(json.dumps(_finite(table), indent=2, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
