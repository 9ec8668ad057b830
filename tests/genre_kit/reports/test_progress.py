"""The lines about a training that goes on, with a clock that stands still unless it is told to move."""

from dataclasses import replace

import pytest

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from competition.models.ensemble_training import Deadline
from competition.models.ensembles import Ensemble, Model, load_preset
from competition.models.recipes import load_recipe
from genre_kit.reports.progress import Place, progress_line
from genre_kit.results.events import Planned, Started
from genre_kit.results.facts import Asked
from genre_kit.results.folds import FoldChoice
from genre_kit.results.run import Plan
from submissions.rules import Argmax


@pytest.fixture
def plan(dataset: Dataset) -> Plan:
    choice = FoldChoice(stratified_folds(dataset.targets, 3, seed=0))
    return Plan(dataset, load_preset("dense", "quick"), choice, Argmax(), seed=0, asked=Asked(5))


def models() -> tuple[Model, Model]:
    return Model(load_recipe("kernel-ridge"), 1), Model(load_recipe("baseline"), 2)


def test_a_line_says_how_long_the_model_takes_and_how_many_follow(plan: Plan):
    now = [100.0]
    place = Place(clock=lambda: now[0])
    classical, network = models()
    place.hear(Planned(replace(plan, ensemble=Ensemble("two", (classical, network))), None))
    place.hear(Started(classical))
    now[0] = 110.0
    assert progress_line(classical, 1, 3, float("nan"), place) == (
        "kernel-ridge, fold 1 of 3; about 20 s left, then 1 more recipe to train"
    )
    assert progress_line(classical, 3, 3, float("nan"), place) == "kernel-ridge, fold 3 of 3; 1 more recipe to train"
    place.hear(Started(network))
    now[0] = 140.0
    assert progress_line(network, 2, 6, 1.25, place) == (
        "baseline, epoch 2 of 6: held-out loss of single networks 1.250 (may rise while their average improves); "
        "about 1 min left"
    )
    assert progress_line(network, 6, 6, 1.5, place) == "baseline, epoch 6 of 6: held-out loss of single networks 1.500"


def test_each_draw_of_the_folds_counts_its_models_anew(plan: Plan):
    place = Place()
    classical, network = models()
    place.hear(Planned(replace(plan, ensemble=Ensemble("two", (classical, network))), None))
    for model, following in (
        (classical, "1 more recipe to train"),
        (network, ""),
        (classical, "1 more recipe to train"),
    ):
        place.hear(Started(model))
        assert place.left(1, 1) == following


def test_rounds_are_numbered_and_the_budgets_time_is_told(plan: Plan):
    place = Place()
    deadline = Deadline(0.0, 300.0, clock=lambda: 60.0)
    place.hear(Planned(replace(plan, ensemble=load_preset("dense", "best"), deadline=deadline), None))
    classical, network = models()
    for model in (classical, network, network):
        place.hear(Started(model))
    assert place.title(classical) == "round 1: kernel-ridge"
    assert progress_line(network, 4, 4, 1.0, place).startswith("round 2: baseline, epoch 4 of 4: ")
    assert place.left(4, 4) == "about 4 min left"
