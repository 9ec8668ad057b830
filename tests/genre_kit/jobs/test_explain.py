"""Explaining a finished run: from the command line to the page, and what keeps it from it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import run_program

from competition.data.folds import Folds
from competition.errors import ArgumentError, RunError
from competition.models.saved import MODELS, load_models
from competition.scoring.pooling import fit_pool
from genre_kit.jobs.explain import EXPLAIN, explain
from genre_kit.jobs.steps.inputs import choose_data
from genre_kit.reports.explanation.lines import explanation_lines
from genre_kit.runs.explained.content import Explained
from genre_kit.runs.explained.file import EXPLANATION, read_explanation, write_explanation
from genre_kit.runs.finished import read_finished


@pytest.fixture(scope="module")
def explained(finished, tmp_path_factory: pytest.TempPathFactory) -> Explained:
    """The explanation of a copy of the shared run."""
    run = tmp_path_factory.mktemp("explained") / "run"
    shutil.copytree(finished[1], run)
    return explain(run, songs=40, repeats=2)


@pytest.mark.training
def test_saved_models_give_back_the_runs_own_held_out_probabilities(finished):
    run = read_finished(finished[1])
    songs = choose_data(None, None, finished[1]).open(with_test=False)
    (members,) = load_models(finished[1] / MODELS).opened().predict_held_out(songs.features, run.assignment, 3).values()
    pool = fit_pool(run.targets, [members[:, None]], Folds(run.assignment), run.goals.probabilities)
    np.testing.assert_allclose(pool.out_of_fold, run.probabilities, rtol=1e-3)  # as far as weights are fitted


@pytest.mark.training
def test_everything_is_told_with_how_sure_it_is(explained: Explained):
    found = explained.found
    titles = {row.title: row for row in found.importance}
    assert {"rhythm", "timbre", "rhythm band 1", "rhythm max", "timbre band 4"} <= set(titles)
    constant = next(row for row in found.columns if row.columns == ("4",))
    assert constant.loss == (0.0, 0.0)
    rows = [*found.importance, *found.columns]
    assert all(row.loss[1] is not None and len(row.by_genre) == 3 for row in rows)
    assert sum(one.cost[0] for one in found.pairs_by_loss) == pytest.approx(
        read_finished(explained.folder.parent).row_scores["board_log_loss"].mean()
    )
    assert (found.songs, found.of_songs, found.repeats, found.column_repeats) == (40, 60, 2, 1)
    lines = "\n".join(explanation_lines(explained))
    for word in ("shuffled", "blocks", "confused", "labels", "songs", "explain.html"):
        assert word in lines


@pytest.mark.training
def test_the_page_and_the_file_are_in_the_run_and_can_be_read(explained: Explained):
    assert explained.folder.name == EXPLAIN
    page = explained.page.read_text()
    assert 'href="../report.html"' in page
    assert page.count("<img") == len(explained.pictures)
    assert read_explanation(explained.folder) == explained.found
    assert json.loads((explained.folder / EXPLANATION).read_text())["format"] == 1
    again = explain(explained.folder.parent, songs=40, repeats=2)
    assert again.found == explained.found
    assert again.page.read_text() == page


@pytest.mark.training
def test_damaged_files_are_named(explained: Explained, tmp_path: Path):
    write_explanation(tmp_path, replace(explained.found, more_songs=None))
    assert read_explanation(tmp_path).more_songs is None
    table = json.loads((tmp_path / EXPLANATION).read_text())
    for change, words in (
        ({"format": 99}, "newer version"),
        ({"importance": [{"kind": "band"}]}, "cannot be read"),
        ({"label_noise": 3}, "cannot be read"),
    ):
        (tmp_path / EXPLANATION).write_text(json.dumps(table | change) + "\n")
        with pytest.raises(RunError, match=words):
            read_explanation(tmp_path)


@pytest.mark.training
def test_the_command_explains_into_a_folder_of_its_own(finished, tmp_path: Path):
    said = run_program("explain", finished[1], "--songs", 20, "--repeats", 1, "--columns", "--out", tmp_path / "why")
    assert said.returncode == 0, said.stderr
    assert "shuffling columns, 10 of 10" in said.stdout
    assert "20 of 60 held-out songs, once" in said.stdout
    assert (tmp_path / "why" / "explain.html").is_file()
    assert not (finished[1] / EXPLAIN).exists()
    again = run_program("explain", finished[1], "--out", tmp_path / "why")
    assert again.returncode == 1
    assert "--force" in again.stderr


@pytest.mark.training
def test_runs_without_models_and_other_songs_are_refused(finished, tmp_path: Path):
    run = tmp_path / "run"
    shutil.copytree(finished[1], run)
    with pytest.raises(ArgumentError, match="at least 2"):
        explain(run, songs=1)
    data = tmp_path / "data"
    shutil.copytree(finished[0], data)
    lines = (data / "songs.csv").read_text().splitlines()
    (data / "songs.csv").write_text("\n".join([*lines[1:], lines[0]]) + "\n")
    with pytest.raises(RunError, match="has changed"):
        explain(run, data=data)
    index = json.loads((run / MODELS / "models.json").read_text())
    (run / MODELS / "models.json").write_text(json.dumps(index | {"not_kept": ["boosted"]}))
    with pytest.raises(RunError, match="does not keep boosted"):
        explain(run)
    shutil.rmtree(run / MODELS)
    with pytest.raises(RunError, match="keeps no models"):
        explain(run)
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["ensemble"]["models"][0]["recipe"]["reads"] = "both"
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match="reads frames, of which no column can be shuffled"):
        explain(run)
    (run / "manifest.json").write_text(json.dumps(manifest | {"blend": [{"run": "a", "weight": 1.0}]}))
    with pytest.raises(RunError, match="explain the runs that it pools"):
        explain(run)
    with pytest.raises(RunError, match="no such folder"):
        explain(tmp_path / "nothing")
