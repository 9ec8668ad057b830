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
