"""The lines that `submit` and `score` print about a training."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from competition.data.sample import SOURCE
from competition.models.ensembles import Model
from competition.scoring.boards import LabelsMetric
from competition.scoring.metrics import Estimate
from competition.scoring.scores import shown
from competition.storage.folders import REPORT
from genre_kit.reports.data import describe_data, describe_oddities
from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.reports.remarks import remarks, yardstick_sentences
from genre_kit.reports.scores import (
    among_lines,
    argmax_lines,
    genre_lines,
    group_lines,
    heading,
    kept_out_lines,
    score_lines,
    where_all_are,
)
from genre_kit.reports.submission import describe_files, describe_shares, gain_lines
from genre_kit.reports.test_file import describe_test_file
from genre_kit.results.events import Planned
from genre_kit.results.run import Plan, PoolResult, Result
from genre_kit.runs.foresight import foreseen
from genre_kit.runs.writing import scores_file

_LEAST_SHOWN = 0.005
_LEAST_TOLD = 0.02


def announcement(event: Planned) -> list[str]:
    """Return the lines that are printed before a training: its data and its models."""
    return [
        *describe_data(event.plan.dataset, event.plan.known_by),
        *describe_test_file(event.plan.choice, event.plan.dataset.edition),
        f"model     {_size(event.plan)}",
    ]


def _size(plan: Plan) -> str:
    """Return what is trained: a recipe, or a pool of recipes, each on all folds."""
    name, models = plan.ensemble.name, plan.ensemble.models
    if plan.deadline is not None:
        return f"the pool {name}, what fits into the time: recipes in turn on {plan.folds.count} folds"
    songs = plan.dataset.rows - int(np.bincount(plan.folds.assignment).min())
    parts = [_described(model, songs) for model in models]
    what = f"the recipe {parts[0]}" if len(models) == 1 else f"the pool {name} of the recipes {', '.join(parts)}"
    return f"{what}, on {plan.folds.count} folds"


def _described(model: Model, songs: int) -> str:
    """Return what a model is called, with its networks, and with its songs where it learns from some of those there."""
    details = [f"{model.seeds} networks a fold"] if model.seeds > 1 else []
    details += [f"{model.most_songs:,} songs a fold"] if 0 < model.most_songs < songs else []
    return model.recipe.name + (f" ({', '.join(details)})" if details else "")


def submit_summary(result: Result) -> list[str]:
    """Return the lines that `submit` ends with after a training."""
    held_out, facts = result.known, result.facts
    lines = ["", heading(held_out.grouping), *_described_scores(result), ""]
    lines += _describe_yardsticks(result)
    lines += [*_describe_pool_briefly(held_out.pool), *_describe_remarks(result)]
    lines += describe_shares(result)
    lines += describe_oddities(facts.notes)
    lines += describe_files(result, is_real=facts.source != SOURCE and result.kept_out is None)
    lines += _describe_kept_out(result)
    return [*lines, f"report    {_report(result)}: all scores, genre by genre, and pictures"]


def _described_scores(result: Result) -> list[str]:
    """Return the lines with the scores that boards rank by, and what boards are likely to say."""
    held_out, goals, board, edition = result.known, result.goals, foreseen(result), result.edition
    lines = score_lines(held_out.scores, board, goals, goals.scores, held_out.by_group)
    return [*lines, *among_lines(edition.genres, edition.left_out, board)]


def _describe_kept_out(result: Result) -> list[str]:
    """Return the lines with what both files score on the songs kept out as the test file, where some were."""
    if result.kept_out is None or result.probabilities is None:
        return []
    edition, rows = result.edition, len(result.probabilities)
    return ["", *kept_out_lines(scores_file(result), rows, edition.genres, edition.left_out), ""]


def blend_summary(result: Result) -> list[str]:
    """Return the lines that `submit --blend` ends with."""
    held_out, facts = result.known, result.facts
    lines = [f"blend     {len(result.runs)} runs on {facts.source}: nothing was trained", ""]
    lines += [heading(held_out.grouping), *_described_scores(result)]
    lines += ["", *_describe_yardsticks(result)]
    lines += [*labelled("pool", _describe_blend(held_out.pool, result.goals.labels)), *_describe_remarks(result)]
    lines += describe_shares(result)
    lines += describe_files(result, is_real=facts.source != SOURCE and result.kept_out is None)
    lines += _describe_kept_out(result)
    return [*lines, f"report    {_report(result)}: all scores, genre by genre, and pictures"]


def model_table(result: Result) -> dict[str, Any]:
    """Return what `score --json` prints of a model: its scores.json, the folder, and each repeat's own scores."""
    table = scores_file(result).to_json() | {"run": str(result.folder)}
    return {key: value for key, value in table.items() if key != "repeats"} | _repeats(result)


def _repeats(result: Result) -> dict[str, Any]:
    return {"repeats": [one.known.scores.to_table() for one in result.repeats]} if result.repeats else {}


def score_summary(result: Result) -> list[str]:
    """Return the lines that `score` ends with for a model."""
    held_out, genres = result.known, result.edition.genres
    lines = ["", heading(held_out.grouping)]
    by_group, board = None if result.repeats else held_out.by_group, foreseen(result)
    lines += score_lines(held_out.scores, board, result.goals, by_group=by_group)
    lines += among_lines(genres, result.edition.left_out, board)
    lines += argmax_lines(held_out.scores)
    lines += _spread_lines(result) if result.repeats else []
    lines += [
        "",
        *genre_lines(held_out.genre_scores(result.edition), where_all_are(result.folder)),
        "",
        *_describe_yardsticks(result),
    ]
    lines += [*_describe_pool(result), *_describe_remarks(result), f"rule      {result.rule.describe(genres)}"]
    lines += [*gain_lines(held_out.settled), *describe_oddities(result.facts.notes)]
    return [*lines, f"report    {_report(result)}"]


