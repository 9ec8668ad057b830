"""A disk that fails at every write, each in turn: what the command says and leaves, and whether it can go on.

``python -m benchmarks.faults.full_disk submit-small`` runs a command to its end in this process, counts where it opens
a file for writing, makes a folder, or renames, and then runs it again for every one of these:

- ``full``: files and folders can no longer be made from there on (no space left);
- ``broken``: that one fails (an input/output error), also where it is a renaming;
- ``removed``: the output is removed right before it; ``replaced``: and a file stands there instead;
- ``filled``: the disk is really filled there, so that what is written fails, whoever writes it; only with ``--place``,
  a folder on a small file system of its own, such as ``mount -t tmpfs -o size=80m tmpfs DIR``.

Each must end with exit code 1 and one sentence, with the earlier result as it was (but where it has been removed) and
no half file, and the same command must then give the same files as if nothing had been.
"""

import contextlib
import errno
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks.faults.scenes import SCENES, Scene
from benchmarks.faults.whole import broken, different, files_of
from genre_kit import cli

_MAKING = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_RDWR
_GONE = ("removed", "replaced")
_DEFAULT = ("sample", "edition", "plot-force", "extract-one", "submit-small", "predict", "tune-small")


@dataclass
class Disk:
    """What is done to a disk at a write: nothing, until it is told."""

    place: Path
    out: Path = Path()
    way: str = ""
    number: int = 0
    seen: int = 0

    def watch(self) -> None:
        """Hear of everything that this process opens, makes or renames from now on."""
        sys.addaudithook(self.hear)

    def hear(self, event: str, given: tuple[object, ...]) -> None:
        """Count a write, and let it fail where it is its turn."""
        if not self.way or event not in ("open", "os.mkdir", "os.rename"):
            return
        if not isinstance(given[0], str | bytes | os.PathLike) or not self._is_ours(os.fsdecode(given[0])):
            return
        if event == "open" and not (isinstance(given[2], int) and given[2] & _MAKING):
            return
        self.seen += 1
        if self.way == "full" and self.seen >= self.number and event != "os.rename":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), given[0])
        if self.way == "broken" and self.seen == self.number:
            raise OSError(errno.EIO, os.strerror(errno.EIO), given[0])
        if self.way in ("filled", "removed", "replaced") and self.seen == self.number:
            way, self.way = self.way, ""
            (self._fill if way == "filled" else self._remove)(way)
            self.way = way

    def _is_ours(self, path: str) -> bool:
        return os.path.abspath(path).startswith(f"{self.place}{os.sep}")  # noqa: PTH100  called thousands of times

    def _fill(self, way: str) -> None:
        for size in (1 << 16, 1):
            with contextlib.suppress(OSError), (self.place / ".filler").open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(size))

    def _remove(self, way: str) -> None:
        shutil.rmtree(self.out, ignore_errors=True)
        if way == "replaced" and self.out.parent.is_dir():
            self.out.write_text("a file\n")

    @contextmanager
    def failing(self, way: str, number: int) -> Iterator[None]:
        """Let the write of a number fail in a way; 0 for none."""
        self.way, self.number, self.seen = way, number, 0
        try:
            yield
        finally:
            self.way = ""
            (self.place / ".filler").unlink(missing_ok=True)


def program(command: list[str]) -> tuple[int, str]:
    """Run a command line in this process, and return its exit code and what it said on stderr."""
    out, errors = io.StringIO(), io.StringIO()
    sys.argv = ["competition/__main__.py", *command[3:]]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            code = cli.run(command[3:])
        except Exception as problem:
            return -1, f"Traceback: {problem!r}"
    return code, errors.getvalue()


@click.command()
@click.argument("scenes", nargs=-1, type=click.Choice(list(SCENES)))
@click.option("--place", type=click.Path(path_type=Path), help="A folder on a small file system, to be filled.")
@click.option("--every", type=click.IntRange(min=1), default=1, show_default=True, help="Only every so many writes.")
def main(scenes: tuple[str, ...], place: Path | None, every: int) -> None:
    """Print how many writes were made to fail, and what was not as it must be; exit with 1 then."""
    with tempfile.TemporaryDirectory(dir=Path.cwd() if place is None else place, prefix=".faults-") as folder:
        disk = Disk(Path(folder).resolve())
        disk.watch()
        ways = ("full", "broken", "removed", "replaced") if place is None else ("filled",)
        faults = [disturb(SCENES[name], disk, ways, every) for name in scenes or _DEFAULT]
    sys.exit(any(faults))


def disturb(scene: Scene, disk: Disk, ways: tuple[str, ...], every: int) -> bool:
    """Let every write of a command fail, one after the other, and return whether anything is wrong."""
    place, shelf = disk.place, disk.place / scene.name
    whole, earlier, out = (shelf / name / scene.out for name in ("whole", "earlier", "out"))
    tempfile.tempdir = str(place / "tmp")
    Path(tempfile.tempdir).mkdir(exist_ok=True)
    scene.prepare(place)
    for one in (whole, earlier):
        scene.begin(place, one)
    (place / "warm").mkdir()
    program(scene.command(place, place / "warm" / scene.out))  # what is only done once
    with disk.failing("counted", 0):
        code, said = program(scene.command(place, whole))
    if code:
        raise SystemExit(f"{scene.name}: {said}")
    writes, wrong, tried = disk.seen, [], 0
    for way in ways:
        for number in range(1, writes + 1, every):
            put_earlier(earlier, out)
            disk.out, tried = out, tried + 1
            with disk.failing(way, number):
                code, said = program(scene.command(place, out))
            faults = judge(scene, code, said, way, out, earlier, whole)
            if way in _GONE:
                put_earlier(earlier, out)
            if code:  # it has not been done all the same
                code, again = program(scene.command(place, out))
            others = different(out, whole) if out.exists() and way not in _GONE else set()
            faults += [f"run again: exit code {code}, {again.strip()}"] if code else []
            faults += [f"run again: not the same: {sorted(others)}"] if others and not code else []
            wrong += [f"{way} at write {number}: {one}" for one in faults]
    shutil.rmtree(shelf)
    shutil.rmtree(place / "warm")
    click.echo(f"{scene.name}: {writes} writes, {tried} made to fail ({', '.join(ways)}); {len(wrong)} faults")
    for one in wrong:
        click.echo(f"    {one}")
    return bool(wrong)


def put_earlier(earlier: Path, out: Path) -> None:
    """Let the output be as it was before the command."""
    shutil.rmtree(out.parent, ignore_errors=True)
    shutil.copytree(earlier.parent, out.parent)


def judge(scene: Scene, code: int, said: str, way: str, out: Path, earlier: Path, whole: Path) -> list[str]:
    """Return what is wrong with how a command ended and with what it left."""
    if code == 0 and (way in _GONE or not different(out, whole)):
        return []  # a write that it can do without, or that comes after the last
    lines = [line for line in said.splitlines() if not line.startswith("note: ")]
    faults = [] if code == 1 and len(lines) == 1 and lines[0].startswith("error: ") else [f"code {code}, said {said!r}"]
    if way in _GONE:
        return faults
    faults += broken(out) if out.exists() else []
    if scene.before and (changed := different(out, earlier)):
        faults.append(f"the earlier result is not as it was: {sorted(changed)}")
    if not scene.before and not scene.name.startswith("tune") and out.exists() and (more := files_of(out)):
        faults.append(f"left {sorted(more)}")
    return faults


if __name__ == "__main__":
    main()
