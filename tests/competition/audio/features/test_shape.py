import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.audio.features.shape import bandwidth, centroid, rolloff, zero_crossings
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import RATE, noise, tone

COLUMN = RATE / 2048
INSIDE = slice(2, -2)
"""Frames that do not reach over the ends."""


@pytest.mark.parametrize("hertz", [110.0, 1000.0, 5000.0])
def test_a_tone_is_narrow_and_at_its_frequency(hertz: float):
    excerpt = Excerpt(tone(hertz), RATE)
    assert centroid(excerpt)[INSIDE] == pytest.approx(hertz, rel=0.05, abs=5)
    assert bandwidth(excerpt)[INSIDE].max() < 150
    assert rolloff(excerpt)[INSIDE] == pytest.approx(hertz, abs=2 * COLUMN)
    assert zero_crossings(excerpt)[INSIDE] == pytest.approx(2 * hertz / RATE, abs=1 / 2048)


def test_two_equal_tones_have_their_middle_and_half_of_their_distance():
    excerpt = Excerpt(tone(200 * COLUMN) + tone(300 * COLUMN), RATE)
    assert centroid(excerpt)[INSIDE] == pytest.approx(250 * COLUMN, rel=1e-3)
    assert bandwidth(excerpt)[INSIDE] == pytest.approx(50 * COLUMN, rel=0.02)
    assert rolloff(excerpt)[INSIDE] == pytest.approx(300 * COLUMN, abs=COLUMN)


def test_white_noise_is_everywhere():
    excerpt = Excerpt(noise(), RATE)
    assert centroid(excerpt)[INSIDE].mean() == pytest.approx(RATE / 4, rel=0.02)
    assert bandwidth(excerpt)[INSIDE].mean() == pytest.approx(RATE / 2 / np.sqrt(12), rel=0.02)
    assert rolloff(excerpt)[INSIDE].mean() == pytest.approx(0.85 * RATE / 2, rel=0.02)
    assert zero_crossings(excerpt)[INSIDE].mean() == pytest.approx(0.5, rel=0.02)


@given(st.integers(0, 50))
def test_the_centroid_lies_within_the_spectrum_and_the_bandwidth_reaches_no_further(seed: int):
    excerpt = Excerpt(noise(seed, seconds=0.3), RATE)
    middle, width = centroid(excerpt), bandwidth(excerpt)
    assert middle.shape == width.shape == rolloff(excerpt).shape == zero_crossings(excerpt).shape == (13, 1)
    assert (middle > 0).all()
    assert (width**2 <= middle * (RATE / 2 - middle)).all()
    shares = excerpt.magnitude.astype(np.float64) / excerpt.magnitude.sum(axis=1, keepdims=True)
    apart = (excerpt.frequencies - middle) ** 2
    assert width[:, 0] == pytest.approx(np.sqrt((shares * apart).sum(axis=1)), rel=1e-5)


@pytest.mark.parametrize("measure", [centroid, bandwidth, rolloff, zero_crossings])
def test_silence_is_0(measure):
    assert not measure(Excerpt(np.zeros(RATE, np.float32), RATE)).any()


def test_crossings_of_an_alternating_signal_and_of_dust():
    alternating = np.tile(np.array([0.5, -0.5], np.float32), RATE)
    assert zero_crossings(Excerpt(alternating, RATE))[INSIDE] == pytest.approx(2047 / 2048)
    assert not zero_crossings(Excerpt(alternating * np.float32(1e-10), RATE)).any()