def _describe_yardsticks(result: Result) -> list[str]:
    return labelled("yardstick", yardstick_sentences(scores_file(result)))


def _describe_remarks(result: Result) -> list[str]:
    lines = [textwrap.wrap(one, WIDTH) for one in remarks(scores_file(result))]
    return labelled("remarks", [line for one in lines for line in one])


def _report(result: Result) -> str:
    return REPORT if result.folder is None else str(result.folder / REPORT)


def _spread_lines(result: Result) -> list[str]:
    """Return the lines on the spread of scores between repeats, and on groups in the first."""
    repeats, by_group = result.repeats, result.known.by_group
    lines = [f"  means over {len(repeats)} repeats of the folds; below, all is of the first. From repeat to repeat:"]
    for name, _ in repeats[0].known.scores.distinct():
        values = [getattr(one.scores, name).value for one in repeats]
        lines.append(
            f"    {shown(name):<20}{min(values):.4f} to {max(values):.4f}, deviation {np.std(values, ddof=1):.4f}"
        )
    return lines if by_group is None else [*lines, *group_lines(by_group, result.goals)]


def _describe_pool_briefly(pool: PoolResult) -> list[str]:
    """Return the lines that say what the pool is made of, and what fitting its weights gained."""
    named = [part for part in pool.parts if part.weight >= _LEAST_SHOWN]
    shown = _rounded([part.weight for part in pool.parts])
    parts = ", ".join(
        f"{part.name} {weight:.2f}" for part, weight in zip(pool.parts, shown, strict=True) if part in named
    )
    if others := len(pool.parts) - len(named):
        parts += f"; {others} more with weight 0"
    lines = textwrap.wrap(f"weights {parts}{_describe_sum(pool)}", WIDTH) if len(pool.parts) > 1 else []
    return labelled("pool", [*lines, *_describe_gains(pool)])


def _rounded(weights: Sequence[float]) -> list[float]:
    """Return weights of two digits that add up to their sum's two digits: the nearest ones that do.

    Examples
    --------
    >>> _rounded([0.244, 0.164, 0.024])
    [0.25, 0.16, 0.02]
    """
    hundredths = np.round(np.array(weights) * 100, 6)
    down = np.floor(hundredths).astype(int)
    missing = round(100 * sum(weights)) - int(down.sum())
    down[np.argsort(np.round(down - hundredths, 6), kind="stable")[:missing]] += 1
    return [count / 100 for count in down.tolist()]


def _describe_sum(pool: PoolResult) -> str:
    """Return what the weights' sum does: it sharpens or softens the probabilities, as a temperature does."""
    total = sum(part.weight for part in pool.parts)
    if abs(total - 1) < _LEAST_TOLD:
        return ""
    return f" (sum {total:.2f}: {'below 1, so less' if total < 1 else 'above 1, so more'} sure than their mean)"


def _describe_pool(result: Result) -> list[str]:
    """Return the lines that say how the models' predictions are pooled, and what that gained."""
    pool, errors = result.known.pool, result.known.calibration_errors
    lines = [*_describe_parts(pool, result.goals.labels), *_describe_gains(pool)]
    if errors is not None:
        lines.append(f"calibration error {errors[0]:.4f} before, {errors[1]:.4f} after")
    return labelled("pool", lines)


def _describe_parts(pool: PoolResult, labels: LabelsMetric) -> list[str]:
    return [
        f"{part.name}: alone {part.alone} {pool.metric.title}, {part.labels_alone.value:.4f} {labels.title} argmax, "
        f"weight {part.weight:.2f}"
        for part in pool.parts
    ]


def _describe_gains(pool: PoolResult) -> list[str]:
    """Return the lines on the gain of weights, or of a single recipe's temperature, and of biases that are used."""
    would = f"would {_change(pool.gain, 'gain', 'cost')}"
    if len(pool.parts) > 1:
        fitted, over = f"these weights gain {pool.gain}", " over equal ones"
        equal = f"all weigh the same: weights found on held-out songs {would}"
    else:
        fitted, over = f"{_describe_temperature(1 / pool.parts[0].weight)} gains {pool.gain}", ""
        equal = f"no temperature: one {would}"
    lines = [f"{fitted if pool.is_fitted else equal} {pool.metric.title}{over}"]
    if pool.is_biased:
        lines.append(f"a bias for each genre, added to its log probability, gains {pool.bias_gain} more")
    return lines


def _change(gain: Estimate, gains: str, costs: str) -> str:
    """Return a gain with its verb; what is below 0 costs."""
    return f"{costs if gain.value < 0 else gains} {abs(gain.value):.4f} ± {gain.standard_error:.4f}"


def _describe_temperature(temperature: float) -> str:
    how = "less" if temperature > 1 else "more"
    return f"temperature {temperature:.2f}, which makes probabilities {how} sure,"


def _describe_blend(pool: PoolResult, labels: LabelsMetric) -> list[str]:
    equal = f"all weigh the same: found ones would {_change(pool.gain, 'gain', 'cost')}"
    what = f"these gain {pool.gain}" if pool.is_fitted else equal
    assert pool.over_best is not None  # a blend has one
    return [
        *_describe_parts(pool, labels),
        f"{what} {pool.metric.title} over equal ones",
        f"blending {_change(pool.over_best, 'gains', 'costs')} over the best run alone",
    ]
