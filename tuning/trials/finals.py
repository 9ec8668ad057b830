"""Finals: the best trials scored again, on fresh folds.

A search keeps the lowest of many noisy scores, so the winner's own score flatters it (the winner's curse). Fresh folds
and fresh initial weights give each finalist a score that did not choose it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.models.base.crossfit import derived_seed, no_progress
from competition.models.ensemble_training import merged, train_ensemble
from competition.models.ensembles import Ensemble
from competition.models.networks.fit import cross_fit
from competition.scoring.boards import CLASSIC
from competition.scoring.metrics import Estimate, estimate
from competition.scoring.pooling import fit_pool
from competition.scoring.scores import Scores, score_probabilities
from tuning.trials.evaluation import evaluate
from tuning.trials.outcomes import Outcome, Outcomes, best_first, key_of
from tuning.trials.spaces import Value
from tuning.trials.study import REPEATS, Study

_FRESH = 1000


@dataclass(frozen=True)
class Finalist:
    """A trial scored again.

    Attributes
    ----------
    trial_id : str
    values : mapping of str to Value
    searched : float
        Its score in the search.
    fresh : Estimate
        Its mean score on fresh folds with fresh seeds.
    gain : Estimate
        How much better that is than the first trial's, the space's defaults, row by row; above 0 is better.
    """

    trial_id: str
    values: Mapping[str, Value]
    searched: float
    fresh: Estimate
    gain: Estimate

    def to_table(self) -> dict[str, Any]:
        """Return the finalist as a JSON-serializable dictionary."""
        return {
            "trial_id": self.trial_id,
            "values": dict(self.values),
            "searched": self.searched,
            "afresh": self.fresh.value,
            "afresh_se": self.fresh.standard_error,
            "gain": self.gain.value,
            "gain_se": self.gain.standard_error,
        }


@dataclass(frozen=True)
class Plain:
    """What a preset scores on the finals' fresh folds, without any search.

    Attributes
    ----------
    name : str
        The preset's ensemble.
    fresh : Estimate
        Its mean score.
    gain : Estimate
        How much better that is than the first trial's, row by row; above 0 is better.
    over_winner : Estimate
        How much better it is than the winner's.
    """

    name: str
    fresh: Estimate
    gain: Estimate
    over_winner: Estimate

    def to_table(self) -> dict[str, Any]:
        """Return it as a JSON-serializable dictionary."""
        parts = {"afresh": self.fresh, "gain": self.gain, "over_winner": self.over_winner}
        numbers = {name: one.value for name, one in parts.items()}
        return {"name": self.name} | numbers | {f"{name}_se": one.standard_error for name, one in parts.items()}


def finalists_of(study: Study, trials: Sequence[tuple[str, Outcome]], count: int) -> list[tuple[str, Outcome]]:
    """Return the first trial, whatever its score, and the best of the others that were trained to their end.

    Parameters
    ----------
    study : Study
    trials : sequence of (trial number, Outcome)
        In the order of their numbers; at least one.
    count : int
        How many others at most; trials of the same hyperparameters count once.
    """
    first = trials[0]
    distinct = {key_of(outcome.values): (trial_id, outcome) for trial_id, outcome in reversed(trials)}
    distinct.pop(key_of(first[1].values))
    best = best_first((outcome for _, outcome in distinct.values()), study.objective)
    return [first, *(distinct[key_of(outcome.values)] for outcome in best[:count])]


def score_afresh(
    study: Study, place: Path, finalists: Sequence[tuple[str, Outcome]], *, own_folds: bool, tell: Callable[[str], None]
) -> list[Finalist]:
    """Score finalists on fresh folds and seeds, the same for all; the best comes first.

    Parameters
    ----------
    study : Study
    place : Path
        Where their outcomes are kept, so that none is scored twice.
    finalists : sequence of (trial number, Outcome)
        The first trial comes first; gains are over it.
    own_folds : bool
        Whether the user gave the folds: these are kept, for there may be a reason, and only the seeds are fresh.
    tell : callable
        Called with a sentence before each finalist is scored.
    """
    outcomes = Outcomes(place)
    rows = []
    for number, (trial_id, outcome) in enumerate(finalists, 1):
        tell(f"scoring the best again on new folds, {number} of {len(finalists)}: trial {trial_id}")
        rows.append(np.mean([_fresh_rows(study, outcomes, outcome, repeat, own_folds) for repeat in range(REPEATS)], 0))
    scored = [
        Finalist(
            trial_id,
            outcome.values,
            outcome.value(study.objective),
            estimate(values, study.dataset.groups),
            estimate(study.objective.cost(1) * (rows[0] - values), study.dataset.groups),
        )
        for (trial_id, outcome), values in zip(finalists, rows, strict=True)
    ]
    return sorted(scored, key=lambda one: study.objective.cost(one.fresh.value))


def score_plain(
    study: Study, place: Path, ensemble: Ensemble, first: Outcome, winner: Outcome, *, own_folds: bool
) -> Plain:
    """Score a preset on the finalists' fresh folds.

    Parameters
    ----------
    study : Study
    place : Path
        Where `score_afresh` has kept the finalists' outcomes.
    ensemble : Ensemble
    first, winner : Outcome
        Of the finalists that it is compared with.
    own_folds : bool
        As for `score_afresh`.
    """
    outcomes, repeats = Outcomes(place), range(REPEATS)
    values = np.mean([_preset_rows(_fresh(study, repeat, own_folds), ensemble) for repeat in repeats], 0)
    of_first, of_winner = (
        np.mean([_fresh_rows(study, outcomes, one, repeat, own_folds) for repeat in repeats], 0)
        for one in (first, winner)
    )
    sign, groups = study.objective.cost(1), study.dataset.groups
    gains = (estimate(sign * (others - values), groups) for others in (of_first, of_winner))
    return Plain(ensemble.name, estimate(values, groups), *gains)


def _preset_rows(study: Study, ensemble: Ensemble) -> np.ndarray:
    """Return the objective of every row, pooled as `submit` does it; shape (rows,)."""
    targets, groups, folds = study.dataset.targets, study.dataset.groups, study.folds
    trained = train_ensemble(
        study.dataset, ensemble, folds, study.seed, lambda model: no_progress, lambda place, one: one.without_models()
    )
    fits = [fit.by_seed for fit in merged(trained).values()]
    pool = fit_pool(targets, fits, folds, study.goals.probabilities, groups)
    return study.objective.row_values(targets, pool.out_of_fold)


def _fresh_rows(study: Study, outcomes: Outcomes, outcome: Outcome, repeat: int, own_folds: bool) -> np.ndarray:
    """Return the objective of every row in one fresh cross-validation; shape (rows,)."""
    key = f"{key_of(outcome.values)}-{repeat}"
    probabilities = None if outcomes.read(key) is None else outcomes.probabilities(key)
    if probabilities is None:
        found, probabilities = evaluate(_fresh(study, repeat, own_folds), outcome.values, best=None)
        outcomes.write(key, found, probabilities)
    return study.objective.row_values(study.dataset.targets, probabilities)


def _fresh(study: Study, repeat: int, own_folds: bool) -> Study:
    folds, seed = study.folds, derived_seed(study.seed, _FRESH, repeat)
    if not own_folds:
        together = study.dataset.groups if study.kept_together is None else study.kept_together
        folds = stratified_folds(study.dataset.targets, folds.count, seed, groups=together)
    return replace(study, folds=folds, seed=seed, settings=replace(study.settings, racing=False))


def score_holdout(study: Study, holdout: Dataset, values: Mapping[str, Value]) -> Scores:
    """Score a recipe on rows that the search has never seen, by the networks of all folds.

    Parameters
    ----------
    study : Study
    holdout : Dataset
        Its training rows are scored.
    values : mapping of str to Value
        The recipe's hyperparameters.

    Raises
    ------
    RecipeError
        When they give no valid recipe, or training diverges.
    """
    dataset = replace(study.dataset, test_features=holdout.features, test_frames=holdout.frames)
    recipe = study.space.to_recipe(values)
    fit = cross_fit(dataset, recipe, study.folds, derived_seed(study.seed, _FRESH, REPEATS), seeds=study.seeds)
    pool = fit_pool(dataset.targets, [fit.by_seed], study.folds, study.goals.probabilities, dataset.groups)
    probabilities = pool.apply([] if fit.test is None else [fit.test])
    labels = None if study.goals == CLASSIC else probabilities.argmax(axis=1)
    return score_probabilities(holdout.targets, probabilities, labels, study.goals, holdout.groups)
