"""Families of networks: a table of objects, to which a new one is added by an entry and its modules."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from competition.data.edition import Block, Edition
from competition.errors import KitWarning, RecipeError
from competition.models.base.checks import check_widths
from competition.models.base.scaling import Scaling
from competition.models.ensembles import Ensemble, Model
from competition.models.networks import families
from competition.models.networks.families import FAMILIES, FAMILY_KEYS, Family, Key
from competition.models.networks.recipe import Recipe, network_recipe_from_table
from competition.models.recipes import recipe_from_table


@pytest.mark.training
@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_every_family_has_the_bodies_that_it_needs(family: Family):
    assert callable(family.single_body)
    if family.is_packed:
        assert callable(family.packed_body)
        assert callable(family.reference_body)


def test_a_recipe_has_its_familys_own_keys_and_no_others():
    lstm = Recipe(name="mine", family="lstm", own={"recurrent_units": (8,)})
    assert lstm.own == {"recurrent_units": (8,), "read_out": "last"}
    assert Recipe(name="mine", family="dense").own == {}
    assert network_recipe_from_table(lstm.to_table()) == lstm


def test_another_familys_default_says_nothing_and_is_passed_over():
    """As recipe files of version 0.1.0 have them, which listed every key."""
    table = {"name": "old", "family": "dense", "recurrent_units": [], "read_out": "last", "hidden_units": [8]}
    assert recipe_from_table(table, where="the recipe") == Recipe(name="old", family="dense", hidden_units=(8,))


def test_a_new_family_takes_an_entry(monkeypatch: pytest.MonkeyPatch):
    key = Key((), check_widths, "the filters of each of its convolutions")
    monkeypatch.setitem(FAMILIES, "new", Family("new", "blocks as images", {"branches": key}, reads_blocks=True))
    monkeypatch.setitem(FAMILY_KEYS, "branches", key)
    body = object()
    monkeypatch.setattr(families, "import_module", lambda name: SimpleNamespace(packed_body=body))
    recipe = network_recipe_from_table({"name": "mine", "family": "new", "branches": [32, 32]})
    assert recipe.own == {"branches": (32, 32)}
    assert FAMILIES[recipe.family].packed_body is body
    with pytest.raises(RecipeError, match="mine: a new needs branches, the filters of each of its convolutions"):
        replace(recipe, own={})
    with pytest.raises(RecipeError, match="branches have no effect in a dense network; remove them"):
        Recipe(name="other", family="dense", own={"branches": (3,)})
    with pytest.raises(RecipeError, match="a new reads each block's columns"):
        replace(recipe, scaling=Scaling(components=3))


def test_a_family_that_reads_bands_needs_some(edition: Edition):
    flat = replace(edition, blocks=(Block("all", 0, 1, ("a", "b")),))
    FAMILIES["dense"].check_edition(flat)
    FAMILIES["lstm"].check_edition(edition)
    with pytest.raises(RecipeError, match=r"lstm reads a block's bands one after the other, and the columns of tiny h"):
        FAMILIES["lstm"].check_edition(flat)


def test_an_own_key_that_no_family_has_is_a_sentence():
    with pytest.raises(RecipeError, match=r'mine: own: unknown key "recurrent_unit"; did you mean "recurrent_units"'):
        Recipe(name="mine", family="lstm", own={"recurrent_unit": (8,)})


def test_a_block_of_one_band_is_told_to_who_reads_bands(edition: Edition):
    blocks = (*edition.blocks, Block("speed", 10, 1, ("mean",)), Block("key", 11, 1, ("mean", "max")))
    FAMILIES["dense"].check_edition(replace(edition, blocks=blocks))
    FAMILIES["lstm"].check_edition(edition)
    with pytest.warns(
        KitWarning, match="lstm reads a block's bands one after the other; of speed, key there is one band"
    ):
        FAMILIES["lstm"].check_edition(replace(edition, blocks=blocks))
    both = Ensemble(
        "both", tuple(Model(Recipe(name=one, family="lstm", own={"recurrent_units": (8,)}), 1) for one in "ab")
    )
    with pytest.warns(KitWarning) as told:
        both.check_edition(replace(edition, blocks=blocks))
    assert len(told) == 1
