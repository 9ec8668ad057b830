"""What is sent where, found out before Kaggle is asked anything."""

import json
import shutil
import warnings
from pathlib import Path

import pandas as pd
import pytest
from kaggle_stub import ACCURACY, LOSS

import genre_kit
from competition.data.edition import Board
from competition.data.sample import SOURCE
from competition.errors import ArgumentError, KitWarning, RunError, SubmissionError
from genre_kit.kaggle.door.refusals import KaggleError
from genre_kit.kaggle.planning import plan_sending, warn_of_left_out
from genre_kit.runs.boards.sent import SENDING, BoardsFile, Sent, sha256_of
from genre_kit.runs.manifest import ScoresFile


def sent(run: Path, **given: object) -> Sent:
    known = {
        "board": "accuracy",
        "slug": ACCURACY,
        "file": "label_pred.csv",
        "sha256": sha256_of(run / "label_pred.csv"),
        "message": "first",
        "sent": "2026-11-20T10:00:00+00:00",
        "state": "scored",
        "reference": 5,
        "public": 0.75,
        "metric": "accuracy",
    }
    return Sent(**known | given)


def test_each_board_gets_the_file_that_it_scores_and_what_is_expected_is_the_runs_own(run: Path):
    shipment = plan_sending(run)
    labels, probabilities = shipment.parcels
    scores = ScoresFile.read(run)
    assert scores.board is not None
    assert (labels.board, labels.slug, labels.path.name) == ("accuracy", ACCURACY, "label_pred.csv")
    assert (probabilities.board, probabilities.slug, probabilities.path.name) == ("log_loss", LOSS, "label_all.csv")
    for parcel, score in ((labels, "accuracy"), (probabilities, "board_log_loss")):
        assert parcel.local is not None and parcel.predicted is not None
        assert parcel.local.value == scores.out_of_fold[score]
        assert [parcel.predicted.low, parcel.predicted.high] == list(scores.board.interval_of(score) or ())
        assert parcel.rows == 7
    assert shipment.message == "first"
    assert [one.board for one in plan_sending(run, board="log_loss").parcels] == ["log_loss"]


def test_a_run_that_trained_nothing_is_sent_without_a_forecast(run: Path, tmp_path: Path):
    genre_kit.predict(run, out=tmp_path / "runs" / "applied")
    parcel = plan_sending(tmp_path / "runs" / "applied", board="accuracy").parcels[0]
    assert (parcel.local, parcel.predicted, parcel.rows) == (None, None, None)


def test_what_check_refuses_is_not_sent(run: Path):
    path = run / "label_pred.csv"
    path.write_text(path.read_text().replace("Sample_label", "Label"))
    with pytest.raises(SubmissionError, match=r"(?s)broken: .*Sample_label.*Nothing was sent, as check refuses"):
        plan_sending(run)
    assert plan_sending(run, board="log_loss").parcels  # of which nothing is wrong
    path.write_bytes(b"\x00\xff")
    with pytest.raises(SubmissionError, match="Nothing was sent"):
        plan_sending(run)


def test_what_is_suspicious_is_sent_only_where_that_is_allowed(run: Path):
    table = pd.read_csv(run / "label_all.csv")
    least = table.drop(columns="Sample_id").to_numpy().argmin(axis=1) + 1
    labels = pd.DataFrame({"Sample_id": table["Sample_id"], "Sample_label": least})
    labels.to_csv(run / "label_pred.csv", index=False)
    with pytest.raises(SubmissionError, match=r"(?s)suspicious.*`allow_suspicious` lets it pass"):
        plan_sending(run, board="accuracy")
    assert plan_sending(run, board="accuracy", allow_suspicious=True).notes


def test_a_board_that_there_is_not_is_refused(run: Path):
    with pytest.raises(ArgumentError, match=r"`board` is 'acuracy'; expected accuracy or log_loss or all\. Did you"):
        plan_sending(run, board="acuracy")


def test_a_board_without_a_slug_is_refused_and_another_edition_may_name_it(
    without_slugs: Path, run: Path, tmp_path: Path
):
    with pytest.raises(RunError, match=r"does not say which Kaggle competition the board accuracy is.*`edition`"):
        plan_sending(without_slugs)
    edition = tmp_path / "edition.toml"
    shutil.copy(run / "edition.toml", edition)
    assert [one.slug for one in plan_sending(without_slugs, edition=str(edition)).parcels] == [ACCURACY, LOSS]


def test_runs_that_have_no_board_are_refused(tmp_path: Path, run: Path):
    (run / "kept_out.csv").write_text("Sample_id,Sample_label\n")
    with pytest.raises(RunError, match="kept out of the training file, which no board scores"):
        plan_sending(run)
    with pytest.raises(RunError, match="there is no such folder"):
        plan_sending(tmp_path / "nowhere")
    (run / "kept_out.csv").unlink()
    (run / "label_pred.csv").unlink()
    with pytest.raises(RunError, match=r"has no label_pred\.csv to send; expected a run of submit"):
        plan_sending(run)


def test_a_run_of_the_made_up_sample_is_refused(run: Path):
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["data"]["source"] = SOURCE
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match="is of the embedded sample, which is made up"):
        plan_sending(run)


def test_the_same_bytes_are_not_sent_twice_whichever_run_has_them(run: Path):
    twin = run.parent / "twin"
    shutil.copytree(run, twin)
    BoardsFile((sent(run),)).write(run)
    with pytest.raises(KaggleError, match=r"same bytes were sent to the board accuracy on 2026-11-20 10:00 UTC, of "
                       r".*first, and scored 0\.75.*`again`") as caught:  # fmt: skip
        plan_sending(twin, board="accuracy")
    assert caught.value.kind == "already-sent"
    shipment = plan_sending(twin)
    assert ([one.board for one in shipment.parcels], [one.board for one in shipment.left_out]) == (
        ["log_loss"],
        ["accuracy"],
    )
    with pytest.warns(KitWarning, match="the same bytes"):
        warn_of_left_out(shipment)
    assert len(plan_sending(twin, again=True).parcels) == 2
    path = twin / "label_pred.csv"
    path.write_text(path.read_text() + "\n")
    assert len(plan_sending(twin, allow_suspicious=True).parcels) == 2  # other bytes


def test_what_was_sent_elsewhere_is_sent(run: Path):
    BoardsFile((sent(run, slug="other"),)).write(run)
    assert len(plan_sending(run).parcels) == 2


def test_what_may_have_arrived_is_not_sent_again(run: Path):
    BoardsFile((sent(run, state=SENDING, reference=None, public=None),)).write(run)
    with pytest.raises(KaggleError, match=r"not known whether it arrived: python -m competition board --refresh"):
        plan_sending(run, board="accuracy")


def test_a_record_that_cannot_be_read_keeps_anything_from_being_sent(run: Path):
    (run / "boards.json").write_text('{"format": 1, "submissions": [')
    with pytest.raises(RunError, match=r"boards\.json: cannot be read.*remove it.*nothing is sent"):
        plan_sending(run)


@pytest.mark.parametrize("message", ["", "  ", "x" * 501])
def test_a_message_is_some_words(run: Path, message: str):
    with pytest.raises(ArgumentError, match="`message` has"):
        plan_sending(run, message=message)


def test_planning_needs_neither_client_nor_network(run: Path, monkeypatch: pytest.MonkeyPatch):
    import sys

    monkeypatch.setitem(sys.modules, "kaggle", None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert genre_kit.kaggle.send(run, dry_run=True) == ()
    assert Board("accuracy").slug is None
    assert not (run / "boards.json").exists()
