"""The time of looking at files and of reading them.

``python -m benchmarks.reading [--rows 7000] [--columns 160]`` writes two files with a header, an id, a text column and
genres as names, and measures the command ``edition`` on them as a whole process; reading one of them, against polars
where it is installed (``pip install polars``), in turns; and reading plain files of the same size.
"""

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from competition.data.csv_files import read_songs
from competition.data.edition import Block, Edition, Files
from competition.data.tables import open_table

GENRES = ("blues", "classic rock", "hip-hop", "jazz, soul", "metal")


@click.command()
@click.option("--rows", type=click.IntRange(min=10), default=7000, show_default=True)
@click.option("--columns", type=click.IntRange(min=1), default=160, show_default=True)
@click.option("--runs", type=click.IntRange(min=1), default=9, show_default=True)
def main(rows: int, columns: int, runs: int) -> None:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_files(folder, rows, columns)
        click.echo(f"edition, whole process: {seconds_of(lambda: edition(folder), min(runs, 5)):.2f} s")
        train = folder / "train.csv"
        click.echo(f"a file with header and texts: {seconds_of(lambda: read_described(train), runs):.3f} s")
        if importlib.util.find_spec("polars") is None:
            click.echo("polars is not installed: nothing to compare with")
        else:
            ratios = [seconds_of(lambda: read_described(train), 1) / seconds_of(lambda: read_by_polars(train), 1)
                      for _ in range(runs)]  # fmt: skip
            click.echo(f"... divided by polars' time, in turns: {statistics.median(ratios):.2f}")
        plain, layout = folder / "plain.csv", edition_of(columns)
        click.echo(f"a plain file: {seconds_of(lambda: read_songs(plain, layout), runs):.3f} s")


def write_files(folder: Path, rows: int, columns: int) -> None:
    """Write train.csv, test.csv and plain.csv of numbers drawn at random."""
    generator = np.random.default_rng(0)
    names = [f"mfcc{band}_mean" for band in range(1, columns + 1)]
    for name, has_genres in (("train.csv", True), ("test.csv", False)):
        numbers = [",".join(f"{value:.6f}" for value in row) for row in generator.normal(size=(rows, columns)) * 100]
        header = ",".join(["track_id", "title", *names, *(["genre"] if has_genres else [])])
        lines = [f'{7 * row},"Song, number {row}",{cells}' for row, cells in enumerate(numbers)]
        if has_genres:
            lines = [f'{line},"{GENRES[row % len(GENRES)]}"' for row, line in enumerate(lines)]
        (folder / name).write_text("\n".join([header, *lines]) + "\n")
    (folder / "plain.csv").write_text("\n".join(numbers) + "\n")


def edition_of(columns: int) -> Edition:
    """Return an edition of plain files."""
    return Edition("made", "Made", ("a", "b"), "a", Files("plain.csv", "y", "z"), (Block("x", 0, columns, ("mean",)),))


def edition(folder: Path) -> None:
    """Run the command as a process."""
    out = folder / "edition.toml"
    words = ["edition", "--data", str(folder), "--train", "train.csv", "--test", "test.csv", "--out", str(out)]
    subprocess.run([sys.executable, "-m", "competition", *words, "--force", "--quiet"], check=True)


def read_described(path: Path) -> None:
    """Read a file as the kit does: features, ids and genres."""
    table = open_table(path, texts=("track_id", "genre"))
    table.numbers(table.names[2:-1]).astype(np.float32)
    table.texts("track_id"), table.texts("genre")


def read_by_polars(path: Path) -> None:
    """Read the same by polars."""
    import polars

    table = polars.read_csv(path)
    table.select(table.columns[2:-1]).to_numpy().astype(np.float32)
    table["track_id"].cast(polars.String).to_list(), table["genre"].to_list()


def seconds_of(action: Callable[[], object], runs: int) -> float:
    """Return the median time of an action."""
    taken = []
    for _ in range(runs):
        begun = time.perf_counter()
        action()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
