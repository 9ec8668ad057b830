"""The README's commands, the documentation's Python and the example, run as they stand in an empty folder."""

import hashlib
import importlib.util
import re
import runpy
import shutil
import subprocess
import textwrap
from functools import partial
from pathlib import Path

import kaggle_stub
import pandas as pd
import pytest
from kaggle_stub import Stub, zipped
from support import ROOT, run_program, run_python

import genre_kit
from competition.data import sample
from competition.data.edition_file import load_edition
from competition.errors import KitWarning
from genre_kit.jobs import sample as sample_job
from genre_kit.kaggle import fetching

DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line.removeprefix("$ ").split("#")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", README, flags=re.DOTALL)
    for line in block.splitlines()
]
KIT_COMMANDS = [
    command
    for command in COMMANDS
    if command.startswith("python -m competition ") and not re.search(r"\baalto\b", command)
]
KAGGLE_COMMANDS = [command for command in COMMANDS if re.search(r"\baalto\b", command)]
_READS_SOUND = all(importlib.util.find_spec(name) for name in ("soundfile", "soxr"))
_EXPORTS = all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime"))
_IS_OF_SOUND = re.compile(r"\b(music|songs)\b")
(SAMPLE,) = [command for command in KIT_COMMANDS if command.split()[3] == "sample"]


