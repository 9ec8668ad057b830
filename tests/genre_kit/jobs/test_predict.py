"""Which rule `submit --from RUN` labels by."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from competition.data.edition import Edition, Roles
from competition.data.edition_file import EDITION_FILE, edition_text
from competition.errors import ArgumentError, RunError
from genre_kit.jobs.predict import _refuse_gaps, _rule
from genre_kit.jobs.steps.saved_models import applying_models_of
from genre_kit.runs.manifest import Manifest
from submissions.rules import DEFAULT_THRESHOLD, Argmax, GenreThresholds, Margin, Rule, Threshold


def test_models_of_another_scikit_learn_are_named(tmp_path: Path):
    environment = {"packages": {"scikit-learn": "99.0"}}
    Manifest(command=(), started="", edition={}, environment=environment, rule=Argmax().to_table()).write(tmp_path)
    with (
        pytest.raises(RunError, match=r"written with scikit-learn 99.0, which the installed \d.* cannot use"),
        applying_models_of(tmp_path),
    ):
        raise AttributeError("'LogisticRegression' object has no attribute 'multi_class'")


def chosen(folder: Path, edition: Edition, own: Rule, **options: object) -> Rule:
    Manifest(command=(), started="", edition={}, environment={}, rule=own.to_table()).write(folder)
    return _rule(folder, edition, **{"rule": None, "threshold": None, "fallback": None} | options)


@pytest.mark.parametrize(
    ("own", "options", "expected"),
    [
        (Threshold(0.4, 1), {}, Threshold(0.4, 1)),
        (Threshold(0.4, 1), {"fallback": 2}, Threshold(0.4, 2)),
        (Threshold(0.4, 1), {"threshold": 0.3}, Threshold(0.3, 1)),
        (Threshold(0.4, 1), {"threshold": 0.3, "fallback": 0}, Threshold(0.3, 0)),
        (Margin(0.1, 1), {"fallback": 2}, Margin(0.1, 2)),
        (Margin(0.1, 1), {"threshold": 0.2}, Margin(0.2, 1)),
        (GenreThresholds((0.1, 0.2, 0.3), 1), {"fallback": 0}, GenreThresholds((0.1, 0.2, 0.3), 0)),
        (Argmax(), {}, Argmax()),
        (Argmax(), {"rule": "threshold", "fallback": 2}, Threshold(DEFAULT_THRESHOLD, 2)),
        (Threshold(0.4, 1), {"rule": "argmax"}, Argmax()),
        (Threshold(0.4, 1), {"rule": "margin", "threshold": 0.2, "fallback": 0}, Margin(0.2, 0)),
    ],
)
def test_an_option_changes_its_part_of_the_runs_own_rule(
    tmp_path: Path, edition: Edition, own: Rule, options: dict[str, object], expected: Rule
):
    if "fallback" in options:
        options = options | {"fallback": edition.genres[options["fallback"]]}
    assert chosen(tmp_path, edition, own, **options) == expected


@pytest.mark.parametrize(
    ("own", "options"), [(Argmax(), {"threshold": 0.3}), (GenreThresholds((0.1, 0.2, 0.3), 1), {"threshold": 0.3})]
)
def test_an_option_that_the_runs_own_rule_has_no_part_for_is_refused(
    tmp_path: Path, edition: Edition, own: Rule, options: dict[str, object]
):
    with pytest.raises(ArgumentError, match="no effect"):
        chosen(tmp_path, edition, own, **options)


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, Argmax()), ({"threshold": 0.3}, Threshold(0.3, 1)), ({"fallback": "Jazz"}, Threshold(0.25, None))],
)
def test_a_part_of_the_usual_rule_asks_for_it_where_the_run_did_without(
    tmp_path: Path, edition: Edition, options: dict[str, object], expected: Rule
):
    usual, own = Threshold(0.25, 1).to_table(), Argmax().to_table()
    Manifest(command=(), started="", edition={}, environment={}, rule=own, usual_rule=usual).write(tmp_path)
    genre = edition.genres[2]
    options = {name: genre if name == "fallback" else value for name, value in options.items()}
    expected = replace(expected, fallback=2) if "fallback" in options else expected
    assert _rule(tmp_path, edition, **{"rule": None, "threshold": None, "fallback": None} | options) == expected


def test_a_rule_without_its_number_is_met_by_a_sentence(tmp_path: Path, edition: Edition):
    Manifest(command=(), started="", edition={}, environment={}, rule={"name": "threshold"}).write(tmp_path)
    with pytest.raises(RunError, match=r"'threshold' is missing; give the rule with `rule`"):
        _rule(tmp_path, edition, None, None, None)
    assert _rule(tmp_path, edition, "argmax", None, None) == Argmax()


def test_missing_cells_are_refused_where_the_runs_models_cannot_fill_them(tmp_path: Path, edition: Edition):
    songs = np.array([[1.0, 2.0], [np.nan, 3.0], [4.0, np.nan]], np.float32)
    (tmp_path / EDITION_FILE).write_text(edition_text(edition))
    _refuse_gaps(tmp_path, songs[:1])
    with pytest.raises(RunError, match=r"2 of the 3 test songs have missing cells, the first in row 2; train a run on"):
        _refuse_gaps(tmp_path, songs)
    described = replace(edition, roles=Roles(tuple(map(str, range(1, 11))), label="genre", missing="median"))
    (tmp_path / EDITION_FILE).write_text(edition_text(described))
    _refuse_gaps(tmp_path, songs)
