"""What pictures of many genres print, and how large they are: bounds that do not grow with the number of genres."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

from competition.pictures import style
from competition.pictures.confusion import confusion
from competition.pictures.genres import genre_distribution
from competition.scoring.many_genres import MOST_SHOWN

_MOST_TEXTS = 160
_MOST_BYTES = 600_000


def names(count: int) -> list[str]:
    return [f"genre {label} of a long and winding name" for label in range(1, count + 1)]


def matrix(count: int) -> np.ndarray:
    generator = np.random.default_rng(count)
    drawn = generator.poisson(0.1, size=(count, count)) + np.diag(generator.integers(5, 30, size=count))
    drawn[3] = 0  # a genre without songs
    drawn[7, 5] = 50
    return drawn


def counts(number: int) -> np.ndarray:
    return np.arange(1, number + 1)


FIGURES: dict[str, Callable[[int], Figure]] = {
    "shares": lambda count: confusion(names(count), matrix(count), True),
    "training": lambda count: genre_distribution(names(count), counts(count)),
    "predicted": lambda count: genre_distribution(names(count), counts(count), counts(count)[::-1]),
}


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text() and text.get_visible()]


@pytest.mark.parametrize("name", ["shares", "predicted"])
def test_two_hundred_genres_are_few_texts_and_small_files(name: str, tmp_path):
    figure = FIGURES[name](200)
    assert len(texts(figure)) <= _MOST_TEXTS
    assert any("200 genres" in text for text in texts(figure))
    style.save(figure, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").stat().st_size < _MOST_BYTES
    pixels = imread(tmp_path / "figure.png")
    for edge in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        assert (edge == 1).all()  # nothing is cut off


@pytest.mark.parametrize("name", ["shares", "training"])
def test_all_are_shown_up_to_the_bound(name: str):
    shown = texts(FIGURES[name](MOST_SHOWN))
    assert all(f"{label} {genre}" in shown for label, genre in enumerate(names(MOST_SHOWN), 1))


def test_the_map_shows_every_cell_and_the_bars_the_largest_confusions():
    of_songs = matrix(100)
    above, below, _ = confusion(names(100), of_songs, False).axes
    assert np.array_equal(above.images[0].get_array(), of_songs)
    wrong = np.sort((of_songs * (1 - np.eye(100))).ravel())[::-1][:MOST_SHOWN]
    assert [bar.get_width() for bar in below.patches] == wrong.tolist()
    assert below.get_yticklabels()[0].get_text().startswith("genre 8 of a long")
    assert below.texts[0].get_text() == f"50 of {of_songs[7].sum()}"


def test_no_confusions_are_said_to_be_none():
    _, below, _ = confusion(names(30), np.eye(30, dtype=int), True).axes
    assert not below.patches
    assert below.get_title(loc="left") == "No song is given another genre"


def test_the_curve_shows_all_genres_and_the_bars_those_that_differ_most():
    given = counts(100).copy()
    given[[9, 19]] = given[[19, 9]] + [0, 500]
    above, below = genre_distribution(names(100), counts(100), given).axes
    assert len(above.lines[0].get_ydata()) == 100
    assert below.get_yticklabels()[0].get_text().startswith("20 genre 20")
    assert below.get_title(loc="left") == f"The {MOST_SHOWN} of 100 genres whose shares differ most"
