"""Commands killed at random moments: what is left, and whether running them again ends as if nothing had been.

``python -m benchmarks.faults.kills submit [--kills 50]`` runs the command once to its end, then kills it, and the
processes that it has started, with SIGKILL at moments drawn over that time, always in the same output. Then:

- every file under a final name is whole (pictures and archives read, JSON and TOML parse, pages have an end);
- what stood there before, or in the neighbourhood, is as it was, or the whole new result is there;
- at the end the command runs once more, and all files are as the undisturbed run has them, but for times; where
  processes race, all are whole.
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

import click

from benchmarks.faults.scenes import SCENES, Scene, must
from benchmarks.faults.whole import broken, different


@click.command()
@click.argument("scenes", nargs=-1, type=click.Choice(list(SCENES)))
@click.option("--kills", type=click.IntRange(min=1), default=50, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
def main(scenes: tuple[str, ...], kills: int, seed: int) -> None:
    """Print what the kills left, and whether the end is the same; exit with 1 where something is not as it must be."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".faults-") as place:
        faults = [disturb(SCENES[name], Path(place), kills, seed) for name in scenes or SCENES]
    sys.exit(any(faults))


def disturb(scene: Scene, place: Path, kills: int, seed: int) -> bool:
    """Kill a command again and again, and return whether anything is wrong."""
    shelf = place / scene.name
    whole, earlier, killed = (shelf / name / scene.out for name in ("whole", "earlier", "killed"))
    scene.prepare(place)
    for out in (whole, earlier, killed):
        scene.begin(place, out)
    began = time.monotonic()
    must(scene.command(place, whole))
    took = time.monotonic() - began
    chance = random.Random(seed)
    moments = sorted(chance.uniform(0, took) for _ in range(kills))
    wrong: list[str] = []
    finished = 0
    for moment in moments:
        kill(scene.command(place, killed), moment)
        found, is_finished = judge(scene, killed, earlier, whole)
        wrong += [f"after {moment:.2f} s: {one}" for one in found]
        finished += is_finished
        if is_finished:
            begin_again(scene, earlier, killed)
    must(scene.command(place, killed))
    others, what = (different(killed, whole), "the same") if scene.repeats else (set(broken(killed)), "whole")
    click.echo(f"{scene.name}: {took:.1f} s; {kills} kills, {finished} after the end, {len(wrong)} faults", nl=False)
    click.echo(f"; run again, all files are {what}: {'yes' if not others else sorted(others)}")
    for one in wrong:
        click.echo(f"    {one}")
    return bool(wrong or others)


def kill(command: list[str], moment: float) -> None:
    """Start a command in a session of its own, and kill all of it after some seconds."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=moment)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def judge(scene: Scene, killed: Path, earlier: Path, whole: Path) -> tuple[list[str], bool]:
    """Return what is wrong, and whether the command had finished."""
    if not killed.exists():
        return [], False
    if (killed / "DONE").is_file() and not scene.repeats:
        return broken(killed), True
    if not different(killed, whole):
        return broken(killed), True
    wrong = broken(killed)
    if scene.before and (lost := different(killed, earlier)):
        wrong.append(f"neither the earlier result nor the new one is there: {sorted(lost)}")
    return wrong, False


def begin_again(scene: Scene, earlier: Path, killed: Path) -> None:
    """Let the output be as it was before the first kill."""
    shutil.rmtree(killed.parent)
    if scene.before:
        shutil.copytree(earlier.parent, killed.parent)
    else:
        killed.parent.mkdir()


if __name__ == "__main__":
    main()
