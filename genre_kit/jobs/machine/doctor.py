"""`doctor`: what this machine has, and whether the kit works on it."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import competition
from competition.runtime.machine import machine
from competition.runtime.packages import packages
from competition.runtime.variables import kept, left_out
from genre_kit.results.machine import Diagnosis, TinyJob

_TINY_JOB = "genre_kit.jobs.machine.tiny_job"
_SECONDS = 120.0
"""After which the tiny job, of a few seconds, is given up."""
_LAST_LINES = 5


def doctor() -> Diagnosis:
    """Return what this machine has: packages, processor, memory, disk, other tools' settings, and whether a job runs.

    The job, a `submit` on some made-up songs, runs in a process of its own: an instruction that the processor does not
    know ends a process.
    """
    return Diagnosis(
        kit=competition.__version__,
        machine=machine([Path.cwd(), Path(tempfile.gettempdir())]),
        packages=packages(),
        left_out=left_out(),
        kept=kept(),
        ignored_files=_ignored_files(),
        tiny_job=_tiny_job(),
    )


def _ignored_files() -> tuple[Path, ...]:
    home = Path.home()
    known = (
        home / ".keras" / "keras.json",
        home / ".config" / "matplotlib" / "matplotlibrc",
        home / ".matplotlib" / "matplotlibrc",
        Path("matplotlibrc"),
    )
    return tuple(path for path in known if path.exists())


def _tiny_job(module: str = _TINY_JOB, seconds: float = _SECONDS) -> TinyJob:
    """Run a module that prints the graphics processors as JSON, and return how that went."""
    began = time.monotonic()
    command = [sys.executable, "-m", module]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return TinyJob(seconds, f"it did not end within {seconds:g} s")
    took = time.monotonic() - began
    if said.returncode != 0:
        return TinyJob(took, _problem(said.returncode, said.stderr))
    return TinyJob(took, None, tuple(json.loads(said.stdout.splitlines()[-1])))


def _problem(code: int, said: str) -> str:
    """Return how a process ended, and the last that it said."""
    end = f"it was ended by signal {-code}" if code < 0 else f"it ended with exit code {code}"
    lines = [line.strip() for line in said.splitlines() if line.strip()][-_LAST_LINES:]
    return ": ".join([end, " / ".join(lines)] if lines else [end])
