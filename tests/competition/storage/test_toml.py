"""TOML that the kit has written is read whole or not at all; what people write needs no mark."""

from pathlib import Path

import pytest

from competition.data.edition_file import edition_text, load_edition, read_edition
from competition.errors import KitError, RecipeError
from competition.models.ensembles import load_preset, read_ensemble
from competition.models.recipes import load_recipe
from competition.storage.toml import read_toml, toml_text
from tuning.report import recipe_text

FILES = {
    "ensemble": (load_preset("dense", "standard").to_text(), read_ensemble),
    "recipe": (recipe_text(load_recipe("dense")), read_ensemble),
    "edition": (edition_text(load_edition("mlbp-2018")), read_edition),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_cut_anywhere_is_refused_by_its_name(kind: str, tmp_path: Path):
    text, read = FILES[kind]
    path = tmp_path / "cut.toml"
    path.write_text(text)
    whole = read(path)
    for length in range(len(text) - 1):  # without the last line's end it is whole
        path.write_text(text[:length])
        with pytest.raises(KitError, match=r"cut\.toml: "):
            read(path)
    path.write_text(text[:-1])
    assert read(path) == whole


def test_what_is_missing_is_said_and_what_people_write_or_add_is_read(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text('family = "dense"\n')
    assert read_toml(path, RecipeError) == {"family": "dense"}
    path.write_text(toml_text({"family": "dense"}) + "epochs = 3\n")
    assert read_toml(path, RecipeError) == {"family": "dense", "epochs": 3}
    path.write_text(toml_text({"family": "dense", "epochs": 3}).replace("# END\n", ""))
    with pytest.raises(RecipeError, match=r'mine\.toml: is cut short: there is no line "# END".*get it whole again'):
        read_toml(path, RecipeError)
