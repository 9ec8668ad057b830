"""A holdout: rows that a whole search never sees, to score its winner on once."""

import numpy as np
from sklearn.model_selection import train_test_split

from competition.data.dataset import Dataset
from competition.data.folds import LEAST_FOLDS, Folds, stratified_folds
from competition.models.base.crossfit import derived_seed
from tuning.errors import TuningError

_SEED = 999


def split_holdout(
    dataset: Dataset, own_folds: Folds | None, share: float, seed: int, option: str = "holdout"
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to search on and the rows kept out of the search, both ascending.

    Parameters
    ----------
    dataset : Dataset
    own_folds : Folds or None
        Folds that the user gave: whole folds are then kept out, as the songs of one may belong together.
    share : float
        Of all rows, in (0, 1); of each genre about the same. A group is kept out as a whole.
    seed : int
        At least 0.
    option : str
        What the share is called in messages.

    Raises
    ------
    TuningError
        When too few folds would be left, or songs of some genre would be missing.
    """
    if own_folds is not None:
        kept_out = max(1, round(share * own_folds.count))
        if own_folds.count - kept_out < LEAST_FOLDS:
            raise TuningError(f"`holdout` {share:g} of {own_folds.count} folds leaves too few; give more folds.")
        held = own_folds.assignment < kept_out
        return np.flatnonzero(~held), np.flatnonzero(held)
    if dataset.groups is not None:
        return _split_groups(dataset, share, seed)
    try:
        searched, held = train_test_split(
            np.arange(dataset.rows),
            test_size=share,
            stratify=dataset.targets,
            random_state=derived_seed(seed, _SEED),
        )
    except ValueError:
        raise TuningError(
            f"`{option}` {share:g} of {dataset.rows} songs cannot have songs of every genre; give another share."
        ) from None
    return np.sort(searched), np.sort(held)


def _split_groups(dataset: Dataset, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to search on and those kept out, by groups: one of about 1 / share folds."""
    parts = stratified_folds(
        dataset.targets, max(LEAST_FOLDS, round(1 / share)), derived_seed(seed, _SEED), groups=dataset.groups
    )
    return parts.training(0), parts.held_out(0)


def subset(dataset: Dataset, rows: np.ndarray) -> Dataset:
    """Return a dataset of some training rows, without test rows.

    Parameters
    ----------
    dataset : Dataset
    rows : ndarray of int64, shape (chosen rows,)
        0-based row numbers.
    """
    return dataset.without_test().take(rows)
