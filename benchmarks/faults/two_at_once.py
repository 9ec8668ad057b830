"""Two processes given the same output at the same instant: one works, the other is told so, and the result is whole.

``python -m benchmarks.faults.two_at_once submit-small [--times 20]`` starts a command twice. One must end with 0, the
other with 1 and one sentence, and the files must be as those of a command alone.
"""

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import click

from benchmarks.faults.scenes import SCENES, Scene, must
from benchmarks.faults.whole import broken, different

_DEFAULT = ("sample", "submit-small", "tune-small", "extract", "plot", "edition")


@click.command()
@click.argument("scenes", nargs=-1, type=click.Choice(list(SCENES)))
@click.option("--times", type=click.IntRange(min=1), default=20, show_default=True)
def main(scenes: tuple[str, ...], times: int) -> None:
    """Print what the second was told, and what was not as it must be; exit with 1 then."""
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".faults-") as place:
        faults = [try_both(SCENES[name], Path(place), times) for name in scenes or _DEFAULT]
    sys.exit(any(faults))


def try_both(scene: Scene, place: Path, times: int) -> bool:
    """Run a command twice at once, again and again, and return whether anything is wrong."""
    shelf = place / scene.name
    whole, out = shelf / "whole" / scene.out, shelf / "out" / scene.out
    scene.prepare(place)
    whole.parent.mkdir(parents=True)
    command = [word for word in scene.command(place, out) if word != "--force"]
    must([str(whole) if word == str(out) else word for word in command])
    told: Counter[str] = Counter()
    wrong = []
    for _ in range(times):
        shutil.rmtree(out.parent, ignore_errors=True)
        out.parent.mkdir()
        both = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) for _ in "ab"]
        said = [process.communicate()[1] for process in both]
        codes = sorted(process.returncode for process in both)
        errors = [line for text in said for line in text.splitlines() if not line.startswith("note: ")]
        told.update(line.replace(str(out), "OUT") for line in errors)
        if codes != [0, 1] or len(errors) != 1:
            wrong.append(f"exit codes {codes}, {errors}")
        wrong += broken(out) + [f"not as of one alone: {name}" for name in different(out, whole)]
    click.echo(f"{scene.name}: {times} times two at once, {len(wrong)} faults; told:")
    for line, count in told.most_common():
        click.echo(f"    {count} x {line}")
    for one in wrong:
        click.echo(f"    fault: {one}")
    return bool(wrong)


if __name__ == "__main__":
    main()
