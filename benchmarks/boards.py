"""Scores on held-out rows: the kit's, and those of the field's recipes and of rivals, on the same splits.

``python -m benchmarks.boards --data DIR [--splits N] [SYSTEM...]`` holds out 30 % of the training rows, several times,
and prints for each system the mean accuracy and board log loss, the ratio of the log loss to the first system's, the
difference with the standard error of that paired difference over all held-out rows, the median seconds of fitting and
predicting, and the process's peak memory by then. XGBoost and AutoGluon take part where they are installed.
"""

import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import click
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.data.loading import load_dataset
from competition.inference.find import find_edition
from competition.models.base.crossfit import no_progress
from competition.models.ensemble_training import merged, train_ensemble
from competition.models.ensembles import Ensemble, load_preset, single
from competition.models.recipes import load_recipe
from competition.scoring.metrics import row_accuracy, row_board_log_loss
from competition.scoring.pooling import fit_pool
from competition.scoring.probabilities import bounded

System = Callable[[Dataset, int], np.ndarray]


def kit(ensemble: Ensemble) -> System:
    """Return the kit itself: cross-fitted, averaged, pooled."""

    def predict(dataset: Dataset, split: int) -> np.ndarray:
        folds = stratified_folds(dataset.targets, 10, split)
        fits = merged(train_ensemble(dataset, ensemble, folds, split, lambda model: no_progress))
        pool = fit_pool(dataset.targets, [fit.by_seed for fit in fits.values()], folds)
        return pool.apply([fit.test for fit in fits.values()])

    return predict


def plain(recipe: str) -> System:
    """Return the plain engine: one network a fold, one after the other, not calibrated."""

    def predict(dataset: Dataset, split: int) -> np.ndarray:
        from competition.models.reference.engine import cross_fit_separately

        folds = stratified_folds(dataset.targets, 10, split)
        return cross_fit_separately(dataset, load_recipe(recipe), folds, split).test

    return predict


def classical(model: object) -> System:
    """Return a scikit-learn model on z-scores."""

    def predict(dataset: Dataset, split: int) -> np.ndarray:
        pipeline = make_pipeline(StandardScaler(), model)
        pipeline.fit(dataset.features, dataset.targets)
        probabilities = np.zeros((len(dataset.test_features), len(dataset.edition.genres)))
        probabilities[:, pipeline.classes_] = pipeline.predict_proba(dataset.test_features)
        return bounded(probabilities)

    return predict


def xgboost() -> System:
    """Return the gradient boosting that came 33rd on the real board."""
    from xgboost import XGBClassifier

    booster = XGBClassifier(
        n_estimators=1000, max_depth=5, learning_rate=0.1, min_child_weight=7, subsample=0.7, gamma=1, random_state=0
    )
    return classical(booster)


def autogluon(dataset: Dataset, split: int) -> np.ndarray:
    """Fit AutoGluon with the preset that takes about two minutes."""
    from autogluon.tabular import TabularPredictor

    with tempfile.TemporaryDirectory() as folder:
        table = pd.DataFrame(dataset.features).assign(genre=dataset.targets)
        predictor = TabularPredictor("genre", eval_metric="log_loss", path=folder, verbosity=0)
        predictor.fit(table, presets="medium_quality")
        probabilities = predictor.predict_proba(pd.DataFrame(dataset.test_features))
        return bounded(probabilities[range(len(dataset.edition.genres))].to_numpy())


SYSTEMS: dict[str, Callable[[], System]] = {
    "svm": lambda: classical(SVC(C=1.5, gamma="auto", probability=True, random_state=0)),
    "logistic": lambda: classical(LogisticRegression(C=0.015, max_iter=2000)),
    "xgboost": xgboost,
    "autogluon": lambda: autogluon,
    "baseline": lambda: kit(single(load_recipe("baseline"))),
    "plain-dense": lambda: plain("dense"),
    "quick": lambda: kit(load_preset("dense", "quick")),
    "standard": lambda: kit(load_preset("dense", "standard")),
    "best": lambda: kit(load_preset("dense", "best")),
    "lstm": lambda: kit(load_preset("lstm", "standard")),
}
_SLOW = ("plain-dense", "lstm")


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, metavar="DIR")
@click.option("--splits", type=click.IntRange(min=1), default=3, show_default=True)
@click.argument("systems", nargs=-1, type=click.Choice(list(SYSTEMS)))
def main(data: Path, splits: int, systems: tuple[str, ...]) -> None:
    """Print the table; SYSTEMS are all that are installed but for the slowest ones."""
    # The SVM's own pairwise probabilities, which scikit-learn is about to drop, are far better than their successors.
    warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
    dataset = load_dataset(data, find_edition(None, data), with_test=False)
    missing = {name for name in ("xgboost", "autogluon") if find_spec(name) is None}
    chosen = systems or tuple(name for name in SYSTEMS if name not in missing and name not in _SLOW)
    accuracies, losses, seconds = ({name: [] for name in chosen} for _ in range(3))
    memory = {}
    for split, (training, targets) in enumerate(held_out_splits(dataset, splits)):
        for name in chosen:
            start = time.perf_counter()
            probabilities = SYSTEMS[name]()(training, split)
            seconds[name].append(time.perf_counter() - start)
            memory.setdefault(name, peak_megabytes())
            accuracies[name].append(row_accuracy(targets, probabilities.argmax(axis=1)))
            losses[name].append(row_board_log_loss(targets, probabilities))
    first = np.concatenate(losses[chosen[0]])
    click.echo(f"{splits} splits of {data.name}, {len(first) // splits} held-out rows each\n")
    click.echo("| system | accuracy | board log loss | ratio | difference to the first | seconds | memory, MB |")
    click.echo("|---|---|---|---|---|---|---|")
    for name in chosen:
        loss = np.concatenate(losses[name])
        error = (loss - first).std(ddof=1) / np.sqrt(len(loss))
        click.echo(
            f"| {name} | {np.concatenate(accuracies[name]).mean():.4f} | {loss.mean():.4f} "
            f"| {loss.mean() / first.mean():.3f} | {loss.mean() - first.mean():+.4f} ± {error:.4f} "
            f"| {np.median(seconds[name]):.1f} | {memory[name]:.0f} |"
        )


def held_out_splits(dataset: Dataset, splits: int) -> Iterator[tuple[Dataset, np.ndarray]]:
    """Yield datasets whose test rows are held-out training rows, and the targets of these."""
    splitter = StratifiedShuffleSplit(splits, test_size=0.3, random_state=1)
    for training, held_out in splitter.split(dataset.features, dataset.targets):
        part = replace(
            dataset,
            features=dataset.features[training],
            targets=dataset.targets[training],
            test_features=dataset.features[held_out],
        )
        yield part, dataset.targets[held_out]


def peak_megabytes() -> float:
    """Return this process's peak resident memory so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


if __name__ == "__main__":
    main()
