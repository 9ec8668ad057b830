"""The field's systems as docs/reference-systems.md runs them, on made-up songs and with few epochs."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sounds import library
from support import ROOT, run_program

from competition.models.networks.recipe import Recipe
from competition.models.recipes import load_recipe

pytestmark = pytest.mark.training

PAGE = (ROOT / "docs" / "reference-systems.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ").split("#")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.splitlines()
    if line.startswith("$ python")
]
OVER_FRAMES = ("cnn", "cnn-mel", "cnn-7x7", "frames-lstm", "frames-mlp", "frames-mlp-regularized", "frames-mlp-deep")
NARROW = {"cnn-7x7": {"filters": (2, 2, 2)}, "frames-lstm": {"recurrent_units": (4, 4)}}


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("systems")
    library(folder / "music", songs=4, seconds=2.0)
    options = ("--features", "zcr", "--frames", "mel", "--bands", 12, "--segment-seconds", 1, "--hop", 1024)
    said = run_program("extract", folder / "music", "--out", folder / "songs", "--processes", 1, *options)
    assert said.returncode == 0, said.stderr
    return folder


@pytest.mark.parametrize("name", OVER_FRAMES)
def test_every_network_of_the_field_trains_and_is_scored(frames: Path, name: str):
    recipe = load_recipe(name)
    assert isinstance(recipe, Recipe)
    small = replace(recipe, epochs=1, own={**recipe.own, **NARROW.get(name, {})}, hidden_units=(4,))
    path = frames / f"{name}.toml"
    path.write_text(re.sub(r"(?m)^name = .*\n", "", _text(small)))
    said = run_program("score", "--data", frames / "songs", "--recipe", path, "--folds", 2, "--quiet", cwd=frames)
    assert said.returncode == 0, said.stderr


def _text(recipe: Recipe) -> str:
    import tomli_w

    return tomli_w.dumps(recipe.to_table())


def test_the_page_names_every_network():
    assert [name for name in OVER_FRAMES if f"--model {name}" not in PAGE] == []


def test_the_page_s_commands_are_commands():
    from genre_kit.cli import cli

    assert COMMANDS
    for command in COMMANDS:
        words = command.split()[3:]
        options = {name for parameter in cli.commands[words[0]].params for name in parameter.opts}
        assert [word for word in words if word.startswith("--") and word not in options] == []
