"""Runs, blends and checks of a competition whose songs are cut into parts, and whose files hold names."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import run_program

import genre_kit
from competition.data.edition_file import read_edition
from competition.data.loading import load_dataset
from competition.scoring.groups import Grouping
from competition.scoring.scores import board_intervals
from genre_kit.results.genres import without_as_option
from genre_kit.runs.manifest import ScoresFile

EDITION = """\
name = "parts"
title = "Songs in parts"
genres = ["Rock", "Jazz", "Rhythm, Blues"]
fallback = "Jazz"

[files]
train = "songs.csv"
test = "unknown.csv"
template = "template.csv"

[columns]
features = ["tempo", "loudness", "brightness"]
id = "part"
label = "style"
group = "part"
group_pattern = '(.*)\\.\\d\\.wav'

[submission]
id = "song"
label = "style"
labels = "names"
order = "template"
rows = "songs"
classes = {"p blues" = "Rhythm, Blues", "p jazz" = "Jazz", "p rock" = "Rock"}
"""
GENRES = np.array(["Rock", "Jazz", "Rhythm, Blues"])
TEMPLATE = ("last, live", "b", "a", "d", "c")


def parts(songs: list[str], targets: np.ndarray, generator: np.random.Generator) -> pd.DataFrame:
    """Three parts of each song, with features around its genre's."""
    centres = np.array([[0, 0, 0], [3, 0, 3], [0, 3, 3]])[np.repeat(targets, 3)]
    features = centres + generator.normal(size=centres.shape)
    names = [f"{song}.{part}.wav" for song in songs for part in range(3)]
    return pd.DataFrame({"part": names, **dict(zip(("tempo", "loudness", "brightness"), features.T, strict=True))})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator, folder = np.random.default_rng(0), tmp_path_factory.mktemp("parts")
    targets = np.arange(30) % 3
    training = parts([f"song {number}" for number in range(30)], targets, generator)
    training.assign(style=np.repeat(GENRES[targets], 3)).to_csv(folder / "songs.csv", index=False)
    unknown = parts(sorted(TEMPLATE), np.array([0, 1, 2, 0, 1]), generator)
    unknown.sample(frac=1, random_state=1).to_csv(folder / "unknown.csv", index=False)
    pd.DataFrame({"song": TEMPLATE, "p blues": 0, "p jazz": 0, "p rock": 0}).to_csv(
        folder / "template.csv", index=False
    )
    (folder / "edition.toml").write_text(EDITION)
    return folder


@pytest.fixture(scope="module")
def submitted(data: Path) -> list[genre_kit.Result]:
    models = ("discriminant-analysis", "logistic-regression")
    return [genre_kit.submit(data=data, model=model, folds=3, out=data / "runs" / model) for model in models]


def test_files_hold_the_template_s_lines_and_names(submitted: list[genre_kit.Result]):
    result = submitted[0]
    labels = pd.read_csv(result.folder / "label_pred.csv")
    assert list(labels.columns) == ["song", "style"]
    assert tuple(labels["song"]) == result.entries.ids == TEMPLATE
    assert list(labels["style"]) == list(GENRES[result.labels - 1])
    table = pd.read_csv(result.folder / "label_all.csv")
    assert list(table.columns) == ["song", "p blues", "p jazz", "p rock"]
    np.testing.assert_allclose(table[["p rock", "p jazz", "p blues"]], result.probabilities, rtol=1e-15)
    assert list(pd.read_csv(result.folder / "oof.csv").columns[-3:]) == ["Class_1", "Class_2", "Class_3"]


def test_labels_are_predicted_from_a_song_s_gathered_probabilities(submitted: list[genre_kit.Result]):
    result = submitted[0]
    (trained,) = result.trained
    assert result.probabilities.shape == (5, 3)
    assert trained.fit.test.shape == (15, 3)
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(result.labels, result.rule.predict(result.probabilities) + 1)
    assert result.board_rows == 5


def test_the_record_has_rows_and_lines_and_the_report_the_songs_genres(submitted: list[genre_kit.Result]):
    record = json.loads((submitted[0].folder / "manifest.json").read_text())
    assert (record["data"]["test_rows"], record["test_lines"]) == (15, 5)
    assert "Rhythm, Blues" in (submitted[0].folder / "report.html").read_text()


