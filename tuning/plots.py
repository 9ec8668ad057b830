"""Pictures of a search, in the style of `competition.pictures.style`."""

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator
from sklearn.ensemble import RandomForestRegressor
from sklearn.inspection import permutation_importance

from competition.pictures.style import BLUE, ORANGE, PALE, SMALL, VERMILION, new_figure, styled
from competition.scoring.scores import shown
from tuning.trials.outcomes import FINISHED
from tuning.trials.spaces import Hyperparameter, Space

LEAST_TRIALS = 8
"""With fewer trials, importances would be meaningless."""
_TREES = 500
_REPEATS = 20
_PANELS_ACROSS = 4
_TICKS = 4


class Objective(NamedTuple):
    """The objective of a search, as its folder records it."""

    name: str
    is_lower_better: bool

    @property
    def label(self) -> str:
        """The label of an axis."""
        return shown(self.name)

    def best_of(self, values: pd.Series) -> float:
        """Return the best of some values."""
        return values.min() if self.is_lower_better else values.max()


@styled
def best_so_far(trials: pd.DataFrame, objective: Objective) -> Figure:
    """Draw every trial's score in the order of their numbers, and the best one so far as a line."""
    figure = new_figure(f"Scores of {len(trials)} trials and the best so far", 7.5, 4.2)
    axes = figure.subplots()
    numbers, values = np.arange(len(trials)), trials[objective.name].astype(float)
    finished = (trials["state"] == FINISHED).to_numpy()
    best = values.where(finished)
    best = (best.cummin() if objective.is_lower_better else best.cummax()).ffill()
    axes.plot(numbers, best, color=VERMILION, drawstyle="steps-post", linewidth=1.8, label="best so far")
    axes.plot(numbers[finished], values[finished], "o", color=BLUE, markersize=4, label="trained to the end")
    if not finished.all():
        axes.plot(numbers[~finished], values[~finished], "x", color=ORANGE, markersize=4, label="ended early")
    axes.set(xlabel="trial, counted from 0", ylabel=objective.label)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y")
    axes.legend()
    _leave_out_the_worst(axes, values, objective)
    return figure


def _leave_out_the_worst(axes: Axes, values: pd.Series, objective: Objective) -> None:
    """Clip a score axis three interquartile ranges beyond the middle half, lest a few bad scores flatten the rest."""
    first, third = values.quantile(0.25), values.quantile(0.75)
    reach, margin = 3 * (third - first), 0.06 * (third - first)
    if not reach:
        return
    low, high = max(values.min(), first - reach), min(values.max(), third + reach)
    low, high = (values.min(), high) if objective.is_lower_better else (low, values.max())
    axes.set_ylim(low - margin, high + margin)
    beyond = int(((values < low) | (values > high)).sum())
    if beyond:
        axes.set_title(f"{beyond} worse {'one lies' if beyond == 1 else 'ones lie'} beyond the axis")


@styled
def by_hyperparameter(trials: pd.DataFrame, space: Space, objective: Objective) -> Figure:
    """Draw each hyperparameter against the score, the best trial marked; a trial is left out where it had no effect.

    Parameters
    ----------
    trials : DataFrame
        One row per trial, as `tuning.trials_file.read_trials` returns it; at least one.
    space : Space
    objective : Objective
    """
    shown = space.hyperparameters
    across = min(_PANELS_ACROSS, len(shown))
    down = ceil(len(shown) / across)
    title = f"Each hyperparameter against the score of {len(trials)} trials (best one marked)"
    figure = new_figure(title, 1 + 2.7 * across, 1 + 2.1 * down)
    panels = figure.subplots(down, across, sharey=True, squeeze=False)
    values = trials[objective.name].astype(float)
    finished = trials["state"] == FINISHED
    best = values[values == objective.best_of(values[finished] if finished.any() else values)].index[0]
    for axes, one in zip(panels.flat, shown, strict=False):
        _draw_panel(axes, one, trials, values, best)
    for axes in panels.flat[len(shown) :]:
        axes.set_visible(False)
    for left in panels[:, 0]:
        left.set_ylabel(objective.label)
    _leave_out_the_worst(panels[0, 0], values, objective)
    return figure


def _draw_panel(axes: Axes, one: Hyperparameter, trials: pd.DataFrame, values: pd.Series, best: int) -> None:
    places = pd.Series([_place(one, value) for value in trials[one.name]], trials.index)
    if not one.is_numeric or one.kind == "boolean":  # so that points do not hide each other
        places = places + np.random.default_rng(0).uniform(-0.03, 0.03, len(places))
    axes.plot(places, values, "o", color=BLUE, markersize=3, alpha=0.6)
    axes.plot(places[best], values[best], "o", color=VERMILION, markersize=6)
    axes.set_xlim(-0.08, 1.08)
    axes.set_xlabel(one.name)
    _name_places(axes, one)
    axes.grid(axis="y")


def _place(one: Hyperparameter, value: Any) -> float:
    """Return a value's position in its range, from 0 to 1; nan where it had no effect."""
    if pd.isna(value):
        return np.nan
    if one.kind in ("choice", "boolean"):
        names = [str(each) for each in _values(one)]
        return names.index(str(type(_values(one)[0])(value))) / (len(names) - 1)
    return float(_scaled(one, float(value)))


def _values(one: Hyperparameter) -> Sequence[Any]:
    return (False, True) if one.kind == "boolean" else one.values


def _scaled(one: Hyperparameter, value: float) -> float:
    low, high = map(float, one.bounds)
    if one.sampling == "log":
        return np.log(value / low) / np.log(high / low)
    return (value - low) / (high - low)


