"""Rules found on out-of-fold rows: their numbers, and which kind of rule pays at all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from competition.errors import ArgumentError
from competition.scoring.boards import ACCURACY, LabelsMetric
from competition.scoring.by_group import rows_together
from competition.scoring.metrics import Estimate, estimate, estimate_with_interval
from submissions.cutoffs import OutOfFoldRows, out_of_fold_rows
from submissions.rules import RULES, Argmax, Rule

_ARGMAX = Argmax()
AUTO = "auto"
"""Given instead of a rule's name: whichever rule pays out of fold."""
RULE_NAMES = (*RULES, AUTO)
KINDS = tuple(name for name, rule in RULES.items() if rule.is_found)
"""The rules whose numbers can be found."""
_SURE = 2.0
"""By how many standard errors the best of several kinds must beat argmax: the luckiest one easily does by one."""
_MORE = 1 + 1e-9
"""Above 1 by more than rounding: a single row's cost is exactly its standard error."""


@dataclass(frozen=True)
class RuleSearch:
    """A rule that is still to be found.

    Attributes
    ----------
    kinds : tuple of str
        Of `KINDS`. For a single kind, its numbers are found; of several, the best one is taken if it beats argmax by
        more than two standard errors, else argmax.
    fallback : int
        0-based number of the fallback genre.
    """

    kinds: tuple[str, ...]
    fallback: int

    def find(self, rows: OutOfFoldRows, metric: LabelsMetric) -> Rule:
        """Return the rule found on out-of-fold rows."""
        fits = [partial(RULES[kind].fit, fallback=self.fallback, metric=metric) for kind in self.kinds]
        if len(fits) == 1:
            return fits[0](rows)
        nested = [_labelled(_nested(rows, fit), rows.probabilities, _parts(rows)) for fit in fits]
        gains = [estimate(_row_gains(metric, rows.targets, labels, rows.best), rows.groups) for labels in nested]
        gain, fit = max(zip(gains, fits, strict=True), key=lambda pair: pair[0].value)
        return fit(rows) if gain.value > _SURE * gain.standard_error else _ARGMAX


@dataclass(frozen=True)
class UsualRule:
    """A rule that nobody asked for: where it costs more than the standard error of its cost, argmax is taken instead.

    Attributes
    ----------
    rule : Rule
        With a fallback genre.
    """

    rule: Rule

    @property
    def fallback(self) -> int:
        """The 0-based number of its fallback genre."""
        return self.rule.fallback or 0

    def find(self, rows: OutOfFoldRows, metric: LabelsMetric) -> Rule:
        """Return the rule, or `Argmax` where it costs too much on out-of-fold rows."""
        labels = self.rule.predict(rows.probabilities)
        gain = estimate(_row_gains(metric, rows.targets, labels, rows.best), rows.groups)
        return _ARGMAX if -gain.value > _MORE * gain.standard_error else self.rule


@dataclass(frozen=True)
class GivenUp:
    """The usual rule where argmax is taken instead, and its gain out of fold, which is below 0."""

    rule: Rule
    gain: Estimate