def test_boards_of_lines_are_foreseen_by_songs_whose_parts_are_taken_together(
    submitted: list[genre_kit.Result], data: Path, tmp_path: Path
):
    first, other = submitted
    held_out = first.known
    assert held_out.grouping == Grouping(30, 3.0, 3.0, lines_are_groups=True)
    assert held_out.by_group is not None
    expected = board_intervals(held_out.by_group.mean, rows=30, board_rows=5)
    board = ScoresFile.read(first.folder).board
    assert board is not None
    assert (board.rows, board.grouping) == (5, "lines")
    assert board.accuracy == (expected["accuracy"].low, expected["accuracy"].high)
    assert board.board_log_loss == (expected["board_log_loss"].low, expected["board_log_loss"].high)
    said = run_program("score", first.folder).stdout
    assert "boards    of 5 lines, a group each, are likely to say (95 %): accuracy " in said
    (found,) = json.loads(run_program("score", first.folder, "--json").stdout)["runs"]
    assert found["board"]["accuracy"] == list(board.accuracy)
    assert "and what boards score" in (first.folder / "report.html").read_text()
    scored = genre_kit.score(data=data, model="discriminant-analysis", folds=3, out=tmp_path / "scored")
    assert ScoresFile.read(scored.folder).board == board
    blended = genre_kit.blend([first.folder, other.folder], out=tmp_path / "blended")
    assert (blended.known.grouping, blended.known.by_group.groups) == (held_out.grouping, 30)
    assert ScoresFile.read(blended.folder).board.grouping == "lines"


def test_artists_given_as_groups_are_not_what_lines_are(data: Path, tmp_path: Path):
    artists = tmp_path / "artists.csv"
    artists.write_text("".join(f"{number // 9}\n" for number in range(90)))
    run = genre_kit.submit(data=data, model="discriminant-analysis", folds=3, groups=artists, out=tmp_path / "run")
    assert run.known.grouping == Grouping(10, 9.0)
    assert run.known.by_group is None  # an artist here has songs of several genres
    assert ScoresFile.read(run.folder).board.grouping == "training"


def test_test_songs_are_grouped_as_their_file_says_and_nothing_is_assumed_where_it_does_not(data: Path, tmp_path: Path):
    dataset = load_dataset(data, read_edition(data / "edition.toml"))
    names = pd.read_csv(data / "unknown.csv")["part"].str.rsplit(".", n=2).str[0]
    assert len(set(zip(names, dataset.test_groups, strict=True))) == dataset.test_groups.max() + 1 == 5
    assert dataset.lines_are_groups
    assert dataset.without_test().test_groups is None
    by_rows = EDITION.replace("group_pattern = '(.*)\\.\\d\\.wav'", "group_pattern = '(song .*)\\.\\d\\.wav'")
    (tmp_path / "edition.toml").write_text(by_rows.replace('order = "template"\nrows = "songs"', 'order = "test"'))
    unlike = load_dataset(data, read_edition(tmp_path / "edition.toml"))
    assert (unlike.test_groups, unlike.lines_are_groups) == (None, False)
    assert len(np.unique(unlike.groups)) == 30


def test_what_was_written_passes_in_any_order(submitted: list[genre_kit.Result], data: Path, tmp_path: Path):
    said = run_program("check", submitted[0].folder, "--data", data)
    assert (said.returncode, said.stderr) == (0, "")
    table = pd.read_csv(submitted[0].folder / "label_all.csv")
    table.iloc[::-1, ::-1].to_csv(tmp_path / "label_all.csv", index=False)
    said = run_program("check", tmp_path / "label_all.csv", submitted[0].folder / "label_pred.csv", "--data", data)
    assert said.returncode == 0, said.stderr
    assert [line.split(":")[0] for line in said.stderr.splitlines()] == ["note", "note"]


