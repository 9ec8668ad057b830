"""Short versions of the harnesses in `benchmarks.faults`, and that they would see what they look for."""

import importlib
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from support import ROOT

from benchmarks.faults.full_disk import Disk, judge, program, put_earlier
from benchmarks.faults.scenes import Scene
from benchmarks.faults.whole import broken, different
from competition.pictures.style import new_figure, save
from competition.storage.toml import toml_text

NAMES = sorted(path.stem for path in (ROOT / "benchmarks" / "faults").glob("*.py") if path.stem[0] != "_")
WAYS = ("full", "broken", "removed", "replaced")
SCENE = Scene("sample", ("sample", "--songs", "60"))


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_imported_and_says_how_it_is_run(name: str):
    module = importlib.import_module(f"benchmarks.faults.{name}")
    assert name in ("scenes", "whole") or re.search(rf"python -m benchmarks\.faults\.{name}\b", module.__doc__ or "")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """One whole file of each kind."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.csv").write_text("10,2\n3,4\n")
    (folder / "b.json").write_text(json.dumps({"seconds": 1.5, "score": 2}) + "\n")
    (folder / "c.toml").write_text(toml_text({"name": "x"}))
    (folder / "d.html").write_text("<html><p>x</p></html>\n")
    np.save(folder / "e.npy", np.arange(3))
    with zipfile.ZipFile(folder / "f.keras", "w") as archive:
        archive.writestr("config.json", "{}")
    save(new_figure("x", 2, 2), folder / "g.png")
    return folder


def test_a_file_of_any_kind_that_is_cut_is_seen(files: Path):
    assert broken(files) == []
    for path in sorted(files.iterdir()):
        content = path.read_bytes()
        for length in (0, len(content) // 2, len(content) - 3):
            path.write_bytes(content[:length])
            assert len(broken(files)) == 1, (path.name, length)
            assert broken(files)[0].startswith(f"{path.name}: ")
        path.write_bytes(content)
    (files / "DONE").write_text("a.csv\nnone.csv\n")
    assert broken(files) == ["none.csv: DONE lists it"]


def test_files_are_alike_but_for_their_times(files: Path, tmp_path: Path):
    put_earlier(files, tmp_path / "again" / "x")
    again = tmp_path / "again" / "files"
    (again / "b.json").write_text(json.dumps({"seconds": 9.0, "score": 2}))
    assert different(files, again) == set()
    (again / "b.json").write_text(json.dumps({"seconds": 9.0, "score": 3}))
    (again / "a.csv").unlink()
    assert different(files, again) == {"a.csv", "b.json"}


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    disk = Disk(tmp_path_factory.mktemp("disk").resolve())
    disk.watch()
    yield disk
    disk.way = ""


@pytest.mark.parametrize("way", WAYS)
def test_no_write_that_fails_leaves_half_a_file_or_no_sentence(disk: Disk, way: str):
    place = disk.place / way
    whole, earlier, disk.out = (place / name / "out" for name in ("whole", "earlier", "out"))
    for folder in (whole, earlier):
        folder.parent.mkdir(parents=True)
    with disk.failing("counted", 0):
        assert program(SCENE.command(place, whole)) == (0, "")
    assert disk.seen > 20
    for number in range(1, disk.seen + 1, 3):
        put_earlier(earlier, disk.out)
        with disk.failing(way, number):
            code, said = program(SCENE.command(place, disk.out))
        assert judge(SCENE, code, said, way, disk.out, earlier, whole) == [], (way, number)
        if code:
            put_earlier(earlier, disk.out)
            assert program(SCENE.command(place, disk.out)) == (0, "")
            assert different(disk.out, whole) == set()
