"""`sample`: the embedded sample competition as CSV files."""

from dataclasses import replace
from pathlib import Path

import click

from competition.data.edition import DEFAULT_EDITION, EDITION_FILE, edition_text, load_edition
from competition.data.sample import sample_dataset, write_sample
from competition.errors import RunError
from competition.storage.files import write_whole
from competition.storage.folders import default_folder, move_in, staged


def sample(*, songs: int | None, edition: str | None, out: Path | None, quiet: bool, force: bool) -> None:
    """Write the sample in an edition's layout, with its edition file; the parameters are the command's options."""
    layout = load_edition(edition or DEFAULT_EDITION)
    folder = out or default_folder(layout.name, "sample")
    for name in (*vars(layout.files).values(), EDITION_FILE):
        if name is not None and (folder / name).exists() and not force:
            raise RunError(f"{folder / name}: is there already; name another folder with --out, or use --force.")
    size = {} if songs is None else {"training_rows": songs, "test_rows": songs * 3 // 2}
    dataset = sample_dataset(layout, **size)
    with staged(folder) as place:
        write_sample(dataset, place)
        # Without boards: nobody should hand in made-up songs.
        marked = replace(layout, title=f"SAMPLE, made up in the layout of {layout.name}", boards={})
        write_whole(place / EDITION_FILE, edition_text(marked))
        move_in(place, folder)
    if not quiet:
        click.echo(f"sample    {folder}: made-up data in the layout of {layout.name}")
        click.echo(f"          try it: python -m competition submit --data {folder}")
