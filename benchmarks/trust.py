"""Whether the local score can be trusted: how well it predicts the score on held-out songs, over many splits.

``python -m benchmarks.trust --data DIR [--splits N] [--model NAME | --preset NAME]`` holds out 30 % of the
training songs, many times, cross-fits on the rest, and prints how often the boards' 95 % prediction intervals contain
the held-out scores, how far these are from the centre, and what rule `auto` and the calibration change on the held-out
songs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from sklearn.model_selection import StratifiedShuffleSplit

from competition.data.dataset import Dataset
from competition.data.folds import Folds, stratified_folds
from competition.data.loading import load_dataset
from competition.inference.find import find_edition
from competition.models.base.crossfit import no_progress
from competition.models.ensemble_training import merged, train_ensemble
from competition.models.ensembles import Ensemble, load_preset, single
from competition.models.recipes import load_recipe
from competition.scoring.boards import ACCURACY
from competition.scoring.logarithmic_pool import pooled
from competition.scoring.metrics import Estimate, estimate, row_accuracy, row_board_log_loss
from competition.scoring.pooling import Pool, fit_pool, fit_weights, is_convincing
from competition.scoring.probabilities import bounded
from competition.scoring.scores import BOARDS, board_intervals, score_probabilities
from genre_kit.runs.blending import blend_runs
from submissions.rule_search import RuleSearch, auto_kinds, settle
from submissions.rules import DEFAULT_THRESHOLD, Argmax, Threshold


@dataclass(frozen=True)
class Split:
    """The results of one split.

    Attributes
    ----------
    covered : dict of str to bool
        For each board, whether its interval contains the held-out score.
    errors : dict of str to float
        The held-out score minus the out-of-fold one, in standard errors of that difference.
    changes : dict of str to Estimate
        What each choice gains on the held-out songs, paired by song.
    """

    covered: dict[str, bool]
    errors: dict[str, float]
    changes: dict[str, Estimate]


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, metavar="DIR")
@click.option("--splits", type=click.IntRange(min=2), default=20, show_default=True)
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True)
@click.option("--model", default="kernel-ridge", show_default=True, help="A recipe that comes with the kit.")
@click.option("--preset", type=click.Choice(["quick", "standard", "best"]), help="A preset of dense, instead.")
def main(data: Path, splits: int, folds: int, model: str, preset: str | None) -> None:
    """Print the tables."""
    dataset = load_dataset(data, find_edition(None, data), with_test=False)
    ensemble = single(load_recipe(model)) if preset is None else load_preset("dense", preset)
    splitter = StratifiedShuffleSplit(splits, test_size=0.3, random_state=1)
    found = [
        _try(dataset, ensemble, folds, seed, *rows)
        for seed, rows in enumerate(splitter.split(dataset.features, dataset.targets))
    ]
    click.echo(f"{splits} splits of {data.name}, {ensemble.name}, {folds} folds\n")
    click.echo("| board | splits within the 95 % interval | mean difference, in standard errors |\n|---|---|---|")
    for board in BOARDS:
        covered = sum(split.covered[board] for split in found)
        click.echo(f"| {board} | {covered} of {splits} | {np.mean([split.errors[board] for split in found]):+.2f} |")
    click.echo(
        "\n| choice | mean gain on held-out songs | worst split | worst, in standard errors |\n|---|---|---|---|"
    )
    for name in found[0].changes:
        click.echo(_change_line(name, [split.changes[name] for split in found]))


def _change_line(name: str, gains: Sequence[Estimate]) -> str:
    values = [gain.value for gain in gains]
    in_errors = [gain.value / gain.standard_error if gain.value else 0.0 for gain in gains]
    return f"| {name} | {np.mean(values):+.5f} | {min(values):+.5f} | {min(in_errors):+.1f} |"


def _try(
    dataset: Dataset, ensemble: Ensemble, folds: int, seed: int, training: np.ndarray, held_out: np.ndarray
) -> Split:
    part = replace(
        dataset,
        features=dataset.features[training],
        targets=dataset.targets[training],
        test_features=dataset.features[held_out],
        groups=None,
    )
    drawn = stratified_folds(part.targets, folds, seed)
    fits = merged(train_ensemble(part, ensemble, drawn, seed, lambda model: no_progress)).values()
    members, test = [fit.by_seed for fit in fits], [fit.test for fit in fits]
    pool, targets = fit_pool(part.targets, members, drawn), dataset.targets[held_out]
    rule = Threshold(DEFAULT_THRESHOLD, dataset.edition.fallback_target)
    auto = settle(
        RuleSearch(auto_kinds(ACCURACY), rule.fallback), part.targets, pool.out_of_fold, drawn.assignment
    ).rule
    probabilities = pool.apply(test)
    local = score_probabilities(part.targets, pool.out_of_fold, rule.predict(pool.out_of_fold))
    accuracy, loss = row_accuracy(targets, rule.predict(probabilities)), row_board_log_loss(targets, probabilities)
    seen = {"accuracy": accuracy.mean(), "board_log_loss": loss.mean()}
    intervals = board_intervals(local, len(training), len(held_out))
    widening = np.sqrt(1 + len(training) / len(held_out))
    best = row_accuracy(targets, Argmax().predict(probabilities))
    blended, alone = _blended(part.targets, members, test, drawn)
    without_biases = row_board_log_loss(targets, _unbiased(pool, part, members).apply(test))
    plain = row_board_log_loss(targets, pooled(np.stack(test), np.full(len(test), 1 / len(test))))
    return Split(
        covered={board: seen[board] in intervals[board] for board in BOARDS},
        errors={
            board: (seen[board] - getattr(local, board).value) / (getattr(local, board).standard_error * widening)
            for board in BOARDS
        },
        changes={
            "rule auto against argmax, accuracy": estimate(row_accuracy(targets, auto.predict(probabilities)) - best),
            "threshold 0.25 against argmax, accuracy": estimate(accuracy - best),
            "biases against none, board log loss": estimate(without_biases - loss),
            "calibration against none, board log loss": estimate(plain - loss),
            "runs blended against the best of them, board log loss": estimate(
                row_board_log_loss(targets, alone) - row_board_log_loss(targets, blended)
            ),
        },
    )


def _blended(
    targets: np.ndarray, members: Sequence[np.ndarray], test: Sequence[np.ndarray], folds: Folds
) -> tuple[np.ndarray, np.ndarray]:
    """Return held-out probabilities (rows, genres) of the recipes blended as separate runs, and of the best run."""
    pools = [fit_pool(targets, [one], folds) for one in members]
    out_of_fold = np.stack([pool.out_of_fold for pool in pools])
    tests = np.stack([pool.apply([one]) for pool, one in zip(pools, test, strict=True)])
    best = np.argmin([row_board_log_loss(targets, one).mean() for one in out_of_fold])
    return pooled(tests, blend_runs(targets, out_of_fold, folds).weights), tests[best]


def _unbiased(pool: Pool, part: Dataset, members: Sequence[np.ndarray]) -> Pool:
    """Return the pool as it would be without biases."""
    if not pool.is_biased:
        return pool
    weights = np.full(len(members), 1 / len(members))
    if is_convincing(pool.gain):
        weights = fit_weights(part.targets, np.stack([bounded(one.mean(axis=1)) for one in members]))
    return replace(pool, weights=weights, biases=np.zeros_like(pool.biases))


if __name__ == "__main__":
    main()
