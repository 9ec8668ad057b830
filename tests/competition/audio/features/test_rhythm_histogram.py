import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.audio.features.rhythm_histogram import BANDS, STATISTICS, histogram, measure
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import RATE, music, noise, times

STEP = RATE / 256 / 512
"""From one speed to the next, in Hz."""


def test_there_are_60_speeds_to_10_hertz_and_one_statistic():
    values = measure(Excerpt(music(1, seconds=13.0), RATE)).values()
    assert values.shape == (1, 60) == (len(STATISTICS), BANDS)
    assert pytest.approx(10.09, abs=0.01) == BANDS * STEP


@pytest.mark.parametrize(("hertz", "seconds"), [(2.0, 6.0), (2.0, 20.0), (5.0, 6.0), (2.0, 2.0)])
def test_loudness_that_swings_twice_a_second_is_largest_at_2_hertz(hertz: float, seconds: float):
    swing = 0.5 + 0.4 * np.sin(2 * np.pi * hertz * times(seconds))
    bins = measure(Excerpt((noise(seconds=seconds) * swing).astype(np.float32), RATE)).values()[0]
    assert (1 + bins.argmax()) * STEP == pytest.approx(hertz, abs=STEP if seconds < 5.9 else 0.6 * STEP)


@pytest.mark.parametrize("speed", [1, 12, 60])
def test_a_bin_is_half_of_the_swings_amplitude_summed_over_bands(speed: int):
    swing = np.cos(2 * np.pi * speed * np.arange(511) / 512)
    loudness = (5 + np.outer(swing, np.arange(24)))[None].astype(np.float32)
    bins = histogram(loudness)
    assert bins.shape == (1, 1, 60)
    assert bins.dtype == np.float64
    assert bins[0, 0, speed - 1] == pytest.approx(np.arange(24).sum() / 2, rel=0.01)


@given(seed=st.integers(0, 99), frames=st.integers(80, 511))
def test_steady_loudness_does_not_count_and_twice_the_swing_counts_twice(seed: int, frames: int):
    loudness = np.random.default_rng(seed).exponential(size=(2, frames, 24)).astype(np.float32)
    assert histogram(loudness + 8) == pytest.approx(histogram(loudness), abs=1e-4)
    assert np.array_equal(histogram(2 * loudness), 2 * histogram(loudness))
    assert histogram(np.ones_like(loudness)) == pytest.approx(0, abs=1e-6)


def test_a_recordings_histogram_is_the_median_of_its_segments():
    sound = music(2, seconds=18.0)
    pieces = [measure(Excerpt(piece, RATE)) for piece in np.split(sound[: 3 * 2**17], 3)]
    each = [piece.values() for piece in pieces]
    assert np.array_equal(measure(Excerpt(sound, RATE)).values(), np.median(each, axis=0))
    assert np.array_equal(pieces[0].joined(pieces[1]).joined(pieces[2]).values(), np.median(each, axis=0))
