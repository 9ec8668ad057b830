"""What taking the rows of one group together gives, and whether intervals that count groups hold.

``python -m benchmarks.groups --data DIR [--groups FILE] [--splits N] [--model NAME | --preset NAME]`` holds out 30 % of
the groups, many times, cross-fits on the rest, and prints what the held-out rows score, and what their groups do: by
the mean of their probabilities, by that of their logarithms, by majority vote. Then how many of the boards' 95 %
prediction intervals contain the held-out scores: of rows, counting rows and counting groups; and of groups.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from sklearn.model_selection import GroupShuffleSplit

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.data.loading import load_dataset
from competition.inference.find import find_edition
from competition.models.base.crossfit import no_progress
from competition.models.ensemble_training import merged, train_ensemble
from competition.models.ensembles import Ensemble, load_preset, single
from competition.models.recipes import load_recipe
from competition.scoring.by_group import Together, rows_together
from competition.scoring.groups import grouping_of
from competition.scoring.metrics import estimate, row_accuracy, row_board_log_loss
from competition.scoring.pooling import fit_pool
from competition.scoring.scores import BOARDS, Scores, board_intervals, score_probabilities

Predictions = tuple[np.ndarray, np.ndarray]
"""Targets, and probabilities."""
_MEAN, _SONGS = "groups, mean", "songs"


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, metavar="DIR")
@click.option("--groups", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--splits", type=click.IntRange(min=2), default=20, show_default=True)
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True)
@click.option("--model", default="kernel-ridge", show_default=True, help="A recipe that comes with the kit.")
@click.option("--preset", type=click.Choice(["quick", "standard", "best"]), help="A preset of dense, instead.")
def main(data: Path, groups: Path | None, splits: int, folds: int, model: str, preset: str | None) -> None:
    """Print the tables."""
    dataset = load_dataset(data, find_edition(None, data), with_test=False)
    dataset = dataset if groups is None else dataset.with_groups(groups)
    ensemble = single(load_recipe(model)) if preset is None else load_preset("dense", preset)
    splitter = GroupShuffleSplit(splits, test_size=0.3, random_state=1)
    divided = splitter.split(dataset.features, dataset.targets, dataset.groups)
    found = [_try(dataset, ensemble, folds, seed, *rows) for seed, rows in enumerate(divided)]
    click.echo(f"{splits} splits of {data.name}, {ensemble.name}, {folds} folds\n")
    _print_scores([scores for scores, _ in found])
    _print_covered([covered for _, covered in found])


def _print_scores(found: Sequence[dict[str, tuple[np.ndarray, ...]]]) -> None:
    """Print the scores over all splits; a song is in several of them, so that errors count songs."""
    joined = {
        name: [np.concatenate(part) for part in zip(*(one[name] for one in found), strict=True)] for name in found[0]
    }
    (songs,) = joined.pop(_SONGS)
    click.echo("| held-out | accuracy | board log loss | board log loss above the mean's |\n|---|---|---|---|")
    for name, parts in joined.items():
        cells = [f"{part.mean():.4f}" for part in parts]
        cells += [str(estimate(parts[1] - joined[_MEAN][1], songs))] if len(parts) == 2 and name != "rows" else []
        click.echo(f"| {name} | {' | '.join(cells + [''] * (3 - len(cells)))} |")


def _print_covered(found: Sequence[dict[str, dict[str, bool]]]) -> None:
    click.echo("\n| within the 95 % interval | accuracy | board log loss |\n|---|---|---|")
    for name in found[0]:
        counts = [sum(one[name][board] for one in found) for board in BOARDS]
        click.echo(f"| {name} | {' | '.join(f'{count} of {len(found)}' for count in counts)} |")


def _try(
    dataset: Dataset, ensemble: Ensemble, folds: int, seed: int, training: np.ndarray, held_out: np.ndarray
) -> tuple[dict[str, tuple[np.ndarray, ...]], dict[str, dict[str, bool]]]:
    """Return the held-out scores row by row or group by group, and which intervals contain their means."""
    ours, theirs = dataset.groups[training], dataset.groups[held_out]
    part = replace(
        dataset, features=dataset.features[training], targets=dataset.targets[training], groups=ours,
        test_features=dataset.features[held_out],
    )  # fmt: skip
    drawn = stratified_folds(part.targets, folds, seed, groups=ours)
    fits = merged(train_ensemble(part, ensemble, drawn, seed, lambda model: no_progress)).values()
    pool = fit_pool(part.targets, [fit.by_seed for fit in fits], drawn, groups=ours)
    local, board = (part.targets, pool.out_of_fold), (dataset.targets[held_out], pool.apply([fit.test for fit in fits]))
    near, far = _gathered(local, ours), _gathered(board, theirs)
    grouping = grouping_of(ours, theirs)
    covered = {
        "rows, counting rows": _covered(score_probabilities(*local), len(training), board),
        "rows, counting groups": _covered(score_probabilities(*local, groups=ours), len(training), board, grouping),
        "groups": _covered(score_probabilities(*near), len(near[0]), far),
    }
    return _held_out_scores(board, theirs), covered


def _gathered(rows: Predictions, groups: np.ndarray) -> Predictions:
    together = _together(rows[0], groups)
    return rows[0][together.firsts], together.gathered(rows[1])


def _together(targets: np.ndarray, groups: np.ndarray) -> Together:
    together = rows_together(targets, groups)
    if together is None:
        raise click.ClickException("the groups' rows must be of one genre each, and some group must have several")
    return together


def _covered(scores: Scores, rows: int, board: Predictions, grouping: object = None) -> dict[str, bool]:
    targets, probabilities = board
    intervals = board_intervals(scores, rows, len(targets), grouping=grouping)
    seen = (row_accuracy(targets, probabilities.argmax(axis=1)), row_board_log_loss(targets, probabilities))
    return {board: bool(values.mean() in intervals[board]) for board, values in zip(BOARDS, seen, strict=True)}


def _held_out_scores(board: Predictions, groups: np.ndarray) -> dict[str, tuple[np.ndarray, ...]]:
    (targets, probabilities), together = board, _together(board[0], groups)
    truth, counts = targets[together.firsts], np.bincount(together.numbers)[:, None]
    sums = [np.zeros((len(truth), probabilities.shape[1])) for _ in range(2)]
    for one, values in zip(sums, (probabilities, np.log(probabilities)), strict=True):
        np.add.at(one, together.numbers, values)
    logarithms = np.exp(sums[1] / counts)
    means = {
        _MEAN: sums[0] / counts,
        "groups, mean of logarithms": logarithms / logarithms.sum(axis=1, keepdims=True),
    }
    scores = {"rows": (row_accuracy(targets, probabilities.argmax(axis=1)), row_board_log_loss(targets, probabilities))}
    for name, one in means.items():
        scores[name] = (row_accuracy(truth, one.argmax(axis=1)), row_board_log_loss(truth, one))
    votes = {"groups, majority vote": (row_accuracy(truth, together.votes(probabilities)),)}
    return scores | votes | {_SONGS: (groups[together.firsts],)}


if __name__ == "__main__":
    main()
