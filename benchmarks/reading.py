"""The time of looking at files and of reading them.

``python -m benchmarks.reading [--rows 7000] [--columns 160]`` writes two files with a header, an id, a text column and
genres as names, and measures the command ``edition`` on them as a whole process; reading one of them, against polars
where it is installed (``pip install polars``), in turns; and reading a plain file of the same size by the kit, by
numpy's reader alone, by pandas' C and pyarrow engines and by polars, in turns; and what each makes of malformed rows.

"""

import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import numpy as np
import pandas as pd

from competition.data.edition import Block, Edition, Files
from competition.data.formats.csv_files import read_songs
from competition.data.formats.tables import open_table

KIT = "the kit"
SOUND = ("1.5", "2.5", "3.5")
MALFORMED = {
    "a cell too few": "1,2",
    "a cell too many": "1,2,3,4",
    "a text": "1,two,3",
    "quotes": '1,"2",3',
    "quotes that do not close": '1,"2,3',
    "an empty cell": "1,,3",
    "nan": "1,nan,3",
    "infinity": "1,inf,3",
    "a decimal comma": '1,"2,5",3',
    "nothing: a blank line": "",
    "a number above float32": "1,1e39,3",
}
ROWS = 4
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
        compare_readers(folder / "plain.csv", columns, runs)
        compare_honesty(folder / "malformed.csv")


def compare_readers(path: Path, columns: int, runs: int) -> None:
    """Print the seconds of each reader of a plain file, in turns, and whether it reads the same numbers as numpy."""
    readers = readers_of(columns)
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(runs):
        for name, read in readers.items():
            taken[name].append(seconds_of(partial(read, path), 1))
    click.echo(f"\n| reader of {path.stat().st_size / 1e6:.0f} MB | seconds | times the kit's | same numbers |")
    click.echo("|---|---|---|---|")
    exact = np.loadtxt(path, dtype=np.float64, delimiter=",", ndmin=2).astype(np.float32)
    for name, read in readers.items():
        ratio = statistics.median(np.divide(taken[name], taken[KIT]))
        same = "yes" if np.array_equal(exact, read(path)) else "no"
        click.echo(f"| {name} | {statistics.median(taken[name]):.3f} | {ratio:.2f} | {same} |")


def compare_honesty(path: Path) -> None:
    """Print what each reader makes of a file whose third row is malformed."""
    readers = readers_of(len(SOUND))
    click.echo(f"\n| the third row has | {' | '.join(readers)} |\n{'|---' * (len(readers) + 1)}|")
    for what, row in MALFORMED.items():
        path.write_text("\n".join([",".join(SOUND)] * 2 + [row, ",".join(SOUND)]) + "\n")
        click.echo(f"| {what} | {' | '.join(answer(read, path) for read in readers.values())} |")


def answer(read: Callable[[Path], np.ndarray], path: Path) -> str:
    """Return what a reader makes of a file: what stands in the row that is malformed, or that it refuses."""
    try:
        table = read(path)
    except Exception:  # each has errors of its own
        return "refuses"
    return "drops the row" if len(table) < ROWS else "reads " + " ".join(f"{number:g}" for number in table[2])


def readers_of(columns: int) -> dict[str, Callable[[Path], np.ndarray]]:
    """Return readers of plain files, each as strict as its options make it; polars where it is installed."""
    names = [f"c{place}" for place in range(columns)]
    readers: dict[str, Callable[[Path], np.ndarray]] = {
        KIT: lambda path: read_songs(path, edition_of(columns)).features,
        "numpy": lambda path: np.loadtxt(path, dtype=np.float32, delimiter=",", comments=None, ndmin=2),
        "pandas, C": lambda path: pd.read_csv(
            path, header=None, names=names, index_col=False, dtype=np.float64, na_filter=False, skip_blank_lines=False
        ).to_numpy(np.float32),
        "pandas, pyarrow": lambda path: pd.read_csv(path, header=None, engine="pyarrow").to_numpy(np.float32),
    }
    if importlib.util.find_spec("polars") is not None:
        readers["polars"] = lambda path: read_plain_by_polars(path, names)
    return readers


def read_plain_by_polars(path: Path, names: list[str]) -> np.ndarray:
    """Read a plain file by polars, which is told that all cells are numbers."""
    import polars

    table = polars.read_csv(path, has_header=False, schema=dict.fromkeys(names, polars.Float64))
    return table.to_numpy().astype(np.float32)


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
