"""Racing: a trial that falls clearly behind the best one on the way is not trained to its end."""

import numpy as np

from competition.metrics import estimate
from competition.probabilities import bounded
from tuning.outcomes import Outcome
from tuning.study import Study

BEHIND = 1.0
"""A trial is stopped when it is behind the best trial, at the same share of its own training, by more than this part of
what guessing by the genres' shares would lose against the best trial's end ..."""


class Race:
    """One trial's way beside the best trial's.

    Attributes
    ----------
    curve : list of (share, value)
        The objective on the way.
    share : float
        How much of its training the trial had.
    """

    def __init__(self, study: Study, best: Outcome | None) -> None:
        self.study, self.best = study, best
        self.curve: list[tuple[float, float]] = []
        self.share = 1.0

    def judge(self, share: float, members: np.ndarray) -> bool:
        """Note how good the trial is by now, and return whether it is too far behind to go on."""
        value = self._value(members)
        self.curve.append((round(share, 4), value))
        if self._is_behind(share, value):
            self.share = share
        return self.share < 1

    def _value(self, members: np.ndarray) -> float:
        rows = self.study.objective.row_values(self.study.dataset.targets, bounded(members.mean(axis=1)))
        return estimate(rows).value

    def _is_behind(self, share: float, value: float) -> bool:
        return False
