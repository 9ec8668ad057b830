"""The embedded sample competition: songs drawn from a fixed seed in any edition's layout, for use without a download.

Every genre has a few styles, and every song is drawn around its style's centre in a space of hidden traits. The columns
are noisy mixtures of these traits, transformed to values their statistic can have: a variance is positive, a median is
between minimum and maximum. Units, oddities and difficulty are those of the 2018 files, whatever the edition.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition
from competition.errors import DataError
from competition.storage.files import write_whole, writing

SOURCE = "the embedded sample competition"

_FIRST_SHARE = 0.5  # of the songs are of the first genre
_FADE = 0.8  # how fast the other genres become rare
_LEAST_SONGS = 2  # of every genre

# Tuned until linear models, kernels and small networks score about as they do on the real boards.
_TRAITS = 24
_STYLES = 4  # of every genre: what a linear model cannot follow
_GENRE_SPREAD = 0.24
_STYLE_SPREAD = 0.5
_DECAY = 0.85  # how fast the traits become weak
_NOISE = 0.4

_CONSTANT = 1e6
_CONSTANT_COLUMNS = 4
_SILENT_SONGS = 4
_QUIET_SHARE = 0.75  # of the songs have nothing in the last band
_POWERS = np.array([float(f"1e{exponent}") for exponent in range(23)])  # those that float64 holds exactly


@dataclass(frozen=True)
class Sample:
    """A sample competition, with the test labels that a real one keeps secret.

    Attributes
    ----------
    dataset : Dataset
    test_targets : ndarray of int64, shape (test rows,)
        0-based genre numbers of the test songs.
    """

    dataset: Dataset
    test_targets: np.ndarray


@dataclass(frozen=True)
class _Scale:
    """The units of a block: its mean's centre and spread, the typical distance to its maximum, and its limits."""

    centre: float
    spread: float
    way_up: float
    variance: float
    floor: float
    ceiling: float = np.inf


_LOUDNESS = _Scale(centre=2500, spread=700, way_up=5000, variance=1500, floor=1.066)
_PITCH = _Scale(centre=0.4, spread=0.08, way_up=1.4, variance=0.07, floor=0, ceiling=1)
_TIMBRE = _Scale(centre=0, spread=0.015, way_up=0.1, variance=0.5, floor=-0.12)


def sample_dataset(edition: Edition, *, training_rows: int = 4363, test_rows: int = 6544, seed: int = 2018) -> Dataset:
    """Return the sample competition without its test labels.

    Parameters
    ----------
    edition : Edition
    training_rows, test_rows, seed : int
        As in `generate_sample`.

    Raises
    ------
    DataError
        As in `generate_sample`.
    """
    return generate_sample(edition, training_rows=training_rows, test_rows=test_rows, seed=seed).dataset


def generate_sample(edition: Edition, *, training_rows: int = 4363, test_rows: int = 6544, seed: int = 2018) -> Sample:
    """Generate a competition in an edition's layout; the same arguments give the same numbers everywhere.

    Parameters
    ----------
    edition : Edition
        May have any genres and blocks. Statistics other than mean, variance, skewness, kurtosis, median, min and max
        become plain signals around 0.
    training_rows, test_rows : int
        At least two training songs of every genre, and one test song.
    seed : int
        Another seed is another competition, easier or harder to learn.

    Returns
    -------
    Sample
        Half of the songs are of the first genre; the other genres get rarer and rarer. Training rows of the first genre
        come first, all other rows are shuffled. Features have five significant digits, as in the files.

    Raises
    ------
    DataError
        When there are too few training rows for the edition's genres, or no test rows.
    """
    _check_rows(edition, training_rows, test_rows)
    genres = len(edition.genres)
    rng = np.random.default_rng(seed)
    targets = _first_genre_first(_targets(training_rows, genres), rng)
    test_targets = rng.permutation(_targets(test_rows, genres))
    traits = _traits(np.concatenate([targets, test_targets]), genres, rng)
    silent = training_rows + rng.choice(test_rows, min(_SILENT_SONGS, test_rows), replace=False)
    features = np.hstack([part for block in edition.blocks for part in _statistics(block, traits, silent, rng)])
    features[:, _constant_columns(edition)] = _CONSTANT
    dataset = Dataset(edition, features[:training_rows], targets, features[training_rows:], SOURCE)
    return Sample(dataset, test_targets)


def write_sample(dataset: Dataset, folder: Path) -> list[Path]:
    """Write a sample's CSV files as the competition has them: no header, ``%.5g``, LF, labels from 1.

    Parameters
    ----------
    dataset : Dataset
        From `sample_dataset`; `load_dataset` reads the same numbers back.
    folder : Path
        Made where it does not exist.

    Returns
    -------
    list of Path
        The files of training features, labels and test features, and of groups where the edition has them.

    Raises
    ------
    RunError
        When a file cannot be written.
    """
    files = dataset.edition.files
    if files.labels is None:
        raise DataError(f"{dataset.edition.name}: has no file of labels; the sample is written in plain files only.")
    tables = {folder / files.train: dataset.features, folder / files.labels: dataset.targets[:, None] + 1}
    if dataset.test_features is not None and files.test is not None:
        tables[folder / files.test] = dataset.test_features
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    texts = {path: _csv(table) for path, table in tables.items()}
    if files.groups is not None:  # the sample's songs have nothing in common: each is a group
        texts[folder / files.groups] = "".join(f"{song}\n" for song in range(1, dataset.rows + 1))
    for path, text in texts.items():
        write_whole(path, text)
    return list(texts)


def _csv(table: np.ndarray) -> str:
    row_format = ",".join(["%.5g"] * table.shape[1]) + "\n"
    return "".join([row_format % tuple(row.tolist()) for row in table])


