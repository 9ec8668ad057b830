"""How the command line words what the library says of arguments."""

import click
import pytest
from support import run_program

from genre_kit.cli import cli
from genre_kit.options import flag, worded

SUBMIT = cli.commands["submit"]


@pytest.mark.parametrize(
    ("command", "message", "expected"),
    [
        ("submit", "name another with `out`, or use `force`", "name another with --out, or use --force"),
        ("submit", "`run` and `correct_shares`", "--from and --correct-shares"),
        ("score", "`board_rows` and `as_json`", "--for and --json"),
        ("tune", "`name`: a worker", "--id: a worker"),
        ("check", "`correct_shares` is no option here", "--correct-shares is no option here"),
        ("submit", "no argument here", "no argument here"),
    ],
)
def test_arguments_become_the_commands_options(command: str, message: str, expected: str):
    assert worded(message, cli.commands[command]) == expected


def test_every_option_of_submit_is_spelled_as_it_is_typed():
    options = [one for one in SUBMIT.params if isinstance(one, click.Option)]
    assert all(flag(SUBMIT, one.name) in one.opts for one in options)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("score", "runs/x", "--board-rows", 3), "No such option"),
        (("score", "--predictions", "x", "--labels", "x", "--repeats", 2), "--repeats has no effect on given"),
        (("score", "runs/x", "--repeats", 2), "--repeats has no effect on finished runs. Leave it out."),
        (("plot", "--tuning", "x", "--rows", 1), "--rows has no effect with --tuning. Leave it out."),
        (("plot", "a-run", "--tuning", "x"), "RUN has no effect with --tuning. Leave it out."),
        (("plot", "--audio", "x", "--data", "x"), "--data has no effect with --audio. Leave it out."),
        (("plot", "--audio", "x", "--rows", 1), "--rows has no effect with --audio. Leave it out."),
        (("plot", "--audio", "x", "--tuning", "x"), "--tuning has no effect with --audio. Leave it out."),
        (("plot", "--audio", "x", "y"), "RUN has no effect with --audio, which is written before each file."),
        (("submit", "--blend", "a", "--blend", "b", "--seed", 1), "--seed has no effect with --blend, which takes"),
        (("submit", "--blend", "a"), "--blend takes at least two runs: give it once for each, --blend RUN --blend RUN"),
        (("tune", "--worker", "a:1"), "--worker and --id belong together"),
    ],
)
def test_options_without_effect_are_refused_as_they_are_typed(arguments: tuple[object, ...], sentence: str):
    said = run_program(*arguments)
    assert said.returncode == 2
    assert sentence in said.stderr
    assert said.stderr.startswith("Usage: python -m competition ")
