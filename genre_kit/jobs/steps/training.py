"""One training: cross-fit a plan's ensemble, pool it, score it out of fold, predict the test songs."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np

from competition.models.base.crossfit import CrossFit, Progress
from competition.models.ensemble_training import Keep, Trained, merged, train_ensemble, train_until
from competition.models.ensembles import STEADY, Model
from competition.models.saved import save_model
from competition.models.yardsticks import Yardstick, guessing, guessing_of, plain_model, yardstick
from competition.scoring.by_group import score_groups
from competition.scoring.logarithmic_pool import flattened
from competition.scoring.metrics import Estimate, estimate, row_accuracy
from competition.scoring.pooling import Pool, equal_pool, fit_pool, lowered
from competition.scoring.prior_shift import PriorShift, estimate_shift
from competition.scoring.scores import score_probabilities
from competition.shift.drift import find_oddities
from competition.shift.forecast import Forecast, expected_accuracy, flattening, forecast
from genre_kit.results.events import Advanced, Listener, Started, nobody
from genre_kit.results.run import HeldOut, Part, Plan, PoolResult, Result
from genre_kit.runs.foresight import test_file
from genre_kit.runs.writing import data_facts
from submissions.rule_search import settle

_AFTERWARDS = 3.0
"""Seconds kept for what does not grow with the data, such as the pictures and the report."""


def carry_out(plan: Plan, progress: Listener = nobody, models: Path | None = None) -> Result:
    """Cross-fit a plan's ensemble, pool it and score it out of fold.

    Parameters
    ----------
    plan : Plan
    progress : callable
        Called with each event of `genre_kit.results.events`.
    models : Path or None
        The folder that models are written into as soon as they are trained; None to discard them.
    """
    started, clock = datetime.now(UTC), time.perf_counter()
    yardsticks, on_kept_out = _yardsticks(plan)
    trained = _train(plan, partial(_keep_model, models), progress)
    fits = merged(trained)
    pool = _pool(plan, fits)
    held_out = replace(_held_out(plan, pool, fits), yardsticks=yardsticks)
    test, shift = _predict_test(plan, pool, fits.values())
    oddities = find_oddities(plan.dataset)
    return Result(
        name=plan.ensemble.name,
        edition=plan.dataset.edition,
        data=data_facts(plan.dataset, oddities),
        held_out=held_out,
        rule=held_out.settled.rule,
        probabilities=test,
        entries=None if test is None else plan.dataset.entries,
        started=started,
        seconds=time.perf_counter() - clock,
        shift=shift,
        corrected=plan.asked.correct_shares,
        plan=plan,
        ensemble=replace(plan.ensemble, models=tuple(one.model for one in trained)),
        trained=trained,
        oddities=oddities,
        board_rows=None if plan.dataset.edition.left_out else len(plan.dataset.entries.ids) or None,
        origin=plan.origin,
        test_file=test_file(plan.choice, pool.flattening, plan.dataset.edition),
        forecast=_forecast(plan, pool, fits.values(), held_out, test),
        late_gain=_late_gain(plan, pool, trained),
        songs=plan.dataset.song_names,
        answers=plan.kept_out,
        simple_on_kept_out=on_kept_out,
    )


def _yardsticks(plan: Plan) -> tuple[tuple[Yardstick, ...], tuple[Yardstick, ...]]:
    """Score simple predictions of held-out and of kept-out songs, before TensorFlow takes its memory."""
    dataset, folds, goals, genres = plan.dataset, plan.folds, plan.goals, len(plan.dataset.edition.genres)
    plain, *on_kept_out = plain_model(dataset, folds, plan.seed, goals, plan.kept_out)
    if plan.kept_out is not None:
        on_kept_out.insert(0, guessing_of(dataset.targets, plan.kept_out, genres, goals))
    return (guessing(dataset.targets, genres, folds, goals, dataset.groups), plain), tuple(on_kept_out)


def _late_gain(plan: Plan, pool: Pool, trained: Sequence[Trained]) -> Estimate | None:
    """Return what the second half of the training gained; None without a time budget, or where one model took it."""
    ends = np.cumsum([one.seconds for one in trained])
    early = max(1, int((ends <= ends[-1] / 2).sum()))
    if plan.deadline is None or early == len(trained):
        return None
    before, dataset = _pool(plan, merged(trained[:early])), plan.dataset
    return lowered(
        plan.goals.probabilities, dataset.targets, before.out_of_fold, pool.out_of_fold, groups=dataset.groups
    )


def _pool(plan: Plan, fits: Mapping[str, CrossFit]) -> Pool:
    """Return how the models are pooled; for strangers, with half the say for the steady one, and flattened."""
    names = list(fits)
    steady, others = [name for name in names if name == STEADY], [name for name in names if name != STEADY]
    if not plan.choice.has_strangers:
        return _fitted(plan, fits, names)
    if steady and others:
        parts = (others, steady)
        places = [[names.index(name) for name in part] for part in parts]
        pool = equal_pool([_fitted(plan, fits, part) for part in parts], places)
    else:
        pool = _fitted(plan, fits, names)
    test = pool.apply(_test_predictions(fits.values()))
    accuracy = _expected_accuracy(plan, pool, test)
    return replace(pool, flattening=flattening(test, accuracy))


def _expected_accuracy(plan: Plan, pool: Pool, test: np.ndarray) -> float:
    """Return the accuracy to expect of test songs, (test rows, genres), that differ."""
    targets, groups = plan.dataset.targets, plan.dataset.groups
    known = estimate(row_accuracy(targets, pool.out_of_fold.argmax(axis=1)), groups).clustering
    clustering = 1.0 if plan.grouping is None else plan.grouping.on_test_rows(known)
    return expected_accuracy(targets, pool.out_of_fold, test, clustering)


def _fitted(plan: Plan, fits: Mapping[str, CrossFit], names: Sequence[str]) -> Pool:
    models = [fits[name].by_seed for name in names]
    return fit_pool(plan.dataset.targets, models, plan.folds, plan.goals.probabilities, plan.dataset.groups)


def _test_predictions(fits: Iterable[CrossFit]) -> list[np.ndarray]:
    return [fit.test for fit in fits if fit.test is not None]


def _forecast(
    plan: Plan, pool: Pool, fits: Iterable[CrossFit], held_out: HeldOut, test: np.ndarray | None
) -> Forecast | None:
    """Return what boards are likely to say where the test songs differ; None where the held-out score says it.

    `test` are the probabilities of the submission's lines.
    """
    diagnosis = plan.choice.diagnosis
    if test is None or diagnosis is None or not diagnosis.is_unlike:
        return None
    believed = pool.apply(_test_predictions(fits))
    if not diagnosis.has_strangers:
        believed = flattened(believed, flattening(believed, _expected_accuracy(plan, pool, believed)))
    labels, lines = held_out.settled.rule.predict(test), plan.dataset.entries.gathered(believed)
    return forecast(test, labels, lines, held_out.clustering_on_board)


def _held_out(plan: Plan, pool: Pool, fits: Mapping[str, CrossFit]) -> HeldOut:
    targets, groups, metric = plan.dataset.targets, plan.dataset.groups, plan.goals.probabilities
    # A rule's cutoffs are those of probabilities as confident as the test songs' are.
    as_test = flattened(pool.out_of_fold, pool.flattening)
    settled = settle(plan.rule, targets, as_test, plan.folds.assignment, plan.goals.labels, groups)
    return HeldOut(
        targets=targets,
        folds=plan.folds,
        probabilities=pool.out_of_fold,
        plain=pool.plain,
        settled=settled,
        scores=score_probabilities(targets, pool.out_of_fold, settled.labels, plan.goals, groups),
        pool=PoolResult(
            _parts(plan, pool, fits),
            gain=pool.gain,
            is_fitted=pool.is_fitted,
            biases=pool.final_biases,
            bias_gain=pool.bias_gain,
            is_biased=pool.is_biased,
            metric=metric,
        ),
        groups=groups,
        grouping=plan.grouping,
        by_group=score_groups(targets, groups, pool.out_of_fold, settled.group_labels, plan.goals),
        flattening=pool.flattening,
    )


def _parts(plan: Plan, pool: Pool, fits: Mapping[str, CrossFit]) -> tuple[Part, ...]:
    targets, groups = plan.dataset.targets, plan.dataset.groups
    alone = (yardstick(name, targets, fit.out_of_fold, plan.goals, groups) for name, fit in fits.items())
    both = zip(alone, map(float, pool.final_weights), strict=True)
    return tuple(Part(one.name, weight, one.probabilities, one.labels) for one, weight in both)


def _predict_test(plan: Plan, pool: Pool, fits: Iterable[CrossFit]) -> tuple[np.ndarray | None, PriorShift | None]:
    """Return the probabilities of the submission's lines, (lines, genres), and how genre shares differ."""
    if plan.dataset.test_features is None:
        return None, None
    test = pool.apply(_test_predictions(fits))
    shift = None if plan.dataset.has_other_genres_in_test else estimate_shift(test, pool.out_of_fold)
    corrected = shift.correct(test) if plan.asked.correct_shares and shift is not None else test
    return plan.dataset.entries.gathered(corrected), shift


def _train(plan: Plan, keep_model: Keep, progress: Listener) -> tuple[Trained, ...]:
    def announce(model: Model) -> Progress:
        """Report that a model's training begins, and return what reports its progress."""
        progress(Started(model))
        return lambda done, total, loss: progress(Advanced(model, done, total, loss))

    if plan.deadline is None:
        return train_ensemble(plan.dataset, plan.ensemble, plan.folds, plan.seed, announce, keep_model)
    # What follows the training takes about as long as what came before it: reading, checking, drawing.
    end = plan.deadline.earlier(by=plan.deadline.passed + _AFTERWARDS)
    return train_until(plan.dataset, plan.ensemble, plan.folds, plan.seed, announce, end, keep_model)


def _keep_model(models: Path | None, place: int, trained: Trained) -> Trained:
    """Write trained models, if wanted, and release them, so that memory holds those of one recipe at a time."""
    if models is not None:
        save_model(models, place, trained)
    return trained.without_models()
