"""The report: one file, from the run's files, that loads nothing from elsewhere."""

import json
import re
import shutil
import time
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import run_program

from competition.scoring.metrics import accuracy, board_log_loss
from genre_kit.reports.page.html import write_report

EMPTY = {"meta", "img", "br", "link"}


class Page(HTMLParser):
    """Collects a page's tags, texts and tables, and holds against it that tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data

    def table_of(self, heading: str) -> list[list[str]]:
        """The table whose first heading is given, without its headings."""
        return next(table[1:] for table in self.tables if table[0][0] == heading)


@pytest.fixture(scope="module")
def run(tmp_path_factory, write_competition) -> Path:
    """A run by a model that needs no TensorFlow, on a competition with a name that HTML must not swallow."""
    folder = tmp_path_factory.mktemp("report")
    data = write_competition(folder / "data")
    edition = data / "edition.toml"
    edition.write_text(edition.read_text().replace("A tiny competition", "<b>Tiny & small</b>"))
    said = run_program("submit", "--data", data, "--model", "kernel-ridge", "--folds", 3, "--out", folder / "run")
    assert (said.returncode, said.stderr) == (0, "")
    assert f"report    {folder / 'run' / 'report.html'}" in said.stdout
    assert "noticed   1 of the columns has the same value in all songs: 4\n" in said.stdout
    return folder / "run"


@pytest.fixture(scope="module")
def page(run: Path) -> Page:
    return Page((run / "report.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(run: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Targets, probabilities and labels of the out-of-fold rows."""
    table = pd.read_csv(run / "oof.csv")
    probabilities = table.filter(like="Class_").to_numpy()
    return table["Label"].to_numpy() - 1, probabilities, table["Predicted"].to_numpy() - 1


def test_it_is_one_file_that_needs_no_other(run: Path, page: Page):
    sources = [attributes.get("src") or "" for _, attributes in page.tags if "src" in attributes]
    assert sources
    assert all(source.startswith("data:image/png;base64,iVBOR") for source in sources)
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    text = (run / "report.html").read_text()
    assert not re.search(r"url\(|@import|https?://", text)
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    names = {attributes.get("id") for _, attributes in page.tags}
    for link in links:
        assert link.removeprefix("#") in names if link.startswith("#") else (run / link).is_file()
    assert "report.html" in (run / "DONE").read_text().split()


def test_every_picture_of_the_run_is_in_it_with_a_text(run: Path, page: Page):
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert len(pictures) == len(list((run / "plots").glob("*.png"))) == 6
    assert all(len(picture["alt"]) > 20 for picture in pictures)
    assert len({picture["alt"] for picture in pictures}) == len(pictures)


def test_it_follows_the_readers_wish_for_dark_and_the_width_of_a_phone(run: Path):
    text = (run / "report.html").read_text()
    assert "prefers-color-scheme: dark" in text
    assert '<meta name="viewport" content="width=device-width' in text


def test_names_are_text_not_markup(page: Page):
    assert "<b>Tiny & small</b>" in page.text
    assert not [tag for tag, _ in page.tags if tag == "b" and "Tiny" in tag]


def test_its_scores_are_those_of_the_runs_files(run: Path, page: Page, rows):
    targets, probabilities, labels = rows
    scores = json.loads((run / "scores.json").read_text())
    table = {name: cells for name, *cells in page.table_of("Score")}
    assert table["Accuracy"][0] == f"{accuracy(targets, labels):.4f}"
    assert table["Board log loss"][0] == f"{board_log_loss(targets, probabilities):.4f}"
    assert table["Board log loss"][1] == f"{scores['out_of_fold']['board_log_loss_se']:.4f}"
    low, high = scores["intervals"]["board_log_loss"]
    assert table["Board log loss"][2] == f"{low:.4f} – {high:.4f}"
    low, high = scores["board"]["accuracy"]
    assert f"a board of 7 songs: {low:.4f} to {high:.4f}" in page.text
    assert page.table_of("Recipe") == [
        [
            "kernel-ridge",
            "3",
            f"{scores['pool'][0]['weight']:.2f}",
            table["Board log loss"][0],
            f"{accuracy(targets, probabilities.argmax(axis=1)):.4f}",
        ]
    ]
    guessing, plain = scores["yardsticks"]
    known = guessing["scores"]
    assert f"{known['accuracy']:.4f} accuracy, {known['board_log_loss']:.4f} board log loss: always" in page.text
    assert f"{plain['scores']['board_log_loss']:.4f} board log loss: a plain logistic regression" in page.text


def test_its_genres_are_those_of_the_out_of_fold_rows(page: Page, rows, run: Path):
    targets, probabilities, labels = rows
    test = pd.read_csv(run / "label_pred.csv")["Sample_label"].to_numpy() - 1
    for genre, (name, songs, share, given, in_test, precision, recall, loss) in enumerate(page.table_of("Genre")):
        assert name == f"{genre + 1} {('Rock', 'Jazz', 'Polka')[genre]}"
        assert int(songs) == np.sum(targets == genre)
        assert share == f"{100 * np.mean(targets == genre):.1f} %"
        assert given == f"{100 * np.mean(labels == genre):.1f} %"
        assert in_test == f"{100 * np.mean(test == genre):.1f} %"
        assert precision == f"{100 * np.mean(targets[labels == genre] == genre):.1f} %"
        assert loss == f"{board_log_loss(targets[targets == genre], probabilities[targets == genre]):.4f}"
        assert recall == f"{100 * np.mean(labels[targets == genre] == genre):.1f} %"


