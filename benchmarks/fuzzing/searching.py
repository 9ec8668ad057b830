"""A whole search whose trials take no time, to be gone on with where one of its files is spoiled."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.data.folds import stratified_folds
from competition.errors import KitError
from tuning.folder import RESULT, SEARCH, check_folder, locked, project_of, read_origin, read_result
from tuning.keras_tuner import tuner
from tuning.progress import SearchProgress
from tuning.search import Search, run_search
from tuning.trials import finals
from tuning.trials.outcomes import FINISHED, Outcome
from tuning.trials.spaces import load_space
from tuning.trials.study import OBJECTIVES, Budget, Settings, Study
from tuning.trials_file import read_trials

TRIALS = 5
WHOLE = "whole"
PLACES = {
    SEARCH: SEARCH,
    RESULT: RESULT,
    "trials.csv": "trials.csv",
    "oracle.json": "project-*/oracle.json",
    "trial.json": "project-*/trial_0002/trial.json",
    "outcome.json": "project-*/outcomes/*.json",
    "probabilities.npy": "project-*/outcomes/*.npy",
    "finalist.json": "project-*/afresh/*.json",
}
"""Where a file belongs that stands beside the whole search."""


def write_search(folder: Path) -> None:
    """Write a finished search, and beside it one file of each kind, to be spoiled."""
    _search(folder / WHOLE)
    for name, place in PLACES.items():
        shutil.copyfile(min((folder / WHOLE).glob(place)), folder / name)


def go_on(path: Path) -> None:
    """Put a file into its place in a copy of the search, and do with it what `tune` and `submit` do."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(shutil.copytree(path.parent / WHOLE, Path(place) / "search"))
        shutil.copyfile(path, min(folder.glob(PLACES[path.name])))
        for read in (read_origin, read_trials):
            try:
                read(folder)
            except KitError:
                continue
        check_folder(folder, _study(), force=False)
        read_result(folder, _study())
        _search(folder)


def _search(folder: Path) -> None:
    with _told_by_a_formula(), locked(folder):
        asked = Search(_study(), Budget(TRIALS), folder)
        run_search(asked, SearchProgress(_study().objective, asked.budget, None, quiet=True))
    assert read_result(folder, _study()) is not None
    assert any((project_of(folder, _study()) / "outcomes").iterdir())


@cache
def _study() -> Study:
    edition = Edition("quick", "Quick", ("A", "B"), "A", Files("a", "b", "c"), (Block("all", 0, 2, ("mean",)),))
    targets = np.arange(12) % 2
    dataset = Dataset(edition, np.ones((12, 2), np.float32), targets, None, "nowhere")
    folds, settings = stratified_folds(targets, 2, 0), Settings(initial=TRIALS + 1)
    return Study(dataset, folds, load_space("dense"), OBJECTIVES["log-loss"], 3, 1, settings)


@contextmanager
def _told_by_a_formula() -> Iterator[None]:
    """Let trials be told apart without training."""

    def evaluate(study: Study, values: dict[str, float], best: Outcome | None) -> tuple[Outcome, np.ndarray]:
        score = abs(values["dropout"] - 0.3) + abs(np.log(values["learning_rate"] / 0.005)) / 10
        outcome = Outcome(values, FINISHED, float(score), float(1 - score), 0.1, (float(score),) * 2)
        return outcome, np.full((12, 2), 0.5)

    with mock.patch.object(tuner, "evaluate", evaluate), mock.patch.object(finals, "evaluate", evaluate):
        yield
