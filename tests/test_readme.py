"""The README's commands, run as they stand in an empty folder."""

import re
import subprocess
import textwrap
from functools import partial
from pathlib import Path

import pytest
from support import ROOT, run_program, run_python

from competition.data import sample

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ").split("#")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
]
KIT_COMMANDS = [command for command in COMMANDS if command.startswith("python -m competition ")]
(SAMPLE,) = [command for command in KIT_COMMANDS if command.split()[3] == "sample"]


Download = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def download(tmp_path_factory: pytest.TempPathFactory) -> Download:
    """A folder in which a user has begun with the sample, and what was said."""
    folder = tmp_path_factory.mktemp("readme")
    return folder, run_python(*SAMPLE.split()[1:], cwd=folder)


@pytest.mark.process
@pytest.mark.training
@pytest.mark.parametrize("command", KIT_COMMANDS)
def test_the_readmes_commands_work_in_the_order_they_stand(
    download: Download, command: str, monkeypatch: pytest.MonkeyPatch
):
    """The sample is written by a process, and the other commands work upon it; without one, submit's is smaller."""
    folder, said = download
    if command != SAMPLE:
        small = partial(sample.sample_dataset, training_rows=600, test_rows=900)
        monkeypatch.setattr(sample, "sample_dataset", small)
        said = run_program(*command.split()[3:], cwd=folder)
    assert (said.returncode, said.stderr) == (0, ""), said.stderr
    assert said.stdout


def test_the_readme_shows_every_command():
    shown = {command.split()[3] for command in KIT_COMMANDS}
    assert shown == {"submit", "score", "runs", "check", "plot", "sample"}


@pytest.mark.process
@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_the_readmes_make_targets_exist(command: str):
    said = subprocess.run(
        ["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    assert "-m competition submit" in said.stdout


def test_the_recipes_in_the_documentation_are_recipes(tmp_path: Path):
    from competition.models.ensembles import read_ensemble
    from competition.models.recipes import read_recipe

    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    single, several = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    path = tmp_path / "mine.toml"
    path.write_text(textwrap.dedent(single))
    assert read_recipe(path).hidden_units == (256, 128)
    path.write_text(textwrap.dedent(several))
    assert [model.recipe.name for model in read_ensemble(path).models] == ["dense", "forest"]


@pytest.mark.process
@pytest.mark.training
def test_the_python_in_the_readme_runs(download: Download):
    (block,) = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    said = run_python("-c", block, cwd=download[0])
    assert (said.returncode, said.stderr) == (0, ""), said.stderr
    assert 0.5 < float(said.stdout) < 0.9
