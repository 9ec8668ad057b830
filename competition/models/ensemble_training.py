"""Cross-fitting an ensemble: its models one after the other, on the same folds, within a time budget if given one."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.models.base.crossfit import CrossFit, Progress, derived_seed, no_progress
from competition.models.classical.engine import cross_fit_classical
from competition.models.ensembles import Ensemble, Model
from competition.models.networks.recipe import Recipe

_MOST_SEEDS_AT_ONCE = 4
_PATIENCE = 0.1


@dataclass(frozen=True)
class Trained:
    """One model of an ensemble, cross-fitted.

    Attributes
    ----------
    model : Model
    fit : CrossFit
    seconds : float
        Training time.
    """

    model: Model
    fit: CrossFit
    seconds: float

    def without_models(self) -> "Trained":
        """Return it with its predictions only: trained models take far more memory."""
        return replace(self, fit=replace(self.fit, models=None))


@dataclass(frozen=True)
class Deadline:
    """A span of time, by a clock that counts seconds."""

    start: float
    end: float
    clock: Callable[[], float] = time.monotonic

    @classmethod
    def within(cls, seconds: float, clock: Callable[[], float] = time.monotonic) -> "Deadline":
        """Return the span of `seconds` that starts now."""
        now = clock()
        return cls(now, now + seconds, clock)

    def earlier(self, by: float) -> "Deadline":
        """Return the deadline `by` seconds earlier."""
        return replace(self, end=self.end - by)

    @property
    def length(self) -> float:
        """Seconds from the start to the end."""
        return self.end - self.start

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.start

    @property
    def remaining(self) -> float:
        """Seconds until the end; below 0 after it."""
        return self.end - self.clock()


class _OutOfTimeError(Exception):
    """A model cannot be finished before the deadline."""


Announce = Callable[[Model], Progress]
"""Called before each model is trained; returns the callable that reports its progress."""


Keep = Callable[[int, Trained], Trained]
"""Called with each model's number, from 1, as soon as it is trained; what it returns is kept until all are."""


def keep_all(place: int, trained: Trained) -> Trained:
    """Keep everything, trained models included."""
    return trained


def train_ensemble(
    dataset: Dataset, ensemble: Ensemble, folds: Folds, seed: int, announce: Announce, keep: Keep = keep_all
) -> tuple[Trained, ...]:
    """Cross-fit all models of an ensemble, each with its own seed, derived from `seed` and its place.

    scikit-learn's models are trained first: before TensorFlow, which returns little memory, takes its own.

    Parameters
    ----------
    dataset : Dataset
    ensemble : Ensemble
    folds : Folds
        One assignment for all rows of `dataset`.
    seed : int
        At least 0.
    announce : callable
        See `Announce`.
    keep : callable
        See `Keep`.

    Returns
    -------
    tuple of Trained
        In the order of the ensemble's models.

    Raises
    ------
    RecipeError
        When a network's training diverges, or scikit-learn refuses a recipe's parameters.
    """
    by_place = dict(enumerate(ensemble.models, 1))
    done = {
        place: keep(place, _train(dataset, model, folds, derived_seed(seed, place - 1), announce(model)))
        for place, model in sorted(by_place.items(), key=lambda item: item[1].is_network)
    }
    return tuple(done[place] for place in by_place)


def train_until(
    dataset: Dataset,
    ensemble: Ensemble,
    folds: Folds,
    seed: int,
    announce: Announce,
    deadline: Deadline,
    keep: Keep = keep_all,
) -> tuple[Trained, ...]:
    """Cross-fit an ensemble's models in turn, and again with other seeds, as long as they finish before the deadline.

    The first one is always finished, so that there is a result. A model that is going to miss the deadline is abandoned
    and not tried again. `train_ensemble` reproduces the result from the returned models, in their order.

    Parameters
    ----------
    dataset : Dataset
    ensemble : Ensemble
    folds : Folds
        One assignment for all rows of `dataset`.
    seed : int
        At least 0.
    announce : callable
        See `Announce`.
    deadline : Deadline
    keep : callable
        See `Keep`.

    Returns
    -------
    tuple of Trained
        In the order of training; at least one.

    Raises
    ------
    RecipeError
        When a network's training diverges, or scikit-learn refuses a recipe's parameters.
    """
    done: list[Trained] = []
    for model in _turns(ensemble, done):
        if done and _least_seconds(model, done) > deadline.remaining:
            continue
        progress = _Watch(announce(model), deadline) if done else announce(model)
        try:
            place = len(done) + 1
            one = _train(dataset, model, folds, derived_seed(seed, place - 1), progress, deadline.clock)
            done.append(keep(place, one))
        except _OutOfTimeError:
            continue
    return tuple(done)


