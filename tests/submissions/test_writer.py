import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.data.edition import Edition
from competition.data.songs import Entries, numbered
from competition.errors import SubmissionError
from competition.scoring.metrics import board_log_loss
from competition.scoring.probabilities import bounded
from submissions.layout import Layout, counted, layout_of
from submissions.writer import label_text, probability_text, read_written_labels, read_written_probabilities


def plain(genres: int, rows: int) -> Layout:
    """The layout of counted songs, labels from 1 and Class_1, Class_2, ..."""
    classes = tuple(f"Class_{label}" for label in range(1, genres + 1))
    return Layout("Sample_id", "Sample_label", counted(genres), classes, tuple(range(genres)), counted(rows))


def test_labels_count_from_1_in_order():
    assert label_text(np.array([2, 0, 9]), plain(10, 3)) == "Sample_id,Sample_label\n1,3\n2,1\n3,10\n"


def test_probabilities_stand_under_their_class():
    text = probability_text(np.array([[0.5, 0.25, 0.25], [1e-7, 1 - 2e-7, 1e-7]]), plain(3, 2))
    assert text == "Sample_id,Class_1,Class_2,Class_3\n1,0.5,0.25,0.25\n2,1e-07,0.9999998,1e-07\n"


@given(st.integers(2, 12), st.integers(1, 8), st.integers(0, 2**32 - 1), st.floats(0.001, 2))
def test_reading_back_gives_the_same_numbers_and_the_same_score(genres: int, rows: int, seed: int, spread: float):
    generator = np.random.default_rng(seed)
    probabilities = bounded(generator.dirichlet(np.full(genres, spread), size=rows))
    targets = generator.integers(genres, size=rows)
    header, *lines = probability_text(probabilities, plain(genres, rows)).splitlines()
    values = np.loadtxt(lines, delimiter=",", ndmin=2)[:, 1:]
    assert header == ",".join(["Sample_id", *(f"Class_{label}" for label in range(1, genres + 1))])
    assert ((values > 0) & (values < 1)).all()
    np.testing.assert_array_equal(values, probabilities)
    assert board_log_loss(targets, values) == board_log_loss(targets, probabilities)


@pytest.mark.parametrize(
    "row", [[1.0, 0.0], [0.5, 0.4], [-0.1, 1.1], [np.nan, 0.5], [0.5, 0.5 + 2e-6]], ids=lambda row: str(row)
)
def test_what_the_board_would_not_take_is_not_written(row: list[float]):
    with pytest.raises(SubmissionError, match="row 2 of the probabilities is"):
        probability_text(np.array([[0.5, 0.5], row]), plain(2, 2))


def test_an_edition_s_own_names_ids_and_order_of_columns_are_written(named_edition: Edition):
    layout = layout_of(named_edition, Entries(("b, live.mp3", "a.mp3"), np.array([0, 1])))
    assert label_text(np.array([1, 2]), layout) == 'track,genre\n"b, live.mp3",Jazz\na.mp3,"Rhythm, Blues"\n'
    text = probability_text(np.array([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]), layout)
    assert text == 'track,"p, blues",p jazz,p rock\n"b, live.mp3",0.2,0.3,0.5\na.mp3,0.7,0.2,0.1\n'


def test_labels_may_count_from_0(edition: Edition):
    layout = Layout("id", "label", ("0", "1"), ("no", "yes"), (0, 1), ("7", "9"))
    assert label_text(np.array([1, 0]), layout) == "id,label\n7,1\n9,0\n"


@given(rows=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_what_the_kit_has_written_it_reads_back(
    tmp_path_factory: pytest.TempPathFactory, named_edition: Edition, rows: int, seed: int
):
    generator, folder = np.random.default_rng(seed), tmp_path_factory.mktemp("written")
    ids = tuple(str(number) for number in generator.permutation(rows))
    probabilities = bounded(generator.dirichlet(np.ones(3), size=rows))
    layout = layout_of(named_edition, Entries(ids, np.arange(rows)))
    (folder / "all.csv").write_text(probability_text(probabilities, layout))
    (folder / "pred.csv").write_text(label_text(probabilities.argmax(axis=1), layout))
    found, again = read_written_probabilities(folder / "all.csv", named_edition)
    assert found == ids
    np.testing.assert_allclose(again, probabilities, rtol=1e-15)
    labels = read_written_labels(folder / "pred.csv", named_edition)
    np.testing.assert_array_equal(labels, probabilities.argmax(axis=1))


@pytest.mark.parametrize("name", ["NA", "None", "nan", "", "1.0", "007"])
def test_ids_and_names_that_look_like_gaps_or_numbers_stay_texts(tmp_path: Path, named_edition: Edition, name: str):
    layout = layout_of(named_edition, Entries((name, "b"), np.arange(2)))
    (tmp_path / "all.csv").write_text(probability_text(np.full((2, 3), 1 / 3), layout))
    assert read_written_probabilities(tmp_path / "all.csv", named_edition)[0] == (name, "b")


def test_plain_files_are_those_of_pandas(edition: Edition):
    """The default layout's bytes, written in the shortest way."""
    probabilities = bounded(np.random.default_rng(1).dirichlet(np.ones(3), size=4))
    table = pd.DataFrame(probabilities, columns=["Class_1", "Class_2", "Class_3"])
    table.insert(0, "Sample_id", range(1, 5))
    assert probability_text(probabilities, layout_of(edition, numbered(4))) == table.to_csv(index=False)
    assert io.StringIO(label_text(np.array([0, 1, 2, 0]), layout_of(edition, numbered(4)))).readlines()[-1] == "4,1\n"
