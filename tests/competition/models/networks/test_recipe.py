from pathlib import Path

import pytest

from competition.errors import RecipeError
from competition.models.networks.recipe import Recipe
from competition.models.recipes import built_in_recipes, load_recipe, read_recipe, recipe_from_table


def test_the_baseline_is_the_fields_simplest_known_entry():
    assert load_recipe("baseline") == Recipe(
        name="baseline",
        family="dense",
        hidden_units=(128,),
        activation="elu",
        optimizer="adam",
        learning_rate=0.001,
        epochs=4,
        batch_size=32,
    )


def test_every_built_in_recipe_loads_and_survives_its_table():
    assert {"baseline", "dense", "lstm", "lstm-64-64"} <= set(built_in_recipes())
    for name in built_in_recipes():
        recipe = load_recipe(name)
        assert recipe.name == name
        assert recipe_from_table(recipe.to_table(), where=name) == recipe


def test_an_unknown_recipe_is_met_by_the_list_of_known_ones():
    with pytest.raises(RecipeError, match=r'there is no recipe "forest"; expected one of baseline, cnn, cnn-7x7'):
        load_recipe("forest")


def test_a_recipe_file_takes_its_own_name_or_that_of_its_file(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('family = "lstm"\nrecurrent_units = [8]\n')
    assert read_recipe(path) == Recipe(name="mine", family="lstm", own={"recurrent_units": (8,)})
    odd = tmp_path / "recipe (1).toml"
    odd.write_text('family = "dense"')
    assert read_recipe(odd).name == "recipe-1"
    path.write_text('name = "best"\nfamily = "dense"\n')
    assert read_recipe(path).name == "best"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("epochs = 3", 'the key "family" is missing'),
        ('family = "dense"\nepoch = 3', 'unknown key "epoch"; did you mean "epochs"?'),
        ('family = "forest"', "family is 'forest'; expected one of dense, lstm"),
        ('family = "dense"\nepochs = 0', "epochs: expected a whole number of at least 1, found 0"),
        ('family = "dense"\nepochs = 2.5', "epochs: expected a whole number of at least 1, found 2.5"),
        ('family = "dense"\nhidden_units = 64', r"hidden_units is 64; expected a list of widths"),
        ('family = "dense"\nhidden_units = [64, 0]', "hidden_units: expected a whole number of at least 1, found 0"),
        ('family = "dense"\ndropout = 1.0', "dropout is 1.0; expected a number from 0 up to but not including 1"),
        ('family = "dense"\ndropout = "half"', "dropout is 'half'; expected a number"),
        ('family = "dense"\nl2 = -1', "l2 is -1; expected a number of at least 0"),
        ('family = "dense"\nlearning_rate = 0', "learning_rate is 0; expected a number above 0"),
        ('family = "dense"\nlearning_rate = inf', "learning_rate is inf"),
        ('family = "dense"\nactivation = "cube"', "activation is 'cube'; expected one of elu, relu"),
        ('family = "dense"\noptimizer = "magic"', "optimizer is 'magic'; expected one of adam"),
        ('family = "lstm"', "an lstm needs recurrent_units"),
        ('family = "dense"\nrecurrent_units = [8]', "recurrent_units have no effect in a dense network"),
        (
            'family = "lstm"\nrecurrent_units = [8]\nread_out = "first"',
            "read_out is 'first'; expected one of last",
        ),
        ('family = "dense"\nread_out = "all"', "read_out has no effect in a dense network; remove it"),
        ('family = "dense"\nscaling = "log"', "scaling is 'log'; expected one of standard, min-max, robust, quantile"),
        ('family = "dense"\nschedule = "steps"', "schedule is 'steps'; expected one of constant, cosine"),
        ('family = "dense"\nblock_means = 1', "block_means is 1; expected true or false"),
        (
            'family = "dense"\ninput_dropout_columns = -1',
            "input_dropout_columns: expected a whole number of at",
        ),
        ('family = "dense"\ncomponents = -1', "components: expected a whole number of at least 0, found -1"),
        ('family = "lstm"\nrecurrent_units = [8]\ncomponents = 9', "components and block_means would take them away"),
        ('family = "dense"\nname = "a/b"', "a recipe's name: expected a name of letters"),
        ('family = "dense"\nname = 3', "a recipe's name: expected a name of letters"),
        ('family = "dense"\nhidden_units = [9999999999]', "hidden_units"),
        ('family = "dense"\nbatch_size = 99999999999999', "batch_size is 99999999999999; expected less than 1e"),
        ("family = dense", "is not valid TOML"),
    ],
)
def test_a_wrong_recipe_file_is_met_by_a_sentence(tmp_path: Path, content: str, sentence: str):
    path = tmp_path / "mine.toml"
    path.write_text(content)
    with pytest.raises(RecipeError, match=sentence) as caught:
        read_recipe(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("rows", "steps"), [(7, 7), (4363, 12), (12_288, 12), (12_289, 13), (24_576, 24), (500_000, 489)]
)
def test_an_epoch_of_more_songs_has_as_many_more_steps(rows: int, steps: int):
    """The memory of a step does not grow with the songs."""
    recipe = Recipe(name="mine", family="dense", batches=12)
    assert recipe.steps_per_epoch(rows) == steps
