"""What more songs would bring: the learning curve of a quick model over the number of training songs."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.models.base.crossfit import derived_seed
from competition.models.classical.engine import fit_folds
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensembles import STEADY
from competition.models.recipes import load_recipe
from competition.scoring.boards import Goals
from competition.scoring.groups import numbered_groups
from competition.scoring.intervals import Interval, bootstrap_means, percentile_interval
from competition.scoring.metrics import Estimate, estimate
from competition.scoring.pooling import fit_weights, pooled_nested

SHARES = (0.125, 0.25, 0.5, 1.0)
"""Of the songs outside each fold: each is twice the one before."""
_DRAWS_OF_SONGS = 2
_LEAST_SONGS = 8


@dataclass(frozen=True)
class Size:
    """What the quick model scores that is trained on so many songs.

    Attributes
    ----------
    songs : int
        That each fold's model was trained on, on average.
    loss, score : Estimate
        By what the boards of probabilities and of labels rank by, of held-out songs; their most probable genres.
    """

    songs: int
    loss: Estimate
    score: Estimate


@dataclass(frozen=True)
class Doubling:
    """What twice the songs would bring, extrapolated.

    Attributes
    ----------
    value : float
        Above 0 where it gets better.
    interval : Interval
        95 %, over songs or groups of songs; that the curve goes on as it went is assumed.
    """

    value: float
    interval: Interval


@dataclass(frozen=True)
class SongCurve:
    """The learning curve of a quick model.

    Attributes
    ----------
    model : str
        The recipe's name.
    sizes : tuple of Size
        The fewest songs first.
    loss, score : Doubling
        By how much twice the songs would lower the loss, and raise the score.
    """

    model: str
    sizes: tuple[Size, ...]
    loss: Doubling
    score: Doubling


def song_curve(
    dataset: Dataset, folds: Folds, goals: Goals, seed: int, advance: Callable[[int, int], None]
) -> SongCurve | None:
    """Train a quick model on parts of the songs outside each fold, and score it on those inside.

    Parameters
    ----------
    dataset : Dataset
    folds : Folds
    goals : Goals
        What boards rank by.
    seed : int
    advance : callable
        Called with the trainings that are done, and all of them.

    Returns
    -------
    SongCurve or None
        None where the smallest part has fewer than 8 songs for each genre, on average.

    Notes
    -----
    The parts are nested, each of every genre's songs about the same share; groups are taken whole. From each size to
    the next a curve ``a + b n^-c`` falls by the same factor less. The factor is that of the two later steps to the two
    earlier ones, between 0 and 1, and the next step is the last ones' continuation. The interval is that of the same
    over resampled songs.
    """
    if dataset.rows * SHARES[0] < _LEAST_SONGS * len(dataset.edition.genres):
        return None
    recipe = load_recipe(STEADY)
    assert isinstance(recipe, ClassicalRecipe)  # the kit's own
    values, counts = np.zeros((2, dataset.rows, len(SHARES))), np.zeros(len(SHARES))
    for draw in range(_DRAWS_OF_SONGS):
        rank = _ranks(dataset, derived_seed(seed, draw))
        for place, share in enumerate(SHARES):
            training = [_part(folds.training(fold), rank, share) for fold in range(folds.count)]
            values[..., place] += _scored(dataset, folds, goals, recipe, training, seed) / _DRAWS_OF_SONGS
            counts[place] += np.mean([len(rows) for rows in training]) / _DRAWS_OF_SONGS
            advance(draw * len(SHARES) + place + 1, _DRAWS_OF_SONGS * len(SHARES))
    sizes = tuple(
        Size(round(count), estimate(values[0][:, place], dataset.groups), estimate(values[1][:, place], dataset.groups))
        for place, count in enumerate(counts)
    )
    return SongCurve(STEADY, sizes, _doubling(values[0], dataset.groups), _doubling(-values[1], dataset.groups))


def _ranks(dataset: Dataset, seed: int) -> np.ndarray:
    """Return a number in (0, 1) for each song: a share of the songs are those below it, of each genre alike."""
    generator = np.random.default_rng(seed)
    numbers = numbered_groups(dataset.groups)
    if numbers is not None:
        groups = int(numbers.max()) + 1
        return ((generator.permutation(groups) + 0.5) / groups)[numbers]
    rank, order = np.empty(dataset.rows), generator.permutation(dataset.rows)
    for target in np.unique(dataset.targets):
        rows = order[dataset.targets[order] == target]
        rank[rows] = (np.arange(len(rows)) + 0.5) / len(rows)
    return rank


def _part(rows: np.ndarray, rank: np.ndarray, share: float) -> np.ndarray:
    return rows[rank[rows] < share]


def _scored(
    dataset: Dataset, folds: Folds, goals: Goals, recipe: ClassicalRecipe, training: list[np.ndarray], seed: int
) -> np.ndarray:
    """Return each held-out song's loss and score; float64, (2, rows)."""
    alone = replace(dataset.without_test(), frames=None)
    models = fit_folds(alone, recipe, training, seed)
    predicted = models.predict_held_out(dataset.features, folds.assignment, folds.count)
    metric = goals.probabilities
    calibrated = pooled_nested(
        dataset.targets, predicted[None], folds, lambda targets, one: fit_weights(targets, one, metric)
    )
    labels = goals.labels.row_values(dataset.targets, calibrated.argmax(axis=1))
    return np.stack([metric.row_values(dataset.targets, calibrated), labels])


def _doubling(values: np.ndarray, groups: np.ndarray | None) -> Doubling:
    """Return how much lower a mean would be at the next size; `values` is (rows, sizes)."""
    draws = next_step(bootstrap_means(values, groups))
    return Doubling(float(next_step(values.mean(axis=0))), percentile_interval(draws))


def next_step(means: np.ndarray) -> np.ndarray:
    """Return by how much the next mean would be lower than the last, where each size is twice the one before.

    Parameters
    ----------
    means : ndarray of float64, shape (..., 4)
        By size.

    Returns
    -------
    ndarray of float64, shape (...)

    Examples
    --------
    >>> next_step(np.array([0.7, 0.5, 0.4, 0.35])).round(4)  # each step is half the one before
    np.float64(0.025)
    """
    steps = means[..., :-1] - means[..., 1:]
    earlier, later = steps[..., 0] + steps[..., 1], steps[..., 1] + steps[..., 2]
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = np.clip(np.nan_to_num(later / earlier, nan=0.0, posinf=1.0, neginf=0.0), 0.0, 1.0)
    return later * factor**2 / (1 + factor)
