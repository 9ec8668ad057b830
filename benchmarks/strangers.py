"""Whether differing test files are seen, and what `submit` says and scores on them.

``python -m benchmarks.strangers pairs DIR... [--preset NAME]``: folders of a competition whose ``truth.csv`` holds the
test labels, one a line. Prints what the diagnosis finds, what was said out of fold and foreseen of the board, the
truth, and what simpler models get. ``python -m benchmarks.strangers diagnosis DIR... [--draws N]``: draws test files
from the training songs, changes genre shares, columns, both or neither, and prints how often the diagnosis is right.
"""

import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.data.loading import load_dataset
from competition.errors import KitWarning
from competition.inference.find import find_edition
from competition.models.base.scaling import Scaling
from competition.models.classical.engine import cross_fit_classical
from competition.models.classical.recipe import ClassicalRecipe
from competition.scoring.metrics import estimate, row_board_log_loss
from competition.scoring.pooling import fit_pool
from competition.shift.diagnosis import diagnose
from genre_kit.jobs.train import submit
from genre_kit.results.run import Result
from genre_kit.runs.foresight import foreseen

TRUTH = "truth.csv"
_FOLDS = 10
_TEST_SHARE, _DRAWN_FROM = 0.32, 0.5
"""The test songs' share; where genre shares change, half of this larger one is drawn."""
_COLUMNS = 8
_FACTORS = (0.5, 0.7, 1.5, 2.0, 10.0)
_Z_SCORES = Scaling()
RIVALS = {
    "logistic": ClassicalRecipe(
        name="logistic", family="logistic-regression", scaling=_Z_SCORES, parameters={"C": 0.1}
    ),
    "LDA": ClassicalRecipe(
        name="lda", family="discriminant-analysis", scaling=_Z_SCORES, parameters={"solver": "lsqr", "shrinkage": 0.3}
    ),
    "SVM": ClassicalRecipe(name="svm", family="support-vector", scaling=_Z_SCORES, parameters={"C": 1.5}),
}
"""Each with one temperature, found on random folds."""


@click.group()
def main() -> None:
    """Measure the kit on test files that differ from their training files."""
    warnings.simplefilter("ignore", KitWarning)


@main.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--preset", default="standard", show_default=True)
def pairs(folders: tuple[Path, ...], preset: str) -> None:
    """Print a line for each competition whose test labels are known."""
    heads = ("pair", "found", "said: accuracy", "loss", "foreseen: accuracy", "loss", "truth: accuracy", "loss")
    click.echo(f"| {' | '.join([*heads, *RIVALS])} |\n|{'---|' * (len(heads) + len(RIVALS))}")
    for folder in folders:
        click.echo(f"| {' | '.join(_pair_cells(folder, preset))} |")


def _pair_cells(folder: Path, preset: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place:
        result = submit(data=folder, preset=preset, out=Path(place) / "run")
    truth = np.loadtxt(folder / TRUTH, dtype=np.int64) - 1
    assert result.plan is not None
    assert result.probabilities is not None
    assert result.labels is not None
    diagnosis, scores = result.plan.choice.diagnosis, result.known.scores
    yield from (folder.name, ", ".join(diagnosis.kinds if diagnosis else ()) or "nothing")
    assert scores.accuracy is not None
    assert scores.board_log_loss is not None
    yield from (f"{scores.accuracy.value:.3f}", f"{scores.board_log_loss.value:.4f}")
    yield from _foreseen_cells(result)
    yield f"{(result.labels - 1 == truth).mean():.3f}"
    yield str(estimate(row_board_log_loss(truth, result.probabilities)))
    dataset = result.plan.dataset
    for recipe in RIVALS.values():
        yield f"{row_board_log_loss(truth, _rival(dataset, recipe)).mean():.4f}"


def _foreseen_cells(result: Result) -> Iterator[str]:
    board = foreseen(result)
    assert board is not None
    for interval in (board.accuracy, board.board_log_loss):
        assert interval is not None
        yield f"{interval[0]:.3f} to {interval[1]:.3f}"


def _rival(dataset: Dataset, recipe: ClassicalRecipe) -> np.ndarray:
    folds = stratified_folds(dataset.targets, _FOLDS, 0)
    fit = cross_fit_classical(dataset, recipe, folds, 0)
    assert fit.test is not None
    return fit_pool(dataset.targets, [fit.by_seed], folds).apply([fit.test])


def _columns_changed(dataset: Dataset, generator: np.random.Generator) -> Dataset:
    assert dataset.test_features is not None
    test = dataset.test_features.copy()
    chosen = generator.choice(test.shape[1], min(_COLUMNS, test.shape[1] // 2), replace=False)
    test[:, chosen] *= generator.choice(_FACTORS, len(chosen))
    return replace(dataset, test_features=test)


def _shares_changed(targets: np.ndarray, test: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Return half of the test rows, drawn so that genres are more or less frequent than before."""
    weights = generator.dirichlet(np.ones(targets.max() + 1))[targets[test]] + 1e-6
    return generator.choice(test, len(test) // 2, replace=False, p=weights / weights.sum())


def _drawn(dataset: Dataset, kinds: Sequence[str], seed: int) -> Dataset:
    """Return a competition whose test songs are some of the training songs, changed as asked."""
    generator = np.random.default_rng(seed)
    order = generator.permutation(dataset.rows)
    test, rest = np.split(order, [int((_DRAWN_FROM if "shares" in kinds else _TEST_SHARE) * len(order))])
    if "shares" in kinds:
        test = _shares_changed(dataset.targets, test, generator)
    drawn = replace(
        dataset, features=dataset.features[rest], targets=dataset.targets[rest], test_features=dataset.features[test]
    )
    return _columns_changed(drawn, generator) if "columns" in kinds else drawn


@main.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--draws", type=click.IntRange(min=1), default=20, show_default=True)
def diagnosis(folders: tuple[Path, ...], draws: int) -> None:
    """Print how often the diagnosis of drawn test files is right."""
    click.echo("| songs of | changed | right | novelty p below 0.05 |\n|---|---|---|---|")
    for folder in folders:
        dataset = load_dataset(folder, find_edition(None, folder), with_test=False)
        for kinds in ((), ("shares",), ("columns",), ("columns", "shares")):
            click.echo(_diagnosis_line(folder.name, dataset, kinds, draws))


def _diagnosis_line(name: str, dataset: Dataset, kinds: tuple[str, ...], draws: int) -> str:
    right = novel = 0
    for seed in range(draws):
        drawn = _drawn(dataset, kinds, seed)
        found = diagnose(drawn, stratified_folds(drawn.targets, _FOLDS, seed), seed)
        assert found is not None
        right += found.kinds == kinds
        novel += found.novelty.chance < 0.05
    return f"| {name} | {', '.join(kinds) or 'nothing'} | {right} of {draws} | {novel} |"


if __name__ == "__main__":
    main()
