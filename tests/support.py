"""What the tests share beside fixtures: the tiny competition as text, and the program run as a user runs it."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO
from unittest import mock

from genre_kit import cli

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

TINY_SPACE = """\
[recipe]
family = "dense"
hidden_units = ["units"]
epochs = 2
batch_size = 16

[hyperparameters.units]
kind = "int"
min = 4
max = 16

[hyperparameters.clip]
kind = "choice"
values = [0.0, 3.0]

[hyperparameters.scaling]
kind = "choice"
values = ["standard", "robust"]
when = { clip = [3.0] }

[hyperparameters.learning_rate]
kind = "float"
min = 0.01
max = 0.1
sampling = "log"
"""


def run_program(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run the command line with arguments in `cwd`, inside this process; what is said is caught, native code's too.

    What proves something about processes takes `run_process`.
    """
    words = list(map(str, arguments))
    with _as_if_alone(["competition/__main__.py", *words], cwd), _caught("stdout") as out, _caught("stderr") as err:
        try:
            code = cli.run(words)
        except SystemExit as ended:  # a signal's handler, or click
            code = ended.code
    return subprocess.CompletedProcess(words, code, out.read(), err.read())


def run_process(*arguments: object, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ``python -m competition`` with arguments from `cwd` in a process of its own, as a user would."""
    return run_python("-m", "competition", *arguments, cwd=cwd, **options)


def run_python(*arguments: object, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess[str]:
    """Run Python with arguments, in which the project can be imported."""
    command = [sys.executable, *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, **{"cwd": cwd, "env": environment, "capture_output": True, "text": True, "check": False} | options
    )


@contextmanager
def _as_if_alone(words: list[str], cwd: Path) -> Iterator[None]:
    """Give the command line its folder and arguments, and put them and the handlers of signals back."""
    numbers = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]
    handlers, folder = [signal.getsignal(number) for number in numbers], Path.cwd()
    os.chdir(cwd)
    try:
        with mock.patch.object(sys, "argv", words):
            yield
    finally:
        os.chdir(folder)
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)


@contextmanager
def _caught(name: str) -> Iterator[IO[str]]:
    """Turn a standard stream and its file descriptor into a file, which can be read from its beginning afterwards."""
    number = {"stdout": 1, "stderr": 2}[name]
    with ExitStack() as stack:
        file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115, it is read after this
        getattr(sys, name).flush()
        terminal = os.dup(number)
        stack.callback(os.close, terminal)
        os.dup2(file.fileno(), number)
        stack.callback(os.dup2, terminal, number)
        stack.enter_context(mock.patch.object(sys, name, os.fdopen(os.dup(number), "w", encoding="utf-8", newline="")))
        stack.callback(lambda: getattr(sys, name).close())
        yield file
    file.seek(0)
