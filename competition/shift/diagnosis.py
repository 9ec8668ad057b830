"""One diagnosis of how a test file differs from its training file, made before anything is trained."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import fisher_exact

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.data.gaps import column_medians
from competition.errors import KitWarning
from competition.models.base.scaling import Scaling
from competition.models.classical.engine import cross_fit_classical
from competition.models.classical.recipe import ClassicalRecipe
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.pooling import fit_weights
from competition.scoring.prior_shift import PriorShift, estimate_shift
from competition.shift.columns import UNLIKELY, ColumnShift, column_shift
from competition.shift.novelty import Novelty, find_novelty

KINDS = ("novelty", "columns", "shares", "duplicates")
"""The ways in which a test file can differ, those that matter most first."""
_AMONG_STRANGERS = 0.25
"""Songs of a few other artists move columns too: then only larger differences are the columns' own."""
_MOST_SONGS, _MOST_TEST_SONGS = 1500, 1000
_MOST_FOLDS = 5
"""More of them tell little more, and take longer."""
_LEAST_COLUMNS = 2
_ROUNDS = 5
_UNLIKELY_SHARES = 0.03
"""A hundred test songs show even shares of twice and half the size no more clearly than this."""
_UNLIKELY_COPIES = 0.001
_MOST_PER_GROUP = 1.2
_QUICK = ClassicalRecipe(
    name="quick",
    family="kernel-ridge",
    scaling=Scaling(kind="quantile"),
    parameters={"gammas": [0.5], "penalties": [1.0], "choosing_rows": 50},
)
"""Tells genres in seconds, well enough to estimate how frequent they are: nothing is left to be chosen."""


@dataclass(frozen=True)
class Diagnosis:
    """How a test file differs from its training file.

    Attributes
    ----------
    novelty : Novelty
        Measured on the columns that do not differ.
    columns : ColumnShift
        Given the genre shares; all columns.
    differing : ndarray of int
        The columns that are on another scale or prepared otherwise, worst first.
    shares : PriorShift
        Estimated on the columns that do not differ.
    copies_chance : float
        The p-value of test songs being copies of training songs oftener than held-out songs are.
    """

    novelty: Novelty
    columns: ColumnShift
    differing: np.ndarray
    shares: PriorShift
    copies_chance: float

    @property
    def kept(self) -> np.ndarray:
        """The columns that do not differ; all of them where hardly any would be left."""
        return _others(self.differing, len(self.columns.distances))

    @property
    def _has_enough_columns(self) -> bool:
        return 2 * len(self.differing) < len(self.columns.distances)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those of `KINDS` that are clear, in their order; none where the files are alike."""
        return tuple(kind for kind, is_clear in zip(KINDS, self._clear(), strict=True) if is_clear)

    @property
    def has_strangers(self) -> bool:
        """Whether near neighbours are missing: the test songs are probably by other artists.

        Where half of the columns differ, that is what keeps songs apart, and nothing is known of artists.
        """
        return self.novelty.chance < UNLIKELY and self._has_enough_columns

    @property
    def is_unlike(self) -> bool:
        """Whether the held-out songs' score does not hold for the test songs."""
        return bool({"novelty", "columns"} & set(self.kinds))

    @property
    def suggests_shares(self) -> bool:
        """Whether correcting probabilities for genre shares is likely to pay: shares alone explain the difference."""
        return self.shares.chance < UNLIKELY and self.kinds == ("shares",)

    def _clear(self) -> tuple[bool, ...]:
        # Strangers shift genre shares by chance: what is one artist's is not drawn song by song.
        # So do groups of songs.
        is_song_by_song = not self.has_strangers and self.novelty.songs_per_group < _MOST_PER_GROUP
        is_song_by_song &= self._has_enough_columns
        shares = self.shares.chance < _UNLIKELY_SHARES and is_song_by_song
        return self.has_strangers, len(self.differing) > 0, shares, self.copies_chance < _UNLIKELY_COPIES


