"""A run's files that are empty, cut short or full of zeros are met by a sentence that names them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support import run_program

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "one byte": lambda content: content[:1],
    "half": lambda content: content[: len(content) // 2],
    "nearly whole": lambda content: content.rstrip()[:-1],
    "zeros": lambda content: bytes(len(content)),
    "a hole": lambda content: content[:-70] + bytes(60) + content[-10:],
}
READ_BY = {
    "manifest.json": ["score", "{run}"],
    "scores.json": ["submit", "--blend", "{run}", "--blend", "{other}", "--out", "{out}"],
    "oof.csv": ["score", "{other}", "{run}"],
    "label_all.csv": ["submit", "--blend", "{run}", "--blend", "{other}", "--out", "{out}"],
    "label_pred.csv": ["score", "{other}", "{run}"],
    "edition.toml": ["submit", "--from", "{run}", "--data", "{data}", "--out", "{out}"],
    "recipe.toml": ["score", "--recipe", "{run}", "--data", "{data}", "--out", "{out}"],
    "models/models.json": ["submit", "--from", "{run}", "--data", "{data}", "--out", "{out}"],
    "models/01-discriminant-analysis.skops": ["submit", "--from", "{run}", "--data", "{data}", "--out", "{out}"],
}
"""By files of a run, a command that reads them."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, write_competition) -> dict[str, Path]:
    """Two small runs on the same folds, and their data."""
    place = tmp_path_factory.mktemp("damaged")
    data = write_competition(place / "data")
    (data / "edition.toml").rename(place / "edition.toml")
    words = ["submit", "--data", data, "--edition", place / "edition.toml", "--folds", 3]
    for name, model in (("run", "discriminant-analysis"), ("other", "extra-trees")):
        said = run_program(*words, "--model", model, "--out", place / name)
        assert said.returncode == 0, said.stderr
    return {name: place / name for name in ("data", "run", "other")}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", READ_BY)
def test_a_damaged_file_is_named(name: str, damage: str, runs: dict[str, Path], tmp_path: Path):
    run = Path(shutil.copytree(runs["run"], tmp_path / "run"))
    content = (run / name).read_bytes()
    (run / name).write_bytes(DAMAGES[damage](content))
    places = runs | {"run": run, "out": tmp_path / "out"}
    words = [word.format(**places) for word in READ_BY[name]]
    said = run_program(*words)
    assert (said.returncode, said.stdout) == (1, "")
    assert f"{run / name}" in said.stderr
    assert not (tmp_path / "out").exists()
    (run / name).write_bytes(content)
    assert run_program(*words).returncode == 0


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_networks_are_named(damage: str, finished, tmp_path: Path):
    data, run, _ = finished
    run = Path(shutil.copytree(run, tmp_path / "run"))
    (model,) = (run / "models").glob("*.keras")
    model.write_bytes(DAMAGES[damage](model.read_bytes()))
    said = run_program("submit", "--from", run, "--data", data, "--out", tmp_path / "out")
    assert (said.returncode, said.stdout) == (1, "")
    assert f"{model}: cannot be read" in said.stderr


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_list_of_runs_names_the_damaged_one_and_lists_the_others(damage: str, runs: dict[str, Path], tmp_path: Path):
    for name in ("run", "other"):
        shutil.copytree(runs[name], tmp_path / name)
    path = tmp_path / "run" / "scores.json"
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    said = run_program("runs", tmp_path)
    assert said.returncode == 0
    assert said.stderr.startswith(f"note: {path}: cannot be read")
    assert "extra-trees" in said.stdout
