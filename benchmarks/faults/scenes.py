"""The commands that are disturbed, as a user would give them, on small data that is made for it."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

_SONGS, _RATE, _SECONDS = 400, 22050, 6
_SPACE = """
[recipe]
family = "dense"
hidden_units = ["units"]
epochs = 5

[hyperparameters.units]
kind = "int"
min = 16
max = 64
"""


@dataclass(frozen=True)
class Scene:
    """A command that writes.

    Attributes
    ----------
    name : str
    words : tuple of str
        The command line; ``{place}`` in it is the folder of the scene's data.
    before : tuple of str
        What has written into the same output before; none where there is nothing.
    out : str
        What is written, in a folder of its own.
    needs : tuple of callable
        Make what the command reads, given the place.
    repeats : bool
        Whether it writes the same files each time; not where processes race for trials.
    """

    name: str
    words: tuple[str, ...]
    before: tuple[str, ...] = ()
    out: str = "out"
    needs: tuple[Callable[[Path], None], ...] = field(default=(), repr=False)
    repeats: bool = True

    def prepare(self, place: Path) -> None:
        """Make what the command reads."""
        for need in self.needs:
            need(place)

    def command(self, place: Path, out: Path, words: Sequence[str] = ()) -> list[str]:
        """Return the command line that writes to `out`; another one's with `words`."""
        told = [word.format(place=place) for word in words or self.words]
        return [sys.executable, "-m", "competition", *told, "--out", str(out)]

    def begin(self, place: Path, out: Path) -> None:
        """Let stand what the command finds in its output: another command's finished work, or nothing."""
        out.parent.mkdir(parents=True, exist_ok=True)
        if self.before:
            must(self.command(place, out, self.before))


def must(command: Sequence[str], **options: object) -> str:
    """Run a command to its end, which must be a good one, and return what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}: {done.stderr}")
    return str(done.stdout)


def _program(*words: object) -> None:
    must([sys.executable, "-m", "competition", *map(str, words)])


def songs(place: Path) -> None:
    """Write a small sample, and a small space to search."""
    if not (place / "data").exists():
        _program("sample", "--songs", _SONGS, "--out", place / "data")
        (place / "space.toml").write_text(_SPACE)
        (place / "tiny.toml").write_text(_TINY)


def run(place: Path) -> None:
    """Train a run, whose models can be applied again."""
    if not (place / "run").exists():
        _program("submit", "--data", place / "data", "--model", "discriminant-analysis", "--out", place / "run")


def sound(place: Path) -> None:
    """Write two genres of twelve songs each: noise, and tones."""
    generator = np.random.default_rng(0)
    for number in range(24):
        genre, samples = ("noise", "tones")[number % 2], generator.normal(scale=0.1, size=_RATE * _SECONDS)
        if genre == "tones":
            samples = np.sin(np.arange(len(samples)) * generator.uniform(0.05, 0.3)) / 4 + samples / 20
        path = place / "audio" / genre / f"{number:02}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, samples.astype(np.float32), _RATE)


_TINY = """
family = "dense"
hidden_units = [8]
epochs = 2
"""
_SUBMIT = ("submit", "--data", "{place}/data", "--preset", "quick")
_QUICK = ("submit", "--data", "{place}/data", "--model", "discriminant-analysis", "--seed", "1")
_TUNE = ("tune", "--data", "{place}/data", "--space", "{place}/space.toml", "--folds", "3", "--trials", "6")

_SMALL = ("submit", "--data", "{place}/data", "--recipe", "{place}/tiny.toml", "--folds", "3")
_PLOT = ("plot", "--data", "{place}/data")

_LIST = (
    Scene("sample", ("sample", "--songs", "2000")),
    Scene("sample-force", ("sample", "--songs", "1000", "--force"), ("sample", "--songs", "500")),
    Scene("submit", _SUBMIT, needs=(songs,)),
    Scene("submit-force", (*_SUBMIT, "--force"), _QUICK, needs=(songs,)),
    Scene("submit-small", (*_SMALL, "--force"), _QUICK, needs=(songs,)),
    Scene("predict", ("submit", "--from", "{place}/run", "--data", "{place}/data"), needs=(songs, run)),
    Scene("score", ("score", "--data", "{place}/data", "--preset", "quick"), needs=(songs,)),
    Scene("tune", _TUNE, needs=(songs,)),
    Scene("tune-workers", (*_TUNE, "--workers", "2"), needs=(songs,), repeats=False),
    Scene("tune-small", (*_TUNE, "--trials", "2"), needs=(songs,)),
    Scene("extract", ("extract", "{place}/audio"), needs=(sound,)),
    Scene("extract-one", ("extract", "{place}/audio", "--processes", "1", "--frames", "mfcc"), needs=(sound,)),
    Scene("plot", _PLOT, needs=(songs,)),
    Scene("plot-force", (*_PLOT, "--force"), (*_PLOT, "--rows", "1,2"), needs=(songs,)),
    Scene("edition", ("edition", "--data", "{place}/data"), out="edition.toml", needs=(songs,)),
)
SCENES = {scene.name: scene for scene in _LIST}
