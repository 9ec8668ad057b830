"""Kaggle's names of metrics."""

import pytest

from competition.data.edition import BOARD_METRICS
from genre_kit.runs.boards.metrics import is_same_metric, metric_for, metrics_named


@pytest.mark.parametrize("metric", BOARD_METRICS)
def test_every_metric_of_the_kit_has_a_name_there(metric: str):
    names = {
        "accuracy": "Categorization Accuracy",
        "balanced-accuracy": "balanced accuracy",
        "macro-f1": "Macro F-Score",
        "binary-log-loss": "LogLoss",
        "log-loss": "Multiclass Loss",
    }
    assert metric in metrics_named(names[metric])
    assert is_same_metric(metric, names[metric])


def test_a_board_that_says_nothing_is_believed_and_one_that_says_otherwise_is_not():
    assert is_same_metric("macro-f1", "  ")
    assert not is_same_metric("accuracy", "Macro F1")
    assert not is_same_metric("accuracy", "Mean Average Precision")
    assert is_same_metric("log-loss", "Log Loss") and is_same_metric("binary-log-loss", "Log Loss")


def test_what_is_trained_for_fits_what_is_handed_in():
    assert metric_for("Log Loss", has_classes=True) == "binary-log-loss"
    assert metric_for("Multiclass Loss", has_classes=False) == "log-loss"
    assert metric_for("", has_classes=True) == "binary-log-loss"
    assert metric_for("?", has_classes=False) == "accuracy"
