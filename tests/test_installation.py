"""What is installed holds all that the program needs, and the lock file is of the packages that are required."""

import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from support import ROOT, run_python

from benchmarks.installed import LOCK, built

DATA = {".toml", ".html", ".typed"}


def sources() -> set[str]:
    """Return the modules of the product, and the files that they read."""
    packages = (ROOT / name for name in ("competition", "genre_kit", "submissions", "tuning"))
    files = (path for package in packages for path in package.rglob("*") if path.suffix in DATA | {".py"})
    return {path.relative_to(ROOT).as_posix() for path in files}


@pytest.mark.process
def test_the_wheel_works_from_anywhere(tmp_path: Path):
    wheel = built("wheel", tmp_path / "wheel")
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == sources()
        archive.extractall(tmp_path / "installed")
    environment = {"PYTHONPATH": str(tmp_path / "installed"), "PATH": ""}
    words = ("-m", "genre_kit", "sample", "--songs", 60, "--out", "songs")
    said = run_python(*words, cwd=tmp_path, env=environment)
    assert (said.returncode, said.stderr) == (0, "")
    said = run_python("-m", "genre_kit", "edition", "--data", "songs", "--look", cwd=tmp_path, env=environment)
    assert (said.returncode, said.stderr) == (0, "")
    where = run_python("-c", "import genre_kit.cli; print(genre_kit.cli.__file__)", cwd=tmp_path, env=environment)
    assert Path(where.stdout.strip()).is_relative_to(tmp_path)


@pytest.mark.process
def test_the_sdist_holds_what_the_wheel_is_made_of(tmp_path: Path):
    with tarfile.open(built("sdist", tmp_path / "sdist")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert sources() | {"pyproject.toml", "LICENSE", "README.md", "requirements.txt"} <= names


def test_the_lock_is_of_the_required_packages():
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    required = [Requirement(line) for line in lines if line and not line.startswith("#")]
    text = LOCK.read_text()
    locked = dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))
    for one in required:
        assert one.specifier.contains(locked[one.name]), one.name
    assert text.count("--hash=sha256:") >= len(locked)
