"""The command line: `python -m competition COMMAND`, also installed as `genre-kit COMMAND`.

Each command declares its options in `genre_kit.commands`, and imports its job when it runs, so that ``--help`` and
``check`` never wait for TensorFlow.
"""

import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from competition import __version__
from competition.errors import ArgumentError, KitError, KitWarning, printable
from competition.runtime import interruption
from competition.runtime.memory import take_process
from competition.runtime.variables import leave_out_foreign
from genre_kit.commands.check import check
from genre_kit.commands.doctor import doctor
from genre_kit.commands.edition import edition
from genre_kit.commands.explain import explain
from genre_kit.commands.export import export
from genre_kit.commands.extract import extract
from genre_kit.commands.kaggle.board import board
from genre_kit.commands.kaggle.fetch import fetch
from genre_kit.commands.kaggle.send import send
from genre_kit.commands.plot import plot
from genre_kit.commands.runs import runs
from genre_kit.commands.sample import sample
from genre_kit.commands.score import score
from genre_kit.commands.submit import submit
from genre_kit.commands.tune import tune
from genre_kit.endings import code_of, in_words, leave_output
from genre_kit.options import worded

COMMANDS = (
    submit,
    tune,
    score,
    runs,
    check,
    plot,
    explain,
    edition,
    extract,
    sample,
    export,
    fetch,
    send,
    board,
    doctor,
)
"""All commands; a new one is its module and its name here."""


class KitGroup(click.Group):
    """Puts command-line options in the places of the arguments that error messages name."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except ArgumentError as problem:
            context = _command_context(ctx)
            raise click.UsageError(worded(problem, context.command), context) from None
        except KitError as problem:
            raise KitError(worded(problem, _command_context(ctx).command)) from None
        except OSError as problem:  # here, because click would end without a word where nobody reads the output
            raise KitError(in_words(problem)) from problem


def _command_context(group: click.Context) -> click.Context:
    """Return the context of the command that has just been run."""
    name = group.invoked_subcommand
    command = group.command.get_command(group, name) if isinstance(group.command, click.Group) and name else None
    return group if command is None else click.Context(command, group, name)


@click.group(cls=KitGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="genre-kit")
def cli() -> None:
    """From a music-genre competition's CSV files to label_pred.csv and label_all.csv.

    Without --data, what needs data works on that of a run or search it is given, else on a made-up sample.
    """


for _command in COMMANDS:
    cli.add_command(_command)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; every error becomes a sentence on stderr."""
    interruption.watch()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other packages', which no interpreter's setting shall make errors of
        warnings.simplefilter("always", KitWarning)
        warnings.showwarning = _show_warning
        try:
            code = cli.main(arguments, prog_name=_program_name(), standalone_mode=False) or 0
            if sys.stdout is not None:  # or it is closed
                sys.stdout.flush()
            return int(code)
        except BaseException as problem:
            code = code_of(problem)
            if code is None:
                raise
            leave_output()
            return int(code)


def main() -> None:
    """Run the command line of this process and exit with its code.

    At once: Python would take seconds to let go of pictures and models, in which signals have no handlers any more.
    """
    take_process()
    leave_out_foreign()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # of what a terminal cannot show
    code = run()
    interruption.end_at_once()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # nobody reads it any more, which has been said
            if stream is not None:
                stream.flush()
    os._exit(code)


def _program_name() -> str:
    return "python -m competition" if Path(sys.argv[0]).name == "__main__.py" else "genre-kit"


def _show_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    if issubclass(category, KitWarning):
        context = click.get_current_context(silent=True)
        click.echo(printable(f"note: {worded(message, None if context is None else context.command)}"), err=True)
