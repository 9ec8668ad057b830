"""`plot --tuning`: a search as pictures."""

from pathlib import Path

from competition.pictures.style import save
from competition.scoring.scores import LOSSES
from competition.storage.folders import new_run
from genre_kit.jobs.inputs import PathLike
from tuning.errors import TuningError
from tuning.folder import read_search
from tuning.trials.spaces import space_from_table
from tuning.trials_file import FILE, read_trials


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
    described = read_search(tuning)
    if described is None or not (tuning / FILE).exists():
        raise TuningError(f"{tuning}: holds no search; expected the --out of a tune command.")
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
    folder = tuning / "plots" if out is None else Path(out)
    with new_run(folder, force=force or out is None) as place:
        for name, figure in pictures.items():
            save(figure, place / name)
    return [folder / name for name in pictures], left_out
