"""`submit --manifest`: a finished run once more, from its record."""

import shlex
import warnings
from dataclasses import replace
from pathlib import Path

from competition.errors import KitWarning, RunError
from competition.models.ensembles import ensemble_from_table
from competition.runtime.environment import differences
from competition.storage.folders import FOLDS, GROUPS
from genre_kit.jobs.steps.folds import asked_folds
from genre_kit.jobs.steps.inputs import DataChoice, PathLike, absolute
from genre_kit.jobs.steps.keep import check_out
from genre_kit.jobs.steps.plan import plan_of, refuse_imports
from genre_kit.jobs.train import submit_plan
from genre_kit.results.events import Listener, nobody
from genre_kit.results.facts import Asked
from genre_kit.results.run import Plan, Result
from genre_kit.runs.known_data import KnownData, is_run, known_by_manifest
from genre_kit.runs.manifest import Manifest, manifest_path


def repeat(
    manifest: PathLike,
    *,
    data: PathLike | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Listener = nobody,
) -> Result:
    """Do again what a run did: the same models of the same songs, by the same seed, folds and rule.

    On the same machine, with the same versions of packages, all predictions and scores are the same to the byte.

    Parameters
    ----------
    manifest : path
        The run's ``manifest.json``, or its folder. A run under a time budget is repeated by what it trained.
    data : path or None
        Where the songs are now; by default where they were.
    out, force, progress
        As for `submit`.

    Returns
    -------
    Result
        As of `submit`.

    Raises
    ------
    KitError
        Where the record does not say enough, or the songs are others.

    Warns
    -----
    KitWarning
        Where versions or the machine differ from those of the run.
    """
    check_out(out, force=force)
    return submit_plan(_plan(manifest_path(Path(manifest)), data), out, force=force, progress=progress)


def _plan(path: Path, data: PathLike | None) -> Plan:
    manifest = Manifest.read(path)
    asked, known = _asked(path, manifest), known_by_manifest(path, manifest)
    if manifest.ensemble is None or manifest.seed is None:
        raise RunError(f"{path}: ensemble or seed is missing; train the run again.")
    if found := differences(manifest.environment):
        message = f"{path}: was made elsewhere ({'; '.join(found)}): last digits may differ."
        warnings.warn(message, KitWarning, stacklevel=3)
    ensemble = ensemble_from_table(manifest.ensemble)
    refuse_imports(ensemble, path, "a run")
    chosen = DataChoice(known.place if data is None else data, known.edition, _moved(known, data))
    return plan_of(chosen, ensemble, asked, manifest.seed)


def _moved(known: KnownData, data: PathLike | None) -> KnownData:
    """Return what is known of the songs, which are now in another place."""
    if data is None or known.origin is None:
        return known
    return replace(known, origin=replace(known.origin, path=absolute(data)))


def _asked(path: Path, manifest: Manifest) -> Asked:
    """Return what the run was asked for; the files of its folds and groups are those that it keeps, if it is there."""
    asked, folder = manifest.asked, path.parent
    if asked is None:
        raise RunError(
            f"{path}: repeats nothing: only runs that trained models and labelled test songs are repeated, of this "
            f"version of the kit or a newer one. It was made by: {shlex.join(manifest.command)}"
        )
    if not is_run(folder):
        return asked
    has_file = isinstance(asked_folds(asked.folds), Path)
    return replace(
        asked,
        folds=str(folder / FOLDS) if has_file else asked.folds,
        groups=None if asked.groups is None else str(folder / GROUPS),
    )