def _check_rows(edition: Edition, training_rows: int, test_rows: int) -> None:
    least = _LEAST_SONGS * len(edition.genres)
    if training_rows < least or test_rows < 1:
        raise DataError(
            f"{SOURCE}: {training_rows} training rows and {test_rows} test rows asked for; expected at least {least} "
            f"training rows ({_LEAST_SONGS} of every genre of {edition.name}) and 1 test row."
        )


def _targets(rows: int, genres: int) -> np.ndarray:
    """Return 0-based genre numbers, ascending, int64, shape (rows,)."""
    fading = np.arange(1.0, genres) ** -_FADE
    shares = np.append(_FIRST_SHARE, (1 - _FIRST_SHARE) * fading / fading.sum())
    least = min(_LEAST_SONGS, rows // genres)
    return np.repeat(np.arange(genres), least + _apportion(rows - least * genres, shares))


def _apportion(rows: int, shares: np.ndarray) -> np.ndarray:
    """Divide rows by shares into whole numbers, with the largest-remainder method."""
    counts = np.floor(rows * shares).astype(np.int64)
    by_remainder = np.argsort(counts - rows * shares, kind="stable")
    counts[by_remainder[: rows - counts.sum()]] += 1
    return counts


def _first_genre_first(targets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.concatenate([targets[targets == 0], rng.permutation(targets[targets > 0])])


def _traits(targets: np.ndarray, genres: int, rng: np.random.Generator) -> np.ndarray:
    """Draw every song's hidden traits, shape (rows, traits)."""
    genre_centres = _GENRE_SPREAD * rng.standard_normal((genres, 1, _TRAITS))
    centres = genre_centres + _STYLE_SPREAD * rng.standard_normal((genres, _STYLES, _TRAITS))
    styles = rng.integers(_STYLES, size=len(targets))
    return centres[targets, styles] + rng.standard_normal((len(targets), _TRAITS))


def _signal(traits: np.ndarray, bands: int, rng: np.random.Generator) -> np.ndarray:
    """Mix the traits into noisy bands of mean 0 and deviation about 1, shape (rows, bands)."""
    strengths = np.arange(1.0, _TRAITS + 1)[:, None] ** -_DECAY
    mixing = strengths * rng.standard_normal((_TRAITS, bands))
    mixed = traits @ (mixing / np.linalg.norm(mixing, axis=0))
    return mixed + _NOISE * rng.standard_normal(mixed.shape)


def _statistics(block: Block, traits: np.ndarray, silent: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield a block's statistics in column order, float32, shape (rows, bands)."""
    scale = _scale(block)
    quiet = _quiet(block, len(traits), silent, rng)
    mean = np.clip(scale.centre + scale.spread * _signal(traits, block.bands, rng), scale.floor, scale.ceiling)
    low = scale.floor + (mean - scale.floor) * _logistic(_signal(traits, block.bands, rng) - 1)
    for name in block.statistics:
        values = _bend(name, scale, mean, low, _signal(traits, block.bands, rng))
        yield _five_digits(np.where(quiet, _floor(name, scale, quiet), values)).astype(np.float32)


def _scale(block: Block) -> _Scale:
    if block.name == "chroma":
        return _PITCH
    return _LOUDNESS if _describes_shape(block) else _TIMBRE


def _describes_shape(block: Block) -> bool:
    return {"skewness", "kurtosis"} <= set(block.statistics)


def _quiet(block: Block, rows: int, silent: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return 0 where a band is heard and elsewhere the sign of its skewness, shape (rows, bands)."""
    quiet = np.zeros((rows, block.bands))
    if _describes_shape(block) and block.bands > 1:
        quiet[:, -1] = rng.random(rows) < _QUIET_SHARE
    quiet[silent] = rng.choice((-1, 1), (len(silent), block.bands))
    return quiet


def _bend(name: str, scale: _Scale, mean: np.ndarray, low: np.ndarray, signal: np.ndarray) -> np.ndarray:
    """Transform a signal into a statistic of bands with the given means and minima."""
    match name:
        case "mean":
            return mean
        case "min":
            return low
        case "median":
            return low + (mean - low) * _logistic(signal + 2)
        case "max":
            return np.minimum(mean + scale.way_up * np.exp(0.3 * signal), scale.ceiling)
        case "variance":
            return scale.variance * np.exp(0.5 * signal)
        case "skewness":
            return 1000 + 450 * signal
        case "kurtosis":
            return 1000 + 3000 * np.exp(0.4 * signal + (signal / 4.4) ** 5)  # the fifth power makes the outliers
        case _:
            return signal


def _floor(name: str, scale: _Scale, quiet: np.ndarray) -> float | np.ndarray:
    floors: dict[str, float | np.ndarray] = {"variance": 0.0, "skewness": 1000 * quiet, "kurtosis": 1000.0}
    return floors.get(name, scale.floor)


def _logistic(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _constant_columns(edition: Edition) -> slice:
    block = next((block for block in edition.blocks if block.name == "mfcc"), edition.blocks[-1])
    return slice(block.first, block.first + min(_CONSTANT_COLUMNS, block.bands // 2))


def _five_digits(values: np.ndarray) -> np.ndarray:
    """Round to the number that ``%.5g`` writes, so that results do not depend on a machine's last bits."""
    magnitudes = np.floor(np.log10(np.maximum(np.abs(values), 1e-18))).astype(np.int64)
    up, down = _POWERS[np.maximum(4 - magnitudes, 0)], _POWERS[np.maximum(magnitudes - 4, 0)]
    return np.rint(values * up / down) / up * down
