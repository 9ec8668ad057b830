from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from competition.audio.signal.summaries import MOMENTS, Segments, moments

FRAMES = arrays(np.float64, st.tuples(st.integers(1, 30), st.integers(1, 3)), elements=st.floats(-1e6, 1e6))
CUTS = st.sets(st.integers(1, 29))


def parts_of(whole: np.ndarray, cuts: set[int]) -> list[np.ndarray]:
    return np.split(whole, sorted(cut for cut in cuts if cut < len(whole)))


def test_moments_of_a_few_numbers():
    values = moments(np.array([[1.0, 5], [2, 5], [6, 5]], np.float32)).values()
    assert MOMENTS == ("mean", "variance", "min", "max")
    assert values == pytest.approx(np.array([[3, 5], [14 / 3, 0], [1, 5], [6, 5]]))
    assert values.dtype == np.float64


def test_one_frame_does_not_vary():
    assert moments(np.array([[7.0]])).values().tolist() == [[7], [0], [7], [7]]


@given(FRAMES)
def test_moments_are_what_numpy_says_and_in_order(bands: np.ndarray):
    mean, variance, least, largest = moments(bands).values()
    scale = max(1.0, np.abs(bands).max())
    assert mean == pytest.approx(bands.mean(axis=0), abs=1e-9 * scale)
    assert variance == pytest.approx(bands.var(axis=0), abs=1e-9 * scale**2)
    assert (least == bands.min(axis=0)).all()
    assert (largest == bands.max(axis=0)).all()
    assert (variance >= 0).all()


@given(FRAMES, CUTS)
def test_moments_of_joined_pieces_are_those_of_the_whole(bands: np.ndarray, cuts: set[int]):
    joined = reduce(lambda first, later: first.joined(later), map(moments, parts_of(bands, cuts)))
    scale = max(1.0, np.abs(bands).max())
    assert joined.frames == len(bands)
    assert joined.values()[0] == pytest.approx(moments(bands).values()[0], abs=1e-9 * scale)
    assert joined.values()[1] == pytest.approx(moments(bands).values()[1], abs=1e-9 * scale**2)
    assert np.array_equal(joined.values()[2:], moments(bands).values()[2:])


@given(arrays(np.float32, st.tuples(st.integers(1, 30), st.just(2)), elements=st.floats(-1000, 1000, width=32)), CUTS)
def test_float32_frames_lose_nothing_on_the_way(bands: np.ndarray, cuts: set[int]):
    joined = reduce(lambda first, later: first.joined(later), map(moments, parts_of(bands, cuts)))
    exact = bands.astype(np.float64)
    assert joined.values()[0] == pytest.approx(exact.mean(axis=0), abs=1e-9)
    assert joined.values()[1] == pytest.approx(exact.var(axis=0), rel=1e-4, abs=1e-6)


@given(value=st.floats(-1e5, 1e5, width=32), frames=st.integers(1, 3000))
def test_a_constant_band_has_exactly_no_variance(value: float, frames: int):
    assert moments(np.full((frames, 1), value, np.float32)).values()[:, 0].tolist() == [value, 0, value, value]


SEGMENTS = arrays(np.float64, st.tuples(st.integers(1, 30), st.just(2), st.just(3)), elements=st.floats(-1e6, 1e6))


@given(SEGMENTS, CUTS, st.sampled_from([np.mean, np.median]), st.floats(1.0, 6.0))
def test_joined_segments_are_those_of_the_whole(statistics: np.ndarray, cuts: set[int], pool, seconds: float):
    pieces = [Segments(part, seconds * len(part), pool) for part in parts_of(statistics, cuts)]
    joined = reduce(lambda first, later: first.joined(later), pieces)
    assert joined.seconds == pytest.approx(seconds * len(statistics))
    assert np.array_equal(joined.values(), Segments(statistics, joined.seconds, pool).values())


def test_a_recording_of_45_seconds_goes_without_its_ends():
    statistics = np.array([[[100.0]], [[1.0]], [[3.0]], [[200.0]]])
    assert Segments(statistics, 44.9, np.mean).values() == 76
    assert Segments(statistics, 45.0, np.mean).values() == 2
    assert Segments(statistics, 45.0, np.median).values() == 2
