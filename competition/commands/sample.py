"""`sample`: the embedded sample competition as CSV files."""

from pathlib import Path

import click

from competition.edition import DEFAULT_EDITION, EDITION_FILE, edition_file, load_edition
from competition.errors import RunError
from competition.files import write_whole
from competition.runs import default_folder, move_in, staged
from competition.sample import sample_dataset, write_sample


def sample(*, edition: str | None, out: Path | None, quiet: bool, force: bool) -> None:
    """Write the sample in an edition's layout, with its edition file; the parameters are the command's options."""
    source = edition_file(edition or DEFAULT_EDITION)
    layout = load_edition(source)
    folder = out or default_folder(layout.name, "sample")
    for name in (*vars(layout.files).values(), EDITION_FILE):
        if name is not None and (folder / name).exists() and not force:
            raise RunError(f"{folder / name}: is there already; name another folder with --out, or use --force.")
    with staged(folder) as place:
        write_sample(sample_dataset(layout), place)
        write_whole(place / EDITION_FILE, source.read_text(encoding="utf-8"))
        move_in(place, folder)
    if not quiet:
        click.echo(f"sample    {folder}: made-up data in the layout of {layout.name}")
        click.echo(f"          try it: python -m competition submit --data {folder}")
