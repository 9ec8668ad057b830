import numpy as np
import pytest

from competition.scoring.many_genres import MOST_SHOWN, are_many, named, those_shown
from competition.scoring.scores import score_genres


@pytest.mark.parametrize(("count", "expected"), [(2, False), (10, False), (MOST_SHOWN, False), (MOST_SHOWN + 1, True)])
def test_genres_are_many_where_they_are_not_all_shown(count: int, expected: bool):
    genres = [f"genre {label}" for label in range(count)]
    assert are_many(genres) is expected
    assert (named(genres) != ", ".join(genres)) is expected
    assert len(those_shown(np.arange(count))) == min(count, MOST_SHOWN)


def test_the_largest_are_shown_the_largest_first():
    sizes = np.random.default_rng(0).permutation(200)
    assert sizes[those_shown(sizes)].tolist() == list(range(199, 199 - MOST_SHOWN, -1))


def test_lines_of_some_genres_are_those_of_all():
    generator = np.random.default_rng(1)
    scores = score_genres(*generator.integers(5, size=(2, 100)), ["A", "B", "C", "D", "E"])
    heading, *lines = scores.to_lines()
    assert scores.to_lines([3, 1]) == [heading, lines[3], lines[1]]
    assert scores.lost.sum() == 100 - scores.confusion.trace()
