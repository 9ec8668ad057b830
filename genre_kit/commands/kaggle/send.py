"""`send`: a run's files, to Kaggle."""

import sys
from pathlib import Path
from typing import Any

import click

from competition.errors import printable
from genre_kit import options


@click.command()
@click.argument("run", type=options.PATH)
@options.joined(
    click.option(
        "--board", default="all", metavar="NAME|all", show_default=True, help="Which of the edition's boards."
    ),
    click.option(
        "--message", metavar="TEXT", help="Stands beside the submission on Kaggle. [default: the run's folder]"
    ),
    click.option("--yes", is_flag=True, help="Do not ask before sending."),
    click.option("--dry-run", is_flag=True, help="Say what would be sent, and ask Kaggle nothing."),
    click.option("--no-wait", is_flag=True, help="Do not wait for the score: board --refresh asks for it later."),
    click.option("--again", is_flag=True, help="Also send what the board has had already, byte by byte."),
    click.option("--allow-suspicious", is_flag=True, help="Send what is well formed but looks wrong."),
    options.data,
    click.option(
        "--edition", metavar="NAME|FILE", help="An edition that says which boards there are. [default: the run's]"
    ),
    options.quiet,
)
def send(run: Path, yes: bool, dry_run: bool, no_wait: bool, quiet: bool, **given: Any) -> None:
    """Check the files of RUN again, send them to their boards, and keep what the boards say in the run."""
    from genre_kit.kaggle.clock import Clock
    from genre_kit.kaggle.planning import plan_sending, warn_of_left_out
    from genre_kit.kaggle.sending import carry_out, prepare
    from genre_kit.reports.kaggle.sending import describe_left, describe_sent, describe_shipment
    from genre_kit.reports.lines import say

    _check_can_ask(yes=yes or dry_run)
    shipment = plan_sending(run, **given)
    warn_of_left_out(shipment)
    for finding in shipment.notes:
        click.echo(printable(f"note: {finding}"), err=True)
    say(describe_shipment(shipment), quiet=quiet and (yes or dry_run))
    if dry_run:
        say(["nothing was sent, as this was a dry run, and Kaggle was not asked whether it would take it"], quiet=quiet)
        return
    ready = prepare(shipment, Clock())
    for note in ready.notes:
        click.echo(printable(f"note: {note}"), err=True)
    say(describe_left({slug: one.left_now for slug, one in ready.allowances.items()}), quiet=quiet and yes)
    what = "this file" if len(shipment.parcels) == 1 else f"these {len(shipment.parcels)} files"
    if not yes and not click.confirm(f"send {what} to Kaggle?"):
        click.echo("nothing was sent")
        return
    sent = carry_out(ready, wait=not no_wait, progress=lambda line: say([line], quiet=quiet), clock=Clock())
    say(describe_sent(sent, run))


def _check_can_ask(*, yes: bool) -> None:
    """Raise UsageError where nobody could answer, before anything is done."""
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("There is no terminal to ask on before sending. Give --yes, or --dry-run.")