def _ticks(one: Hyperparameter) -> tuple[list[float], list[str]]:
    """Return tick positions from 0 to 1, and their labels."""
    if one.kind in ("choice", "boolean"):
        names = [f"{value}" for value in _values(one)]
        return list(np.linspace(0, 1, len(names))), names
    low, high = map(float, one.bounds)
    places = np.linspace(0, 1, min(_TICKS, round(high - low) + 1) if one.kind == "int" else _TICKS)
    values = low * (high / low) ** places if one.sampling == "log" else low + places * (high - low)
    return list(places), [f"{round(value)}" if one.kind == "int" else f"{value:.2g}" for value in values]


def _name_places(axes: Axes, one: Hyperparameter) -> None:
    places, names = _ticks(one)
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.set_xticklabels(names)


@styled
def parallel_coordinates(trials: pd.DataFrame, space: Space, objective: Objective) -> Figure:
    """Draw each trial as a line through its hyperparameters, the better the darker.

    Parameters
    ----------
    trials : DataFrame
        One row per trial, as `tuning.trials_file.read_trials` returns it; at least one.
    space : Space
    objective : Objective
    """
    shown = space.hyperparameters
    figure = new_figure(f"Every trial's hyperparameters, {len(trials)} trials: the better the darker", 12, 4.8)
    axes = figure.subplots()
    scores = trials[objective.name].astype(float)
    cost = scores.rank(pct=True, ascending=objective.is_lower_better)
    for index in cost.sort_values(ascending=False).index:
        places = [_place(one, trials.loc[index, one.name]) for one in shown]
        shade = 1 - float(cost[index])
        axes.plot(places, color=colormaps["viridis_r"](shade), alpha=0.25 + 0.75 * shade, linewidth=0.6 + 1.6 * shade)
    for place, one in enumerate(shown):
        _draw_ruler(axes, place, one)
    axes.set_xticks(range(len(shown)), [one.name for one in shown], rotation=20, ha="right")
    axes.set_xlim(-0.2, len(shown) - 0.4)
    axes.yaxis.set_major_locator(NullLocator())
    axes.spines[:].set_visible(False)
    best, worst = sorted((scores.min(), scores.max()), reverse=not objective.is_lower_better)
    image = axes.figure.colorbar(_ranks(), ax=axes, pad=0.01, ticks=[0, 1])
    image.ax.set_yticklabels([f"worst {worst:.4f}", f"best {best:.4f}"], fontsize=SMALL)
    image.set_label(f"{objective.label}, by rank")
    return figure


def _ranks() -> ScalarMappable:
    return ScalarMappable(Normalize(0, 1), colormaps["viridis_r"])


def _draw_ruler(axes: Axes, place: int, one: Hyperparameter) -> None:
    axes.axvline(place, color="#999999", linewidth=0.8, zorder=0)
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
    for height, name in zip(*_ticks(one), strict=True):
        axes.text(place + 0.03, height, name, fontsize=SMALL - 1, va="center", bbox=box)


@styled
def importance(trials: pd.DataFrame, space: Space, objective: Objective) -> Figure:
    """Draw how much a random forest needs each hyperparameter to predict the score.

    Parameters
    ----------
    trials : DataFrame
        One row per trial, as `tuning.trials_file.read_trials` returns it; at least one.
    space : Space
    objective : Objective

    Notes
    -----
    Permutation importance (Breiman, Random Forests, 2001): by how much the forest's R² falls when one
    hyperparameter's values are shuffled among the trials. The forest is fitted to all trials; hyperparameters that had
    no effect have their default, and scores are ranks, so that a few very bad trials do not dominate. The R²
    of out-of-bag predictions says how far the forest can be trusted.
    """
    names, points = _points(trials, space)
    ranks = trials[objective.name].astype(float).rank(pct=True)
    forest = RandomForestRegressor(_TREES, oob_score=True, random_state=0, min_samples_leaf=2).fit(points, ranks)
    found = permutation_importance(forest, points, ranks, n_repeats=_REPEATS, random_state=0)
    order = np.argsort(found.importances_mean)
    title = f"Importance of each hyperparameter in {len(trials)} trials"
    title += "" if forest.oob_score_ > 0 else ": none can be told yet"
    verdict = "" if forest.oob_score_ > 0 else ": not above 0,\nso the forest predicts nothing, and the bars are chance"
    figure = new_figure(title, 7.5, 1.6 + 0.28 * len(names))
    axes = figure.subplots()
    axes.barh(
        [names[place] for place in order],
        found.importances_mean[order],
        xerr=found.importances_std[order],
        color=BLUE,
        error_kw={"ecolor": "#666666", "linewidth": 0.8},
    )
    axes.axvline(0, color=PALE)
    axes.set_xlabel(
        "fall of R² when its values are shuffled among the trials (permutation importance\n"
        f"in a random forest of {_TREES} trees on the scores' ranks; out-of-bag R² {forest.oob_score_:.2f}{verdict})"
    )
    axes.tick_params(axis="y", length=0)
    return figure


def _points(trials: pd.DataFrame, space: Space) -> tuple[list[str], np.ndarray]:
    """Return the hyperparameters' names, and trials as points (trials, hyperparameters) of the unit cube."""
    columns: dict[str, np.ndarray] = {}
    for one in space.hyperparameters:
        values = [one.default if pd.isna(value) else value for value in trials[one.name]]
        columns[one.name] = np.array([_place(one, value) for value in values])
    return list(columns), np.stack(list(columns.values()), axis=1)
