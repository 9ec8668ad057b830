"""`runs`: all runs under a place, the best or the latest first."""

from pathlib import Path

import click

from genre_kit import options


@click.command()
@click.argument("place", type=options.PATH, default=Path("runs"))
@options.joined(
    click.option(
        "--sort",
        type=click.Choice(["accuracy", "log-loss", "time"]),
        default="log-loss",
        show_default=True,
        help="The best on this board first, or the latest. Of an edition with other boards, accuracy stands for that "
        "of labels, log-loss for that of probabilities.",
    ),
    click.option("--json", "as_json", is_flag=True, help="For machines."),
)
def runs(place: Path, sort: str, as_json: bool) -> None:
    """List all runs under PLACE, by default those in runs/."""
    from genre_kit.reports.lines import say, say_json
    from genre_kit.reports.runs import run_lines, runs_table
    from genre_kit.runs.listing import list_runs

    found = list_runs(place, sort)
    for line in found.unreadable:
        click.echo(f"note: {line}", err=True)
    if as_json:
        say_json(runs_table(found))
    else:
        say(run_lines(found, place))
