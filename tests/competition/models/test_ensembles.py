import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.edition_file import load_edition
from competition.errors import RecipeError
from competition.models.classical.recipe import CLASSICAL_FAMILIES, ClassicalRecipe
from competition.models.ensembles import (
    POOLS,
    PRESETS,
    Ensemble,
    Model,
    ensemble_from_table,
    load_preset,
    read_ensemble,
    single,
)
from competition.models.networks.recipe import Recipe
from competition.models.recipes import built_in_recipes, load_recipe

DENSE = Recipe(name="mine", family="dense", hidden_units=(4,))
TREES = ClassicalRecipe(name="trees", family="extra-trees", parameters={"n_estimators": 5})


@pytest.mark.parametrize("family", ["dense", "lstm"])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_pool_of_a_family_has_every_preset_and_starts_with_its_own_networks(family: str, preset: str):
    ensemble = load_preset(family, preset)
    assert ensemble.models[0].recipe.family == family
    assert ensemble.needs_keras


@pytest.mark.parametrize("preset", PRESETS)
def test_every_pool_for_audio_reads_frames_and_says_so_where_there_are_none(preset: str):
    ensemble = load_preset("audio", preset)
    assert any(getattr(model.recipe, "reads", "columns") != "columns" for model in ensemble.models)
    with pytest.raises(RecipeError, match="reads frames, and mlbp-2018 has none"):
        ensemble.check_edition(load_edition("mlbp-2018"))


def test_more_effort_trains_more_networks():
    for family in POOLS:
        sizes = [load_preset(family, preset).count_models(10) for preset in PRESETS]
        assert sizes == sorted(sizes)
        assert sizes[0] < sizes[2]


@pytest.mark.parametrize("name", built_in_recipes())
def test_every_built_in_recipe_loads_under_its_name(name: str):
    recipe = load_recipe(name)
    assert recipe.name == name
    assert single(recipe).needs_keras is isinstance(recipe, Recipe)


def test_an_ensemble_survives_its_own_text(tmp_path: Path):
    ensemble = Ensemble("both", (Model(DENSE, 3), Model(TREES, 1), Model(DENSE, 2)))
    path = tmp_path / "recipe.toml"
    path.write_text(ensemble.to_text())
    assert read_ensemble(path) == ensemble
    assert read_ensemble(tmp_path) == ensemble
    assert ensemble_from_table(ensemble.to_table()) == ensemble


def test_a_single_recipes_file_is_an_ensemble_of_one(tmp_path: Path):
    path = tmp_path / "my net.toml"
    path.write_text('family = "dense"\nhidden_units = [4]\n')
    assert read_ensemble(path) == single(replace(DENSE, name="my-net"))
    path.write_text('family = "discriminant-analysis"\n[parameters]\nsolver = "svd"\n')
    (model,) = read_ensemble(path).models
    assert (model.seeds, model.recipe.parameters) == (1, {"solver": "svd"})


def test_models_may_be_named_or_written_out(tmp_path: Path):
    path = tmp_path / "pair.toml"
    path.write_text('[[models]]\nrecipe = "baseline"\nseeds = 2\n[[models]]\n[models.recipe]\nfamily = "dense"\n')
    pair = read_ensemble(path)
    assert [(model.recipe.name, model.seeds) for model in pair.models] == [("baseline", 2), ("recipe", 1)]
    assert pair.count_models(3) == 9
    assert [model.seeds for model in pair.with_seeds(5).models] == [5, 5]


def test_seeds_of_classical_models_stay_one():
    assert [model.seeds for model in Ensemble("x", (Model(DENSE, 1), Model(TREES, 1))).with_seeds(4).models] == [4, 1]


def test_added_models_have_at_most_the_seeds_of_the_pools_own_networks():
    pool, mine = Ensemble("pool", (Model(DENSE, 2), Model(TREES, 1))), replace(DENSE, name="tuned")
    added = pool.with_models_of(single(mine))
    assert added == Ensemble("pool-and-tuned", (*pool.models, Model(mine, 2)))
    assert pool.with_models_of(Ensemble("other", (Model(DENSE, 4), Model(mine, 1)))).models[2:] == (Model(mine, 1),)
    assert single(TREES).with_models_of(single(mine)).models[1].seeds == single(mine).models[0].seeds


