"""Files of every kind that the kit reads, spoiled at random and read: only sentences may come of it.

``python -m benchmarks.fuzz [--inputs 500000] [--seed 0] [--only WORD] [--keep DIR]``: spoils sound files (bytes, lines,
cells, values, members of archives), gives each to its reader in this process, and tells what came of it that is no
sentence: another exception, no end within ten seconds, or memory beyond a multiple of the file. Each find is kept as a
file. ``--networks`` trains a network first, whose file is spoiled, too.
"""

import faulthandler
import os
import re
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

import click

from benchmarks.fuzzing.mutations import spoil_bytes
from benchmarks.fuzzing.seeds import write_seeds
from benchmarks.fuzzing.targets import TARGETS, Target, chosen
from competition.errors import KitError

MOST_SECONDS = 10
MOST_TIMES, LEAST_BYTES = 100, 2**26
"""Reading a file may take this many times its size in memory, or what any file may take."""
MOST_LETTERS = 4000
"""Of a sentence that somebody shall read."""
_MEASURED = 50
"""Memory is measured in one input of so many: it takes time."""
_WATCHED = 200
"""After so many inputs, the watch for a hang that does not even hear an alarm begins anew."""
_RESET, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
"""Linux's own record of a process's memory, and what makes its peak begin anew."""
_TERMINAL = os.fdopen(os.dup(2), "w")
"""Where a hang or a crash is told, also while `_silent`."""


class TooLongError(BaseException):
    """An input has taken too long; no reader catches it."""


@dataclass
class Tally:
    """What became of a target's inputs.

    Attributes
    ----------
    read, refused : int
        How many were taken for sound, and met by a sentence.
    seconds : float
    memory : float
        The largest number of bytes taken in those that were measured, for each byte that any may take.
    found : Counter
        What came of inputs that is no sentence: where, and how often.
    """

    read: int = 0
    refused: int = 0
    seconds: float = 0.0
    memory: float = 0.0
    found: Counter[str] = field(default_factory=Counter)


@click.command()
@click.option("--inputs", type=click.IntRange(min=1), default=500_000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--only", multiple=True, metavar="WORD", help="Targets with this word in their names; may be repeated.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder for the inputs that are no sentences.")
@click.option("--networks", is_flag=True, help="Train a network and spoil its file, too.")
def main(inputs: int, seed: int, only: tuple[str, ...], keep: Path | None, networks: bool) -> None:
    """Print what became of each target's inputs."""
    faulthandler.enable(_TERMINAL)
    targets = chosen([one for one in TARGETS if networks or one.name != "run: network"], only)
    with tempfile.TemporaryDirectory() as place:
        seeds = write_seeds(Path(place) / "seeds", networks=networks)
        kept = Path(keep) if keep is not None else None
        tallies = {one.name: tally for one, tally in fuzz(targets, seeds, inputs, seed, kept)}
    total = sum(tally.read + tally.refused + tally.found.total() for tally in tallies.values())
    finds = sum(tally.found.total() for tally in tallies.values())
    click.echo(f"{total:,} inputs in {sum(tally.seconds for tally in tallies.values()):,.0f} s, {finds} finds")
    sys.exit(bool(finds))


def fuzz(
    targets: Sequence[Target], seeds: Path, inputs: int, seed: int, keep: Path | None = None
) -> Iterator[tuple[Target, Tally]]:
    """Try inputs on targets, by their shares.

    Parameters
    ----------
    targets : sequence of Target
    seeds : Path
        As `write_seeds` wrote it; its files are as they were afterwards.
    inputs : int
        How many in all.
    seed : int
    keep : Path or None
        Where inputs are kept that are found.

    Yields
    ------
    (Target, Tally)
        Of each, when all of its inputs have been tried.
    """
    shares = sum(one.share for one in targets)
    for target in targets:
        tally = Tally()
        began = time.monotonic()
        with _as_it_was(seeds / target.seed) as content, _silent():
            for number in range(max(1, round(inputs * target.share / shares))):
                if number % _WATCHED == 0:
                    faulthandler.dump_traceback_later(_WATCHED * MOST_SECONDS, exit=True, file=_TERMINAL)
                random = Random(f"{seed} {target.name} {number}")
                spoiled = _spoiled(target, seeds, content, random)
                problem = _try(target, seeds / target.seed, spoiled, tally, measured=number % _MEASURED == 0)
                if problem:
                    tally.found[problem] += 1
                    _keep(keep, target, number, problem, spoiled, tally)
        faulthandler.cancel_dump_traceback_later()
        tally.seconds = time.monotonic() - began
        _tell(target, tally)
        yield target, tally


@contextmanager
def _as_it_was(path: Path) -> Iterator[bytes]:
    """Yield a file's content, and put it back afterwards."""
    content = path.read_bytes()
    try:
        yield content
    finally:
        path.write_bytes(content)


@contextmanager
def _silent() -> Iterator[None]:
    """Leave out what libraries that read sound write to the terminal by themselves."""
    terminal, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)
        os.close(nowhere)


