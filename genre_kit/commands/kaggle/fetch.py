"""`fetch`: a competition's files, from Kaggle."""

from typing import Any

import click

from genre_kit import options


@click.command()
@options.joined(
    click.option(
        "--edition",
        required=True,
        metavar="NAME|SLUG",
        help="Built-in edition, or the last part of a Kaggle competition's address.",
    ),
    click.option("--out", type=options.PATH, required=True, metavar="DIR", help="Where the files go."),
    click.option("--force", is_flag=True, help="Replace files of the same names in the output folder."),
    options.quiet,
)
def fetch(quiet: bool, **given: Any) -> None:
    """Download a competition's files by Kaggle's own client, and say and write down what they are.

    A download that was cut off goes on. What it needs: make kaggle, and kaggle auth login.
    """
    from genre_kit.kaggle.fetching import fetch as bring
    from genre_kit.reports.kaggle.sending import describe_fetched
    from genre_kit.reports.lines import say

    fetched = bring(**given, progress=lambda line: say([line], quiet=quiet))
    say(describe_fetched(fetched), quiet=quiet)
