"""What the tests share: a tiny edition, a tiny competition in it, and the program run as a user runs it."""

import importlib.util
import platform
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import settings
from kaggle_stub import Stub, environment, started
from support import EDITION_TEXT, RECIPE_TEXT, ROOT, SHARED_DATA, run_program

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files

settings.register_profile("kit", deadline=None)  # how long an example takes is the machine's business
settings.load_profile("kit")
platform.processor()  # asks a process, once: h5py, which TensorFlow imports, would in the middle of a test

_FOREIGN = ("KAGGLE_API_TOKEN", "KAGGLE_KERNEL_RUN_TYPE", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY", "VERBOSE")
"""What would point Kaggle's client elsewhere than to the stub, or give it other credentials."""
TRAINED = {"finished", "fit", "fitted", "handed_out", "lstm_fit", "searched", "submitted", "trained"}
"""Fixtures that train networks; tests that use them are marked for it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        shows_training = isinstance(item, pytest.DoctestItem) and any(
            "fit(" in one.source for one in item.dtest.examples
        )
        if shows_training or TRAINED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.training)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hold every test against its marks, by which `make quick` chooses: it must not do what they do not say."""
    with ExitStack() as stack:
        if item.get_closest_marker("process") is None:
            stack.enter_context(mock.patch.object(subprocess.Popen, "__init__", _refusal("process")))
        if item.get_closest_marker("training") is None and "keras" in sys.modules:
            for method in ("fit", "train_on_batch"):
                stack.enter_context(mock.patch.object(sys.modules["keras"].Model, method, _refusal("training")))
        return (yield)


def _refusal(mark: str) -> Callable[..., None]:
    return lambda *_, **__: pytest.fail(f"it needs the mark: @pytest.mark.{mark}")


@pytest.fixture(scope="session")
def edition() -> Edition:
    return Edition(
        name="tiny",
        title="A tiny competition",
        genres=("Rock", "Jazz", "Polka"),
        fallback="Jazz",
        files=Files("songs.csv", "genres.csv", "unknown.csv"),
        blocks=(Block("rhythm", 0, 3, ("mean", "max")), Block("timbre", 6, 4, ("mean",))),
    )


@pytest.fixture(scope="session")
def dataset(edition: Edition) -> Dataset:
    """Sixty songs to train on and seven to label; genres lie two deviations apart, column 3 is constant."""
    generator = np.random.default_rng(7)
    targets = np.repeat([0, 1, 2], [30, 20, 10])
    centres = generator.normal(scale=1.5, size=(3, edition.columns))
    features = (centres[targets] + generator.normal(size=(60, edition.columns))).round(3)
    test_features = (centres[[0, 1, 2, 0, 1, 2, 0]] + generator.normal(size=(7, edition.columns))).round(3)
    features[:, 3] = test_features[:, 3] = 1e6
    return Dataset(edition, features.astype(np.float32), targets, test_features.astype(np.float32), "tests")


@pytest.fixture(scope="session")
def write_competition(dataset: Dataset) -> Callable[[Path], Path]:
    """Write the tiny competition's files into a folder."""

    def write(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "edition.toml").write_text(EDITION_TEXT)
        (folder / "recipe.toml").write_text(RECIPE_TEXT)
        np.savetxt(folder / "songs.csv", dataset.features, fmt="%.9g", delimiter=",")
        np.savetxt(folder / "genres.csv", dataset.targets + 1, fmt="%d")
        np.savetxt(folder / "unknown.csv", dataset.test_features, fmt="%.9g", delimiter=",")
        return folder

    return write


@pytest.fixture
def competition_folder(tmp_path: Path, write_competition: Callable[[Path], Path]) -> Path:
    return write_competition(tmp_path / "data")


@pytest.fixture(scope="session")
def finished(
    tmp_path_factory: pytest.TempPathFactory, write_competition: Callable[[Path], Path]
) -> tuple[Path, Path, subprocess.CompletedProcess[str]]:
    """A data folder, the folder of one finished submit upon it, and what the program said."""
    data = write_competition(tmp_path_factory.mktemp("finished") / "data")
    out = data.parent / "run"
    said = run_program("submit", "--data", data, "--recipe", data / "recipe.toml", "--folds", 3, "--out", out)
    assert said.returncode == 0, said.stderr
    return data, out, said


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the real data, or skip: it lies beside the repository where it is developed."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"needs the development data in {SHARED_DATA.relative_to(ROOT.parent)}, which is not here")
    return SHARED_DATA


@pytest.fixture(scope="session")
def client_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the client looks at, which it decides on when it is imported."""
    return tmp_path_factory.mktemp("client")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch, client_home: Path, tmp_path: Path) -> Iterator[Stub]:
    """A stub of Kaggle, to which this process's client now goes; skips where the client is not installed."""
    if importlib.util.find_spec("kaggle") is None:
        pytest.skip("needs Kaggle's own client: pip install -r requirements-kaggle.txt")
    monkeypatch.setenv("KAGGLE_CONFIG_DIR", str(client_home))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in _FOREIGN:
        monkeypatch.delenv(name, raising=False)
    with started() as one:
        for name, value in environment(one).items():
            monkeypatch.setenv(name, value)
        yield one
