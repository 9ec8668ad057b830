"""Every reader is given spoiled files, and command lines are put together at random: only sentences come of it.

``python -m benchmarks.fuzz`` tries many more; what it has found has tests of its own, beside the readers'.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from types import SimpleNamespace
from unittest import mock

import click
import pytest
from support import run_program

from benchmarks.fuzz import fuzz
from benchmarks.fuzzing.seeds import write_seeds
from benchmarks.fuzzing.targets import TARGETS
from competition.errors import KitError
from genre_kit import cli

INPUTS = 2000
QUICK = [one for one in TARGETS if not one.name.startswith(("sound", "run: network"))]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_seeds(tmp_path_factory.mktemp("fuzz") / "seeds")


def test_spoiled_files_are_read_or_met_by_a_sentence(seeds: Path, tmp_path: Path):
    tallies = {target.name: tally for target, tally in fuzz(QUICK, seeds, INPUTS, seed=0, keep=tmp_path)}
    assert {name: dict(tally.found) for name, tally in tallies.items() if tally.found} == {}
    assert sum(tally.read + tally.refused for tally in tallies.values()) > 0.9 * INPUTS


def test_sound_files_are_read_or_met_by_a_sentence(seeds: Path, tmp_path: Path):
    pytest.importorskip("soundfile")
    pytest.importorskip("soxr")
    sounds = [one for one in TARGETS if one.name.startswith("sound")]
    for target, tally in fuzz(sounds, seeds, 40, seed=0, keep=tmp_path):
        assert not tally.found, target.name


NASTY = (
    "", " ", "0", "-1", "1", "2", "3", "0.5", "nan", "inf", "-inf", "1e999", "9" * 400, "٣", "½", "\udcff", "\x1b[2J",
    "\u202e", "a\nb", "a,b", ",", "1,2-5", "5-1", "1-999999999", "random", "like-test:3", "random:x", "dense", "quick",
    "baseline", "argmax", "auto", "Rock", "jazz,3", "=1+1", "<b>", "--", "-", "--quiet", "localhost:1", "x:99999",
    "/dev/null", "/dev/zero", "~", "a" * 5000, "{data}", "{data}/songs.csv", "{data}/edition.toml",
    "{data}/recipe.toml", "{data}/none", "{pipe}", "{loop}", "mlbp-2018", "labels", "median", "accuracy", "log-loss",
)  # fmt: skip
STOPPED = KitError("training has begun: so far all was well.")


def words_of(command: click.Command, random: Random) -> list[str]:
    """Return some of a command's options with values of any kind, known ones often among them."""
    words: list[str] = []
    for parameter in random.sample(command.params, k=min(len(command.params), random.choice((0, 1, 2, 3, 6)))):
        value = random.choice(NASTY)
        if isinstance(parameter.type, click.Choice) and random.random() < 0.5:
            value = random.choice(parameter.type.choices)
        name = (
            [random.choice([*parameter.opts, *parameter.secondary_opts])] if isinstance(parameter, click.Option) else []
        )
        is_flag = getattr(parameter, "is_flag", False)
        words += [*name, *([] if is_flag and random.random() < 0.9 else [value])]
    return words


@pytest.fixture
def no_training() -> Iterator[None]:
    """End each command where it would train, search, or ask a process."""
    with ExitStack() as stack:
        for place in (
            "genre_kit.jobs.steps.training.train_ensemble",
            "genre_kit.jobs.steps.training.train_until",
            "genre_kit.jobs.tune._run",
            "genre_kit.jobs.plot.genre_distribution",
            "genre_kit.jobs.sample.sample_dataset",
            "genre_kit.jobs.machine.doctor._tiny_job",
        ):
            stack.enter_context(mock.patch(place, side_effect=STOPPED))
        worker = SimpleNamespace(work=mock.Mock(side_effect=STOPPED))
        stack.enter_context(mock.patch.dict(sys.modules, {"tuning.distributed": worker}))
        yield


@pytest.mark.parametrize("command", cli.COMMANDS, ids=lambda command: command.name)
def test_random_command_lines_end_in_a_sentence(
    command: click.Command, competition_folder: Path, tmp_path: Path, no_training: None
):
    (tmp_path / "loop").symlink_to("loop")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    places = {"data": competition_folder, "pipe": tmp_path / "pipe", "loop": tmp_path / "loop"}
    random = Random(command.name)
    for _ in range(15):
        words = [word.format(**places) if word.startswith("{") else word for word in words_of(command, random)]
        if "--data" not in words and any("--data" in parameter.opts for parameter in command.params):
            words = ["--data", str(competition_folder), *words]  # the embedded sample takes its time
        said = run_program(command.name, *words, cwd=tmp_path)
        assert said.returncode in (0, 1, 2), words
        assert "Traceback" not in said.stderr, words
        assert said.returncode == 0 or said.stderr.strip(), words
        assert not {"\x1b", "\u202e"} & set(said.stdout + said.stderr), words
