"""`extract`: folders of songs become a competition."""

from collections.abc import Sequence
from typing import Any

import click

from genre_kit import options


def _features() -> Sequence[str]:
    from competition.audio.features.table import NAMES

    return NAMES


def _kinds() -> Sequence[str]:
    from competition.audio.frames import KINDS

    return tuple(KINDS)


_OF_SOUND = (
    *("test", "labels", "train_list", "test_list", "features", "segment_seconds", "overlap"),
    *("frames", "bands", "fft", "hop", "processes"),
)


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
    click.option(
        "--segments-per-song",
        type=click.IntRange(min=1),
        metavar="N",
        help="Of a JSON of frames: how many rows in turn are one song.",
    ),
    click.option("--processes", type=click.IntRange(min=1), metavar="N", help="[default: one a processor]"),
    options.out,
    click.option("--force", is_flag=True, help="Replace files of the same names in the output folder."),
    options.quiet,
)
@click.pass_context
def extract(context: click.Context, quiet: bool, segments_per_song: int | None, **given: Any) -> None:
    """Make a competition of sound: AUDIO is a folder of folders named by genre.

    Or of frames that are there already: AUDIO is a JSON with mapping, labels and mfcc.
    """
    if given["audio"].suffix.lower() == ".json" and given["audio"].is_file():
        options.refuse(context, _OF_SOUND, "with a JSON of frames")
        _bring(quiet, segments_per_song, given)
        return
    options.refuse(context, ("segments_per_song",), "with sound, which says itself what is a song")
    _listen(quiet, given)


def _bring(quiet: bool, segments_per_song: int | None, given: dict[str, Any]) -> None:
    from genre_kit.jobs.sound.extract_json import extract_json
    from genre_kit.reports.extraction import describe_brought
    from genre_kit.reports.lines import say

    kept = {name: given[name] for name in ("out", "force")}
    say(describe_brought(extract_json(given["audio"], segments_per_song=segments_per_song, **kept)), quiet=quiet)


def _listen(quiet: bool, given: dict[str, Any]) -> None:
    from genre_kit.jobs.sound.extract import extract as make
    from genre_kit.reports.extraction import describe_extraction, songs_progress
    from genre_kit.reports.lines import say

    with songs_progress(quiet=quiet) as progress:
        made = make(**{name: value for name, value in given.items() if value is not None}, progress=progress)
    say(describe_extraction(made), quiet=quiet)