def test_it_shows_what_the_rule_gains_and_the_shares_of_the_test_file(page: Page, run: Path):
    scores = json.loads((run / "scores.json").read_text())
    gain, shares = scores["rule_gain"], scores["test_shares"]
    verb = "costs" if gain["accuracy"] < 0 else "gains"
    size = f"{verb} {abs(gain['accuracy']):.4f} ± {gain['accuracy_se']:.4f} accuracy out of fold against argmax"
    assert f"It {size}" in page.text or "It has the same accuracy out of fold as argmax" in page.text
    for (_, *cells), training, estimated in zip(
        page.table_of("Genre of test songs"), shares["training"], shares["estimated"], strict=True
    ):
        assert cells == [f"{100 * training:.1f} %", f"{100 * estimated:.1f} %"]


def test_the_hardest_songs_are_those_whose_genre_was_least_probable(page: Page, rows):
    targets, probabilities, _ = rows
    own = [probabilities[row, target] for row, target in enumerate(targets)]
    shown = page.table_of("Row")
    assert len(shown) == 20
    assert [int(row) for row, *_ in shown] == [row + 1 for row in np.argsort(own, kind="stable")[:20]]
    assert {genre for _, genre, *_ in shown} <= {"Rock", "Jazz", "Polka"}


def test_the_least_certain_test_songs_are_those_of_the_smallest_largest_probability(page: Page, run: Path):
    written = pd.read_csv(run / "label_all.csv", index_col="Sample_id")
    shown = page.table_of("Test song")
    assert [int(song) for song, *_ in shown] == written.max(axis=1).sort_values(kind="stable").index[:10].tolist()
    for song, best, probability, following, next_probability in shown:
        classes = written.loc[int(song)].sort_values(ascending=False)
        names = [("Rock", "Jazz", "Polka")[int(name.removeprefix("Class_")) - 1] for name in classes.index[:2]]
        assert [best, following] == names
        assert [probability, next_probability] == [f"{value:.4f}" for value in classes[:2]]


def test_every_table_scrolls_inside_a_box_of_its_own(run: Path):
    text = (run / "report.html").read_text()
    assert text.count("<table") == len(re.findall(r'<div class="scroll"><table', text)) > 6


def test_a_test_song_that_repeats_a_training_song_is_shown_with_its_genre(write_competition, tmp_path: Path):
    data = write_competition(tmp_path / "data")
    songs, genres = ((data / name).read_text().splitlines() for name in ("songs.csv", "genres.csv"))
    unknown = (data / "unknown.csv").read_text().splitlines()
    (data / "unknown.csv").write_text("\n".join([*unknown[:2], songs[4], *unknown[3:]]) + "\n")
    out = tmp_path / "run"
    said = run_program("submit", "--data", data, "--model", "kernel-ridge", "--folds", 3, "--out", out)
    assert said.returncode == 0, said.stderr
    assert "1 of the test songs is equal to a training song, and easier than new songs: row 3" in said.stdout
    assert json.loads((out / "manifest.json").read_text())["data"]["copies"] == [[3, 5]]
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert page.table_of("Test row") == [["3", "5", ("Rock", "Jazz", "Polka")[int(genres[4]) - 1]]]


def test_the_folds_add_up(page: Page, rows):
    targets, probabilities, labels = rows
    songs, right, losses = np.array([cells[1:] for cells in page.table_of("Fold")], float).T
    assert songs.sum() == len(targets)
    assert np.average(right, weights=songs) == pytest.approx(accuracy(targets, labels), abs=1e-4)
    assert np.average(losses, weights=songs) == pytest.approx(board_log_loss(targets, probabilities), abs=1e-4)


def test_it_says_how_to_repeat_the_run_and_what_is_odd_about_the_data(page: Page, run: Path):
    manifest = json.loads((run / "manifest.json").read_text())
    for fact in (manifest["data"]["sha256"], " ".join(manifest["command"]), manifest["environment"]["python"]):
        assert fact in page.text
    constant = "1 of the columns has the same value in all songs: 4"
    assert manifest["data"]["notes"] == [constant, "columns count from 1; a header is none of them"]
    assert manifest["data"]["notes"][0] in page.text
    assert (run / "recipe.toml").read_text().strip() in page.text


def test_it_is_written_quickly_and_the_same_again(run: Path, tmp_path: Path):
    shutil.copytree(run, tmp_path / "run")
    (tmp_path / "run" / "report.html").unlink()
    (tmp_path / "run" / "DONE").unlink()
    start = time.process_time()
    write_report(tmp_path / "run", "threshold: Jazz where no genre's probability exceeds 0.25")
    assert time.process_time() - start < 5  # of the processor's, a hundred times what it takes
    assert (tmp_path / "run" / "report.html").read_bytes() == (run / "report.html").read_bytes()


def test_score_writes_one_too_without_test_songs(write_competition, tmp_path: Path):
    data = write_competition(tmp_path / "data")
    (data / "unknown.csv").unlink()
    out = tmp_path / "scored"
    options = ("--model", "kernel-ridge", "--folds", 3, "--rule", "argmax", "--out", out)
    said = run_program("score", "--data", data, *options)
    assert (said.returncode, said.stderr) == (0, "")
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    assert len(page.table_of("Genre")[0]) == 7
    assert "The rule in use is argmax: the most probable genre." in page.text


def test_learning_curves_of_networks_are_shown(finished):
    _, out, _ = finished
    page = Page((out / "report.html").read_text(encoding="utf-8"))
    alts = [attributes["alt"] for tag, attributes in page.tags if tag == "img"]
    assert "Training and held-out loss by epoch" in alts
