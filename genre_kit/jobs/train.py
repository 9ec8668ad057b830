"""The part that `submit` and `score` share: cross-fit, pool and score."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from competition.data.drift import Oddities, find_oddities
from competition.models.base.crossfit import CrossFit
from competition.models.ensemble_training import Keep, Trained, merged, train_ensemble, train_until
from competition.models.ensembles import Ensemble
from competition.models.saved import save_model
from competition.scoring.metrics import Estimate, estimate, expected_calibration_error, row_board_log_loss
from competition.scoring.pooling import Pool, fit_pool
from competition.scoring.prior_shift import PriorShift, estimate_shift
from competition.scoring.scores import Scores, score_probabilities
from genre_kit.jobs.plan import Plan
from genre_kit.reports.progress import training_progress
from submissions.rule_search import Settled, settle

_AFTERWARDS = 3.0
"""Seconds kept for what does not grow with the data, such as the pictures and the report."""


@dataclass(frozen=True)
class Fitted:
    """A plan carried out: its pooled predictions, and what they score out of fold.

    Attributes
    ----------
    plan : Plan
    ensemble : Ensemble
        What was trained: the plan's, or what of it fitted into its time.
    trained : tuple of Trained
        What its models predict, in the same order; the models themselves are no longer there.
    names : tuple of str
        The pooled recipes, one for each of the pool's weights.
    pool : Pool
        Holds the out-of-fold probabilities.
    test : ndarray of float64, shape (test rows, genres), or None
        For the genre shares of the training songs, or those in `shift` where the plan says so.
    shift : PriorShift or None
        The genre shares of the test songs; None where there are none.
    settled : Settled
        The rule, and the out-of-fold rows' labels.
    scores : Scores
    alone : mapping of str to Estimate
        Each recipe's own board log loss out of fold.
    oddities : Oddities
        Of the plan's data.
    started : datetime
    seconds : float
        Of the training and all that follows until the scores.
    """

    plan: Plan
    ensemble: Ensemble
    trained: tuple[Trained, ...]
    names: tuple[str, ...]
    pool: Pool
    test: np.ndarray | None
    shift: PriorShift | None
    settled: Settled
    scores: Scores
    alone: Mapping[str, Estimate]
    oddities: Oddities
    started: datetime
    seconds: float

    @property
    def calibration_errors(self) -> tuple[float, float]:
        """The expected calibration error out of fold, before and after calibration."""
        targets = self.plan.dataset.targets
        before, after = (expected_calibration_error(targets, one) for one in (self.pool.plain, self.pool.out_of_fold))
        return before, after


def carry_out(plan: Plan, *, quiet: bool, models: Path | None = None) -> Fitted:
    """Cross-fit a plan's ensemble, pool it and score it out of fold; write its models into `models`, if given."""
    started, clock = datetime.now(UTC), time.perf_counter()
    trained = _train(plan, partial(_keep, models), quiet=quiet)
    fits = merged(trained)
    targets = plan.dataset.targets
    pool = fit_pool(targets, [fit.members for fit in fits.values()], plan.folds)
    test, shift = _predict_test(plan, pool, fits.values())
    settled = settle(plan.rule, targets, pool.out_of_fold, plan.folds.assignment)
    return Fitted(
        plan=plan,
        ensemble=replace(plan.ensemble, models=tuple(one.model for one in trained)),
        trained=trained,
        names=tuple(fits),
        pool=pool,
        test=test,
        shift=shift,
        settled=settled,
        scores=score_probabilities(targets, pool.out_of_fold, settled.labels),
        alone={name: estimate(row_board_log_loss(targets, fit.out_of_fold)) for name, fit in fits.items()},
        oddities=find_oddities(plan.dataset),
        started=started,
        seconds=time.perf_counter() - clock,
    )


def _predict_test(plan: Plan, pool: Pool, fits: Iterable[CrossFit]) -> tuple[np.ndarray | None, PriorShift | None]:
    if plan.dataset.test_features is None:
        return None, None
    test = pool.apply([fit.test for fit in fits])
    shift = estimate_shift(test, pool.out_of_fold)
    return (shift.correct(test) if plan.correct_shares else test), shift


def _train(plan: Plan, keep: Keep, *, quiet: bool) -> tuple[Trained, ...]:
    what = (plan.dataset, plan.ensemble, plan.folds, plan.seed)
    with training_progress(quiet=quiet) as announce_model:
        if plan.deadline is None:
            return train_ensemble(*what, announce_model, keep)
        # What follows the training takes about as long as what came before it: reading, checking, drawing.
        end = plan.deadline.earlier(by=plan.deadline.passed + _AFTERWARDS)
        return train_until(*what, announce_model, end, keep)


def _keep(models: Path | None, place: int, trained: Trained) -> Trained:
    """Write trained models, if wanted, and let them go, so that memory holds those of one recipe at a time."""
    if models is not None:
        save_model(models, place, trained)
    return trained.without_models()
