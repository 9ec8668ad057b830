"""Racing: a trial that falls clearly behind the best one is stopped early."""

import numpy as np

from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import estimate
from competition.scoring.pooling import fit_weights
from competition.scoring.probabilities import bounded
from tuning.trials.outcomes import Outcome
from tuning.trials.study import Study

LEADS = {1: 0.2, 2: 0.15, 3: 0.1}
"""By quarters of its training done: how far a trial may be behind, as a share of the best one's gain by then over
guessing every genre by its share. docs/tuning.md has the experiment."""


class Race:
    """One trial's learning curve, compared with the best one's.

    Attributes
    ----------
    curve : list of (share, value)
        The objective during training, at its best temperature, by the share of epochs done.
    share : float
        How much of its training the trial had, in (0, 1].

    Notes
    -----
    A trial is compared with the best trial's curve at the same share of its schedule: losses during training are
    higher than at the end, the more so while a schedule's rate is high. The scores are of held-out rows without
    dropout, at the best temperature, so that recipes with much dropout and with little can be compared.
    """

    def __init__(self, study: Study, best: Outcome | None) -> None:
        self.study, self.best = study, best
        self.curve: list[tuple[float, float]] = []
        self.share = 1.0

    def judge(self, share: float, by_seed: np.ndarray) -> bool:
        """Record the trial's score so far, and return whether to stop it: too far behind, or diverged.

        Parameters
        ----------
        share : float
            Of its epochs done: about 0.25, 0.5 or 0.75.
        by_seed : ndarray of float64, shape (rows, seeds, genres)
            Each row's probabilities by each network of the fold that holds it out; not finite where training diverged.
        """
        if not np.isfinite(by_seed).all():
            self.share = share
            return True
        value = self._value(bounded(by_seed.mean(axis=1)))
        self.curve.append((round(share, 4), value))
        if self.best is not None and self._is_behind(self.best, share, value):
            self.share = share
        return self.share < 1

    def _value(self, probabilities: np.ndarray) -> float:
        targets, metric = self.study.dataset.targets, self.study.goals.probabilities
        tempered = pooled(probabilities[None], fit_weights(targets, probabilities[None], metric))
        return estimate(self.study.objective.row_values(targets, tempered)).value

    def _is_behind(self, best: Outcome, share: float, value: float) -> bool:
        quarter, cost = round(4 * share), self.study.objective.cost
        leaders = {round(4 * at): passed for at, passed in best.curve}
        leader = cost(leaders.get(quarter, best.value(self.study.objective)))
        return cost(value) - leader > LEADS[quarter] * (cost(self._guess()) - leader)

    def _guess(self) -> float:
        dataset = self.study.dataset
        shares = np.broadcast_to(dataset.shares, (dataset.rows, len(dataset.shares)))
        return estimate(self.study.objective.row_values(dataset.targets, bounded(shares))).value
