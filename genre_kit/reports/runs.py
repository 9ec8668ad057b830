"""The list of runs, as lines and for JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genre_kit.runs.listing import RunList, RunSummary

HEADINGS = ("folder", "model", "recipes", "accuracy", "board log loss", "seconds", "started (UTC)", "edition", "data")
_HASH_LETTERS = 8
_RECIPES = 2


def runs_table(found: RunList) -> dict[str, Any]:
    """Return the runs as a JSON-serializable dictionary."""
    return {
        "runs": [run.to_table() for run in found.runs],
        "unfinished": [str(folder) for folder in found.unfinished],
    }


def run_lines(found: RunList, place: Path) -> list[str]:
    """Return a table with a line for each run, and a line for each that was not finished."""
    lines = _aligned([HEADINGS, *map(_cells, found.runs)]) if found.runs else [f"{place}: no runs"]
    return [*lines, *(f"unfinished: {folder}" for folder in found.unfinished)]


def _cells(run: RunSummary) -> list[str]:
    when = run.started[:16].replace("T", " ")
    scores = [str(run.accuracy), str(run.board_log_loss), f"{run.seconds:.0f}"]
    recipes = ", ".join(run.recipes[:_RECIPES]) + (" ..." if len(run.recipes) > _RECIPES else "")
    return [str(run.folder), run.model, recipes, *scores, when, run.edition, run.data[:_HASH_LETTERS]]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as aligned lines."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
