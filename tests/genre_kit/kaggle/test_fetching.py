"""A competition's files: downloaded by the real client from the stub, unpacked, recognised."""

import re
import time
from pathlib import Path

import kaggle_stub
import pytest
from kaggle_stub import DROPPED, Answer, Stub, leading_to, zipped
from support import run_program

import genre_kit
from competition.data.edition import Board
from competition.data.edition_file import load_edition, read_edition
from competition.errors import ArgumentError, DataError, KitWarning, RunError
from genre_kit.jobs.steps.inputs import open_dataset
from genre_kit.kaggle.door import client
from genre_kit.kaggle.door.refusals import KaggleError
from genre_kit.kaggle.fetching import fetch

ACCURACY = load_edition("mlbp-2018").boards["accuracy"].slug
LOSS = load_edition("mlbp-2018").boards["log_loss"].slug
COLUMNS = "tempo,energy,loudness,rolloff,centroid"


def _songs(name: str, rows: int, *, with_genre: bool) -> bytes:
    numbers = (",".join(str(row * factor % 97 / 4) for factor in (3, 5, 7, 11, 13)) for row in range(rows))
    genres = [f",{['rock', 'jazz'][row % 2]}" if with_genre else "" for row in range(rows)]
    lines = [f"{name}{row},{one}{genres[row]}" for row, one in enumerate(numbers)]
    return "\n".join([f"song_id,{COLUMNS}{',genre' if with_genre else ''}", *lines, ""]).encode()


TABLES = {
    "train.csv": _songs("song", 40, with_genre=True),
    "test.csv": _songs("new", 12, with_genre=False),
    "sample_submission.csv": "\n".join(["song_id,genre", *(f"new{row},rock" for row in range(12)), ""]).encode(),
}