def _spoiled(target: Target, seeds: Path, content: bytes, random: Random) -> bytes:
    """Return a sound file, spoiled; in some of them a part is another file's."""
    if target.others and random.random() < 0.1:
        other = (seeds / random.choice(target.others)).read_bytes()
        content = content[: random.randrange(len(content))] + other[random.randrange(len(other)) :]
        return spoil_bytes(content, random) if random.random() < 0.5 else content
    return target.spoil(content, random)


def _try(target: Target, path: Path, content: bytes, tally: Tally, *, measured: bool) -> str:
    """Read one input; return what came of it that is no sentence, or nothing."""
    path.write_bytes(content)
    try:
        with _limited(), warnings.catch_warnings(), _memory(tally, len(content), measured=measured):
            warnings.simplefilter("ignore")
            target.read(path)
        tally.read += 1
    except KitError as problem:
        tally.refused += 1
        return (
            ""
            if str(problem).strip() and len(str(problem)) < MOST_LETTERS
            else f"a sentence of {len(str(problem))} letters"
        )
    except TooLongError:
        return f"no end in {MOST_SECONDS} s"
    except _TooLargeError as problem:
        return str(problem)
    except Exception as problem:
        return _worded(problem)
    return ""


@contextmanager
def _limited() -> Iterator[None]:
    """Raise TooLongError in what takes too long."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(MOST_SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


class _TooLargeError(Exception):
    """Reading took too much memory."""


@contextmanager
def _memory(tally: Tally, size: int, *, measured: bool) -> Iterator[None]:
    """Raise _TooLargeError where more memory is taken than a multiple of a file's size; it is not always measured."""
    if not measured or not _RESET.exists():
        yield
        return
    _RESET.write_text("5")
    before = _peak()
    yield
    taken = _peak() - before
    most = max(LEAST_BYTES, MOST_TIMES * size)
    tally.memory = max(tally.memory, taken / most)
    if taken > most:
        raise _TooLargeError(f"{taken:,} bytes of memory for a file of {size:,}")


def _peak() -> int:
    """Return the largest number of bytes that the process has had in memory."""
    found = re.search(r"VmHWM:\s+(\d+) kB", _STATUS.read_text())
    return int(found[1]) * 1024 if found else 0


def _worded(problem: Exception) -> str:
    """Return the kind of an exception and the last place of the project's that it went through."""
    frames = traceback.extract_tb(problem.__traceback__)
    own = [one for one in frames if "site-packages" not in one.filename and "benchmarks" not in one.filename]
    place = own[-1] if own else frames[-1]
    message = re.sub(r"\s+", " ", str(problem))[:80]
    return f"{type(problem).__name__} at {Path(place.filename).name}:{place.lineno} {place.name}: {message}"


def _keep(folder: Path | None, target: Target, number: int, problem: str, content: bytes, tally: Tally) -> None:
    """Keep an input, if it is the first of its kind."""
    if folder is None or tally.found[problem] > 1:
        return
    folder.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"\W+", "-", target.name)
    (folder / f"{name}-{number}{Path(target.seed).suffix}").write_bytes(content)


def _tell(target: Target, tally: Tally) -> None:
    inputs = tally.read + tally.refused + tally.found.total()
    click.echo(
        f"{target.name:28} {inputs:7,} inputs {tally.seconds:7.1f} s  {tally.refused / inputs:4.0%} refused  "
        f"memory {tally.memory:.0%} of what it may take"
    )
    for problem, count in tally.found.most_common():
        click.echo(f"  {count:6,} x {problem}")


if __name__ == "__main__":
    main()
