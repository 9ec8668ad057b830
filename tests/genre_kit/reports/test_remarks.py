"""What a run's numbers are held against, and what is remarkable about them."""

from dataclasses import replace

import numpy as np
import pytest

from genre_kit.reports.remarks import kept_out_sentences, remarks, yardstick_sentences
from genre_kit.reports.submission import _by_genre
from genre_kit.runs.manifest import Board, PoolRow, ScoresFile, YardstickRow

YARDSTICKS = (
    YardstickRow("guessing", {"accuracy": 0.5, "board_log_loss": 0.3}),
    YardstickRow("logistic-regression", {"accuracy": 0.6, "board_log_loss": 0.2}),
)
GOOD = ScoresFile(
    out_of_fold={"accuracy": 0.7, "board_log_loss": 0.12, "board_log_loss_se": 0.002},
    genres=(
        {"genre": "Rock", "songs": 30, "predicted_share": 0.7},
        {"genre": "Jazz", "songs": 20, "predicted_share": 0.3},
        {"genre": "Polka", "songs": 0, "predicted_share": 0.0},
    ),
    model="dense",
    folds=5,
    members=10,
    yardsticks=YARDSTICKS,
    pool=(PoolRow("dense", 0.6, 0.13, accuracy=0.6), PoolRow("kernel-ridge", 0.4, 0.14, accuracy=0.6)),
    pool_is_fitted=True,
    pool_gain=0.01,
    pool_gain_se=0.02,
    late_gain=0.001,
    late_gain_se=0.001,
    seconds=2.0,
)


def test_yardsticks_say_what_they_are():
    assert yardstick_sentences(GOOD) == [
        "0.5000 accuracy, 0.3000 board log loss: always Rock, and every genre's share as its probability",
        "0.6000 accuracy, 0.2000 board log loss: a plain logistic regression on the same folds",
    ]


def test_songs_kept_out_are_held_against_forecast_and_simple_predictions():
    kept = {"accuracy": 0.65, "accuracy_se": 0.02, "board_log_loss": 0.16, "board_log_loss_se": 0.01}
    foreseen = Board(300, (0.66, 0.74), (0.1, 0.17))
    scores = replace(GOOD, board=foreseen, kept_out=kept, kept_out_yardsticks=YARDSTICKS)
    forecast, _, plain = kept_out_sentences(scores)
    assert forecast == (
        "accuracy lies below its forecast, 0.6600 to 0.7400; board log loss lies within its forecast, 0.1000 to 0.1700"
    )
    assert plain.endswith("0.2000 board log loss: a plain logistic regression trained on the other songs")
    assert kept_out_sentences(GOOD) == kept_out_sentences(replace(GOOD, kept_out=kept)) == []


def test_nothing_is_remarked_on_a_good_run_or_on_one_that_knows_too_little():
    assert remarks(GOOD) == []
    old = (PoolRow("dense", 0.6, 0.13), PoolRow("kernel-ridge", 0.4, 0.25))
    assert remarks(replace(GOOD, yardsticks=None, late_gain=None, pool=old)) == []
    assert yardstick_sentences(replace(GOOD, yardsticks=None)) == []


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        (
            {"pool": (PoolRow("dense", 0.003, 0.16), PoolRow("kernel-ridge", 1.0, 0.12))},
            "dense is far worse than kernel-ridge (0.1600 board log loss, not 0.1200); it has no weight",
        ),
        (
            {"pool": (PoolRow("dense", 0.1, 0.16), PoolRow("kernel-ridge", 1.0, 0.12))},
            "dense is far worse than kernel-ridge (0.1600 board log loss, not 0.1200); it has weight 0.10",
        ),
        (
            {"pool": (PoolRow("dense", 0.0, 0.121), PoolRow("kernel-ridge", 1.0, 0.12))},
            "dense has no weight: the others do without it",
        ),
        (
            {"genres": (GOOD.genres[0], GOOD.genres[1] | {"predicted_share": 0.0}, GOOD.genres[2])},
            "never predicted, out of fold: Jazz (20 songs)",
        ),
        (
            {"late_gain": 0.0001},
            "more time will hardly help: the models trained in the second half of it gained 0.0001 board log loss",
        ),
        (
            {"late_gain": -0.0003},
            "more time will hardly help: the models trained in the second half of it gained nothing",
        ),
        (
            {"out_of_fold": GOOD.out_of_fold | {"board_log_loss": 0.21}},
            "these models do no better than a plain logistic regression (0.2000 board log loss)",
        ),
    ],
)  # fmt: skip
def test_what_is_remarkable_is_remarked(changes: dict[str, object], remark: str):
    assert remarks(replace(GOOD, **changes)) == [remark]


def test_the_plain_model_is_not_held_against_itself():
    alone = replace(GOOD, pool=(PoolRow("logistic-regression", 1.1, 0.2),), out_of_fold=GOOD.out_of_fold | {
        "board_log_loss": 0.2
    })  # fmt: skip
    assert remarks(alone) == []


def test_many_genres_that_are_never_predicted_are_counted():
    never = [{"genre": f"genre {label}", "songs": 5, "predicted_share": 0.0} for label in range(1, 61)]
    (said,) = [
        one for one in remarks(replace(GOOD, genres=(*GOOD.genres, *never))) if one.startswith("never predicted")
    ]
    assert said.startswith("never predicted, out of fold: genre 1 (5 songs), ")
    assert said.endswith("genre 12 (5 songs) and 48 more")


@pytest.mark.parametrize(("genres", "told"), [(10, 10), (114, 24)])
def test_shares_of_many_genres_are_told_where_they_differ_most(genres: int, told: int):
    known, names = np.full(genres, 1 / genres), [f"genre {label}" for label in range(1, genres + 1)]
    estimated = known.copy()
    estimated[7] = 0.5
    said = _by_genre(names, known, estimated)
    assert said.count("|") == told
    assert f"genre 8 {1 / genres:.3f}|0.500" in said
    if genres > told:
        assert said.startswith("genre 8 ")
        assert said.endswith(", which differ most, and 90 more in scores.json")
