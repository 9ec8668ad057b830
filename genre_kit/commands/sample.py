"""`sample`: the embedded sample competition as CSV files."""

from typing import Any

import click

from genre_kit import options


@click.command()
@options.joined(
    click.option(
        "--songs",
        type=click.IntRange(min=1),
        metavar="N",
        help="Training songs; the test file has half as many again. [default: 4363]",
    ),
    options.edition,
    options.out,
    click.option("--force", is_flag=True, help="Replace files of the same names in the output folder."),
    options.quiet,
)
def sample(quiet: bool, **given: Any) -> None:
    """Write the sample competition as CSV files."""
    from genre_kit.jobs.sample import sample as write
    from genre_kit.reports.data import describe_sample
    from genre_kit.reports.lines import say

    folder, edition = write(**given)
    say(describe_sample(folder, edition), quiet=quiet)
