"""`export`: a finished run as one ONNX file."""

from pathlib import Path
from typing import Any

import click

from genre_kit import options


@click.command()
@click.argument("run", type=options.PATH)
@options.joined(
    click.option("--out", type=options.PATH, metavar="FILE", help="The file to write. [default: genres.onnx]"),
    click.option(
        "--data",
        type=options.PATH,
        metavar="DIR",
        help="Where the songs are that it is checked on. [default: where the run says]",
    ),
    click.option("--force", is_flag=True, help="Replace a file that is there."),
    options.quiet,
)
def export(run: Path, quiet: bool, **given: Any) -> None:
    """Write the finished RUN as one ONNX file, which predicts without this kit and TensorFlow.

    It takes rows of columns, as in the competition's files, and gives calibrated probabilities and labels. Before it is
    written, it is held against the kit on the run's test songs. docs/export.md shows the ten lines that use it.
    """
    from genre_kit.jobs.export import export as write
    from genre_kit.reports.exported import exported_lines
    from genre_kit.reports.lines import say

    say(exported_lines(write(run, **given)), quiet=quiet)
