"""Spaces: what the kit's own hold, what values make of a recipe, and a sentence for every mistake in a file."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.models.recipes import load_recipe
from tuning.trials.spaces import Space, SpaceError, built_in_spaces, load_space, read_space, space_from_table, tidy

SPACE_TEXT = """\
[recipe]
family = "dense"
hidden_units = ["units_1", "units_2"]
epochs = 2

[hyperparameters.layers]
kind = "int"
min = 1
max = 2

[hyperparameters.units_1]
kind = "int"
min = 2
max = 8

[hyperparameters.units_2]
kind = "int"
min = 2
max = 8
when = { layers = [2] }

[hyperparameters.block_means]
kind = "boolean"

[hyperparameters.activation]
kind = "choice"
values = ["elu", "relu"]

[hyperparameters.learning_rate]
kind = "float"
min = 0.001
max = 0.1
sampling = "log"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "mine.toml").write_text(SPACE_TEXT)
    return tmp_path / "mine.toml"


@pytest.mark.parametrize("name", ["dense", "lstm"])
def test_a_search_starts_from_the_kits_own_recipe(name: str):
    space, known = load_space(name), load_recipe(name)
    assert replace(space.to_recipe(space.defaults, known.name), batch_size=known.batch_size) == known


def test_the_classic_space_is_what_the_field_knows():
    units, dropout, rate = load_space("classic-lstm").hyperparameters
    assert (units.minimum, units.maximum, units.step) == (32, 512, 32)
    assert (dropout.minimum, dropout.maximum, dropout.step) == (0, 0.5, 0.1)
    assert rate.values == (0.01, 0.001, 0.0001)
    recipe = load_space("classic-lstm").to_recipe({"units": 96, "dropout": 0.2, "learning_rate": 0.01})
    assert (recipe.own["recurrent_units"], recipe.hidden_units) == ((96, 96), (96,))


def test_a_space_file_is_read(path: Path):
    space = read_space(path)
    assert space.name == "mine"
    assert space.defaults == {
        "layers": 1,
        "units_1": 2,
        "block_means": False,
        "activation": "elu",
        "learning_rate": 0.001,
    }
    recipe = space.to_recipe({"layers": 2, "units_1": 3, "units_2": 5, "block_means": True}, "found")
    assert (recipe.name, recipe.hidden_units, recipe.scaling.block_means, recipe.epochs) == ("found", (3, 5), True, 2)


def test_what_is_not_active_has_no_effect(path: Path):
    space = read_space(path)
    assert "units_2" not in space.complete({"layers": 1, "units_2": 5})
    assert space.to_recipe({"layers": 1, "units_2": 5}).hidden_units == (2,)


@pytest.mark.parametrize("name", built_in_spaces())
@given(data=st.data())
def test_every_corner_of_the_kits_spaces_is_a_recipe(name: str, data: st.DataObject):
    space = load_space(name)
    values = {}
    for one in space.hyperparameters:
        if one.is_active(values):
            choices = one.values if one.kind == "choice" else (one.minimum, one.default, one.maximum)
            values[one.name] = data.draw(st.sampled_from(choices))
    assert space.to_recipe(values).family == space.recipe["family"]


@given(value=st.floats(1e-9, 1e9))
def test_tidy_changes_nothing_twice_and_little_once(value: float):
    assert tidy(tidy(value)) == tidy(value)
    assert tidy(value) == pytest.approx(value, rel=1e-5)


