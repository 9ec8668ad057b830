"""Commands killed at random moments: what is left, and whether running them again ends as if nothing had been.

``python -m benchmarks.kills extract --audio DIR [--kills 20]``, or ``submit``, ``tune``, ``sample``: runs the command
once to its end, then kills it with SIGKILL at moments drawn over that time, in the same output folder, and looks after
every kill for files under their final names that are not whole: they must be as the undisturbed run has them. Then it
runs the command once more, without ``--force``, and compares all files. Files that record times are compared by name.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import click

from competition.storage.files import STAGING_PREFIX

TIMED = (".json", ".html", ".png", ".sqlite", ".keras", ".npz")
"""Suffixes of files that hold times, or pictures of them."""


@click.command()
@click.argument("command", type=click.Choice(["extract", "sample", "submit", "tune"]))
@click.option("--audio", type=click.Path(path_type=Path), help="A folder of folders of songs, for extract.")
@click.option("--kills", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(command: str, audio: Path | None, kills: int, seed: int) -> None:
    """Print what the kills left, and whether the end is the same."""
    if command == "extract" and audio is None:
        raise click.UsageError("extract needs --audio DIR.")
    with tempfile.TemporaryDirectory() as place:
        whole, killed = Path(place) / "whole", Path(place) / "killed"
        words = arguments(command, audio)
        began = time.monotonic()
        run(words, whole)
        took = time.monotonic() - began
        click.echo(f"{command}: {took:.1f} s undisturbed")
        moments = sorted(random.Random(seed).uniform(0, took) for _ in range(kills))
        half = sum(kill(words, killed, whole, moment) for moment in moments)
        finished = is_finished(killed)
        if not finished:
            run(words, killed)
        others = different(killed, whole)
        click.echo(f"{kills} kills: {half} files half written, finished under a kill: {finished}")
        click.echo(f"the end is the same: {not others} {sorted(others) if others else ''}")
        sys.exit(bool(half or others))


def arguments(command: str, audio: Path | None) -> list[str]:
    """Return a command line without its output folder."""
    return {
        "extract": ["extract", str(audio)],
        "sample": ["sample", "--songs", "2000"],
        "submit": ["submit", "--preset", "quick"],
        "tune": ["tune", "--trials", "6"],
    }[command]


def start(words: Sequence[str], folder: Path) -> subprocess.Popen:
    """Start a command in a group of processes of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "competition", *words, "--out", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def run(words: Sequence[str], folder: Path) -> None:
    """Run a command to its end, which must be a good one."""
    process = start(words, folder)
    _, said = process.communicate()
    if process.returncode:
        raise SystemExit(f"exit code {process.returncode}: {said.decode()}")


def kill(words: Sequence[str], folder: Path, whole: Path, moment: float) -> int:
    """Kill a command after some seconds, and return how many files are not whole."""
    if is_finished(folder):
        shutil.rmtree(folder)
    process = start(words, folder)
    try:
        process.wait(timeout=moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return len(different(folder, whole, present_only=True))


def is_finished(folder: Path) -> bool:
    """Return whether the command's last file is there."""
    return any((folder / name).exists() for name in ("DONE", "edition.toml", "recipe.toml"))


def different(folder: Path, whole: Path, *, present_only: bool = False) -> set[str]:
    """Return the files that are not as in the whole folder; those of which a time is a part must only not be empty."""
    there, wanted = files_of(folder), files_of(whole)
    names = set(there) & set(wanted) if present_only else set(there) | set(wanted)
    return {name for name in names if not _alike(there.get(name), wanted.get(name))}


def files_of(folder: Path) -> dict[str, Path]:
    """Return the files under their final names; what begins with a dot is the program's own."""
    found = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: path for name, path in names.items() if not _is_hidden(name)}


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", STAGING_PREFIX)) for part in Path(name).parts)


def _alike(found: Path | None, wanted: Path | None) -> bool:
    if found is None or wanted is None:
        return False
    if found.suffix in TIMED:
        return found.stat().st_size > 0
    return found.read_bytes() == wanted.read_bytes()


if __name__ == "__main__":
    main()
