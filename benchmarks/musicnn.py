"""The pretrained tagger: whether its tags are those that were published, its time, and what its columns are worth.

All need its weights (``make musicnn``). ``python -m benchmarks.musicnn reference --audio DIR`` compares tags of the
files in DIR with those in DIR/musicnn_reference.csv: clip, patch_start_seconds, and a column for each tag; the clip
``jazz.00000`` is ``jazz/jazz.00000`` with any suffix. ``speed`` times a song of 30 s on one core. ``worth --audio DIR``
describes the songs in folders named by genre by several sets of features, and scores models of each out of fold.
"""

import csv
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import numpy as np
from threadpoolctl import threadpool_limits

from competition.audio.features.musicnn import TAGS, network
from competition.audio.musicnn.patches import mel, patches
from competition.audio.reading import RATE, library
from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.resampling import resampled
from competition.errors import KitWarning

REFERENCE = "musicnn_reference.csv"
PUBLISHED_HOP = 61
TOLERANCE = 5e-4
SECONDS = 30
SETS = ("classic", "musicnn-tags", "musicnn-embedding", "musicnn", "classic,musicnn")
MODELS = {
    "--preset quick": {"preset": "quick"},
    "--model logistic-regression": {"model": "logistic-regression"},
    "--model discriminant-analysis": {"model": "discriminant-analysis"},
}


@click.group()
def main() -> None:
    """Print figures about the pretrained tagger."""


@main.command()
@click.option("--audio", type=click.Path(path_type=Path), required=True, metavar="DIR")
def reference(audio: Path) -> None:
    """Compare tags with published ones."""
    if not (audio / REFERENCE).is_file():
        click.echo(f"{audio / REFERENCE} is not there: nothing to compare with")
        return
    differences, same_first, count = [], 0, 0
    for clip, published in published_tags(audio / REFERENCE):
        found = tags_of(next((audio / clip.partition(".")[0]).glob(f"{clip}.*")), len(published))
        differences.append(np.abs(found - published).max())
        same_first += int((found.argmax(axis=1) == published.argmax(axis=1)).sum())
        count += len(published)
    click.echo(f"{count} patches of {len(differences)} clips: largest difference {max(differences):.1e}, median of the")
    click.echo(f"clips' largest {np.median(differences):.1e}; the first tag is the same in {same_first} patches")
    if max(differences) > TOLERANCE:
        raise SystemExit(f"expected differences below {TOLERANCE}")


def published_tags(path: Path) -> Iterator[tuple[str, np.ndarray]]:
    """Yield each clip's name and the tags of its patches, shape (patches, 50)."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert tuple(header[2:]) == TAGS
    for clip in dict.fromkeys(line[0] for line in lines):
        yield clip, np.array([line[2:] for line in lines if line[0] == clip], float)


def tags_of(path: Path, count: int) -> np.ndarray:
    """Return the tags of a file's first patches, at the published distance; shape (count, 50)."""
    samples, rate = library("soundfile").read(path, dtype="float32")
    cut = list(patches(Excerpt(samples, rate), PUBLISHED_HOP))[:count]
    return np.array([network().hear(patch).tags for patch in cut])


@main.command()
@click.option("--rounds", type=click.IntRange(min=1), default=9, show_default=True)
def speed(rounds: int) -> None:
    """Time the parts of the work on a song of 30 s, on one core; medians of processor time."""
    samples = np.random.default_rng(0).normal(scale=0.1, size=SECONDS * RATE).astype(np.float32)
    with threadpool_limits(1):
        sound = resampled(samples, RATE, 16000)
        cut = list(patches(Excerpt(samples, RATE)))
        works = {
            "resampling": lambda: resampled(samples, RATE, 16000),
            "mel bands": lambda: mel(sound),
            f"network, {len(cut)} patches": lambda: [network().hear(patch) for patch in cut],
            "all": lambda: [network().hear(patch) for patch in patches(Excerpt(samples, RATE))],
        }
        for name, work in works.items():
            click.echo(f"{name:<24}{statistics.median(seconds_of(work) for _ in range(rounds)):.3f} s")


def seconds_of(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


@main.command()
@click.option("--audio", type=click.Path(path_type=Path), required=True, metavar="DIR")
@click.option("--folds", type=click.IntRange(min=2), default=6, show_default=True)
@click.option("--repeats", type=click.IntRange(min=1), default=3, show_default=True, help="Draws of the folds.")
def worth(audio: Path, folds: int, repeats: int) -> None:
    """Print accuracy and board log loss out of fold, with standard errors, of each set of features and model."""
    from genre_kit.jobs.sound.extract import extract
    from genre_kit.jobs.train import score

    warnings.simplefilter("ignore", KitWarning)
    click.echo(f"| features | columns |{''.join(f' {model} |' for model in MODELS)}\n|---|---|{'---|' * len(MODELS)}")
    with tempfile.TemporaryDirectory() as place:
        for features in SETS:
            data = extract(audio, features=features.split(","), out=Path(place) / features).folder
            cells = []
            for number, model in enumerate(MODELS.values()):
                out = Path(place) / f"{features}-{number}"
                result = score(data=data, folds=folds, rule="argmax", repeats=repeats, out=out, **model)
                scores = result.known.scores
                cells.append(f"{scores.accuracy}, {scores.board_log_loss}")
            assert result.plan is not None
            columns = result.plan.dataset.features.shape[1]
            click.echo(f"| `{features}` | {columns} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