def test_a_blend_keeps_ids_and_order(submitted: list[genre_kit.Result], tmp_path: Path):
    blended = genre_kit.blend([one.folder for one in submitted], out=tmp_path / "blend")
    assert blended.entries.ids == TEMPLATE
    assert blended.probabilities.shape == (5, 3)
    own = [(one.folder / "label_all.csv").read_text().splitlines() for one in (blended, submitted[0])]
    assert [line.rsplit(",", 3)[0] for line in own[0]] == [line.rsplit(",", 3)[0] for line in own[1]]
    again = genre_kit.blend([blended.folder, submitted[0].folder], out=tmp_path / "again")
    assert again.entries.ids == TEMPLATE


def test_a_finished_run_s_models_write_the_same_lines(submitted: list[genre_kit.Result], data: Path, tmp_path: Path):
    first = submitted[0]
    again = genre_kit.predict(first.folder, data=data, out=tmp_path / "again")
    assert again.entries.ids == TEMPLATE
    np.testing.assert_allclose(again.probabilities, first.probabilities, rtol=1e-6)
    assert (again.folder / "label_pred.csv").read_bytes() == (first.folder / "label_pred.csv").read_bytes()
    assert json.loads((again.folder / "manifest.json").read_text())["test_rows"] == 15


@pytest.fixture
def write_truth(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        (tmp_path / "truth.csv").write_text(text)
        return tmp_path / "truth.csv"

    return write


def scores(result: genre_kit.Result, labels: Path, data: Path) -> list[float]:
    files = [result.folder / name for name in ("label_pred.csv", "label_all.csv")]
    first, second = genre_kit.score_files(files, labels, data=data)
    return [first.scores.accuracy.value, second.scores.board_log_loss.value]


def test_files_are_scored_against_labels_beside_ids_in_any_order(
    submitted: list[genre_kit.Result], data: Path, write_truth: Callable[[str], Path]
):
    truth = dict(zip(sorted(TEMPLATE), GENRES[[0, 1, 2, 0, 1]], strict=True))
    found = set()
    for order in (TEMPLATE, sorted(TEMPLATE)):
        lines = "".join(f'"{song}","{truth[song]}"\n' for song in order)
        for header in ("song,style\n", "name,genre\n", ""):
            found.add(tuple(scores(submitted[0], write_truth(header + lines), data)))
    assert len({tuple(np.round(one, 12)) for one in found}) == 1
    right = [truth[song] == GENRES[label - 1] for song, label in zip(TEMPLATE, submitted[0].labels, strict=True)]
    assert found.pop()[0] == pytest.approx(np.mean(right))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Rock\nJazz\nRock\nRock\nJazz\n",
            r"1 column\(s\); expected the ids of the songs and their labels: two",
        ),
        ("song,style\na,Rock\na,Jazz\n", "line 3: id a stood in line 2 already"),
        ("song,style\na,Rock\nb,Polka\n", 'line 3: the label is "Polka"; expected one of Rock, Jazz, Rhythm, Blues'),
        ("song,style\na,Rock\n", r"5 row\(s\); expected 1, one for each label of"),
    ],
)
def test_labels_that_do_not_fit_are_refused(
    submitted: list[genre_kit.Result], data: Path, write_truth: Callable[[str], Path], text: str, sentence: str
):
    with pytest.raises(genre_kit.KitError, match=sentence):
        scores(submitted[0], write_truth(text), data)


def test_genres_left_out_have_their_columns_in_the_template_s_order(data: Path, tmp_path: Path):
    """Of songs in parts: the lines are still the template's, and labels with commas are named by their numbers."""
    result = genre_kit.submit(data=data, model="discriminant-analysis", folds=3, without=[3], out=tmp_path / "run")
    labels, table = pd.read_csv(tmp_path / "run" / "label_pred.csv"), pd.read_csv(tmp_path / "run" / "label_all.csv")
    assert tuple(labels["song"]) == tuple(table["song"]) == TEMPLATE
    assert set(labels["style"]) <= {"Rock", "Jazz"}
    assert list(table.columns) == ["song", "p blues", "p jazz", "p rock"]
    assert (table["p blues"] == 1e-7).all()
    np.testing.assert_allclose(table[["p rock", "p jazz"]].to_numpy(), result.probabilities, rtol=1e-6)
    assert genre_kit.check([tmp_path / "run"]).is_ok
    assert without_as_option(result.edition) == "3"
    assert without_as_option(result.edition.only(["Rock", "Rhythm, Blues"])) == "Jazz"
