"""The list of runs, as lines and for JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from competition.scoring.boards import BY_SCORE
from genre_kit.runs.listing import RunList, RunSummary

_BEFORE = ("folder", "model", "recipes", "accuracy", "board log loss")
_AFTER = ("seconds", "started (UTC)", "edition", "data")
_UNKNOWN = "-"
_HASH_LETTERS = 8
_RECIPES = 2


def runs_table(found: RunList) -> dict[str, Any]:
    """Return the runs as a JSON-serializable dictionary."""
    return {
        "runs": [run.to_table() for run in found.runs],
        "unfinished": [str(folder) for folder in found.unfinished],
    }


def run_lines(found: RunList, place: Path) -> list[str]:
    """Return a table with a line for each run, and a line for each that was not finished.

    There is a column for each score that some run's boards rank by.
    """
    others = [name for name in BY_SCORE if any(name in run.others for run in found.runs)]
    headings = [*_BEFORE, *(BY_SCORE[name].title for name in others), *_AFTER]
    cells = [headings, *(_cells(run, others) for run in found.runs)]
    lines = _aligned(cells) if found.runs else [f"{place}: no runs"]
    return [*lines, *(f"unfinished: {folder}" for folder in found.unfinished)]


def _cells(run: RunSummary, others: Sequence[str]) -> list[str]:
    when = run.started[:16].replace("T", " ")
    scores = [str(run.accuracy), str(run.board_log_loss), *(str(run.others.get(name, _UNKNOWN)) for name in others)]
    recipes = ", ".join(run.recipes[:_RECIPES]) + (" ..." if len(run.recipes) > _RECIPES else "")
    facts = [f"{run.seconds:.0f}", when, run.edition, run.data[:_HASH_LETTERS]]
    return [str(run.folder), run.model, recipes, *scores, *facts]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as aligned lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
