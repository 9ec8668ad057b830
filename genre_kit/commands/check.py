"""`check`: whether files are what the board expects."""

from typing import Any

import click

from competition.errors import printable
from genre_kit import options


@click.command()
@click.argument("files", nargs=-1, required=True, type=options.PATH)
@options.joined(
    options.data,
    click.option("--allow-suspicious", is_flag=True, help="Let pass what is well formed but looks wrong."),
    options.edition,
    options.quiet,
)
def check(quiet: bool, **given: Any) -> int:
    """Check submission FILES, or those in runs' folders, against the edition and the test data.

    Files beside a run's folder are compared with those that the run wrote: check FILE RUN.
    """
    from genre_kit.jobs.check import check as check_files
    from genre_kit.reports.check import check_lines, check_problems
    from genre_kit.reports.lines import say

    found = check_files(**given)
    for problem in check_problems(found):
        click.echo(printable(problem), err=True)
    say(check_lines(found), quiet=quiet)
    return 0 if found.is_ok else 1
