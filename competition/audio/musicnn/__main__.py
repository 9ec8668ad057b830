"""``python -m competition.audio.musicnn WHEEL``: once, before songs are described by the tagger."""

import sys
from pathlib import Path

import click

from competition.audio.musicnn.conversion import convert
from competition.audio.musicnn.weights import place
from competition.errors import KitError


@click.command()
@click.argument("wheel", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="[default: in the Python environment]")
def main(wheel: Path, out: Path | None) -> None:
    """Write the weights in WHEEL, musicnn 0.1.0 of the package index, where `extract` finds them."""
    written = place() if out is None else out
    try:
        convert(wheel, written)
    except KitError as problem:
        click.echo(f"error: {str(problem).replace('`out`', '--out')}", err=True)
        sys.exit(1)
    click.echo(f"{written}: the weights of musicnn")


if __name__ == "__main__":
    main(prog_name="python -m competition.audio.musicnn")
