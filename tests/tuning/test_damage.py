"""A search's folder after a power cut: a file is empty, cut short or full of zeros. It is named, and all goes on."""

import importlib
import json
import re
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from competition.errors import KitError, KitWarning
from tuning.errors import TuningError
from tuning.folder import check_folder, project_of, read_result
from tuning.keras_tuner import tuner
from tuning.trials import finals
from tuning.trials_file import read_trials

TRIALS = 7
DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "one byte": lambda content: content[:1],
    "half": lambda content: content[: len(content) // 2],
    "nearly whole": lambda content: content.rstrip()[:-1],
    "zeros": lambda content: bytes(len(content)),
}
FILES = {
    "oracle": "project-*/oracle.json",
    "first trial": "project-*/trial_0000/trial.json",
    "trial in between": "project-*/trial_0003/trial.json",
    "last trial": "project-*/trial_0006/trial.json",
    "outcome": "project-*/outcomes/*.json",
    "probabilities": "project-*/outcomes/*.npy",
    "finalist": "project-*/afresh/*.json",
    "finalist's probabilities": "project-*/afresh/*.npy",
}


@pytest.fixture(scope="module")
def quick_search() -> ModuleType:
    """A search whose trials take no time; told apart from real ones for this module only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        module = importlib.import_module("quick_search")
        patch.setattr(module.time, "sleep", lambda seconds: None)
        for one in (tuner, finals):
            patch.setattr(one, "evaluate", one.evaluate)
        yield module


@pytest.fixture(scope="module")
def whole(quick_search: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "search"
    quick_search.search(folder, TRIALS)
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "search"))


def search_again(quick_search: ModuleType, folder: Path, trials: int = TRIALS) -> list[str]:
    """Go on with a search, and return what it has warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        quick_search.search(folder, trials)
    return [str(one.message) for one in caught if issubclass(one.category, KitWarning)]


def results(folder: Path) -> tuple[pd.DataFrame, bytes]:
    return read_trials(folder).drop(columns="seconds"), (folder / "recipe.toml").read_bytes()


@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_is_named_and_what_it_held_is_made_again(
    kind: str, quick_search: ModuleType, whole: Path, tmp_path: Path
):
    trials, recipe = results(whole)
    for name, damage in DAMAGES.items():
        folder = Path(shutil.copytree(whole, tmp_path / name))
        path = next(iter(sorted(folder.glob(FILES[kind]))))
        path.write_bytes(damage(path.read_bytes()))
        said = search_again(quick_search, folder)
        assert any(f"{path.relative_to(folder.parent)}: cannot be read (it is" in one for one in said), said
        found, again = results(folder)
        pd.testing.assert_frame_equal(found, trials)
        assert again == recipe
        assert search_again(quick_search, folder) == []


def changed(*keys: str | int, to: object) -> Callable[[bytes], bytes]:
    """Return what changes an entry of a JSON file, so that it is JSON still."""

    def change(content: bytes) -> bytes:
        table = json.loads(content)
        place = table
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = to
        return json.dumps(table).encode()

    return change


OTHERWISE = {
    "no trial's number": ("first trial", changed("trial_id", to="x"), "trial_id is 'x'"),
    "a number as an id": ("last trial", changed("trial_id", to=3), "trial_id is 3"),
    "another state": ("last trial", changed("status", to="done"), "status is 'done'"),
    "no score": ("last trial", changed("score", to=None), "it is completed and has no score"),
    "a score that is none": ("last trial", changed("score", to="0.1"), "score is '0.1'"),
    "a list as a value": ("last trial", changed("hyperparameters", "values", "dropout", to=[0.1]), "its values are no"),
    "infinite": ("last trial", changed("hyperparameters", "values", "dropout", to=float("inf")), "its values are no"),
    "out of range": ("last trial", changed("hyperparameters", "values", "dropout", to=7.0), "dropout is 7.0"),
    "unknown": ("last trial", changed("hyperparameters", "values", "depth", to=1), "depth is 1"),
    "no metrics": ("last trial", changed("metrics", to={}), "there are no metrics"),
    "no history": ("last trial", changed("metrics", "metrics", "seconds", to={}), "the metric seconds is no number"),
    "ids of trials": ("oracle", changed("start_order", to=[["0000"]]), r"start_order is \[\['0000'\]\]"),
    "a text as seconds": ("oracle", changed("seconds", to="long"), "seconds is 'long'"),
    "a hash of a hash": ("oracle", changed("tried_so_far", to=[{}]), r"tried_so_far is \[\{\}\]"),
    "another outcome's": ("outcome", changed("values", "dropout", to=0.123), "its values are those of another file"),
    "an unknown end": ("outcome", changed("state", to="over"), "state is 'over'"),
    "a finalist's values": ("finalist", changed("values", "dropout", to="a"), "its values are those of another file"),
}


@pytest.mark.parametrize("kind", OTHERWISE)
def test_a_file_that_is_sound_json_and_no_file_of_the_search_is_named_and_made_again(
    kind: str, quick_search: ModuleType, whole: Path, copy: Path
):
    place, change, wrong = OTHERWISE[kind]
    path = next(iter(sorted(copy.glob(FILES[place]))))
    path.write_bytes(change(path.read_bytes()))
    said = search_again(quick_search, copy)
    assert any(re.search(rf"{path.name}: cannot be read \({wrong}", one) for one in said), said
    pd.testing.assert_frame_equal(results(copy)[0], results(whole)[0])
    assert search_again(quick_search, copy) == []


