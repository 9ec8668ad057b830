"""`extract`: folders of songs become a competition."""

from collections.abc import Sequence
from typing import Any

import click

from genre_kit import options


def _features() -> Sequence[str]:
    from competition.audio.features.table import FEATURES

    return tuple(FEATURES)


def _kinds() -> Sequence[str]:
    from competition.audio.frames import KINDS

    return tuple(KINDS)


@click.command()
@click.argument("audio", type=options.PATH)
@options.joined(
    click.option("--test", type=options.PATH, metavar="DIR", help="A folder of songs to be labelled."),
    click.option(
        "--labels",
        type=options.PATH,
        metavar="FILE",
        help="A table of file names and genres, where folders do not tell; songs that it lacks are to be labelled.",
    ),
    click.option("--train-list", type=options.PATH, metavar="FILE", help="Names of the training songs, one a line."),
    click.option("--test-list", type=options.PATH, metavar="FILE", help="Names of the songs to be labelled."),
    click.option(
        "--features",
        type=options.SomeOf(_features),
        help="Kinds of features, with commas. [default: ssd,chroma,mfcc, the classic 264 columns]",
    ),
    click.option("--segment-seconds", type=float, metavar="S", help="Cut songs into parts, each a row."),
    click.option("--overlap", type=float, metavar="SHARE", help="Of a part, that the next one has too. [default: 0]"),
    click.option(
        "--frames",
        type=options.TableChoice(_kinds),
        help="Keep bands over time as well, which networks read; --segment-seconds is 3 then, if not given.",
    ),
    click.option("--bands", type=int, metavar="N", help="Of a frame. [default: 13 of mfcc, 128 of mel]"),
    click.option("--fft", type=int, metavar="N", help="Samples of a frame, at 22050 Hz. [default: 2048]"),
    click.option("--hop", type=int, metavar="N", help="Samples from a frame to the next. [default: 512]"),
    click.option("--processes", type=click.IntRange(min=1), metavar="N", help="[default: one a processor]"),
    options.out,
    click.option("--force", is_flag=True, help="Replace files of the same names in the output folder."),
    options.quiet,
)
def extract(quiet: bool, **given: Any) -> None:
    """Make a competition of sound: AUDIO is a folder of folders named by genre."""
    from genre_kit.jobs.extract import extract as make
    from genre_kit.reports.extraction import describe_extraction, songs_progress
    from genre_kit.reports.lines import say

    with songs_progress(quiet=quiet) as progress:
        made = make(**{name: value for name, value in given.items() if value is not None}, progress=progress)
    say(describe_extraction(made), quiet=quiet)
