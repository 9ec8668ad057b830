"""What it costs that files outlast a power cut: how often, and how long, a run and a search wait for the disk.

``python -m benchmarks.durability`` trains the preset quick on a small sample and searches eight trials, in a temporary
folder, and prints a table.
"""

import os
import tempfile
import time
from pathlib import Path

import click

import genre_kit

_SONGS = 600
_SPACE = """
[recipe]
family = "dense"
hidden_units = ["units"]
epochs = 10

[hyperparameters.units]
kind = "int"
min = 16
max = 256
"""


class Waiting:
    """Counts and times what the process waits for the disk, in place of `os.fsync`."""

    def __init__(self) -> None:
        self.sync, self.count, self.seconds = os.fsync, 0, 0.0

    def __call__(self, descriptor: int) -> None:
        """Sync an open file or folder."""
        start = time.perf_counter()
        self.sync(descriptor)
        self.count, self.seconds = self.count + 1, self.seconds + time.perf_counter() - start


@click.command()
@click.option("--trials", type=click.IntRange(min=1), default=8, show_default=True)
def main(trials: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        place = Path(folder)
        genre_kit.sample(songs=_SONGS, out=place / "data")
        (place / "space.toml").write_text(_SPACE)
        measure(
            "submit --preset quick", lambda: genre_kit.submit(data=place / "data", preset="quick", out=place / "run")
        )
        search = {"data": place / "data", "space": place / "space.toml", "trials": trials, "out": place / "found"}
        measure(f"tune --trials {trials}", lambda: genre_kit.tune(**search))


def measure(what, work) -> None:
    waiting = os.fsync = Waiting()
    start = time.perf_counter()
    try:
        work()
    finally:
        os.fsync = waiting.sync
    whole = time.perf_counter() - start
    share = f"{100 * waiting.seconds / whole:.1f} %"
    click.echo(f"{what:<24}{waiting.count:>5} times, {waiting.seconds:.2f} s of {whole:.1f} s ({share})")


if __name__ == "__main__":
    main()
