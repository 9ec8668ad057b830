"""Cross-fitting a network's recipe by the engine that it needs."""

from importlib import import_module

from competition.data.dataset import Dataset
from competition.data.folds import Folds
from competition.models.base.crossfit import CrossFit, Judge, Progress, judge_nothing, no_progress
from competition.models.networks.recipe import Recipe


def cross_fit(
    dataset: Dataset,
    recipe: Recipe,
    folds: Folds,
    seed: int,
    *,
    seeds: int = 1,
    progress: Progress = no_progress,
    judge: Judge = judge_nothing,
) -> CrossFit:
    """Do what `competition.models.networks.engine.cross_fit` does, or `competition.models.networks.single.engine`.

    Parameters
    ----------
    dataset : Dataset
    recipe : Recipe
        Its `engine` decides.
    folds : Folds
    seed, seeds : int
    progress : callable
    judge : callable
        Not asked where networks are trained one after the other: then there is nothing to judge before the last one.
    """
    engine = import_module(recipe.engine)
    return engine.cross_fit(dataset, recipe, folds, seed, seeds=seeds, progress=progress, judge=judge)
