"""`plot`: the data as pictures, or a search."""

from pathlib import Path
from typing import Any

import click

from genre_kit import options


@click.command()
@click.argument("run", type=options.PATH, required=False)
@options.joined(
    options.data,
    options.genres,
    click.option(
        "--rows",
        type=options.RowsType(),
        help="Songs to draw, by line of the training file: 1,5,10-12. [default: the first of each genre]",
    ),
    click.option(
        "--tuning",
        type=options.PATH,
        metavar="DIR",
        help="Draw the search in this folder instead, into its plots/ or --out.",
    ),
    options.out,
    options.edition,
    options.force,
    options.quiet,
)
@click.pass_context
def plot(context: click.Context, tuning: Path | None, quiet: bool, **given: Any) -> None:
    """Draw the data: genre distribution, raw and standardized songs; or a search.

    Without --data, the data of RUN, a folder of a finished run or a search.
    """
    if tuning is None:
        _plot_data(quiet, given)
        return
    options.refuse(context, ("run", "data", "genres", "without", "edition", "rows"), "with --tuning")
    from genre_kit.jobs.plot import plot_tuning
    from genre_kit.reports.lines import say

    pictures, left_out = plot_tuning(tuning, out=given["out"], force=given["force"])
    say([*left_out, *_picture_lines(pictures)], quiet=quiet)


def _plot_data(quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.plot import plot as draw
    from genre_kit.reports.data import describe_data
    from genre_kit.reports.lines import say

    dataset, pictures, known_by = draw(**given)
    say([*describe_data(dataset, known_by), *_picture_lines(pictures)], quiet=quiet)


def _picture_lines(pictures: list[Path]) -> list[str]:
    return [f"picture   {path}" for path in pictures]
