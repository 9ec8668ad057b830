"""`sample`: the embedded sample competition as CSV files."""

from dataclasses import replace
from pathlib import Path

from competition.data.edition import Board
from competition.data.edition_file import DEFAULT_EDITION, EDITION_FILE, edition_text, load_edition
from competition.data.sample import sample_dataset, write_sample
from competition.storage.files import write_whole
from competition.storage.folders import RUNS, check_absent, default_folder, new_files
from competition.storage.places import check_place
from genre_kit.jobs.steps.inputs import PathLike


def sample(
    *, songs: int | None = None, edition: str | None = None, out: PathLike | None = None, force: bool = False
) -> tuple[Path, str]:
    """Write the sample in an edition's layout, with its edition file.

    Parameters
    ----------
    songs : int or None
        Of the training file; the test file has half as many again. By default 4363 and 6544, as the real one has.
    edition : str or None
        A built-in edition's name or an edition's TOML file; by default mlbp-2018.
    out : path or None
        The folder; by default a new one in ``runs/``.
    force : bool
        Whether files of the same names are replaced.

    Returns
    -------
    Path, str
        The folder, and the edition's name.

    Raises
    ------
    RunError
        When a file is there already.
    DataError
        When there are too few songs for the edition's genres.
    """
    check_place(RUNS if out is None else Path(out))
    found = load_edition(edition or DEFAULT_EDITION).whole
    folder = default_folder(found.name, "sample") if out is None else Path(out)
    names = (*found.files.names, EDITION_FILE)
    check_absent(folder, names, force=force)
    size = {} if songs is None else {"training_rows": songs, "test_rows": songs * 3 // 2}
    dataset = sample_dataset(found, **size)
    with new_files(folder, names, force=force) as place:
        write_sample(dataset, place)
        # Without boards' addresses: nobody should hand in made-up songs.
        kept = {} if found.has_classic_boards else {name: Board(one.metric) for name, one in found.boards.items()}
        marked = replace(found, title=f"SAMPLE, made up in the layout of {found.name}", boards=kept)
        write_whole(place / EDITION_FILE, edition_text(marked))
    return folder, found.name
