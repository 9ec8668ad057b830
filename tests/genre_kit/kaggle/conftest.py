"""What the tests of the way to Kaggle share: a run to send, and boards for it."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import kaggle_stub
import pytest
from kaggle_stub import ACCURACY, LOSS, Hours, Stub

import genre_kit
from competition.data.edition import Board
from competition.data.edition_file import edition_table, edition_text, read_edition


@pytest.fixture(autouse=True)
def _disk_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    """What lasts through a power cut is tested elsewhere."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def hours() -> Hours:
    return Hours()


def give_boards(run: Path, boards: dict[str, Board]) -> None:
    """Let a run's edition name these boards, in both places where it stands."""
    path = run / "edition.toml"
    edition = replace(read_edition(path), boards=boards)
    path.write_text(edition_text(edition))
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["edition"] = edition_table(edition)
    (run / "manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def run(reported: Path) -> Path:
    """The same without its report, which takes its time to be written again."""
    (reported / "report.html").unlink()
    return reported


@pytest.fixture(scope="session")
def without_slugs(tmp_path_factory: pytest.TempPathFactory, write_competition: Callable[[Path], Path]) -> Path:
    """A finished run of the tiny competition, which no network was trained for."""
    place = tmp_path_factory.mktemp("to-kaggle")
    data = write_competition(place / "data")
    genre_kit.submit(data=data, model="discriminant-analysis", folds=3, out=place / "run")
    return place / "run"


@pytest.fixture
def reported(without_slugs: Path, tmp_path: Path) -> Path:
    """A finished run of the tiny competition, whose two boards have slugs."""
    folder = tmp_path / "runs" / "first"
    shutil.copytree(without_slugs, folder)
    give_boards(folder, {"accuracy": Board("accuracy", ACCURACY), "log_loss": Board("binary-log-loss", LOSS)})
    return folder


@pytest.fixture
def boards(stub: Stub) -> Stub:
    """The stub with both of the run's boards."""
    stub.boards[ACCURACY] = kaggle_stub.Board(score=lambda content: ("0.9", ""))
    stub.boards[LOSS] = kaggle_stub.Board("Log Loss", score=lambda content: ("0.1", ""))
    return stub
