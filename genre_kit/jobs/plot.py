"""`plot`: the data, or a search, as pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from competition.data.dataset import Dataset
from competition.errors import DataError, RunError
from competition.pictures.genres import genre_distribution
from competition.pictures.songs import samples
from competition.pictures.style import save
from competition.scoring.many_genres import MOST_SHOWN
from competition.scoring.scores import LOSSES
from competition.storage.folders import default_folder, new_run
from genre_kit.jobs.steps.inputs import PathLike, choose_data
from genre_kit.jobs.steps.keep import check_out
from genre_kit.results.genres import GenreChoice, Genres
from tuning.errors import TuningError
from tuning.folder import read_search
from tuning.trials.spaces import space_from_table
from tuning.trials_file import FILE, read_trials

_LEAST_BYTES = 10_000_000


def plot(
    run: PathLike | None = None,
    *,
    data: PathLike | None = None,
    edition: str | None = None,
    genres: Genres | None = None,
    without: Genres | None = None,
    rows: Sequence[int] | None = None,
    out: PathLike | None = None,
    force: bool = False,
) -> tuple[Dataset, list[Path], Path | None]:
    """Draw the genre distribution, and pages of songs: whole, and block by block.

    Parameters
    ----------
    run : path or None
        A folder of a run or a search, whose data is drawn where none is given.
    data, edition, genres, without, out, force
        As for `submit`.
    rows : sequence of int or None
        The songs of the training file, counted from 1, a header not; by default the first of each genre.

    Returns
    -------
    Dataset, list of Path, Path or None
        What was drawn, the pictures, and the folder that knew the data, where nobody named it.
    """
    check_out(out, force=force, least=_LEAST_BYTES)
    chosen_data = choose_data(data, edition, run, GenreChoice(genres, without))
    if run is not None and data is None and chosen_data.known is None:
        raise RunError(f"{run}: holds neither a run nor a search; expected a folder of one, or `data`.")
    dataset = chosen_data.open(with_test=False)
    chosen = _first_of_each_genre(dataset) if rows is None else _checked(rows, dataset)
    folder = default_folder(dataset.edition.name, "plots") if out is None else Path(out)
    pictures = {"genres.png": genre_distribution(dataset.edition.genres, dataset.counts)}
    pictures["songs.png"] = samples(dataset, chosen)
    for block in dataset.edition.blocks:
        pictures[f"songs-{block.name}.png"] = samples(dataset, chosen, block)
    with new_run(folder, force=force) as place:
        for name, figure in pictures.items():
            save(figure, place / name)
    return dataset, [folder / name for name in pictures], chosen_data.known_by


def _first_of_each_genre(dataset: Dataset) -> list[int]:
    _, first = np.unique(dataset.targets, return_index=True)
    return [int(row) for row in first[:MOST_SHOWN]]


def _checked(rows: Sequence[int], dataset: Dataset) -> list[int]:
    """Return songs of the training file, counted from 1, as rows of the dataset, from 0."""
    places = {dataset.song_names.row(place): place for place in range(dataset.rows)}
    last = dataset.rows if dataset.left_out is None else dataset.left_out.file_rows
    for row in rows:
        if not 1 <= row <= last:
            raise DataError(f"there is no song {row}; `rows` counts the training songs, 1 to {last}, a header not.")
        if row not in places:
            raise DataError(f"song {row} is of a genre that is left out; `rows` takes songs of the others.")
    if len(rows) > MOST_SHOWN:
        raise DataError(f"{len(rows)} songs chosen with `rows`; one page shows at most {MOST_SHOWN}.")
    return [places[row] for row in rows]


def plot_tuning(tuning: PathLike, *, out: PathLike | None = None, force: bool = False) -> tuple[list[Path], list[str]]:
    """Draw what a search has tried so far.

    Parameters
    ----------
    tuning : path
        The search's folder.
    out, force
        As for `submit`; by default its plots/ are drawn anew.

    Returns
    -------
    list of Path, list of str
        The pictures, and a sentence for each that is not drawn.
    """
    tuning, left_out = Path(tuning), []
    folder, replaces = (tuning / "plots", True) if out is None else (Path(out), force)
    described = read_search(tuning)
    if described is None or not (tuning / FILE).exists():
        raise TuningError(f"{tuning}: holds no search; expected the --out of a tune command.")
    check_out(folder, force=replaces, least=_LEAST_BYTES)
    # Imported here, after the folder is found sound: scikit-learn takes a second.
    from tuning import plots

    table = dict(described["space"])
    space = space_from_table(table.pop("name"), table, str(tuning))
    objective = plots.Objective(described["objective"], is_lower_better=described["objective"] in LOSSES)
    trials = read_trials(tuning)
    if trials.empty:
        raise TuningError(f"{tuning}: no trial has ended yet; wait for the first one.")
    pictures = {
        "best-so-far.png": plots.best_so_far(trials, objective),
        "hyperparameters.png": plots.by_hyperparameter(trials, space, objective),
        "parallel-coordinates.png": plots.parallel_coordinates(trials, space, objective),
    }
    if len(trials) >= plots.LEAST_TRIALS:
        pictures["importance.png"] = plots.importance(trials, space, objective)
    else:
        left_out.append(f"importance is not drawn: {len(trials)} trials have ended, it takes {plots.LEAST_TRIALS}")
    with new_run(folder, force=replaces) as place:
        for name, figure in pictures.items():
            save(figure, place / name)
    return [folder / name for name in pictures], left_out
