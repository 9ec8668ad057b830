"""What the tests share beside fixtures: the tiny competition as text, and the program run as a user runs it."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from genre_kit.cli import run

ROOT = Path(__file__).parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"

EDITION_TEXT = """\
name = "tiny"
title = "A tiny competition"
genres = ["Rock", "Jazz", "Polka"]
fallback = "Jazz"

[files]
train = "songs.csv"
labels = "genres.csv"
test = "unknown.csv"

[[blocks]]
name = "rhythm"
first = 0
bands = 3
statistics = ["mean", "max"]

[[blocks]]
name = "timbre"
first = 6
bands = 4
statistics = ["mean"]
"""

RECIPE_TEXT = """\
family = "dense"
hidden_units = [8]
epochs = 3
batch_size = 16
learning_rate = 0.01
"""


def run_program(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the program with arguments as a user would, from `cwd`, in this process: imports are paid for once.

    Who needs a process of its own (its signals, its imports, its disk) takes `run_process`.
    """
    texts = list(map(str, arguments))
    out, err, handlers = io.StringIO(), io.StringIO(), {name: signal.getsignal(name) for name in _HANDLED}
    with redirect_stdout(out), redirect_stderr(err), _as_program(texts, cwd):
        try:
            code = run(texts)
        except SystemExit as end:
            code = int(end.code or 0)
        finally:
            for name, handler in handlers.items():
                signal.signal(name, handler)
    return subprocess.CompletedProcess(texts, code, out.getvalue(), err.getvalue())


_HANDLED = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def _as_program(arguments: list[str], cwd: Path) -> Iterator[None]:
    """Let this process stand where the program would: in its folder, with its command line and no terminal."""
    before, line = Path.cwd(), sys.argv
    os.chdir(cwd)
    sys.argv = [str(ROOT / "competition" / "__main__.py"), *arguments]
    try:
        yield
    finally:
        os.chdir(before)
        sys.argv = line


def run_process(*arguments: object, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ``python -m competition`` with arguments, as a user would, from `cwd`, in a process of its own."""
    command = [sys.executable, "-m", "competition", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, **options)
