"""What the pictures of a search must show: every assertion reads the drawn artists."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from competition.pictures.style import save
from tuning import plots
from tuning.trials.outcomes import DIVERGED, FINISHED, STOPPED, Outcome
from tuning.trials.spaces import Space, load_space
from tuning.trials_file import read_trials, write_trials

LOSS = plots.Objective("board_log_loss", is_lower_better=True)
ACCURACY = plots.Objective("accuracy", is_lower_better=False)


@pytest.fixture(scope="module")
def space() -> Space:
    return load_space("dense")


@pytest.fixture(scope="module")
def trials(space: Space, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Forty trials whose loss is decided by the learning rate alone; one of them stopped early, one diverged."""
    generator, rows = np.random.default_rng(0), []
    for place in range(40):
        rate = float(np.exp(generator.uniform(np.log(0.001), np.log(0.02))))
        values = space.complete({"layers": int(generator.integers(1, 4)), "learning_rate": rate})
        values |= {"dropout": float(generator.uniform(0, 0.7)), "activation": str(generator.choice(["elu", "relu"]))}
        loss = 0.2 + abs(np.log(rate / 0.005)) / 10
        state = {7: STOPPED, 9: DIVERGED}.get(place, FINISHED)
        loss = 50.0 if state == DIVERGED else loss
        rows.append((f"{place:04d}", Outcome(values, state, loss, 1 / (1 + loss), 0.01, (loss, loss))))
    folder = tmp_path_factory.mktemp("plots")
    write_trials(folder, space, rows)
    return read_trials(folder)


@pytest.mark.parametrize("objective", [LOSS, ACCURACY])
def test_the_best_so_far_is_that_of_finished_trials(trials: pd.DataFrame, objective: plots.Objective):
    (axes,) = plots.best_so_far(trials, objective).axes
    lines = {line.get_label(): line for line in axes.lines}
    finished = trials[trials["state"] == FINISHED]
    assert lines["best so far"].get_ydata()[-1] == objective.best_of(finished[objective.name])
    best = lines["best so far"].get_ydata()
    assert (np.diff(best) <= 0).all() if objective.is_lower_better else (np.diff(best) >= 0).all()
    assert len(lines["trained to the end"].get_xdata()) == 38
    assert len(lines["ended early"].get_xdata()) == 2
    assert axes.get_title(loc="left") == "1 worse one lies beyond the axis"
    low, high = axes.get_ylim()
    assert low < objective.best_of(finished[objective.name]) < high


def test_each_hyperparameter_has_a_panel_with_the_trials_it_had_an_effect_in(trials: pd.DataFrame, space: Space):
    figure = plots.by_hyperparameter(trials, space, LOSS)
    panels = {axes.get_xlabel(): axes for axes in figure.axes if axes.get_visible()}
    assert list(panels) == [one.name for one in space.hyperparameters]
    for name, axes in panels.items():
        points, best = axes.lines
        shown = np.isfinite(points.get_xdata())
        np.testing.assert_array_equal(shown, trials[name].notna())
        assert best.get_ydata()[0] == trials.loc[trials["state"] == FINISHED, "board_log_loss"].min()
    assert [label.get_text() for label in panels["layers"].get_xticklabels()] == ["1", "2", "3"]
    assert [label.get_text() for label in panels["activation"].get_xticklabels()] == ["elu", "gelu", "relu"]
    rates = panels["learning_rate"].lines[0].get_xdata()
    np.testing.assert_allclose(rates, np.log(trials["learning_rate"] / 0.001) / np.log(20), atol=1e-4)


def test_every_trial_is_a_line_through_its_hyperparameters_and_the_best_is_on_top(trials: pd.DataFrame, space: Space):
    figure = plots.parallel_coordinates(trials, space, LOSS)
    axes = figure.axes[0]
    lines = [line for line in axes.lines if len(line.get_xdata()) == len(space.hyperparameters)]
    assert len(lines) == len(trials)
    rate = [one.name for one in space.hyperparameters].index("learning_rate")
    best = trials.loc[trials["board_log_loss"].idxmin(), "learning_rate"]
    assert lines[-1].get_ydata()[rate] == pytest.approx(np.log(best / 0.001) / np.log(20), abs=1e-4)
    assert lines[-1].get_linewidth() == max(line.get_linewidth() for line in lines)
    assert [label.get_text() for label in axes.get_xticklabels()] == [one.name for one in space.hyperparameters]


@pytest.mark.training
@pytest.mark.usefixtures("small_forest")
def test_the_hyperparameter_that_decides_is_the_most_important(trials: pd.DataFrame, space: Space):
    (axes,) = plots.importance(trials, space, LOSS).axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    widths = [bar.get_width() for bar in axes.patches]
    assert names[-1] == "learning_rate"
    assert widths == sorted(widths)
    assert widths[-1] > 5 * widths[-2]
    assert "permutation importance" in axes.get_xlabel()


def test_equal_scores_and_a_single_trial_are_drawn(trials: pd.DataFrame, space: Space, tmp_path: Path):
    few = trials.head(1)
    for draw in (plots.by_hyperparameter, plots.parallel_coordinates):
        save(draw(few, space, LOSS), tmp_path / "one.png")
    save(plots.best_so_far(few, LOSS), tmp_path / "one.png")
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def small_forest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grow fewer trees than for a picture that somebody is to trust."""
    monkeypatch.setattr(plots, "_TREES", 100)


@pytest.mark.usefixtures("small_forest")
def test_importances_that_mean_nothing_are_said_to(trials: pd.DataFrame, space: Space):
    noise = trials.assign(**{LOSS.name: np.random.default_rng(0).permutation(np.arange(len(trials), dtype=float))})
    figure = plots.importance(noise.head(plots.LEAST_TRIALS), space, LOSS)
    assert figure.get_suptitle().endswith(": none can be told yet")
    assert "so the forest predicts nothing" in figure.axes[0].get_xlabel()
    assert not plots.importance(trials, space, LOSS).get_suptitle().endswith("yet")


def test_trials_are_counted_from_0_as_on_the_screen(trials: pd.DataFrame):
    (axes,) = plots.best_so_far(trials, LOSS).axes
    assert axes.get_lines()[0].get_xdata()[0] == 0
