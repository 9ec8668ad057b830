"""`board`: what boards have said of runs, and what to send next."""

from pathlib import Path

import click

from competition.errors import printable
from genre_kit import options


@click.command()
@click.argument("place", type=options.PATH, default=Path("runs"))
@options.joined(
    click.option("--edition", metavar="NAME|SLUG", help="Only boards of this edition, or of this competition."),
    click.option(
        "--refresh", is_flag=True, help="Ask Kaggle for scores that came late, and for how things stand there."
    ),
    click.option(
        "--out", type=options.PATH, metavar="FILE", help="The picture. [default: boards.png in PLACE, once scored]"
    ),
    click.option("--json", "as_json", is_flag=True, help="For machines."),
)
def board(place: Path, edition: str | None, refresh: bool, out: Path | None, as_json: bool) -> None:
    """Hold what boards have said of the runs under PLACE against their own scores, and say what to send next."""
    from genre_kit.kaggle.reviewing import board as review_boards
    from genre_kit.reports.kaggle.review import review_lines, review_table
    from genre_kit.reports.lines import say, say_json

    review = review_boards(place, edition=edition, refresh=refresh, out=out)
    for line in review.unreadable:
        click.echo(printable(f"note: {line}"), err=True)
    if as_json:
        say_json(review_table(review))
    else:
        say(review_lines(review))
