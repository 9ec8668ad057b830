"""One trial: a recipe cross-fitted and scored; a failed training has an outcome too."""

import time
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from competition.data.folds import Folds
from competition.errors import RecipeError
from competition.models.base.crossfit import Judge, judge_nothing
from competition.models.networks.fit import cross_fit
from competition.runtime.backend import keras
from competition.runtime.own_state import own_state
from competition.scoring.boards import CLASSIC
from competition.scoring.metrics import estimate, row_accuracy, row_board_log_loss
from competition.scoring.pooling import fit_pool
from tuning.trials.outcomes import DIVERGED, FAILED, FINISHED, STOPPED, Outcome
from tuning.trials.racing import Race
from tuning.trials.spaces import Value
from tuning.trials.study import Study


def evaluate(study: Study, values: Mapping[str, Value], best: Outcome | None) -> tuple[Outcome, np.ndarray]:
    """Cross-fit the recipe that some hyperparameters give, on the study's folds and seed, and score it.

    Parameters
    ----------
    study : Study
    values : mapping of str to Value
    best : Outcome or None
        The best outcome so far, for racing; None where there is none.

    Returns
    -------
    outcome : Outcome
        Also where the training diverges or fails: Keras Tuner must not see an exception, or it would forget the trial
        and propose similar ones.
    probabilities : ndarray of float64, shape (rows, genres)
        Every row's, out of fold and calibrated; the genres' shares where training gave none.
    """
    start = time.perf_counter()
    race = Race(study, best)
    try:
        by_seed = _cross_fit(study, values, race)
        state = STOPPED if race.share < 1 else FINISHED
        outcome, probabilities = score(study, study.folds, values, by_seed, state)
    except RecipeError as problem:
        outcome, probabilities = _guessing(study, values, DIVERGED, str(problem))
    except Exception as problem:
        outcome, probabilities = _guessing(study, values, FAILED, f"{type(problem).__name__}: {problem}")
    seconds = time.perf_counter() - start
    return replace(outcome, curve=tuple(race.curve), share=race.share, seconds=round(seconds, 3)), probabilities


def _cross_fit(study: Study, values: Mapping[str, Value], race: Race) -> np.ndarray:
    recipe = study.space.to_recipe(values)
    judge: Judge = race.judge if study.settings.racing else judge_nothing
    with own_state():
        try:
            return cross_fit(study.dataset, recipe, study.folds, study.seed, seeds=study.seeds, judge=judge).by_seed
        finally:
            keras.utils.clear_session()


def score(
    study: Study, folds: Folds, values: Mapping[str, Value], by_seed: np.ndarray, state: str = FINISHED
) -> tuple[Outcome, np.ndarray]:
    """Calibrate out-of-fold probabilities and score them.

    Parameters
    ----------
    study : Study
    folds : Folds
        Those that hold the rows out.
    values : mapping of str to Value
        The active hyperparameters.
    by_seed : ndarray of float64, shape (rows, seeds, genres)
        Each row's probabilities by each network of the fold that holds it out.
    state : str
        As in `Outcome`.

    Returns
    -------
    outcome : Outcome
        Without curve and seconds.
    probabilities : ndarray of float64, shape (rows, genres)
        Averaged over seeds, and calibrated.
    """
    targets, groups = study.dataset.targets, study.dataset.groups
    probabilities = fit_pool(targets, [by_seed], folds, study.goals.probabilities, groups).out_of_fold
    rows = study.objective.row_values(targets, probabilities)
    by_fold = [float(rows[folds.held_out(fold)].mean()) for fold in range(folds.count)]
    outcome = Outcome(
        values=dict(values),
        state=state,
        board_log_loss=estimate(row_board_log_loss(targets, probabilities)).value,
        accuracy=estimate(row_accuracy(targets, probabilities.argmax(axis=1))).value,
        spread=float(np.std(by_fold, ddof=1)),
        folds=tuple(by_fold),
        others={} if study.objective.name in CLASSIC.scores else {study.objective.name: estimate(rows).value},
    )
    return outcome, probabilities


def _guessing(study: Study, values: Mapping[str, Value], state: str, message: str) -> tuple[Outcome, np.ndarray]:
    """Return the outcome of guessing every genre by its share: bad but finite, as of networks that learn nothing."""
    shares = study.dataset.shares
    by_seed = np.broadcast_to(shares, (study.dataset.rows, 1, len(shares)))
    outcome, probabilities = score(study, study.folds, values, by_seed, state)
    return replace(outcome, message=message), probabilities
