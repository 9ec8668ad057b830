"""`runs`: all runs under a place, the best or the latest first."""

import json
from pathlib import Path

import click

from genre_kit.runs.listing import HEADINGS, Order, RunList, list_runs, to_lines


def runs(*, place: Path, sort: Order, as_json: bool) -> None:
    """List runs; the parameters are the command's options."""
    found = list_runs(place, sort)
    for line in found.unreadable:
        click.echo(f"note: {line}", err=True)
    click.echo(_as_json(found) if as_json else _as_text(found, place))


def _as_json(found: RunList) -> str:
    table = {
        "runs": [run.to_table() for run in found.runs],
        "unfinished": [str(folder) for folder in found.unfinished],
    }
    return json.dumps(table, indent=2, allow_nan=False)


def _as_text(found: RunList, place: Path) -> str:
    lines = to_lines([HEADINGS, *(run.to_cells() for run in found.runs)]) if found.runs else [f"{place}: no runs"]
    return "\n".join([*lines, *(f"unfinished: {folder}" for folder in found.unfinished)])
