"""The time of the commands that do not train, and the memory of loading.

``python -m benchmarks.command_line [--data DIR]`` prints a table. Without ``--data`` the embedded sample, which
has the real competition's size, is written to a temporary folder and measured.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from competition.data.loading import load_dataset
from competition.data.sample import sample_dataset, write_sample
from competition.inference.find import find_edition
from competition.storage.files import write_whole
from submissions.layout import LABEL_FILE, PROBABILITY_FILE, layout_of
from submissions.writer import label_text, probability_text

ROOT = Path(__file__).parent.parent


@click.command()
@click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="Measure on this folder.")
@click.option("--runs", type=click.IntRange(min=1), default=5, show_default=True)
def main(data: Path | None, runs: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if data is None:
            data = place
            write_sample(sample_dataset(find_edition(None, None)), place)
        files = write_submission(data, place)
        say("python -m competition --help", seconds_of(lambda: run("--help"), runs))
        say("check of both files", seconds_of(lambda: run("check", *files, "--data", data), runs))
        say("reading the three files", seconds_of(lambda: load(data), runs))
        say("generating the sample", seconds_of(lambda: sample_dataset(find_edition(None, None)), runs))
        say(
            "writing the sample, whole process",
            seconds_of(lambda: run("sample", "--out", place / "s", "--force"), runs),
        )
        click.echo(f"{'peak while loading / arrays':<36}{memory_ratio(data):.2f}")


def write_submission(data: Path, place: Path) -> list[Path]:
    """Write two valid submission files, of probabilities drawn at random around the training shares."""
    dataset = load(data)
    generator = np.random.default_rng(0)
    shares = dataset.counts / dataset.rows
    probabilities = generator.dirichlet(shares * 20 + 0.1, size=len(dataset.test_features))
    files, layout = [place / LABEL_FILE, place / PROBABILITY_FILE], layout_of(dataset.edition, dataset.entries)
    write_whole(files[0], label_text(probabilities.argmax(axis=1), layout))
    write_whole(files[1], probability_text(probabilities, layout))
    return files


def load(data: Path):
    return load_dataset(data, find_edition(None, data))


def run(*arguments: object) -> None:
    command = [sys.executable, "-m", "competition", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, env=os.environ)


def seconds_of(work: Callable[[], object], runs: int) -> list[float]:
    """Return the sorted durations of several runs in seconds, after one warm-up run."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)


def memory_ratio(data: Path) -> float:
    """Return the peak of memory allocated while loading, as a multiple of the arrays that stay."""
    tracemalloc.start()
    dataset = load(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / (dataset.features.nbytes + dataset.test_features.nbytes)


def say(what: str, seconds: list[float]) -> None:
    click.echo(f"{what:<36}{statistics.median(seconds):.2f} s (from {seconds[0]:.2f} to {seconds[-1]:.2f})")


if __name__ == "__main__":
    main()