def diagnose(dataset: Dataset, folds: Folds, seed: int) -> Diagnosis | None:
    """Compare a competition's test songs with its training songs; None where there are none, or nothing to learn from.

    Parameters
    ----------
    dataset : Dataset
    folds : Folds
        Random ones, in which known groups stay whole: a held-out song is what a test song is compared with.
    seed : int

    Notes
    -----
    Genre shares and columns are told apart in turns: shares are estimated from the columns that do not differ (Saerens,
    Latinne and Decaestecker, Adjusting the outputs of a classifier to new a priori probabilities, 2002), and columns
    are compared with training songs weighted to these shares. Distances to near neighbours are compared on what is
    left, within genres. docs/test-files.md has the measurements. Missing cells count as the training file's medians.
    """
    if dataset.test_features is None or not dataset.test_rows:
        return None
    per_group = 1.0 if dataset.groups is None else dataset.rows / len(np.unique(dataset.groups))
    medians = column_medians(dataset.features) if dataset.has_gaps else None
    dataset, folds = _sampled(dataset, folds, seed)
    dataset = dataset.filled(medians)
    if not _can_be_learned(dataset, folds):
        return None
    columns, shares = _columns_and_shares(dataset, folds, seed, per_group)
    differing = columns.differing()
    kept = _others(differing, dataset.features.shape[1])
    novelty = find_novelty(dataset.features[:, kept], dataset.targets, _test(dataset)[:, kept], folds, seed)
    novelty = replace(novelty, songs_per_group=per_group)
    if novelty.chance < UNLIKELY and 2 * len(differing) < len(columns.distances):
        differing = columns.differing(_AMONG_STRANGERS)
    return Diagnosis(novelty, columns, differing, shares, _copies_chance(novelty))


def _can_be_learned(dataset: Dataset, folds: Folds) -> bool:
    """Whether songs of two genres are left outside every one of at least two folds."""
    left = [len(np.unique(dataset.targets[folds.training(fold)])) for fold in range(folds.count)]
    return folds.count > 1 and min(left) > 1


def _sampled(dataset: Dataset, folds: Folds, seed: int) -> tuple[Dataset, Folds]:
    """Return at most so many songs of either file as are compared, in few folds: groups stay whole."""
    generator, test = np.random.default_rng(seed), _test(dataset)
    rows = np.sort(generator.permutation(dataset.rows)[:_MOST_SONGS])
    test_rows = np.sort(generator.permutation(len(test))[:_MOST_TEST_SONGS])
    _, assignment = np.unique(folds.assignment[rows] % _MOST_FOLDS, return_inverse=True)
    few = replace(dataset, features=dataset.features[rows], targets=dataset.targets[rows], groups=None)
    return replace(few, test_features=test[test_rows]), Folds(assignment.astype(np.int64))


def _columns_and_shares(dataset: Dataset, folds: Folds, seed: int, clustering: float) -> tuple[ColumnShift, PriorShift]:
    known = np.bincount(dataset.targets, minlength=len(dataset.edition.genres)) / dataset.rows
    plain = column_shift(dataset.features, _test(dataset), np.ones(dataset.rows), clustering)
    differing = np.empty(0, np.int64)
    for _ in range(_ROUNDS):
        shares = _estimate_shares(dataset, _others(differing, len(plain.distances)), folds, seed)
        ratio = np.divide(shares.estimated, known, out=np.ones_like(known), where=known > 0)
        weighted = column_shift(dataset.features, _test(dataset), ratio[dataset.targets], clustering)
        columns = _smaller(plain, weighted)
        before, differing = differing, columns.differing()
        if set(before) == set(differing):
            break
    return columns, shares


def _smaller(one: ColumnShift, other: ColumnShift) -> ColumnShift:
    """Return the smaller difference of each column: what neither explanation of the shares explains away."""
    return ColumnShift(np.minimum(one.distances, other.distances), np.maximum(one.chances, other.chances))


def _others(columns: np.ndarray, count: int) -> np.ndarray:
    """Return the columns that are not among some; all of them where nearly none would be left."""
    others = np.setdiff1d(np.arange(count), columns)
    return others if len(others) >= _LEAST_COLUMNS else np.arange(count)


def _estimate_shares(dataset: Dataset, columns: np.ndarray, folds: Folds, seed: int) -> PriorShift:
    narrow = replace(dataset, features=dataset.features[:, columns], test_features=_test(dataset)[:, columns])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KitWarning)
        fit = cross_fit_classical(narrow, _QUICK, folds, seed)
    assert fit.test is not None  # the dataset has test songs
    weights = fit_weights(dataset.targets, fit.out_of_fold[None])
    return estimate_shift(pooled(fit.test[None], weights), pooled(fit.out_of_fold[None], weights))


def _copies_chance(novelty: Novelty) -> float:
    held_out, test = novelty.copies
    table = [[test.sum(), (~test).sum()], [held_out.sum(), (~held_out).sum()]]
    return float(fisher_exact(table, alternative="greater").pvalue)


def _test(dataset: Dataset) -> np.ndarray:
    assert dataset.test_features is not None  # whoever diagnoses has test songs
    return dataset.test_features
