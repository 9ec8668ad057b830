"""What the kit scores on rows it has never seen, beside the field's recipes, on the same splits.

``python -m benchmarks.boards --data DIR [--splits N]`` holds 30 % of the training rows out, several times, and prints
for each system the mean accuracy and board log loss, the difference of the log loss to the first system with the
standard error of that paired difference over all held-out rows, and the seconds of fitting and predicting.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from competition.calibration import calibrate, temper
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from competition.dataset import Dataset, load_dataset
from competition.edition import find_edition
from competition.folds import stratified_folds
from competition.metrics import row_accuracy, row_board_log_loss
from competition.networks.recipe import load_recipe
from competition.probabilities import bounded
from competition.training import cross_fit

System = Callable[[Dataset, int], np.ndarray]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, metavar="DIR")
@click.option("--splits", type=click.IntRange(min=1), default=3, show_default=True)
def main(data: Path, splits: int) -> None:
    """Print the table."""
    # The SVM's own pairwise probabilities, which scikit-learn is about to drop, are far better than their successors.
    warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
    dataset = load_dataset(data, find_edition(None, data), with_test=False)
    accuracies, losses, seconds = ({name: [] for name in SYSTEMS} for _ in range(3))
    for split, (training, targets) in enumerate(held_out_splits(dataset, splits)):
        for name, system in SYSTEMS.items():
            start = time.perf_counter()
            probabilities = system(training, split)
            seconds[name].append(time.perf_counter() - start)
            accuracies[name].append(row_accuracy(targets, probabilities.argmax(axis=1)))
            losses[name].append(row_board_log_loss(targets, probabilities))
    first = np.concatenate(losses[next(iter(SYSTEMS))])
    click.echo(f"{splits} splits of {data.name}, {len(first) // splits} held-out rows each\n")
    click.echo("| system | accuracy | board log loss | difference to the first | seconds |\n|---|---|---|---|---|")
    for name in SYSTEMS:
        loss = np.concatenate(losses[name])
        error = (loss - first).std(ddof=1) / np.sqrt(len(loss))
        click.echo(
            f"| {name} | {np.concatenate(accuracies[name]).mean():.4f} | {loss.mean():.4f} "
            f"| {loss.mean() - first.mean():+.4f} ± {error:.4f} | {np.median(seconds[name]):.1f} |"
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


def kit(recipe: str, seeds: int) -> System:
    """Return the kit itself: cross-fitted, averaged, calibrated."""

    def predict(dataset: Dataset, split: int) -> np.ndarray:
        folds = stratified_folds(dataset.targets, 10, split)
        fit = cross_fit(dataset, load_recipe(recipe), folds, split, seeds=seeds)
        return temper(fit.test, calibrate(dataset.targets, fit.members, folds).temperature)

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


SYSTEMS: dict[str, System] = {
    "RBF SVM, C=1.5, gamma=1/d": classical(SVC(C=1.5, gamma="auto", probability=True, random_state=0)),
    "logistic regression, C=.015": classical(LogisticRegression(C=0.015, max_iter=2000)),
    "kit: baseline, 10 folds": kit("baseline", 1),
    "kit: dense, 10 folds x 4 seeds": kit("dense", 4),
}

if __name__ == "__main__":
    main()