PYTHON = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
SMALL = partial(sample.sample_dataset, training_rows=600, test_rows=900)
Download = tuple[Path, subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def download(tmp_path_factory: pytest.TempPathFactory) -> Download:
    """A folder in which a user has begun with the sample, and what was said."""
    folder = tmp_path_factory.mktemp("readme")
    if _READS_SOUND:
        from sounds import library

        library(folder / "music", songs=16, seconds=1.0)
    return folder, run_python(*SAMPLE.split()[1:], cwd=folder)


@pytest.mark.process
@pytest.mark.training
@pytest.mark.parametrize("command", KIT_COMMANDS)
def test_the_readmes_commands_work_in_the_order_they_stand(
    download: Download, command: str, monkeypatch: pytest.MonkeyPatch
):
    """The sample is written by a process, and the other commands work upon it; without one, submit's is smaller."""
    if _IS_OF_SOUND.search(command) and not _READS_SOUND:
        pytest.skip("reading sound needs requirements-audio.txt")
    if " export " in command and not _EXPORTS:
        pytest.skip("exporting needs requirements-export.txt")
    folder, said = download
    if command != SAMPLE:
        monkeypatch.setattr(sample, "sample_dataset", SMALL)
        said = run_program(*command.split()[3:], cwd=folder)
    assert (said.returncode, said.stderr) == (0, ""), said.stderr
    assert said.stdout


def test_the_readmes_commands_lead_from_nothing_to_a_scored_submission(
    stub: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Against a stand-in for Kaggle, on few songs, with a quick model, and without being asked."""
    genre_kit.sample(songs=100, out=tmp_path / "sample")
    files = {path.name: path.read_bytes() for path in (tmp_path / "sample").glob("*.csv")}
    monkeypatch.setitem(fetching._LABELS_MD5, "mlbp-2018", hashlib.md5(files["train_labels.csv"]).hexdigest())
    for board in load_edition("mlbp-2018").boards.values():
        stub.boards[board.slug] = kaggle_stub.Board("", zipped(files))
    further = {"fetch": [], "submit": ["--model", "discriminant-analysis", "--folds", "2"], "send": ["--yes"]}
    for command in KAGGLE_COMMANDS:
        words = command.split()[3:]
        said = run_program(*words, *further.pop(words[0]), cwd=tmp_path)
        assert (said.returncode, said.stderr) == (0, ""), said.stderr
    assert further == {}
    assert "0.6543 public" in said.stdout
    (tmp_path / "python").mkdir()
    monkeypatch.chdir(tmp_path / "python")
    made, unsent = tmp_path / "runs" / "aalto", shutil.ignore_patterns("boards.json")
    monkeypatch.setattr(genre_kit, "submit", lambda data, out: shutil.copytree(made, out, ignore=unsent), raising=False)
    (block,) = re.findall(r"```python\n(.*?)```", (DOCS / "kaggle.md").read_text(), flags=re.DOTALL)
    exec(block, {})
    assert "accuracy 0.6543" in capsys.readouterr().out


def test_the_readme_shows_every_command():
    shown = {command.split()[3] for command in (*KIT_COMMANDS, *KAGGLE_COMMANDS)}
    assert shown == {"submit", "score", "runs", "check", "plot", "sample", "extract", "export", "fetch", "send"}


@pytest.mark.process
@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("make ")])
def test_the_readmes_make_targets_exist(command: str):
    said = subprocess.run(
        ["make", "--dry-run", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
    wanted = {"submit": "-m competition submit", "test": "-m pytest", "audio": "requirements-audio.txt"}
    wanted |= {"kaggle": "requirements-kaggle.txt", "export": "requirements-export.txt"}
    assert wanted[command.split()[1]] in said.stdout


@pytest.mark.process
def test_make_help_names_every_target():
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    (targets,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [target for target in targets.split() if not re.search(rf"\b{target}\b", said)] == []
    assert "#" not in said


def test_the_recipes_in_the_documentation_are_recipes(tmp_path: Path):
    from competition.models.ensembles import read_ensemble
    from competition.models.recipes import read_recipe

    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    single, several, imported = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    path = tmp_path / "mine.toml"
    path.write_text(textwrap.dedent(single))
    assert read_recipe(path).hidden_units == (256, 128)
    path.write_text(textwrap.dedent(several))
    assert [model.recipe.name for model in read_ensemble(path).models] == ["dense", "forest"]
    path.write_text(textwrap.dedent(imported))
    assert read_ensemble(path).imports == ("lightgbm.LGBMClassifier",)


@pytest.mark.process
@pytest.mark.training
def test_the_python_in_the_readme_runs(download: Download):
    said = run_python("-c", "\n".join(PYTHON[1:]), cwd=download[0])
    assert (said.returncode, said.stderr) == (0, ""), said.stderr
    assert 0.5 < float(said.stdout.splitlines()[-1]) < 0.9


def test_the_ten_lines_that_use_an_exported_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    if not _EXPORTS:
        pytest.skip("exporting needs requirements-export.txt")
    import genre_kit

    older = ROOT / "tests" / "data" / "older-runs"
    monkeypatch.chdir(tmp_path)
    genre_kit.export(older / "runs" / "other", data=older / "data")
    shutil.copytree(older / "data", "download")
    Path("download/unknown.csv").rename("download/test_data.csv")
    (in_docs,) = re.findall(r"```python\n(.*?)```", (DOCS / "export.md").read_text(), flags=re.DOTALL)
    for lines in (PYTHON[0], in_docs):
        exec(lines, {})
        assert capsys.readouterr().out.startswith("1 {'Rock': ")


@pytest.mark.training
def test_the_python_in_the_documentation_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sample_job, "sample_dataset", SMALL)
    with pytest.warns(KitWarning, match="the data frames are taken for this"):
        exec("\n".join(blocks), {})
    assert (tmp_path / "runs" / "scored" / "DONE").is_file()
    assert pd.read_csv(tmp_path / "runs" / "frames" / "label_pred.csv")["genre"].str.fullmatch(r"genre \d+").all()


@pytest.mark.training
def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sample_job, "sample_dataset", SMALL)
    runpy.run_path(str(ROOT / "examples" / "evening.py"))
    assert {folder.name for folder in (tmp_path / "runs").iterdir()} == {"first", "other", "blend"}
    *_, passed, mistake = capsys.readouterr().out.splitlines()
    assert passed == "True"
    assert mistake.startswith("`preset` is for")


def test_the_command_reference_is_what_help_says():
    """By its words: versions of click lay them out differently."""
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert runpy.run_path(str(ROOT / "docs" / "commands.py"))["reference"]().split() == written.split()


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(f"docs/{one.name}" for one in DOCS.glob("*.md"))])
def test_links_between_pages_lead_somewhere(page: str):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []
