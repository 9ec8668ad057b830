"""The kit as it is installed: wheel and sdist in clean environments, from the lock file, far from the checkout.

``python -m benchmarks.installed [--python python3.12] [--run RUN]`` builds both, makes an environment for each with the
packages of requirements.lock, which pip checks by their hashes, and runs the program from an empty folder: ``doctor``,
``sample``, ``submit``, ``check``. With ``--run``, a finished run on the embedded sample made in another environment, it
repeats that run by its manifest and compares all predictions, byte by byte. It needs a network.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
COMPARED = ("label_pred.csv", "label_all.csv", "oof.csv", "folds.csv", "recipe.toml", "edition.toml")
_BUILD = "from setuptools import build_meta; build_meta.build_{kind}({place!r})"
_SOURCES = ("competition", "genre_kit", "submissions", "tuning", "pyproject.toml", "README.md", "LICENSE")


def built(kind: str, place: Path) -> Path:
    """Build the ``"wheel"`` or the ``"sdist"`` from a copy of the sources into a folder, and return its path."""
    with tempfile.TemporaryDirectory() as copied:
        copy = Path(copied)
        for name in (*_SOURCES, *(path.name for path in ROOT.glob("requirements*.txt"))):
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy)
        place.mkdir(parents=True, exist_ok=True)
        run([sys.executable, "-c", _BUILD.format(kind=kind, place=str(place))], copy)
    return next(place.iterdir())


def run(command: list[object], folder: Path) -> str:
    """Run a command and return what it prints; leave with what it said where it fails."""
    words = list(map(str, command))
    said = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if said.returncode != 0:
        sys.exit(f"{' '.join(words)}\n{said.stdout}{said.stderr}")
    return said.stdout


@click.command()
@click.option("--python", default=sys.executable, help="The interpreter of the environments.")
@click.option("--run", "recorded", type=click.Path(path_type=Path), help="A finished run to repeat.")
def main(python: str, recorded: Path | None) -> None:
    """Print what works, and end with an error at the first thing that does not."""
    for kind in ("wheel", "sdist"):
        with tempfile.TemporaryDirectory() as temporary:
            _try(kind, python, None if recorded is None else recorded.absolute(), Path(temporary))


def _try(kind: str, python: str, recorded: Path | None, place: Path) -> None:
    program, folder = _installed(kind, python, place), place / "empty"
    folder.mkdir()
    click.echo(f"{kind}, {run([program, '--version'], folder).strip()}, {run([python, '--version'], folder).strip()}")
    found = json.loads(run([program, "doctor", "--json"], folder))
    untested = [one["name"] for one in found["packages"] if one["is_untested"]]
    click.echo(f"  doctor: well {found['is_well']}, packages outside the tested ranges: {untested or 'none'}")
    run([program, "sample", "--songs", 400, "--out", "songs"], folder)
    run([program, "submit", "--data", "songs", "--preset", "quick", "--folds", 3, "--out", "run"], folder)
    run([program, "check", "run"], folder)
    click.echo("  sample, submit and check: done")
    if recorded is not None:
        run([program, "submit", "--manifest", recorded, "--out", "again"], folder)
        others = [name for name in COMPARED if (folder / "again" / name).read_bytes() != (recorded / name).read_bytes()]
        click.echo(f"  {recorded.name} repeated: {'the same bytes' if not others else f'other bytes in {others}'}")


def _installed(kind: str, python: str, place: Path) -> Path:
    """Install the kit into a new environment, and return its program."""
    began = time.monotonic()
    run([python, "-m", "venv", place / "environment"], place)
    pip = [place / "environment" / "bin" / "python", "-m", "pip", "install", "--quiet"]
    run([*pip, "--require-hashes", "--requirement", LOCK], place)
    run([*pip, "--no-deps", built(kind, place / kind)], place)
    click.echo(f"{kind}: installed in {time.monotonic() - began:.0f} s")
    return place / "environment" / "bin" / "genre-kit"


if __name__ == "__main__":
    main()
