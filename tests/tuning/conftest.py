"""What the tests of searches share: a tiny space and studies of the tiny competition."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support import TINY_SPACE

from competition.data.dataset import Dataset
from competition.data.folds import stratified_folds
from tuning.trials.spaces import Space, read_space
from tuning.trials.study import OBJECTIVES, Settings, Study

collect_ignore = ["quick_search.py"]


@pytest.fixture(scope="session")
def space_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("space") / "tiny.toml"
    path.write_text(TINY_SPACE)
    return path


@pytest.fixture(scope="session")
def space(space_file: Path) -> Space:
    return read_space(space_file)


@pytest.fixture(scope="session")
def study_of(dataset: Dataset, space: Space) -> Callable[..., Study]:
    """Make a study of the tiny competition; what is given replaces what it has."""

    def make(**changes: object) -> Study:
        usual = {
            "dataset": dataset.without_test(),
            "folds": stratified_folds(dataset.targets, 3, seed=0),
            "space": space,
            "objective": OBJECTIVES["log-loss"],
            "settings": Settings(initial=3),
        }
        return Study(**(usual | changes))

    return make