def _least_seconds(model: Model, done: Sequence[Trained]) -> float:
    """Return the most seconds that a model took with the same number of seeds or fewer; 0 where not known."""
    earlier = [one.seconds for one in done if one.model.recipe == model.recipe and one.model.seeds <= model.seeds]
    return max(earlier, default=0.0)


def merged(trained: Sequence[Trained]) -> dict[str, CrossFit]:
    """Join the fits of each recipe into one: their members side by side, their test predictions averaged."""
    names = dict.fromkeys(one.model.recipe.name for one in trained)
    return {name: _joined([one for one in trained if one.model.recipe.name == name]) for name in names}


def _turns(ensemble: Ensemble, done: Sequence[Trained]) -> Iterator[Model]:
    """Yield each model with one seed, then networks again with 2, 4, 4, ... more, without those that did not finish."""
    queue = [replace(model, seeds=1) for model in ensemble.models]
    while queue:
        again = []
        for model in queue:
            before = len(done)
            yield model
            if len(done) > before and model.is_network:
                again.append(replace(model, seeds=min(2 * model.seeds, _MOST_SEEDS_AT_ONCE)))
        queue = again


class _Watch:
    """Passes progress on, and raises _OutOfTimeError as soon as the training is expected to miss the deadline."""

    def __init__(self, progress: Progress, deadline: Deadline) -> None:
        self.progress, self.deadline = progress, deadline
        self.first: tuple[int, float] | None = None

    def __call__(self, done: int, total: int, held_out_loss: float) -> None:
        now = self.deadline.clock()
        # The first step also builds the model, so only those after it are timed.
        first_done, first_time = self.first = self.first or (done, now)
        rest = (now - first_time) / (done - first_done) * (total - done) if done > first_done else 0.0
        if rest > self.deadline.remaining and total - done > total * _PATIENCE:
            raise _OutOfTimeError
        self.progress(done, total, held_out_loss)


def train_model(
    dataset: Dataset,
    model: Model,
    folds: Folds,
    seed: int,
    progress: Progress = no_progress,
    clock: Callable[[], float] = time.monotonic,
) -> Trained:
    """Cross-fit one model of an ensemble.

    Parameters
    ----------
    dataset : Dataset
    model : Model
    folds : Folds
        One assignment for all rows of `dataset`.
    seed : int
        In an ensemble, derived from its seed and the model's place, counted from 0.
    progress : callable
        Called with the epochs, or folds, that are done.
    clock : callable
        Returns seconds.

    Raises
    ------
    RecipeError
        When a network's training diverges, or scikit-learn refuses the recipe's parameters.
    """
    start = clock()
    if isinstance(model.recipe, Recipe):
        # Imported here: TensorFlow takes seconds, and classical models do without.
        from competition.models.networks.fit import cross_fit

        fit = cross_fit(dataset, model.recipe, folds, seed, seeds=model.seeds, progress=progress)
    else:
        fit = cross_fit_classical(dataset, model.recipe, folds, seed, progress=progress)
    return Trained(model, fit, clock() - start)


def _train(
    dataset: Dataset,
    model: Model,
    folds: Folds,
    seed: int,
    progress: Progress,
    clock: Callable[[], float] = time.monotonic,
) -> Trained:
    """Train a model, and let go of what Keras keeps of it."""
    if not model.is_network:
        return train_model(dataset, model, folds, seed, progress, clock)
    # Imported here: TensorFlow takes seconds, and classical models do without.
    from competition.runtime.backend import keras
    from competition.runtime.own_state import own_state

    with own_state():
        trained = train_model(dataset, model, folds, seed, progress, clock)
        keras.utils.clear_session()
    return trained


def _joined(parts: Sequence[Trained]) -> CrossFit:
    fits, seeds = [one.fit for one in parts], [one.model.seeds for one in parts]
    tests = [fit.test for fit in fits if fit.test is not None]
    test = np.average(tests, axis=0, weights=seeds) if tests else None
    history = tuple(epoch for fit in fits for epoch in fit.history)
    return CrossFit(np.concatenate([fit.by_seed for fit in fits], axis=1), test, history)
