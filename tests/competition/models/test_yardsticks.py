"""What predictions are held against."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from competition.data.dataset import Dataset
from competition.data.folds import Folds, stratified_folds
from competition.models.base.scaling import fit_scaler
from competition.models.yardsticks import guessing, guessing_of, plain_model
from competition.scoring.boards import BALANCED_ACCURACY, CLASSIC, LOG_LOSS, Goals


def test_guessing_knows_the_other_folds_shares_alone():
    targets, folds = np.array([0, 0, 0, 1, 1, 0]), Folds(np.array([0, 0, 0, 0, 1, 1]))
    found = guessing(targets, 2, folds, Goals(probabilities=LOG_LOSS))
    own = np.array([0.5, 0.5, 0.5, 0.5, 0.25, 0.75])  # fold 0 sees one of each, fold 1 three to one
    assert found.probabilities.value == pytest.approx(-np.log(own).mean(), abs=1e-12)
    assert found.labels.value == pytest.approx(4 / 6)


def test_guessing_survives_a_genre_that_other_folds_lack():
    found = guessing(np.array([0, 0, 1, 2]), 3, Folds(np.array([0, 1, 1, 0])), CLASSIC)
    assert np.isfinite(found.probabilities.value)


def test_guessing_is_worth_one_genre_where_all_count_the_same():
    targets = np.repeat([0, 1, 2], [30, 20, 10])
    found = guessing(targets, 3, stratified_folds(targets, 5, 0), Goals(labels=BALANCED_ACCURACY))
    assert found.labels.value == pytest.approx(1 / 3)


def test_the_plain_model_is_a_logistic_regression_on_z_scores_of_the_other_folds(dataset: Dataset):
    noise = np.random.default_rng(0).normal(scale=2, size=dataset.features.shape)
    noisy = replace(dataset, features=dataset.features + noise)
    folds = stratified_folds(noisy.targets, 3, 0)
    hits = np.empty(noisy.rows, bool)
    for fold in range(folds.count):
        inside, outside = folds.held_out(fold), folds.training(fold)
        scaler = fit_scaler(noisy.features[outside])
        model = LogisticRegression(C=0.015, max_iter=2000).fit(
            scaler.transform(noisy.features[outside]), noisy.targets[outside]
        )
        hits[inside] = model.predict(scaler.transform(noisy.features[inside])) == noisy.targets[inside]
    (found,) = plain_model(noisy, folds, 0, CLASSIC)
    assert found.labels.value == pytest.approx(hits.mean(), abs=2 / noisy.rows)
    assert found.probabilities.value < guessing(noisy.targets, 3, folds, CLASSIC).probabilities.value


def test_songs_whose_genres_are_known_are_predicted_by_models_of_all_folds(dataset: Dataset):
    folds, answers = stratified_folds(dataset.targets, 3, 0), np.array([0, 1, 2, 0, 1, 2, 0])
    held_out, known = plain_model(dataset, folds, 0, CLASSIC, answers)
    assert (held_out,) == plain_model(dataset, folds, 0, CLASSIC)
    wrong = plain_model(dataset, folds, 0, CLASSIC, (answers + 1) % 3)[1]
    assert known.probabilities.value < wrong.probabilities.value
    shares = guessing_of(dataset.targets, answers, 3, CLASSIC)
    assert shares.labels.value == pytest.approx(3 / 7)
    assert known.probabilities.value < shares.probabilities.value
