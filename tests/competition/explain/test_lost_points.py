"""Where points are lost: pairs add up, planted wrong labels are found, neighbours are near, curves go on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.dataset import Dataset
from competition.data.edition import Block, Edition, Files
from competition.data.folds import Folds
from competition.explain.confusions import costly_pairs_by_labels, costly_pairs_by_loss, loss_by_other
from competition.explain.hardest import hardest_songs
from competition.explain.labels import label_noise, noise_share
from competition.explain.more_songs import next_step, song_curve
from competition.scoring.boards import BINARY_LOG_LOSS, CLASSIC, LOG_LOSS
from competition.scoring.probabilities import bounded


def predicted(rows: int, genres: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.integers(genres, size=rows), bounded(random.dirichlet(np.full(genres, 0.5), rows))


@given(st.integers(1, 40), st.integers(2, 6), st.integers(0, 9), st.sampled_from([BINARY_LOG_LOSS, LOG_LOSS]))
def test_what_pairs_cost_adds_up_to_the_whole_loss(rows: int, genres: int, seed: int, metric):
    targets, probabilities = predicted(rows, genres, seed)
    losses = metric.row_values(targets, probabilities)
    np.testing.assert_allclose(loss_by_other(targets, probabilities, metric).sum(axis=1), losses, rtol=1e-9)
    pairs = costly_pairs_by_loss(targets, probabilities, metric)
    assert sum(one.cost.value for one in pairs) == pytest.approx(losses.mean())
    assert all(one.first < one.second and 0 <= one.of_first <= one.cost.value + 1e-12 for one in pairs)


def test_what_pairs_cost_in_labels_is_every_wrong_one():
    pairs = costly_pairs_by_labels(np.array([0, 0, 1, 2, 2]), np.array([1, 0, 0, 0, 2]), 3)
    assert [(one.first, one.second, one.cost.value) for one in pairs] == [(0, 1, 0.4), (0, 2, 0.2)]
    assert [one.of_first for one in pairs] == [0.2, 0.0]
    assert costly_pairs_by_labels(np.array([0, 1]), np.array([0, 1]), 2) == ()


def flipped(share: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels of which a share is wrong, what a sure model gives the songs, and which labels are wrong."""
    random = np.random.default_rng(seed)
    truth = random.integers(4, size=800)
    wrong = random.random(800) < share
    labels = np.where(wrong, (truth + random.integers(1, 4, size=800)) % 4, truth)
    logits = np.where(np.arange(4) == truth[:, None], 3.0, 0.0) + random.normal(scale=0.7, size=(800, 4))
    return labels, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), wrong


@pytest.mark.parametrize("share", [0.0, 0.05, 0.15])
def test_the_interval_of_label_noise_holds_what_was_planted(share: float):
    labels, probabilities, wrong = flipped(share, seed=3)
    found = label_noise(labels, probabilities)
    assert found.interval.low - 0.005 <= wrong.mean() <= found.interval.high + 0.005
    assert found.interval.low <= found.share <= found.interval.high
    assert len(found.suspects) == min(20, found.songs)
    if share:
        assert np.mean([wrong[one.row] for one in found.suspects]) > 0.9
        assert all(one.given > one.own for one in found.suspects)


def test_groups_widen_the_interval_of_label_noise():
    labels, probabilities, _ = flipped(0.1, seed=4)
    alone = label_noise(labels, probabilities).interval
    groups = np.repeat(np.arange(800), 6)
    parts = label_noise(np.repeat(labels, 6), np.repeat(probabilities, 6, axis=0), groups)
    assert parts.share == pytest.approx(noise_share(labels, probabilities))
    assert parts.interval.high - parts.interval.low == pytest.approx(alone.high - alone.low, rel=0.3)


def test_hardest_songs_come_with_their_nearest_songs_of_both_genres():
    features = np.array([[0.0], [1.0], [5.0], [6.0], [0.1]], np.float32)
    targets = np.array([0, 0, 1, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.2, 0.8], [0.95, 0.05]])
    first, *_ = hardest_songs(features, targets, probabilities)
    assert (first.row, first.target, first.predicted, first.own) == (4, 1, 0, 0.05)
    assert first.near_own is not None
    assert first.near_predicted is not None
    assert (first.near_own.row, first.near_predicted.row) == (2, 0)
    assert first.is_nearer_to_predicted
    grouped, *_ = hardest_songs(features, targets, probabilities, groups=np.array([7, 1, 2, 3, 7]))
    assert grouped.near_predicted is not None
    assert grouped.near_predicted.row == 1


@given(st.floats(0.1, 0.9), st.floats(-1, 1))
def test_a_curve_goes_on_as_it_went(factor: float, end: float):
    curve = end + factor ** np.arange(5)
    assert next_step(curve[:4]) == pytest.approx(curve[3] - curve[4])
    assert next_step(np.full(4, end)) == 0
    assert next_step(end + 2.0 ** np.arange(4)) <= 0  # gets worse with more songs: nothing is promised


def test_more_songs_help_a_model_that_still_learns():
    random = np.random.default_rng(0)
    targets = np.arange(240) % 2
    features = (random.normal(size=(240, 20)) + 0.5 * targets[:, None]).astype(np.float32)
    edition = Edition("e", "E", ("a", "b"), "a", Files("t.csv"), (Block("x", 0, 20, ("mean",)),))
    told: list[int] = []
    folds = Folds(np.arange(240) % 3)
    data = Dataset(edition, features, targets, None, "a test")
    found = song_curve(data, folds, CLASSIC, 0, lambda done, total: told.append(total - done))
    assert found is not None
    assert [one.songs for one in found.sizes] == [20, 40, 80, 160]
    assert found.sizes[0].loss.value > found.sizes[-1].loss.value
    assert found.loss.interval.low <= found.loss.value <= found.loss.interval.high
    assert told == [7, 6, 5, 4, 3, 2, 1, 0]
    assert song_curve(data.take(np.arange(60)), Folds(np.arange(60) % 3), CLASSIC, 0, lambda *_: None) is None