@dataclass(frozen=True)
class Settled:
    """A rule, and its labels and gain out of fold.

    Attributes
    ----------
    rule : Rule
        For new rows.
    labels : ndarray of int64, shape (rows,)
        Each out-of-fold row's 0-based genre by the rule found on the other folds' rows.
    gain : Estimate
        By how much these labels' score is above that of the most probable genres, with its interval.
    metric : LabelsMetric
        What the score is.
    is_searched : bool
        Whether the rule was found on these rows, so that `labels` are those of other folds' rules.
    group_labels : ndarray of int64, shape (groups,), or None
        Each group's 0-based genre by the same rules, of its rows' gathered probabilities; None where rows are not taken
        together.
    given_up : GivenUp or None
        The usual rule that nobody asked for, where `rule` is argmax instead of it.
    is_mixed : bool
        Whether folds differ in that: some `labels` are the usual rule's, others argmax's.
    """

    rule: Rule
    labels: np.ndarray
    gain: Estimate
    metric: LabelsMetric = ACCURACY
    is_searched: bool = False
    group_labels: np.ndarray | None = None
    given_up: GivenUp | None = None
    is_mixed: bool = False

    def describe_gain(self) -> str:
        """Return what the rule gained or cost out of fold as a sentence for people; empty for argmax itself."""
        if self.rule.name == Argmax.name:
            return self._describe_choice() if self.is_searched or self.given_up is not None else ""
        nested = "; its numbers were found anew for each fold, without it" if self.is_searched else ""
        nested = "; other folds would do without it, so some folds' labels are argmax's" if self.is_mixed else nested
        return f"{self._change()}{nested}"

    def _describe_choice(self) -> str:
        """Return why labels are argmax's, and why the held-out labels may not be."""
        kept = f"{AUTO}: no other rule is clearly better"
        if self.given_up is not None:
            kept = (
                f"nobody asked for {self.given_up.rule.name}, which {in_short(self.given_up.gain, self.metric.title)}"
            )
        if not self.gain.value:
            return kept
        return f"{kept}; chosen for each fold without it, as in the scores above, it {self._change()}"

    def _change(self) -> str:
        """Return by how much the held-out labels' score is above or below argmax's."""
        return change_in_words(self.gain, self.metric.title)


def change_in_words(gain: Estimate, title: str) -> str:
    """Return by how much a score of the given title is above or below argmax's; `gain` has an interval.

    Examples
    --------
    >>> from competition.scoring.intervals import Interval
    >>> change_in_words(Estimate(-0.002, 0.001, Interval(-0.004, 0.00001)), "accuracy")
    'costs 0.0020 ± 0.0010 accuracy out of fold against argmax (95 %: +0.0000 to +0.0040)'
    """
    if not gain.value:
        return f"has the same {title} out of fold as argmax"
    verb, sign = ("costs", -1) if gain.value < 0 else ("gains", 1)
    low, high = (round(end, 4) + 0.0 for end in sorted((sign * gain.bounds.low, sign * gain.bounds.high)))
    size = f"{abs(gain.value):.4f} ± {gain.standard_error:.4f}"
    return f"{verb} {size} {title} out of fold against argmax (95 %: {low:+.4f} to {high:+.4f})"


def in_short(gain: Estimate, title: str) -> str:
    """Return what a rule costs out of fold against argmax; `gain` is at most 0.

    Examples
    --------
    >>> in_short(Estimate(-0.066, 0.004), "accuracy")
    'costs 0.0660 ± 0.0040 accuracy out of fold'
    """
    return f"costs {abs(gain.value):.4f} ± {gain.standard_error:.4f} {title} out of fold"


def auto_kinds(metric: LabelsMetric) -> tuple[str, ...]:
    """Return the rules that `auto` chooses from."""
    return tuple(name for name in KINDS if metric.is_macro or not RULES[name].is_macro)


def choose_rule(
    name: str, threshold: float | None, fallback: int, metric: LabelsMetric = ACCURACY
) -> Rule | RuleSearch:
    """Return the rule of a name, or the search that is to find it.

    Parameters
    ----------
    name : str
        One of `RULE_NAMES`.
    threshold : float or None
        In [0, 1]; None for the rule's default, or where it is to be found.
    fallback : int
        0-based number of the fallback genre.
    metric : LabelsMetric
        What labels are scored by.

    Raises
    ------
    ArgumentError
        When the threshold is not in [0, 1].
    """
    if name == AUTO:
        return RuleSearch(auto_kinds(metric), fallback)
    return RULES[name].chosen(threshold, fallback) or RuleSearch((name,), fallback)


