"""How the time and memory of a whole ``submit`` grow with its rows.

``python -m benchmarks.size [--multiples 1,4,16,64] [--preset quick] [--keep DIR]`` writes a competition of 7,812
training and 31,250 test rows of 264 columns, and others of 4, 16 and 64 times as many, runs ``submit`` on each, and
prints its seconds, its peak memory, and the exponents with which they grow: the slopes of lines through their
logarithms. The largest has half a million training rows and two million test rows: 4 GB of text, which are removed
afterwards. Fails where an exponent is above 1.1, or memory above what docs/reliability.md says.
"""

import resource
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import click
import numpy as np

from benchmarks.whole_process import submit
from competition.data.edition import Edition
from competition.inference.find import find_edition

TRAINING_ROWS, TEST_ROWS = 500_000, 2_000_000
LARGEST = 64
MOST_GROWTH = 1.1
BASE, KILOBYTES = 2500, (4.2, 2.6)
"""Megabytes of a run, and kilobytes of each training and each test row: at most, as docs/reliability.md says."""
AT_ONCE = 20_000
_TRAITS, _STYLES = 24, 4
_GENRES_APART, _STYLES_APART, _NOISE = 0.24, 0.5, 0.7
_COLUMNS = ("training rows", "test rows", "seconds", "processor seconds", "peak memory, MB", "stated, MB")
_CENTRES = {"min": 3.0, "max": 7.0}
_CELLS = np.array([f"{number / 1000:.3f}," for number in range(10_000)], "S6")


@dataclass(frozen=True)
class Measured:
    """What one run took: seconds, and those of all processors together; megabytes at its peak."""

    training: int
    test: int
    seconds: float
    processor_seconds: float
    megabytes: float

    @property
    def most_megabytes(self) -> float:
        """What docs/reliability.md says that it takes at most."""
        return BASE + KILOBYTES[0] * self.training / 1000 + KILOBYTES[1] * self.test / 1000

    def line(self) -> str:
        """Return its line of the table."""
        rows = f"{self.training:,} | {self.test:,} | {self.seconds:.0f} | {self.processor_seconds:.0f}"
        return f"| {rows} | {self.megabytes:.0f} | {self.most_megabytes:.0f} |"


@click.command()
@click.option("--multiples", default="1,4,16,64", show_default=True, metavar="LIST")
@click.option("--preset", default="quick", show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Where the runs are to stay.")
def main(multiples: str, preset: str, keep: Path | None) -> None:
    """Print the table."""
    click.echo(f"| {' | '.join(_COLUMNS)} |\n{'|---' * len(_COLUMNS)}|")
    found = []
    for multiple in map(int, multiples.split(",")):
        with tempfile.TemporaryDirectory() as name:
            found.append(measured(Path(name), multiple, preset, keep or Path(name)))
        click.echo(found[-1].line())
    problems = [] if all(one.megabytes <= one.most_megabytes for one in found) else ["more memory than stated"]
    if len(found) > 1:
        rows = [one.training for one in found]
        problems += _growth("processor time", rows, [one.processor_seconds for one in found])
        problems += _growth("memory", rows, [one.megabytes for one in found])
    if problems:
        raise click.ClickException("; ".join(problems))


def measured(place: Path, multiple: int, preset: str, runs: Path) -> Measured:
    """Write a competition, and run ``submit`` on it."""
    training, test = (rows * multiple // LARGEST for rows in (TRAINING_ROWS, TEST_ROWS))
    data, before = write_songs(place / "data", training, test), _processor_seconds()
    seconds, megabytes = submit(data, runs / f"run-{multiple}", ["--preset", preset])
    return Measured(training, test, seconds, _processor_seconds() - before, megabytes)


def _processor_seconds() -> float:
    """Return what all processes took that this one has started and that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _growth(what: str, rows: list[int], values: list[float]) -> list[str]:
    """Print the exponents with which values grow, over all rows and at the last step; return what is wrong."""
    exponents = [np.polyfit(np.log(rows[-some:]), np.log(values[-some:]), 1)[0] for some in (len(rows), 2)]
    click.echo(f"{what} grows with the power {exponents[0]:.2f} of the rows, {exponents[1]:.2f} at the last step")
    return [f"{what} grows faster than {MOST_GROWTH}"] if max(exponents) > MOST_GROWTH else []


def write_songs(folder: Path, training: int, test: int) -> Path:
    """Write a competition's files of so many rows, in the layout of the default edition, a part at a time."""
    folder.mkdir(parents=True)
    edition, generator = find_edition(None, None), np.random.default_rng(2018)
    songs = _Songs(edition, generator)
    with (folder / edition.files.train).open("wb") as file, (folder / str(edition.files.labels)).open("wb") as labels:
        songs.write(training, file, labels)
    with (folder / str(edition.files.test)).open("wb") as file:
        songs.write(test, file)
    return folder


class _Songs:
    """Songs drawn around their style's centre in a space of hidden traits, which the columns mix; genres overlap."""

    def __init__(self, edition: Edition, generator: np.random.Generator) -> None:
        self.generator, genres = generator, len(edition.genres)
        centres = _GENRES_APART * generator.standard_normal((genres, 1, _TRAITS))
        self.centres = centres + _STYLES_APART * generator.standard_normal((genres, _STYLES, _TRAITS))
        self.mixing = generator.standard_normal((_TRAITS, edition.columns)) / np.sqrt(_TRAITS)
        names = [name for block in edition.blocks for name in block.statistics for _ in range(block.bands)]
        self.middle = np.array([_CENTRES.get(name, 5.0) for name in names])
        self.shares = 1 / np.arange(1.0, genres + 1)

    def write(self, rows: int, file: BinaryIO, labels: BinaryIO | None = None) -> None:
        """Write so many songs, and their labels, from 1."""
        for start in range(0, rows, AT_ONCE):
            targets = self.generator.choice(
                len(self.shares), min(AT_ONCE, rows - start), p=self.shares / self.shares.sum()
            )
            file.write(_text(self._features(targets)))
            if labels is not None:
                labels.write("".join(f"{target + 1}\n" for target in targets).encode())

    def _features(self, targets: np.ndarray) -> np.ndarray:
        """Draw songs of given genres, float, (rows, columns): from 0 to 10, with a deviation of about 1."""
        styles = self.generator.integers(_STYLES, size=len(targets))
        traits = self.centres[targets, styles] + self.generator.standard_normal((len(targets), _TRAITS))
        noise = self.generator.standard_normal((len(targets), self.mixing.shape[1]), np.float32)
        return self.middle + traits @ self.mixing + _NOISE * noise


def _text(features: np.ndarray) -> bytes:
    """Return rows as CSV, each number with three decimals: all cells are of one width, which makes it quick."""
    numbers = np.clip(np.rint(1000 * features), 0, len(_CELLS) - 1).astype(np.int64)
    letters = _CELLS[numbers].view("S1")
    letters[:, -1] = b"\n"
    return letters.tobytes()


if __name__ == "__main__":
    main()
