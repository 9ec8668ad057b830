"""Whether test songs have near neighbours among the training songs, as held-out training songs have."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve_triangular
from scipy.spatial.distance import cdist
from scipy.special import ndtr
from scipy.stats import rankdata

from competition.data.folds import Folds
from competition.models.base.scaling import Scaling, fit_scaler

NORMAL_SCORES = Scaling(kind="quantile")
"""What distances are measured on: no column's outliers decide them."""
_SHRINKAGE = 0.1
_METRICS = ("euclidean", "cosine")
_COPY = 0.02
"""Songs nearer than this share of the median distance are copies."""
_CLUSTERING = 1.4
"""Songs of one artist lie together, so that distances vary more than those of as many independent songs: the factor on
their variance with which p-values of random splits are right (docs/test-files.md)."""


@dataclass(frozen=True)
class Novelty:
    """How far songs lie from the nearest training song of other folds.

    Attributes
    ----------
    held_out : ndarray of float64, shape (2, rows)
        Of each training song: Euclidean distance between normal scores, and one minus the cosine between normal scores
        whitened within genres.
    test : ndarray of float64, shape (2, test rows)
        Of each test song, to the training songs of one fold: as many as a held-out song has.
    held_out_strata, test_strata : ndarray of int, shapes (2, rows), (2, test rows)
        The genre of that nearest song: what is compared within, so that more frequent genres change nothing.
    songs_per_group : float
        How many training songs a known group has; 1 where every song stands for itself.
    """

    held_out: np.ndarray
    test: np.ndarray
    held_out_strata: np.ndarray
    test_strata: np.ndarray
    songs_per_group: float = 1.0

    @cached_property
    def chance(self) -> float:
        """The p-value: how probable such distances are if both files were drawn from the same songs."""
        return min(1.0, len(_METRICS) * min(self._tested(place)[1] for place in range(len(_METRICS))))

    @cached_property
    def farther(self) -> float:
        """How often a test song lies farther off than a held-out song of its kind; 0.5 where there is no novelty."""
        return max(self._tested(place)[0] for place in range(len(_METRICS)))

    @property
    def copies(self) -> tuple[np.ndarray, np.ndarray]:
        """Which held-out songs and which test songs are all but equal to some training song; bool, as they stand."""
        near = _COPY * np.median(self.held_out[0])
        return self.held_out[0] <= near, self.test[0] <= near

    def _tested(self, place: int) -> tuple[float, float]:
        songs, clustering = (self.held_out[place], self.test[place]), _CLUSTERING * self.songs_per_group
        return stratified_rank_test(*songs, self.held_out_strata[place], self.test_strata[place], clustering)


def find_novelty(
    features: np.ndarray, targets: np.ndarray, test_features: np.ndarray, folds: Folds, seed: int
) -> Novelty:
    """Measure how far held-out songs and test songs lie from the training songs.

    Parameters
    ----------
    features : ndarray, shape (rows, columns)
    targets : ndarray of int, shape (rows,)
    test_features : ndarray, shape (test rows, columns)
    folds : Folds
        Of the training songs. The test songs are dealt out to them at random: each is measured as a song that its fold
        holds out, so that songs of one source are told from others without bias.
    seed : int

    Notes
    -----
    Scaling and whitening are fitted inside each fold: fitted on all training songs, they would draw held-out songs
    nearer than test songs.
    """
    dealt = np.random.default_rng(seed).permutation(len(test_features)) % folds.count
    found = tuple(np.empty((len(_METRICS), rows)) for rows in (len(features), len(test_features)))
    strata = tuple(np.empty(one.shape, np.int64) for one in found)
    for fold in range(folds.count):
        known, songs = folds.training(fold), (folds.held_out(fold), np.flatnonzero(dealt == fold))
        parts = [features[known], *(table[rows] for table, rows in zip((features, test_features), songs, strict=True))]
        spaces = _spaces(parts, targets[known])
        for place, (metric, (near, *others)) in enumerate(zip(_METRICS, spaces, strict=True)):
            for side, rows in enumerate(songs):
                nearest = np.nan_to_num(cdist(others[side], near, metric), nan=1.0)  # a song at the centre has no angle
                found[side][place, rows] = nearest.min(axis=1)
                strata[side][place, rows] = targets[known][nearest.argmin(axis=1)]
    return Novelty(found[0], found[1], strata[0], strata[1])


def _spaces(parts: list[np.ndarray], targets: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return songs as normal scores, and these whitened; both are fitted on the first part, whose genres are known."""
    scaler = fit_scaler(parts[0], NORMAL_SCORES)
    scores = [scaler.transform(part).astype(np.float64) for part in parts]
    whitening = _within_genres(scores[0], targets)
    return scores, [part @ whitening for part in scores]


def _within_genres(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return a matrix (columns, columns) that makes songs of one genre vary alike in all directions."""
    means = {target: scores[targets == target].mean(axis=0) for target in np.unique(targets)}
    spread = scores - np.stack([means[target] for target in targets])
    covariance = spread.T @ spread / len(spread)
    average = np.trace(covariance) / len(covariance) or 1.0
    shrunken = (1 - _SHRINKAGE) * covariance + _SHRINKAGE * average * np.eye(len(covariance))
    # Any square root of the inverse will do: angles do not change when all songs are turned alike.
    return solve_triangular(np.linalg.cholesky(shrunken), np.eye(len(shrunken)), lower=True).T


def stratified_rank_test(
    lower: np.ndarray,
    upper: np.ndarray,
    lower_strata: np.ndarray,
    upper_strata: np.ndarray,
    clustering: float = 1.0,
) -> tuple[float, float]:
    """Test whether `upper` numbers exceed `lower` ones of the same stratum.

    Parameters
    ----------
    lower, upper : ndarray of float, shapes (rows,), (other rows,)
    lower_strata, upper_strata : ndarray of int, of the same shapes
    clustering : float
        The factor on the variance; 1 for independent numbers.

    Returns
    -------
    exceeds : float
        How often an upper number exceeds a lower one, ties counting half; 0.5 where no stratum has both.
    chance : float
        The one-sided p-value.

    Notes
    -----
    The Mann-Whitney test within strata, each weighted by its size (van Elteren, On the combination of independent two
    sample tests of Wilcoxon, 1960), in its normal approximation.

    Examples
    --------
    >>> exceeds, chance = stratified_rank_test(
    ...     np.arange(20.0), np.arange(20.0) + 10, np.zeros(20, int), np.zeros(20, int)
    ... )
    >>> round(exceeds, 3), chance < 0.001
    (0.875, True)
    """
    excess = variance = wins = pairs = 0.0
    for stratum in np.intersect1d(lower_strata, upper_strata):
        low, high = lower[lower_strata == stratum], upper[upper_strata == stratum]
        songs, possible = len(low) + len(high), len(low) * len(high)
        won = rankdata(np.concatenate([low, high]))[len(low) :].sum() - len(high) * (len(high) + 1) / 2
        excess += (won - possible / 2) / (songs + 1)
        variance += possible / (12 * (songs + 1))
        wins, pairs = wins + won, pairs + possible
    if not pairs:
        return 0.5, 1.0
    return float(wins / pairs), float(ndtr(-excess / np.sqrt(clustering * variance)))