def refuse_options_without_effect(name: str, threshold: float | None, fallback: str | None) -> None:
    """Refuse options that have no effect on the rule of a name.

    Parameters
    ----------
    name : str
        One of `RULE_NAMES`.
    threshold : float or None
        None where it is not given.
    fallback : str or None
        Name or label of the fallback genre; None where it is not given.

    Raises
    ------
    ArgumentError
        Where an option is given that the rule does not have.
    """
    options = RULES[name].options if name != AUTO else ("fallback",)
    given = {"threshold": threshold, "fallback": fallback}
    unused = [f"`{option}`" for option, value in given.items() if value is not None and option not in options]
    if unused:
        verb, it = ("have", "them") if len(unused) > 1 else ("has", "it")
        why = "" if name != AUTO and not RULES[name].is_found else ", which finds its own"
        raise ArgumentError(f"{' and '.join(unused)} {verb} no effect with `rule` {name}{why}. Leave {it} out.")


def settle(
    rule: Rule | RuleSearch | UsualRule,
    targets: np.ndarray,
    probabilities: np.ndarray,
    assignment: np.ndarray,
    metric: LabelsMetric = ACCURACY,
    groups: np.ndarray | None = None,
) -> Settled:
    """Find the rule where it is still to be found, and label the out-of-fold rows.

    Parameters
    ----------
    rule : Rule, RuleSearch or UsualRule
    targets : ndarray of int, shape (rows,)
    probabilities : ndarray of float64, shape (rows, genres)
        Out of fold.
    assignment : ndarray of int, shape (rows,)
        Each row's fold.
    metric : LabelsMetric
        What labels are scored by.
    groups : ndarray of int, shape (rows,), or None
        Rows with the same number are not independent, and stay in one fold; None where every row stands for itself.

    Notes
    -----
    A fold's rows are labelled by the rule found on the other folds' rows. The choice between kinds is made there too,
    by cross-validation over these other folds, and so is that between the usual rule and argmax.
    """
    if isinstance(rule, Rule):
        found, rules, parts = rule, dict.fromkeys(np.unique(assignment).tolist(), rule), assignment
    else:
        rows = out_of_fold_rows(targets, probabilities, assignment, rule.fallback, groups)
        find = partial(rule.find, metric=metric)
        found, rules, parts = find(rows), _nested(rows, find), _parts(rows)
    labels, together = _labelled(rules, probabilities, parts), rows_together(targets, groups)
    gains = partial(_row_gains, metric, targets, others=_ARGMAX.predict(probabilities))
    gain, given_up = estimate_with_interval(gains(labels), groups), None
    if isinstance(rule, UsualRule) and found != rule.rule:
        given_up = GivenUp(rule.rule, estimate_with_interval(gains(rule.rule.predict(probabilities)), groups))
    is_mixed = isinstance(rule, UsualRule) and len(set(rules.values())) > 1
    settled = Settled(found, labels, gain, metric, isinstance(rule, RuleSearch), None, given_up, is_mixed)
    if together is None:
        return settled
    of_groups = _labelled(rules, together.gathered(probabilities), parts[together.firsts])
    return replace(settled, group_labels=of_groups)


def _row_gains(metric: LabelsMetric, targets: np.ndarray, labels: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return by how much each row's contribution is above that of other labels; float64, shape (rows,)."""
    return metric.row_values(targets, labels) - metric.row_values(targets, others)


def _parts(rows: OutOfFoldRows) -> np.ndarray:
    """Return which rows are left out together when rules are found without them; int, shape (rows,)."""
    if len(np.unique(rows.assignment)) > 1:
        return rows.assignment
    return np.unique(rows.groups, return_inverse=True)[1] % 2  # one of two folds is held out


def _nested(rows: OutOfFoldRows, fit: Callable[[OutOfFoldRows], Rule]) -> dict[int, Rule]:
    """Return for each part of the rows the rule found on the others."""
    parts = _parts(rows)
    return {int(part): fit(rows.take(parts != part)) for part in np.unique(parts)}


def _labelled(rules: Mapping[int, Rule], probabilities: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Label each part of the rows (rows, genres) by its rule; int64, shape (rows,)."""
    labels = np.empty(len(parts), np.int64)
    for part, rule in rules.items():
        labels[parts == part] = rule.predict(probabilities[parts == part])
    return labels
