"""What many genres cost: the seconds of processor that pictures and report take, and their size.

``python -m benchmarks.many_genres [--genres 10,114,200] [--columns 60] [--songs 20]`` makes up a competition for each
number of genres, trains the preset `quick` on 3 folds, and draws and reports the result.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

from competition.data.edition import Block, Edition, Files
from competition.data.edition_file import EDITION_FILE, edition_text
from competition.models.saved import MODELS
from competition.storage.folders import REPORT
from genre_kit.jobs.steps.plan import make_plan
from genre_kit.jobs.steps.training import carry_out
from genre_kit.reports.page.html import write_report
from genre_kit.reports.page.pictures import PLOTS, write_pictures
from genre_kit.runs.writing import write_run

_TRAITS = 24
_SPREAD = 0.55  # of the genres' centres: a fifth to a half of the songs are recognized
_FILES = Files("train_data.csv", "train_labels.csv", "test_data.csv")


@click.command()
@click.option("--genres", default="10,114,200", show_default=True, help="How many, with commas.")
@click.option("--columns", type=click.IntRange(min=2), default=60, show_default=True)
@click.option("--songs", type=click.IntRange(min=5), default=20, show_default=True, help="Of a genre, on average.")
@click.option("--tests", type=click.IntRange(min=1), default=200, show_default=True)
def main(genres: str, columns: int, songs: int, tests: int) -> None:
    """Print a line for each number of genres."""
    click.echo("genres  rule       accuracy  training s  pictures s  report s  pictures MB  report MB")
    for count in map(int, genres.split(",")):
        with TemporaryDirectory() as folder:
            make_up(Path(folder), count, columns, songs, tests)
            click.echo(_measured(Path(folder), count))


def make_up(folder: Path, genres: int, columns: int, songs: int, tests: int) -> None:
    """Write a competition whose genres have about equally many songs, each drawn around its genre's centre."""
    generator = np.random.default_rng(genres)
    targets = generator.permutation(np.arange(genres * songs) % genres)
    centres = generator.normal(size=(genres, _TRAITS)) * _SPREAD
    mixture = generator.normal(size=(_TRAITS, columns)) * 0.85 ** np.arange(_TRAITS)[:, None]

    def drawn(numbers: np.ndarray) -> np.ndarray:
        """Return the columns of songs of genres with these numbers."""
        traits = centres[numbers] + generator.normal(size=(len(numbers), _TRAITS))
        return traits @ mixture + 0.3 * generator.normal(size=(len(numbers), columns))

    names = tuple(f"genre of music {label}" for label in range(1, genres + 1))
    edition = Edition("made-up", "Made up", names, names[0], _FILES, (Block("all", 0, columns, ("mean",)),))
    (folder / EDITION_FILE).write_text(edition_text(edition), encoding="utf-8")
    np.savetxt(folder / _FILES.train, drawn(targets), "%.5g", ",")
    np.savetxt(folder / str(_FILES.labels), targets + 1, "%d")
    np.savetxt(folder / str(_FILES.test), drawn(generator.integers(genres, size=tests)), "%.5g", ",")


def _measured(folder: Path, genres: int) -> str:
    nothing_else = dict.fromkeys(
        ("edition", "model", "recipe", "minutes", "groups", "seeds", "rule", "threshold", "fallback")
    )
    plan = make_plan(data=folder, with_test=True, preset="quick", folds=3, seed=0, **nothing_else)
    place = folder / "run"
    place.mkdir()
    clock = time.process_time()
    result = carry_out(plan, models=place / MODELS)
    seconds, clock = [time.process_time() - clock], time.process_time()
    write_pictures(place, result)
    seconds.append(time.process_time() - clock)
    write_run(place, result)
    clock = time.process_time()
    write_report(place, result.rule.describe(result.edition.genres))
    seconds.append(time.process_time() - clock)
    pictures = sum(path.stat().st_size for path in (place / PLOTS).iterdir()) / 1e6
    page = (place / REPORT).stat().st_size / 1e6
    said = f"{genres:>6}  {result.rule.name:<9}{result.known.scores.accuracy.value:>10.3f}"
    return f"{said}{seconds[0]:>12.1f}{seconds[1]:>12.1f}{seconds[2]:>10.1f}{pictures:>13.2f}{page:>11.2f}"


if __name__ == "__main__":
    main()
