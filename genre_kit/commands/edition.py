"""`edition`: what a folder's files are, written down."""

from collections.abc import Sequence
from typing import Any

import click

from genre_kit import options


def _file(role: str, what: str) -> options.Decorator:
    return click.option(f"--{role}", metavar="FILE", help=f"Name of {what}, where it is not to be inferred.")


def _metrics() -> Sequence[str]:
    from competition.data.edition import BOARD_METRICS

    return tuple(BOARD_METRICS)


@click.command()
@options.joined(
    click.option("--data", type=options.PATH, required=True, metavar="DIR", help="Folder with the files, or a .zip."),
    _file("train", "the training file"),
    _file("test", "the test file"),
    _file("labels", "the file of the training songs' labels"),
    _file("template", "the sample submission"),
    _file("groups", "a file with one id a training song; songs of one id stay in one fold"),
    click.option(
        "--label",
        "label_column",
        metavar="COLUMN",
        help="The column of the genres; its number, from 1, without a header.",
    ),
    click.option("--id", "id_column", metavar="COLUMN", help="The column of the songs' ids."),
    click.option(
        "--group", "group_column", metavar="COLUMN", help="Songs that are alike in this column stay in one fold."
    ),
    click.option("--leave-out", multiple=True, metavar="COLUMN", help="No feature; may be repeated."),
    click.option(
        "--missing",
        type=click.Choice(["refuse", "median"]),
        help="What becomes of missing cells; the median is that of the training songs of each fold. [default: refuse]",
    ),
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        type=options.TableChoice(_metrics),
        help="What a board ranks by, which files do not show; may be repeated. [default: accuracy and binary-log-loss]",
    ),
    click.option("--out", type=options.PATH, metavar="FILE", help="[default: edition.toml in the folder]"),
    click.option("--force", is_flag=True, help="Replace the edition that is there."),
    click.option("--look", is_flag=True, help="Write nothing; where an edition is there, say what it says."),
    options.quiet,
)
def edition(quiet: bool, **given: Any) -> None:
    """Say what a folder's files and columns are, and why, and write it down as an edition (not with --look)."""
    from genre_kit.jobs.edition import edition as look
    from genre_kit.reports.data import describe_edition
    from genre_kit.reports.lines import say

    found, path = look(**given)
    say(describe_edition(found, path, given["data"]), quiet=quiet)
