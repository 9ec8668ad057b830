"""Benchmarks of searches: the time of a trial, memory over many trials, and which settings find the best recipes.

``python -m benchmarks.tuning speed [--data DIR]``: a ten-fold trial compared with a stock Keras Tuner trial of the same
network on a single split. ``memory``: the resident memory of a process after 10 and after 100 tiny trials.
``settings``: searches of a noisy synthetic function over the dense space, with several numbers of initial trials,
levels of assumed noise and degrees of exploration. ``noise [--data DIR]``: how much a recipe's score differs between
seeds. ``racing FOLDER``: what stopping trials saved in a finished search, and whether it missed a better one.
"""

import tempfile
import time
import warnings
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from sklearn.exceptions import ConvergenceWarning

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.data.loading import load_dataset
from competition.data.sample import sample_dataset
from competition.inference.find import find_edition
from competition.models.base.scaling import fit_scaler
from competition.models.networks.recipe import Recipe
from competition.models.reference.build import build_network
from competition.runtime.backend import keras
from competition.runtime.memory import freeze_objects, take_process
from tuning.folder import read_search
from tuning.keras_tuner.oracle import SearchOracle, keras_tuner
from tuning.trials.evaluation import evaluate
from tuning.trials.holdout import subset
from tuning.trials.outcomes import STOPPED, Outcomes, best_first
from tuning.trials.spaces import Space, load_space, space_from_table
from tuning.trials.study import OBJECTIVES, Budget, Settings, Study

FOLDS = 10
_data = click.option("--data", type=click.Path(path_type=Path), metavar="DIR", help="[default: the embedded sample]")


@click.group()
def main() -> None:
    """Print figures about searches."""
    take_process()  # as `tune` does
    freeze_objects()


def open_study(data: Path | None, space: Space, folds: int = FOLDS) -> Study:
    edition = find_edition(None, data)
    dataset = sample_dataset(edition) if data is None else load_dataset(data, edition, with_test=False)
    assignment = stratified_folds(dataset.targets, folds, seed=0)
    return Study(dataset.without_test(), assignment, space, OBJECTIVES["log-loss"], settings=Settings(racing=False))


@main.command()
@_data
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
def speed(data: Path | None, rounds: int) -> None:
    """Time a ten-fold trial and a stock trial of one split, in turn."""
    study = open_study(data, load_space("dense"))
    recipe = study.space.to_recipe(study.space.defaults)
    ours, stock = [], []
    for _ in range(rounds):
        ours.append(evaluate(study, study.space.defaults, None)[0].seconds)
        stock.append(stock_trial(study.dataset, recipe))
    ratios = FOLDS * np.array(stock) / np.array(ours)
    click.echo(f"{study.dataset.rows} rows, the dense space's defaults, {recipe.epochs} epochs; median of {rounds}")
    click.echo(f"one trial here, {FOLDS} folds, scored and calibrated    {np.median(ours):.1f} s")
    click.echo(f"one stock Keras Tuner trial, 1 split                {np.median(stock):.1f} s")
    click.echo(f"folds a second: {np.median(ratios):.1f} times as many (from {ratios.min():.1f} to {ratios.max():.1f})")


