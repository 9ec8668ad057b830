"""Rules found on out-of-fold rows: their cutoffs, and which kind of rule pays at all."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from competition.scoring.metrics import Estimate, estimate, estimate_with_interval, row_accuracy
from submissions.rules import Argmax, GenreThresholds, Margin, Rule, Threshold, lead

_ARGMAX = Argmax()
_SURE = 2.0
"""By how many standard errors the best of several kinds must beat argmax: the luckiest one easily does by one."""


@dataclass(frozen=True)
class Search:
    """A rule that is yet to be found.

    Attributes
    ----------
    kinds : tuple of str
        Of ``"threshold"``, ``"margin"`` and ``"per-genre"``. Of a single kind the cutoffs are found; of several, the
        best one is taken if it beats argmax by more than two standard errors, else argmax.
    fallback : int
        0-based number of the fallback genre.
    """

    kinds: tuple[str, ...]
    fallback: int


@dataclass(frozen=True)
class Settled:
    """A rule, and what it does out of fold.

    Attributes
    ----------
    rule : Rule
        For new rows.
    labels : ndarray of int64, shape (rows,)
        Each out-of-fold row's 0-based genre by the rule that the other folds' rows lead to.
    gain : Estimate
        By how much these labels' accuracy is above that of the most probable genres, with its interval.
    """

    rule: Rule
    labels: np.ndarray
    gain: Estimate

    def describe_gain(self) -> str:
        """Return what the rule gained or cost out of fold as a sentence for people."""
        verb, places = ("costs", "below") if self.gain.value < 0 else ("gains", "above")
        if not self.gain.value:
            return "out of fold as accurate as argmax"
        size = f"{abs(self.gain.value):.4f} ± {self.gain.standard_error:.4f}"
        low, high = self.gain.interval.low, self.gain.interval.high
        return f"{verb} {size} accuracy out of fold: {places} argmax (95 % interval {low:+.4f} to {high:+.4f})"


@dataclass(frozen=True)
class _Rows:
    """Out-of-fold rows as the search sees them.

    Attributes
    ----------
    targets, assignment : ndarray of int, shape (rows,)
        Genres, and folds.
    probabilities : ndarray of float64, shape (rows, genres)
    best : ndarray of int64, shape (rows,)
        The most probable genre.
    largest, lead : ndarray of float64, shape (rows,)
        Its probability, and by how much that exceeds the second largest.
    change : ndarray of int64, shape (rows,)
        What falling back changes: 1 where it makes the row right, -1 where it makes it wrong, else 0.
    """

    targets: np.ndarray
    assignment: np.ndarray
    probabilities: np.ndarray
    best: np.ndarray
    largest: np.ndarray
    lead: np.ndarray
    change: np.ndarray

    def take(self, chosen: np.ndarray) -> "_Rows":
        """Return some of the rows."""
        return _Rows(*(values[chosen] for values in vars(self).values()))


def settle(rule: Rule | Search, targets: np.ndarray, probabilities: np.ndarray, assignment: np.ndarray) -> Settled:
    """Find the rule where it is yet to be found, and label the out-of-fold rows.

    Parameters
    ----------
    rule : Rule or Search
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (rows, genres)
        Out of fold.
    assignment : ndarray of int, shape (rows,)
        Each row's fold.

    Notes
    -----
    A fold's rows are labelled by what is found on the other folds' rows, the choice between kinds included: it is made
    there by folds again.
    """
    labels, found = rule.predict(probabilities) if not isinstance(rule, Search) else None, rule
    if isinstance(rule, Search):
        rows = _rows(targets, probabilities, assignment, rule.fallback)
        labels, found = _nested_labels(rows, lambda others: _find(others, rule)), _find(rows, rule)
    right, right_anyway = row_accuracy(targets, labels), row_accuracy(targets, _ARGMAX.predict(probabilities))
    return Settled(found, labels, estimate_with_interval(right - right_anyway))


def _rows(targets: np.ndarray, probabilities: np.ndarray, assignment: np.ndarray, fallback: int) -> _Rows:
    best = probabilities.argmax(axis=1)
    change = (targets == fallback).astype(np.int64) - (targets == best)
    return _Rows(targets, assignment, probabilities, best, probabilities.max(axis=1), lead(probabilities), change)


def _find(rows: _Rows, search: Search) -> Rule:
    """Return the rule that `rows` lead to."""
    fits = [_fit_of(kind, search.fallback) for kind in search.kinds]
    if len(fits) == 1:
        return fits[0](rows)
    gains = [_nested_gain(rows, fit) for fit in fits]
    gain, fit = max(zip(gains, fits, strict=True), key=lambda pair: pair[0].value)
    return fit(rows) if gain.value > _SURE * gain.standard_error else _ARGMAX


def _nested_gain(rows: _Rows, fit: Callable[[_Rows], Rule]) -> Estimate:
    labels = _nested_labels(rows, fit)
    return estimate(row_accuracy(rows.targets, labels) - row_accuracy(rows.targets, rows.best))


def _nested_labels(rows: _Rows, fit: Callable[[_Rows], Rule]) -> np.ndarray:
    """Label each fold's rows by the rule that the other folds' rows lead to; int64, shape (rows,)."""
    labels, parts = np.empty_like(rows.best), rows.assignment
    if len(np.unique(parts)) == 1:  # what is left of two folds, one of them held out
        parts = np.arange(len(parts)) % 2
    for part in np.unique(parts):
        labels[parts == part] = fit(rows.take(parts != part)).predict(rows.probabilities[parts == part])
    return labels


def _fit_of(kind: str, fallback: int) -> Callable[[_Rows], Rule]:
    return lambda rows: _FITS[kind](rows, fallback)


def _fit_threshold(rows: _Rows, fallback: int) -> Rule:
    cutoff = _cutoff(rows.largest, rows.change)
    return Threshold(cutoff, fallback) if cutoff else _ARGMAX


def _fit_margin(rows: _Rows, fallback: int) -> Rule:
    cutoff = _cutoff(rows.lead, rows.change)
    return Margin(cutoff, fallback) if cutoff else _ARGMAX


def _fit_genre_thresholds(rows: _Rows, fallback: int) -> Rule:
    of_genre = [rows.best == genre for genre in range(rows.probabilities.shape[1])]
    cutoffs = tuple(_cutoff(rows.largest[chosen], rows.change[chosen]) for chosen in of_genre)
    return GenreThresholds(cutoffs, fallback) if any(cutoffs) else _ARGMAX


_FITS = {"threshold": _fit_threshold, "margin": _fit_margin, "per-genre": _fit_genre_thresholds}
KINDS = tuple(_FITS)


def _cutoff(confidence: np.ndarray, change: np.ndarray) -> float:
    """Return up to which confidence rows should fall back; 0 where that pays nowhere.

    Of all cutoffs the one with the largest gain less its standard error is taken: the largest gain itself would be
    that of the luckiest cutoff.
    """
    order = confidence.argsort(kind="stable")
    sorted_confidence = np.append(confidence[order], np.inf)
    surely = change[order].cumsum() - np.sqrt(np.square(change[order]).cumsum())
    surely[sorted_confidence[:-1] == sorted_confidence[1:]] = 0  # a cutoff cannot part equal rows
    if not surely.size or surely.max() <= 0:
        return 0.0
    place = surely.argmax()
    return float(min(sorted_confidence[place : place + 2].mean(), 1.0))
