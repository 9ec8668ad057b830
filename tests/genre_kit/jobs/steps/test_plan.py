"""What is refused before anything is trained."""

from pathlib import Path

import pytest

import genre_kit
from competition.errors import RecipeError

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
