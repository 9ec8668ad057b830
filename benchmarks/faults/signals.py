"""Commands that are told to end at random moments: how long it takes, with what exit code, and what is said and left.

``python -m benchmarks.faults.signals submit [--times 20]`` sends SIGINT and SIGTERM in turn, every third time twice
within a tenth of a second, at moments drawn over the time of an undisturbed run, its imports included. Each must end
with 130 or 143 (or 0, where it was done), with one sentence on stderr, no traceback, nothing in its output, and no
process left.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

import click

from benchmarks.faults.scenes import SCENES, Scene, must
from benchmarks.faults.whole import broken, different

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}
WORDS = {signal.SIGINT: "interrupted: ", signal.SIGTERM: "terminated: "}
_STARTED = 0.1
"""Seconds in which Python itself begins: what arrives then is not the kit's to answer."""


@click.command()
@click.argument("scenes", nargs=-1, type=click.Choice(list(SCENES)))
@click.option("--times", type=click.IntRange(min=1), default=20, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(scenes: tuple[str, ...], times: int, seed: int) -> None:
    """Print the times to the exit, and what was not as it must be; exit with 1 then."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".faults-") as place:
        faults = [disturb(SCENES[name], Path(place), times, seed) for name in scenes or SCENES]
    sys.exit(any(faults))


def disturb(scene: Scene, place: Path, times: int, seed: int) -> bool:
    """Tell a command to end, again and again, and return whether anything is wrong."""
    shelf = place / scene.name
    whole, earlier, out = (shelf / name / scene.out for name in ("whole", "earlier", "stopped"))
    scene.prepare(place)
    for one in (whole, earlier):
        scene.begin(place, one)
    began = time.monotonic()
    must(scene.command(place, whole))
    took = time.monotonic() - began
    chance = random.Random(seed)
    waits, wrong = [], []
    for number in range(times):
        shutil.rmtree(out.parent, ignore_errors=True)
        out.parent.mkdir(parents=True)
        if scene.before:
            shutil.rmtree(out.parent)
            shutil.copytree(earlier.parent, out.parent)
        sent, moment = (signal.SIGINT, signal.SIGTERM)[number % 2], chance.uniform(_STARTED, took)
        waited, faults = stop(scene.command(place, out), moment, sent, twice=number % 3 == 0)
        waits.append(waited)
        if out.exists():
            faults += broken(out)
            if scene.before and different(out, whole):
                faults += [f"not as it was: {name}" for name in different(out, earlier)]
        wrong += [f"{sent.name} after {moment:.2f} s, {waited:.1f} s to the end: {one}" for one in faults]
    longest = f"{max(waits):.1f} s at most, {median(waits):.1f} s median"
    click.echo(f"{scene.name}: {took:.1f} s; {times} signals, to the exit {longest}; {len(wrong)} faults")
    for one in wrong:
        click.echo(f"    {one}")
    return bool(wrong)


def stop(command: list[str], moment: float, sent: signal.Signals, *, twice: bool) -> tuple[float, list[str]]:
    """Send a signal after some seconds; return the seconds to the exit, and what is wrong."""
    mark = f"FAULTS_MARK={time.monotonic_ns()}"
    name, _, value = mark.partition("=")
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {name: value},
    )
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=moment)
    began = time.monotonic()
    process.send_signal(sent)
    if twice:
        time.sleep(0.1)
        process.send_signal(sent)
    try:
        _, errors = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        return 60.0, ["it did not end within a minute"]
    waited = time.monotonic() - began
    return waited, [*judge(process.returncode, errors, sent), *left(mark)]


def judge(code: int, errors: str, sent: signal.Signals) -> list[str]:
    """Return what is wrong with an exit code and what was said."""
    if code == 0:  # it was done
        return []
    faults = [] if code == CODES[sent] else [f"exit code {code}"]
    said = [line for line in errors.splitlines() if line and not line.startswith("note: ")]
    if len(said) != 1 or not said[0].startswith(WORDS[sent]):
        faults.append(f"said {errors!r}")
    return faults


def left(mark: str) -> list[str]:
    """Return which processes with a mark in their environment are still there, a moment after their parent."""
    time.sleep(0.3)
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark.encode() in (path / "environ").read_bytes().split(b"\0"):
                found.append(f"left: {(path / 'cmdline').read_bytes().replace(bytes(1), b' ').decode()[:100]}")
    return found


if __name__ == "__main__":
    main()