def stock_trial(dataset: Dataset, recipe: Recipe) -> float:
    """Return the seconds of one trial of Keras Tuner's own Bayesian tuner on a split of nine tenths."""
    rows = stratified_folds(dataset.targets, FOLDS, seed=0)
    training, held_out = rows.training(0), rows.held_out(0)
    scaler = fit_scaler(dataset.features[training], recipe.scaling)
    features = {name: scaler.transform(dataset.features[part]) for name, part in (("t", training), ("h", held_out))}

    def build(hyperparameters: keras_tuner.HyperParameters) -> keras.Model:
        hyperparameters.Boolean("unused")
        return build_network(recipe, dataset.edition, dataset.features.shape[1], len(training))

    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.BayesianOptimization(build, "val_loss", max_trials=1, directory=folder, seed=1)
        start = time.perf_counter()
        tuner.search(
            features["t"],
            dataset.targets[training],
            validation_data=(features["h"], dataset.targets[held_out]),
            batch_size=-(-len(training) // recipe.steps_per_epoch(len(training))),
            epochs=recipe.epochs,
            verbose=0,
        )
        return time.perf_counter() - start


@main.command()
@click.option("--trials", type=click.IntRange(min=11), default=100, show_default=True)
def memory(trials: int) -> None:
    """Print the resident memory after 10 trials and after the last."""
    table = {
        "recipe": {"family": "dense", "epochs": 2, "hidden_units": ["units"]},
        "hyperparameters": {"units": {"kind": "int", "min": 4, "max": 64}},
    }
    study = open_study(None, space_from_table("tiny", table, "here"))
    some = subset(study.dataset, np.arange(0, study.dataset.rows, 15))
    study = replace(study, dataset=some, folds=stratified_folds(some.targets, 3, seed=0))
    generator = np.random.default_rng(0)
    for trial in range(1, trials + 1):
        evaluate(study, {"units": int(generator.integers(4, 65))}, None)
        if trial in (10, trials):
            click.echo(f"after {trial:>3} trials {resident_megabytes():.0f} MB")


def resident_megabytes() -> float:
    """Return the process's resident memory in MB; on Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


@main.command()
@click.option("--repeats", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--trials", type=click.IntRange(min=20), default=60, show_default=True)
def settings(repeats: int, trials: int) -> None:
    """Print how good a recipe searches find, without the noise, by their settings."""
    warnings.simplefilter("ignore", ConvergenceWarning)
    click.echo("initial  alpha   beta   true cost of the best found   mean of the last ten")
    for initial, alpha, beta in [
        *((12, alpha, beta) for alpha in (1e-4, 1e-2, 1e-1) for beta in (1.0, 1.8, 2.6)),
        (6, 1e-2, 1.8),
        (24, 1e-2, 1.8),
        (trials, 1e-2, 1.8),
    ]:
        found = [simulate(Settings(initial, alpha, beta), trials, seed) for seed in range(repeats)]
        best, last = np.mean(found, axis=0)
        click.echo(f"{initial:>7} {alpha:>6g} {beta:>6g} {best:>24.4f} {last:>25.4f}")


NOISE = 0.0007
"""The standard deviation of a score that ``settings`` assumes: twice or more what ``noise`` measures on the replica."""


@main.command()
@_data
@click.option("--seeds", type=click.IntRange(min=3), default=8, show_default=True)
def noise(data: Path | None, seeds: int) -> None:
    """Print how much the score of one recipe on the same folds differs between seeds."""
    study = open_study(data, load_space("dense"))
    values = study.space.defaults
    scores = [evaluate(replace(study, seed=seed), values, None)[0].board_log_loss for seed in range(seeds)]
    click.echo(f"{study.dataset.rows} rows, the dense space's defaults, {seeds} seeds")
    click.echo(f"board log loss {np.mean(scores):.4f}, standard deviation between seeds {np.std(scores, ddof=1):.5f}")


def simulate(settings: Settings, trials: int, seed: int) -> tuple[float, float]:
    """Search the dense space for the minimum, placed at random, of a noisy bowl.

    Returns
    -------
    best, last : float
        Without the noise: the cost of the best trial found, and the mean cost of the last ten.
    """
    space, generator = load_space("dense"), np.random.default_rng(seed)
    study = replace(open_study(None, space), settings=settings, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        oracle = SearchOracle(study, Budget(trials), lambda _: None)
        oracle._set_project_dir(folder, "project")
        dimensions = len(oracle.hyperparameters.space)
        lowest, weights = generator.uniform(size=dimensions), generator.exponential(0.01, size=dimensions)
        true, noisy = [], []
        while (trial := oracle.create_trial("one")).status != "STOPPED":
            true.append(float(weights @ (np.array(oracle._vector(trial)) - lowest) ** 2))
            noisy.append(true[-1] + generator.normal(scale=NOISE))
            oracle.update_trial(trial.trial_id, {"board_log_loss": noisy[-1], "seconds": 1.0})
            trial.status = "COMPLETED"
            oracle.end_trial(trial)
    return true[int(np.argmin(noisy))], float(np.mean(true[-10:]))


@main.command()
@_data
@click.argument("folder", type=click.Path(path_type=Path))
def racing(data: Path | None, folder: Path) -> None:
    """Train to its end what a finished search has stopped: the time that stopping saved, and what it missed."""
    found = read_search(folder)
    study = open_study(data, load_space(found["space"]["name"]))
    if any(study.description[part] != found[part] for part in ("data", "folds", "seed")):
        raise click.ClickException(f"{folder}: is no search of this data by the default folds and seed.")
    outcomes = list(Outcomes(next(folder.glob("project-*")) / "outcomes"))
    stopped = [one for one in outcomes if one.state == STOPPED]
    spent = sum(one.seconds for one in outcomes)
    saved = sum(one.seconds * (1 / one.share - 1) for one in stopped)
    click.echo(
        f"{len(outcomes)} trials, {len(stopped)} stopped: {100 * saved / (spent + saved):.0f} % of the time saved"
    )
    ends = [evaluate(study, one.values, None)[0].board_log_loss for one in stopped]
    for one, end in zip(stopped, ends, strict=True):
        click.echo(f"stopped after {one.share:.2f} at {one.board_log_loss:.4f}; at its end {end:.4f}")
    best = best_first(outcomes, study.objective)[0].board_log_loss
    click.echo(f"the best of these {min(ends, default=float('nan')):.4f}; the best of the search {best:.4f}")


if __name__ == "__main__":
    main()