def test_what_a_pool_has_already_or_calls_otherwise_cannot_be_added():
    pool = Ensemble("pool", (Model(DENSE, 2),))
    with pytest.raises(RecipeError, match=f"{DENSE.name}: pool has these recipes already"):
        pool.with_models_of(single(DENSE))
    with pytest.raises(RecipeError, match=f'two different recipes are named "{DENSE.name}"; rename one'):
        pool.with_models_of(single(replace(DENSE, epochs=3)))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("models = []", "an ensemble needs at least one model"),
        ("models = 3", r"models is 3; expected a list of tables"),
        ("name = 'a/b'\n[[models]]\nrecipe = 'dense'", r"an ensemble's name: expected a name of letters"),
        ("family = 'extra-trees'\nparameters = 3", r"parameters is 3; expected a table"),
        ("models = [3]", "model 1 is 3; expected a table"),
        ("[[models]]\nseeds = 2", 'model 1: the key "recipe" is missing'),
        ('[[models]]\nrecipe = "forest"', 'there is no recipe "forest"; expected one of baseline'),
        ("[[models]]\nrecipe = 3", "model 1: recipe is 3; expected a built-in"),
        ('[[models]]\nrecipe = "dense"\nseeds = 0', "dense: seeds: expected a whole number of at least 1"),
        (
            '[[models]]\nrecipe = "extra-trees"\nseeds = 2',
            "extra-trees: 2 seeds; models of the extra-trees family have just one",
        ),
        ('[[models]]\nrecipe = "dense"\nweight = 2', 'unknown key "weight"'),
        ('family = "forest"', "family is 'forest'; expected one of dense, lstm, cnn, support-vector"),
        ('family = "extra-trees"\nepochs = 3', 'unknown key "epochs"'),
        ('family = "extra-trees"\n[parameters]\ntrees = 3', 'parameters: unknown key "trees"'),
        ('family = "extra-trees"\nscaling = "none"', "scaling is 'none'; expected one of standard"),
        ('family = "extra-trees"\nclip = -1', "clip is -1; expected a number of at least 0"),
        (
            '[[models]]\n[models.recipe]\nname = "a"\nfamily = "dense"\n'
            '[[models]]\n[models.recipe]\nname = "a"\nfamily = "dense"\nepochs = 2',
            'two different recipes are named "a"',
        ),
    ],
)
def test_mistakes_are_met_by_a_sentence_that_names_the_file(tmp_path: Path, text: str, sentence: str):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=f"^{re.escape(str(path))}: .*{sentence}"):
        read_ensemble(path)


@pytest.mark.parametrize("family", CLASSICAL_FAMILIES)
def test_a_classical_recipe_makes_its_estimator_with_the_seed(family: str):
    estimator = ClassicalRecipe(name="x", family=family).unfitted(seed=7)
    assert estimator.get_params().get("random_state", 7) == 7
    assert hasattr(estimator, "predict_proba") or np.isscalar(estimator.get_params()["probability"])


def test_a_name_that_is_nearly_right_is_asked_about():
    with pytest.raises(RecipeError, match="preset is 'fast'; expected one of quick, standard, best"):
        load_preset("dense", "fast")
    with pytest.raises(RecipeError, match='Did you mean "standard"'):
        load_preset("dense", "standart")
    with pytest.raises(RecipeError, match='Did you mean "baseline"'):
        load_recipe("basline")


def test_models_that_would_learn_from_less_than_a_twentieth_of_the_songs_are_left_out():
    few, all_songs = Model(replace(TREES, most_rows=50), seeds=1), Model(DENSE, seeds=2)
    ensemble = Ensemble("both", (few, all_songs))
    assert ensemble.for_songs(1000) is not None
    assert ensemble.for_songs(1000).models == (few, all_songs)
    assert ensemble.for_songs(1001).models == (all_songs,)
    assert Ensemble("alone", (few,)).for_songs(10**6).models == (few,)


def test_no_preset_changes_up_to_60000_songs():
    for pool in POOLS:
        for preset in PRESETS:
            assert load_preset(pool, preset).for_songs(60_000) == load_preset(pool, preset)


def test_the_quick_pool_is_its_network_on_half_a_million_songs():
    assert [model.recipe.name for model in load_preset("dense", "quick").for_songs(500_000).models] == ["dense-quick"]
