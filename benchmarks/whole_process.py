"""Whole processes, imports and files included: seconds as multiples of the field's notebook, and peak memory.

``python -m benchmarks.whole_process [--data DIR] [--rounds N] [quick|standard|best|lstm ...]`` runs the notebook
and each way of calling ``submit`` in turn, several rounds, and prints each one's median seconds, its median multiple of
the notebook of the same round, its peak resident memory and its scores. ``--rows 1,4,16`` instead writes the sample
competition at multiples of the real one's size, and prints how time and memory grow.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from competition.data.sample import sample_dataset, write_sample
from competition.inference.find import find_edition

ROOT = Path(__file__).parent.parent
REAL_ROWS = (4363, 6544)
CALLS = {
    "quick": ["--preset", "quick"],
    "standard": ["--preset", "standard"],
    "best": ["--preset", "best"],
    "lstm": ["--model", "lstm"],
}


@click.command()
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="[default: the sample, as files]")
@click.option("--rounds", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--rows", metavar="LIST", help="Multiples of the real competition's rows, instead of --data.")
@click.argument("calls", nargs=-1, type=click.Choice(list(CALLS)))
def main(data: Path | None, rounds: int, rows: str | None, calls: tuple[str, ...]) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = calls or tuple(CALLS)
        if rows is not None:
            grow(folder, [int(multiple) for multiple in rows.split(",")], chosen[0])
            return
        compare(data or write(folder / "sample", 1), folder, chosen, rounds)


def compare(data: Path, folder: Path, calls: tuple[str, ...], rounds: int) -> None:
    """Run the notebook and the calls in turn, and print seconds, multiples, memory and scores."""
    found: dict[str, list[tuple[float, float, float]]] = {call: [] for call in calls}
    notebook = []
    for turn in range(rounds):
        notebook.append(measure([sys.executable, ROOT / "benchmarks" / "notebook.py", data, folder])[0])
        for call in calls:
            seconds, megabytes = submit(data, folder / f"{call}-{turn}", CALLS[call])
            found[call].append((seconds, seconds / notebook[-1], megabytes))
    click.echo(f"notebook: {statistics.median(notebook):.1f} s\n")
    click.echo("| call | seconds | times the notebook | peak memory, MB | accuracy | board log loss |")
    click.echo("|---|---|---|---|---|---|")
    for call in calls:
        seconds, multiple, megabytes = (statistics.median(column) for column in zip(*found[call], strict=True))
        scores = json.loads((folder / f"{call}-0" / "scores.json").read_text())["out_of_fold"]
        click.echo(
            f"| `{' '.join(CALLS[call])}` | {seconds:.1f} | {multiple:.1f} | {megabytes:.0f} "
            f"| {scores['accuracy']:.4f} | {scores['board_log_loss']:.4f} |"
        )


def grow(folder: Path, multiples: list[int], call: str) -> None:
    """Print one call's seconds and memory at multiples of the real competition's rows."""
    click.echo("| training rows | test rows | seconds | peak memory, MB |\n|---|---|---|---|")
    for multiple in multiples:
        data = write(folder / f"sample-{multiple}", multiple)
        seconds, megabytes = submit(data, folder / f"run-{multiple}", CALLS[call])
        rows = " | ".join(str(count * multiple) for count in REAL_ROWS)
        click.echo(f"| {rows} | {seconds:.1f} | {megabytes:.0f} |")


def write(folder: Path, multiple: int) -> Path:
    """Write the sample competition with a multiple of the real one's rows."""
    training, test = (count * multiple for count in REAL_ROWS)
    write_sample(sample_dataset(find_edition(None, None), training_rows=training, test_rows=test), folder)
    return folder


def submit(data: Path, out: Path, options: list[str]) -> tuple[float, float]:
    """Run ``submit`` and return its seconds and its peak memory in MB."""
    return measure([sys.executable, "-m", "competition", "submit", "--data", data, "--out", out, "--quiet", *options])


def measure(command: list[object]) -> tuple[float, float]:
    """Run a command and return its seconds and its peak resident memory in MB."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise click.ClickException(f"this failed: {' '.join(map(str, command))}")
    kilobytes = usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return time.perf_counter() - start, kilobytes / 1024


if __name__ == "__main__":
    main()
