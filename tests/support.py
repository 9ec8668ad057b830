"""What the tests share beside fixtures: the tiny competition as text, and the program run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

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


def run_program(*arguments: object, cwd: Path = ROOT, **options: object) -> subprocess.CompletedProcess[str]:
    """Run ``python -m competition`` with arguments, as a user would, from `cwd`."""
    command: Sequence[str] = [sys.executable, "-m", "competition", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, **options)