MISTAKES = {
    'min = 0.001\nmax = 0.1\nsampling = "log"': {
        "min = 0.1\nmax = 0.1": "learning_rate: its range from 0.1 to 0.1 is empty; expected a min below the max",
        'min = 0.0\nmax = 0.1\nsampling = "log"': "its min is 0.0; logarithmic sampling needs a min above 0",
        "min = 0.1\nmax = 0.2\nstep = 0": "its step is 0.0; expected more than 0 with linear sampling",
        'min = 0.1\nmax = 0.2\nstep = 1\nsampling = "log"': "its step is 1.0; expected more than 1 with log sampling",
        "min = 0.1\nmax = 0.2\ndefault = 0.3": "its default is 0.3; expected a number from 0.1 to 0.2",
        'min = 0.1\nmax = 0.2\nsampling = "lin"': "its sampling is 'lin'; expected one of linear, log",
        'min = "a"\nmax = 0.2': "learning_rate: min: expected a number, found 'a'",
        "min = nan\nmax = 0.2": "learning_rate: min: expected a number, found nan",
        "min = 0.1": 'learning_rate: the key "max" is missing',
        "min = 0.1\nmax = 0.2\nmaximum = 3": 'learning_rate: unknown key "maximum"; did you mean "max"',
        "min = -1.0\nmax = 0.2": "tuned: learning_rate is -1.0; expected a number above 0",
    },
    "[hyperparameters.learning_rate]": {
        "[hyperparameters.lerning_rate]": 'unknown hyperparameter "lerning_rate"; did you mean "learning_rate"',
        "[hyperparameters.depth]": 'unknown hyperparameter "depth"; it is no key of a recipe, in no list',
        "[hyperparameters.epochs]": '"epochs" cannot be a hyperparameter: the recipe table says what it is',
        "[hyperparameters.name]": '"name" cannot be a hyperparameter: the recipe table says what it is',
    },
    'kind = "float"': {
        'kind = "int"': "learning_rate: min: expected a whole number, found 0.001",
        'kind = "real"': "learning_rate: its kind is 'real'; expected one of int, float, choice, boolean",
        "": "learning_rate: its kind is None",
    },
    'values = ["elu", "relu"]': {
        'values = ["elu"]': r"activation: values is \['elu'\]; expected a list of at least two",
        'values = ["elu", 3]': "expected all of one type",
        "values = [true, false]": 'for true and false use kind = "boolean"',
        'values = ["elu", "elu"]': "each may stand there once",
        'values = ["elu", "relu"]\ndefault = "gelu"': r"its default is 'gelu'; expected one of \['elu', 'relu'\]",
        'values = ["elu", "swish"]': "with activation = 'swish', tuned: activation is 'swish'; expected one of elu",
    },
    "when = { layers = [2] }": {
        "when = { depth = [2] }": 'when: there is no hyperparameter "depth" above this one; conditions look upwards',
        "when = { activation = ['elu'] }": 'when: there is no hyperparameter "activation" above this one',
        "when = { layers = [3] }": 'when: "layers" is never 3; expected values from its own range',
        "when = { layers = 2 }": "when: layers is 2; expected a list of the values that make this active",
        "when = 2": "when: expected a table, found 2",
    },
    'hidden_units = ["units_1", "units_2"]': {
        'hidden_units = ["units_1", "units_2", "units_9"]': 'a list names "units_9", which is no hyperparameter',
        'hidden_units = ["units_1", "units_2"]\nactivation = "relu"': '"activation" cannot be a hyperparameter',
        'hiden_units = ["units_1"]': 'recipe: unknown key "hiden_units"; did you mean "hidden_units"',
    },
    'family = "dense"': {
        "": 'recipe: the key "family" is missing',
        'family = "forest"': "family is 'forest'; expected one",
    },
    "[recipe]": {"[recipes]": 'unknown key "recipes"; did you mean "recipe"', "[recipe": "is not valid TOML"},
}


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [(right, wrong, sentence) for right, wrongs in MISTAKES.items() for wrong, sentence in wrongs.items()],
)
def test_every_mistake_in_a_space_is_met_by_a_sentence(path: Path, right: str, wrong: str, sentence: str):
    assert right in SPACE_TEXT
    path.write_text(SPACE_TEXT.replace(right, wrong))
    with pytest.raises(SpaceError, match=f"^{path}: .*{sentence}"):
        read_space(path)


def test_a_space_without_hyperparameters_or_file_is_refused(tmp_path: Path):
    with pytest.raises(SpaceError, match=r"nowhere.toml: there is no such file"):
        read_space(tmp_path / "nowhere.toml")
    with pytest.raises(SpaceError, match="x: there is no hyperparameter; expected at least one"):
        space_from_table("x", {"recipe": {"family": "dense"}, "hyperparameters": {}}, "x")
    with pytest.raises(
        SpaceError,
        match='there is no space for "baseline"; expected one of classic-frames-lstm, classic-lstm',
    ):
        load_space("baseline")


def test_a_space_knows_the_table_it_was_read_from(path: Path):
    space = read_space(path)
    assert isinstance(space, Space)
    assert space_from_table("mine", space.table, "again") == space
