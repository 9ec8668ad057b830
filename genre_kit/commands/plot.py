"""`plot`: the data as pictures, or a search, or sound files."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from genre_kit import options

_OF_DATA = ("run", "data", "genres", "without", "edition", "rows")


@click.command()
@click.argument("run", type=options.PATH, required=False)
@options.joined(
    options.data,
    options.genres,
    click.option(
        "--rows",
        type=options.RowsType(),
        help="Songs to draw, counted from 1 in the training file, a header not: 1,5,10-12. [default: the first of each "
        "genre]",
    ),
    click.option(
        "--tuning",
        type=options.PATH,
        metavar="DIR",
        help="Draw the search in this folder instead, into its plots/ or --out.",
    ),
    click.option(
        "--audio",
        type=options.PATH,
        multiple=True,
        metavar="FILE|DIR",
        help="Draw this sound file instead; may be repeated. Of a folder of folders named by genre, the first song of "
        "each, and all of them side by side.",
    ),
    options.out,
    options.edition,
    options.force,
    options.quiet,
)
@click.pass_context
def plot(context: click.Context, tuning: Path | None, audio: tuple[Path, ...], quiet: bool, **given: Any) -> None:
    """Draw the data: genre distribution, raw and standardized songs; or a search; or the sound of songs.

    Without --data, the data of RUN, a folder of a finished run or a search.
    """
    if audio:
        options.refuse(context, ("run",), "with --audio, which is written before each file")
        options.refuse(context, (*_OF_DATA, "tuning"), "with --audio")
        _plot_audio(audio, quiet, given)
    elif tuning is not None:
        options.refuse(context, _OF_DATA, "with --tuning")
        _plot_tuning(tuning, quiet, given)
    else:
        _plot_data(quiet, given)


def _plot_data(quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.plot import plot as draw
    from genre_kit.reports.data import describe_data
    from genre_kit.reports.lines import say

    dataset, pictures, known_by = draw(**given)
    say([*describe_data(dataset, known_by), *_picture_lines(pictures)], quiet=quiet)


def _plot_tuning(tuning: Path, quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.plot import plot_tuning
    from genre_kit.reports.lines import say

    pictures, left_out = plot_tuning(tuning, out=given["out"], force=given["force"])
    say([*left_out, *_picture_lines(pictures)], quiet=quiet)


def _plot_audio(audio: Sequence[Path], quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.sound.plot_audio import plot_audio
    from genre_kit.reports.data import describe_songs
    from genre_kit.reports.extraction import songs_progress
    from genre_kit.reports.lines import say

    with songs_progress(quiet=quiet, done="drawn") as progress:
        drawn = plot_audio(audio, out=given["out"], force=given["force"], progress=progress)
    say([*describe_songs(drawn.songs), *drawn.left_out, *_picture_lines(drawn.pictures)], quiet=quiet)


def _picture_lines(pictures: Sequence[Path]) -> list[str]:
    return [f"picture   {path}" for path in pictures]