@pytest.fixture(scope="module")
def classic(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The archive of a small competition whose files are those of the built-in edition."""
    folder = tmp_path_factory.mktemp("classic")
    genre_kit.sample(out=folder / "sample", songs=60)
    return zipped({path.name: path.read_bytes() for path in sorted((folder / "sample").glob("*.csv"))})


@pytest.fixture
def songs(stub: Stub) -> Stub:
    stub.boards["songs"] = kaggle_stub.Board("Categorization Accuracy", zipped(TABLES))
    return stub


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client, "RESUMPTIONS", 0)
    monkeypatch.setattr(client, "CHUNK", 50)


def test_a_competition_is_ready_to_work_on(songs: Stub, tmp_path: Path):
    said: list[str] = []
    found = fetch(edition="songs", out=tmp_path / "data", progress=said.append)
    assert sorted(found.files) == sorted(TABLES)
    assert found.size == sum(map(len, TABLES.values()))
    assert (tmp_path / "data" / "train.csv").read_bytes() == TABLES["train.csv"]
    edition = read_edition(
        tmp_path / "data" / "edition.toml", lambda files, roles: ["song_id", "tempo", "energy", "genre"]
    )
    assert edition.boards == {"main": Board("accuracy", "songs")}
    assert edition.genres == ("jazz", "rock")
    assert {one.name for one in (tmp_path / "data").iterdir()} == {*TABLES, "edition.toml"}
    assert said == ["fetching  songs ..."]
    dataset = open_dataset(tmp_path / "data", None, with_test=True)
    assert (dataset.rows, dataset.test_rows, dataset.edition.boards) == (40, 12, edition.boards)


def test_the_command_says_what_there_is_and_what_to_do_next(songs: Stub, tmp_path: Path):
    said = run_program(
        "fetch", "--edition", "https://www.kaggle.com/competitions/songs/data", "--out", tmp_path / "data"
    )
    assert said.returncode == 0, said.stderr
    assert re.search(r"fetched   songs: 3 files, \d\.\d kB, in .*data\n", said.stdout)
    assert f"next      python -m competition submit --data {tmp_path / 'data'}" in said.stdout
    assert "boards    main (accuracy); then: python -m competition send RUN" in said.stdout


@pytest.mark.parametrize("asked", ["mlbp-2018", ACCURACY, f"https://www.kaggle.com/c/{LOSS}"])
def test_a_built_in_edition_keeps_both_boards_and_its_labels_are_compared(
    stub: Stub, classic: bytes, tmp_path: Path, asked: str
):
    stub.boards |= {slug: kaggle_stub.Board(archive=classic) for slug in (ACCURACY, LOSS)}
    with pytest.warns(KitWarning, match="its labels are not those that mlbp-2018 is known by"):
        found = fetch(edition=asked, out=tmp_path / "data")
    assert (found.slug, found.found.edition.boards) == (ACCURACY, load_edition("mlbp-2018").boards)
    assert read_edition(tmp_path / "data" / "edition.toml") == load_edition("mlbp-2018")


def test_known_labels_are_not_remarked_on_whatever_ends_their_lines(
    stub: Stub, classic: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    import hashlib
    import zipfile
    from io import BytesIO

    with zipfile.ZipFile(BytesIO(classic)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    windows = files["train_labels.csv"].replace(b"\n", b"\r\n")
    monkeypatch.setitem(genre_kit.kaggle.fetching._LABELS_MD5, "mlbp-2018", hashlib.md5(windows).hexdigest())
    for place, labels in enumerate((windows, files["train_labels.csv"])):
        stub.boards[ACCURACY] = kaggle_stub.Board(archive=zipped(files | {"train_labels.csv": labels}))
        fetch(edition=ACCURACY, out=tmp_path / str(place))


def test_of_a_built_in_edition_the_board_is_taken_that_the_user_has_entered(stub: Stub, classic: bytes, tmp_path: Path):
    stub.boards[ACCURACY] = kaggle_stub.Board(entered=False)
    stub.boards[LOSS] = kaggle_stub.Board(archive=classic)
    with pytest.warns(KitWarning):
        assert fetch(edition="mlbp-2018", out=tmp_path / "data").slug == LOSS


def test_files_of_another_edition_are_read_as_what_they_are(stub: Stub, classic: bytes, tmp_path: Path):
    stub.boards[load_edition("mlbp-2017").boards["accuracy"].slug] = kaggle_stub.Board(archive=classic)
    with pytest.warns(KitWarning) as caught:
        found = fetch(edition="mlbp-2017", out=tmp_path / "data")
    assert "are not those of mlbp-2017, and are read as mlbp-2018" in str(caught[0].message)
    assert found.found.edition.boards == load_edition("mlbp-2017").boards


@pytest.mark.parametrize(
    ("name", "metric"), [("Macro F-Score", "macro-f1"), ("Balanced Accuracy", "balanced-accuracy"), ("", "accuracy")]
)
def test_the_boards_metric_is_what_training_goes_by(songs: Stub, tmp_path: Path, name: str, metric: str):
    songs.boards["songs"].metric = name
    assert fetch(edition="songs", out=tmp_path / "data").found.edition.boards["main"].metric == metric


def test_a_metric_that_the_kit_does_not_compute_is_named(songs: Stub, tmp_path: Path):
    songs.boards["songs"].metric = "Mean Average Precision"
    with pytest.warns(KitWarning, match='ranks by "Mean Average Precision", which the kit does not compute'):
        found = fetch(edition="songs", out=tmp_path / "data")
    assert found.found.edition.boards["main"] == Board("accuracy", "songs")


def test_a_download_that_was_cut_off_goes_on(songs: Stub, tmp_path: Path):
    songs.cut_at = 100
    with pytest.raises(KaggleError, match="cut off") as caught:
        fetch(edition="songs", out=tmp_path / "data")
    assert caught.value.kind == "dropped"
    assert [one.name for one in (tmp_path / "data").iterdir()] == [".fetching-songs"]
    songs.cut_at = None
    songs.headers.clear()
    fetch(edition="songs", out=tmp_path / "data")
    assert {one.get("Range") for one in songs.headers} >= {"bytes=100-"}
    assert (tmp_path / "data" / "test.csv").read_bytes() == TABLES["test.csv"]
    assert not (tmp_path / "data" / ".fetching-songs").exists()


def test_a_download_that_was_cut_off_starts_again_where_the_files_are_others_now(songs: Stub, tmp_path: Path):
    songs.cut_at = 100
    with pytest.raises(KaggleError):
        fetch(edition="songs", out=tmp_path / "data")
    changed = TABLES | {"extra.csv": b"1\n"}
    songs.cut_at, songs.etag, songs.boards["songs"].archive = None, '"two"', zipped(changed)
    assert sorted(fetch(edition="songs", out=tmp_path / "data").files) == sorted(changed)


def test_a_connection_that_is_cut_off_once_goes_on_by_itself(
    songs: Stub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(client, "RESUMPTIONS", 3)
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)
    songs.cut_at = 50  # answers that begin elsewhere are whole
    fetch(edition="songs", out=tmp_path / "data")
    assert (tmp_path / "data" / "train.csv").read_bytes() == TABLES["train.csv"]
    assert len(waits) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer.refusing(403, "You must accept this competition's rules before you'll be able to download"), "rules"),
        (Answer.refusing(403, "Permission 'competitions.participate' was denied"), "not-entered"),
        (Answer.refusing(404, "Not found"), "unknown"),
        (DROPPED, "dropped"),
    ],
)
def test_what_kaggle_refuses_leaves_nothing(songs: Stub, tmp_path: Path, answer: Answer, kind: str):
    songs.answer_once("DownloadDataFiles", answer)
    with pytest.raises(KaggleError) as caught:
        fetch(edition="songs", out=tmp_path / "data")
    assert caught.value.kind == kind
    assert not (tmp_path / "data").exists()


def test_a_download_that_leads_to_a_web_page_is_named_and_tried_afresh_next_time(songs: Stub, tmp_path: Path):
    page = Answer(200, b"<!doctype html><title>Sign in</title>", {"Content-Type": "text/html"})
    songs.answer_once("DownloadDataFiles", leading_to(f"http://127.0.0.1:{songs.port}/account/login"))
    songs.answer_once("login", page)
    with pytest.raises(DataError, match="is a web page, not the competition's archive"):
        fetch(edition="songs", out=tmp_path / "data")
    assert "Authorization" not in songs.headers[songs.asked.index("login")]
    assert not (tmp_path / "data").exists()
    fetch(edition="songs", out=tmp_path / "data")


def test_an_archive_that_leads_outside_leaves_nothing(songs: Stub, tmp_path: Path):
    songs.boards["songs"].archive = zipped(TABLES | {"../../outside.csv": b"1\n"})
    with pytest.raises(DataError, match="leads outside"):
        fetch(edition="songs", out=tmp_path / "a" / "data")
    assert list(tmp_path.rglob("*.csv")) == []


def test_files_that_do_not_show_what_they_are_stay_with_a_sentence(songs: Stub, tmp_path: Path):
    songs.boards["songs"].archive = zipped({"a.csv": b"1,2\n3,4\n", "b.csv": b"1,2\n3,4\n"})
    with pytest.raises(DataError, match=r'The files of songs are in .*edition --data .*slug = "songs"'):
        fetch(edition="songs", out=tmp_path / "data")
    assert {one.name for one in (tmp_path / "data").iterdir()} == {"a.csv", "b.csv"}


def test_what_is_there_is_not_replaced_unless_asked(songs: Stub, tmp_path: Path):
    (tmp_path / "train.csv").write_text("mine")
    with pytest.raises(RunError, match=r"is not empty \(train\.csv\).*`force`"):
        fetch(edition="songs", out=tmp_path)
    assert songs.asked == []
    (tmp_path / "edition.toml").write_text("of other files")
    fetch(edition="songs", out=tmp_path, force=True)
    assert (tmp_path / "train.csv").read_bytes() == TABLES["train.csv"]
    assert "of other files" not in (tmp_path / "edition.toml").read_text()


@pytest.mark.parametrize("name", ["", "My Songs", "../songs", "songs/../x", "https://example.com/c/songs"])
def test_what_is_no_slug_is_refused_before_anything_is_asked(tmp_path: Path, name: str):
    with pytest.raises(ArgumentError, match=r"`edition` is .* expected mlbp-2017, mlbp-2018, or a competition's slug"):
        fetch(edition=name, out=tmp_path / "data")
