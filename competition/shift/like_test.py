"""Folds whose held-out songs lie as far from their training songs as the test songs do."""

from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist, squareform

from competition.data.dataset import Dataset
from competition.data.folds import Folds, stratified_folds
from competition.errors import FoldsError
from competition.models.base.scaling import fit_scaler
from competition.shift.novelty import NORMAL_SCORES

MOST_ROWS = 10_000
"""The distances between more songs than these would not fit into a laptop's memory."""
_CUTS = 64
_MOST_TEST_ROWS = 1000


@dataclass(frozen=True)
class LikeTest:
    """Folds made like a test file.

    Attributes
    ----------
    folds : Folds
    clusters : ndarray of int64, shape (rows,)
        Songs of equal numbers are near each other, and stay in one fold.
    goal : float
        The median distance of the test songs to the nearest training song.
    reached, random : float
        That of the held-out songs, in these folds and in random ones.
    """

    folds: Folds
    clusters: np.ndarray
    goal: float
    reached: float
    random: float

    @property
    def count(self) -> int:
        """How many clusters there are; as many as songs where none had to be joined."""
        return len(np.unique(self.clusters))

    @property
    def largest(self) -> int:
        """How many songs the largest has."""
        return int(np.bincount(self.clusters).max())


def like_test_folds(dataset: Dataset, folds: Folds, seed: int, columns: np.ndarray | None = None) -> LikeTest:
    """Keep songs that are near each other in one fold, as much as it takes.

    Parameters
    ----------
    dataset : Dataset
        With test songs.
    folds : Folds
        Random ones: as many are made, and distances are compared with theirs.
    seed : int
    columns : ndarray of int, shape (kept columns,), or None
        Those that distances are measured on: the ones that do not differ between the files; None for all.

    Raises
    ------
    FoldsError
        When there are more than `MOST_ROWS` training songs.

    Notes
    -----
    Songs are clustered by average linkage of their Euclidean distances between normal scores. The finest clusters are
    taken with which held-out songs lie, in the median, as far from their training songs as test songs do; where the
    test songs lie farther than any folds can hold songs out, the coarsest that fill the folds. Missing cells count as
    the training file's medians.
    """
    if dataset.rows > MOST_ROWS:
        raise FoldsError(
            f"{dataset.rows} training songs are too many for folds like the test file; expected at most {MOST_ROWS}: "
            "ask for random ones with `folds`."
        )
    between, to_test = _distances(dataset.filled(), columns, seed)
    goal, random = _median_of_test(to_test, folds, seed), _median_held_out(between, folds)
    tree = linkage(squareform(between, checks=False), "average")
    counts = np.unique(np.geomspace(2 * folds.count, dataset.rows, _CUTS).astype(int))
    best, low, high = LikeTest(folds, np.arange(dataset.rows), goal, random, random), 0, len(counts) - 1
    while random < goal and low <= high:
        middle = (low + high) // 2
        found = _cut(dataset, tree, counts[middle], between, best, seed)
        if found is None:
            low = middle + 1
            continue
        best = found if best.reached < goal or found.reached >= goal else best
        low, high = (middle + 1, high) if found.reached >= goal else (low, middle - 1)
    return best


def _cut(
    dataset: Dataset, tree: np.ndarray, count: int, between: np.ndarray, best: LikeTest, seed: int
) -> LikeTest | None:
    """Return folds of that many clusters; None where they cannot fill the folds."""
    clusters = _with_groups(fcluster(tree, count, "maxclust") - 1, dataset.groups)
    try:
        folds = stratified_folds(dataset.targets, best.folds.count, seed, groups=clusters)
    except FoldsError:
        return None
    if not _leaves_all_genres(dataset, folds):
        return None
    return LikeTest(folds, clusters, best.goal, _median_held_out(between, folds), best.random)


def _leaves_all_genres(dataset: Dataset, folds: Folds) -> bool:
    """Whether songs of as many genres are left outside every fold as can be."""
    all_genres = len(np.unique(dataset.targets))
    least = min(len(np.unique(dataset.targets[folds.training(fold)])) for fold in range(folds.count))
    return least >= min(all_genres, max(2, all_genres - 1))


def _with_groups(clusters: np.ndarray, groups: np.ndarray | None) -> np.ndarray:
    """Return the clusters, joined where a known group is in several."""
    if groups is None:
        return clusters.astype(np.int64)
    _, groups = np.unique(groups, return_inverse=True)
    nodes = clusters.max() + 1 + groups.max() + 1
    edges = coo_matrix((np.ones(len(groups)), (clusters, clusters.max() + 1 + groups)), (nodes, nodes))
    return connected_components(edges, directed=False)[1][clusters].astype(np.int64)


def _distances(dataset: Dataset, columns: np.ndarray | None, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distances between training songs, (rows, rows), and of test songs to them, (test rows, rows)."""
    assert dataset.test_features is not None  # whoever asks for folds like a test file has one
    kept = slice(None) if columns is None else columns
    some = np.sort(np.random.default_rng(seed).permutation(dataset.test_rows)[:_MOST_TEST_ROWS])
    scaler = fit_scaler(dataset.features[:, kept], NORMAL_SCORES)
    known, test = (scaler.transform(one[:, kept]) for one in (dataset.features, dataset.test_features[some]))
    return cdist(known, known), cdist(test, known)


def _median_held_out(between: np.ndarray, folds: Folds) -> float:
    nearest = [between[np.ix_(folds.held_out(fold), folds.training(fold))].min(axis=1) for fold in range(folds.count)]
    return float(np.median(np.concatenate(nearest)))


def _median_of_test(to_test: np.ndarray, folds: Folds, seed: int) -> float:
    """Return the median distance of test songs to as many training songs as a held-out song has."""
    dealt = np.random.default_rng(seed).permutation(len(to_test)) % folds.count
    nearest = [to_test[np.ix_(dealt == fold, folds.training(fold))].min(axis=1) for fold in range(folds.count)]
    return float(np.median(np.concatenate(nearest)))
