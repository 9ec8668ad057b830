"""What is refused before anything is trained."""

from dataclasses import replace
from pathlib import Path

import pytest

import genre_kit
from competition.errors import KitWarning, RecipeError
from competition.models import ensembles
from competition.models.classical.recipe import ClassicalRecipe
from competition.models.ensembles import Ensemble, Model, load_preset
from genre_kit.jobs.steps.inputs import DataChoice
from genre_kit.jobs.steps.plan import plan_of
from genre_kit.reports.training import announcement
from genre_kit.results.events import Planned
from genre_kit.results.facts import Asked

ENSEMBLE = """\
[[models]]
recipe = "kernel-ridge"

[[models]]
[models.recipe]
family = "lstm"
recurrent_units = [4]
"""
SENTENCE = (
    r"lstm reads a block's bands one after the other, and the columns of tiny have none; use dense, or describe \[\["
)


@pytest.fixture
def flat(competition_folder: Path) -> Path:
    """The tiny competition, whose columns are no bands."""
    text = (competition_folder / "edition.toml").read_text()
    names = [f"column {number}" for number in range(1, 11)]
    blocks = f'[[blocks]]\nname = "all"\nfirst = 0\nbands = 1\nstatistics = {names}\n'
    (competition_folder / "edition.toml").write_text(text[: text.index("[[blocks]]")] + blocks)
    (competition_folder / "ensemble.toml").write_text(ENSEMBLE)
    return competition_folder


@pytest.mark.parametrize("chosen", [{"model": "lstm"}, {"model": "lstm-64-64"}, {"recipe": "ensemble.toml"}])
def test_networks_that_read_bands_are_refused_where_there_are_none(flat: Path, tmp_path: Path, chosen: dict[str, str]):
    if "recipe" in chosen:
        chosen = {"recipe": str(flat / chosen["recipe"])}
    for job in (genre_kit.submit, genre_kit.score):
        with pytest.raises(RecipeError, match=SENTENCE):
            job(data=flat, out=tmp_path / "run", **chosen)
    assert not (tmp_path / "run").exists()


def test_so_is_a_search_for_them(flat: Path, tmp_path: Path):
    with pytest.raises(RecipeError, match=SENTENCE):
        genre_kit.tune(data=flat, model="lstm", out=tmp_path / "search")
    assert not (tmp_path / "search").exists()


def test_a_searchs_winner_is_added_to_the_pool(competition_folder: Path, tmp_path: Path):
    """Here to a pool of one, which trains in no time: the folder of a search has a recipe.toml."""
    (tmp_path / "found").mkdir()
    (tmp_path / "found" / "recipe.toml").write_text('name = "tuned"\nfamily = "extra-trees"\n')
    asked = {"data": competition_folder, "model": "discriminant-analysis", "folds": 3}
    run = genre_kit.submit(**asked, add_recipe=tmp_path / "found", out=tmp_path / "run")
    assert [part.name for part in run.known.pool.parts] == ["discriminant-analysis", "tuned"]
    assert run.name == "discriminant-analysis-and-tuned"
    again = genre_kit.submit(data=competition_folder, recipe=tmp_path / "run", folds=3, out=tmp_path / "again")
    assert again.probabilities.tobytes() == run.probabilities.tobytes()


def test_a_model_that_would_learn_from_too_few_songs_is_left_out_with_a_note(
    competition_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    choice, quick = DataChoice(competition_folder, None), load_preset("dense", "quick")
    assert plan_of(choice, quick, Asked(folds=3), 0, is_pool=True).ensemble == quick
    monkeypatch.setattr(ensembles, "_LEAST_SHARE", 100)
    with pytest.warns(
        KitWarning, match=r"kernel-ridge is left out: it learns from at most 5,000 songs, too few of 60 "
    ):
        plan = plan_of(choice, quick, Asked(folds=3), 0, is_pool=True)
    assert [model.recipe.name for model in plan.ensemble.models] == ["dense-quick"]
    assert plan_of(choice, quick, Asked(folds=3), 0).ensemble == quick, "it was asked for by name, or by a manifest"


def test_a_model_that_learns_from_some_of_the_songs_says_so(competition_folder: Path):
    trees = ClassicalRecipe(name="trees", family="extra-trees", most_rows=39)
    ensemble = Ensemble("mine", (Model(trees, seeds=1), Model(replace(trees, name="more", most_rows=41), seeds=1)))
    plan = plan_of(DataChoice(competition_folder, None), ensemble, Asked(folds=3), 0)
    *_, line = announcement(Planned(plan, None))
    assert line.endswith("the recipes trees (39 songs a fold), more, on 3 folds")