def test_probabilities_of_other_rows_are_made_again(quick_search: ModuleType, copy: Path):
    path = next(iter(sorted(copy.glob(FILES["finalist's probabilities"]))))
    np.save(path, np.full((11, 2), 0.5))
    said = search_again(quick_search, copy)
    assert any("expected probabilities of 12 rows and 2 genres" in one for one in said), said
    assert np.load(path).shape == (12, 2)


def test_of_several_lost_trials_each_gets_an_outcome_and_the_first_its_own(quick_search: ModuleType, copy: Path):
    before, _ = results(copy)
    for number in (0, 2, 3, 6):
        next(copy.glob(f"project-*/trial_{number:04d}/trial.json")).write_bytes(b"")
    next(copy.glob("project-*/oracle.json")).unlink()
    said = search_again(quick_search, copy)
    assert len(said) == 5
    assert sum("trial.json: cannot be read (it is empty)" in one for one in said) == 4
    assert any(re.search(r"oracle\.json: cannot be read \(No such file", one) for one in said)
    after, _ = results(copy)
    assert after["trial_id"].tolist() == before["trial_id"].tolist()
    pd.testing.assert_series_equal(after.iloc[0], before.iloc[0])
    scores = [sorted(one["board_log_loss"]) for one in (before, after)]
    assert scores[0] == scores[1]


def test_a_lost_trial_without_an_outcome_is_run_with_new_values_and_the_others_keep_their_numbers(
    quick_search: ModuleType, copy: Path
):
    before, _ = results(copy)
    path = next(copy.glob("project-*/trial_0003/trial.json"))
    path.write_bytes(b"")
    (outcome,) = (
        one
        for one in copy.glob("project-*/outcomes/*.json")
        if '"units_1": ' in one.read_text() and f'"board_log_loss": {before["board_log_loss"][3]}' in one.read_text()
    )
    outcome.unlink()
    search_again(quick_search, copy)
    after, _ = results(copy)
    assert after["trial_id"].tolist() == before["trial_id"].tolist()
    others = before["trial_id"] != "0003"
    pd.testing.assert_frame_equal(after[others], before[others])
    assert after["board_log_loss"].notna().all()


@pytest.mark.parametrize("kind", ["oracle", "trial in between", "last trial", "outcome"])
def test_the_trials_that_follow_are_those_of_a_search_that_lost_nothing(
    kind: str, quick_search: ModuleType, copy: Path, whole: Path, tmp_path: Path
):
    longer = Path(shutil.copytree(whole, tmp_path / "longer"))
    assert search_again(quick_search, longer, TRIALS + 4) == []
    next(iter(sorted(copy.glob(FILES[kind])))).write_bytes(b"")
    search_again(quick_search, copy, TRIALS + 4)
    pd.testing.assert_frame_equal(results(copy)[0], results(longer)[0])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_lost_result_or_recipe_is_made_again(damage: str, quick_search: ModuleType, copy: Path):
    study, expected = quick_search.STUDY, (copy / "result.json").read_bytes()
    assert read_result(copy, study) is not None
    (copy / "result.json").write_bytes(DAMAGES[damage](expected))
    with pytest.warns(KitWarning, match=r"result\.json: cannot be read \(it is .*The search's result is made again"):
        assert read_result(copy, study) is None
    assert search_again(quick_search, copy) == []
    assert read_result(copy, study)["winner"] == json.loads(expected)["winner"]
    (copy / "recipe.toml").write_bytes(b"\x00" * 20)
    with pytest.warns(KitWarning, match=r"recipe\.toml: is not valid TOML.*The search's result is made again"):
        assert read_result(copy, study) is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_lost_description_is_written_anew_where_the_search_has_trials_and_else_refused(
    damage: str, quick_search: ModuleType, copy: Path
):
    study, path = quick_search.STUDY, copy / "search.json"
    expected = path.read_bytes()
    path.write_bytes(DAMAGES[damage](expected))
    with pytest.warns(KitWarning, match=r"search\.json: cannot be read \(it is .*This search has trials there"):
        check_folder(copy, study, force=False)
    assert search_again(quick_search, copy) == []
    assert path.read_bytes() == expected
    path.write_bytes(DAMAGES[damage](expected))
    shutil.rmtree(project_of(copy, study))
    with pytest.raises(TuningError, match=r"search\.json: cannot be read .*give the options that the search was begun"):
        check_folder(copy, study, force=False)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_table_is_named_by_who_draws_it_and_written_anew_by_the_search(
    damage: str, quick_search: ModuleType, copy: Path
):
    path = copy / "trials.csv"
    expected = path.read_bytes()
    path.write_bytes(DAMAGES[damage](expected))
    with pytest.raises(KitError, match=r"trials\.csv: cannot be read \(.*the command of the search writes it again"):
        read_trials(copy)
    search_again(quick_search, copy)
    assert path.read_bytes() == expected


def test_what_a_kill_left_beside_the_files_is_removed(quick_search: ModuleType, copy: Path):
    (project,) = copy.glob("project-*")
    left = [copy / ".trials.csv.0123abcd", project / "outcomes" / ".a1b2.json.01234567"]
    kept = [copy / ".lock", project / ".hidden", project / "outcomes" / ".a.json.0123456"]
    for path in (*left, *kept):
        path.write_text("half")
    search_again(quick_search, copy)
    assert [path.exists() for path in (*left, *kept)] == [False, False, True, True, True]
    (project / "workers").mkdir()
    left[0].write_text("half")  # perhaps a worker is just writing it
    search_again(quick_search, copy)
    assert left[0].exists()
