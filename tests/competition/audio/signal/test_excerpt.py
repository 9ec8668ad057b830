import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from competition.audio.signal.excerpt import Excerpt, decibel
from competition.errors import DataError
from tests.competition.audio.sounds import RATE, noise, tone


@pytest.mark.parametrize("samples", [1, 511, 512, RATE, RATE + 511, 2**14])
def test_frames_are_centred_on_every_512th_sample(samples: int):
    excerpt = Excerpt(np.ones(samples, np.float32), RATE)
    assert excerpt.power.shape == excerpt.magnitude.shape == (1 + samples // 512, 1025)
    assert excerpt.mel.shape == excerpt.mel_decibel.shape == (1 + samples // 512, 128)
    assert excerpt.seconds == samples / RATE


def test_an_impulse_stands_in_the_middle_of_its_frame():
    samples = np.zeros(4096, np.float32)
    samples[4 * 512] = 1
    power = Excerpt(samples, RATE).power
    assert power[4] == pytest.approx(1.0)
    assert power[:, 500] == pytest.approx([0, 0, 0, 0.25, 1, 0.25, 0, 0, 0])


def test_a_tone_is_loudest_at_its_frequency():
    excerpt = Excerpt(tone(1000), RATE)
    assert excerpt.frequencies[excerpt.power.argmax(axis=1)] == pytest.approx(1000, abs=RATE / 2048 / 2)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 32767.0, -32768.0])
def test_samples_of_another_full_scale_and_what_is_no_number_are_refused(wrong: float):
    samples = noise()
    samples[777] = wrong
    with pytest.raises(
        DataError, match=rf"the samples reach {abs(wrong):g}; expected numbers with full scale at -1 and 1"
    ):
        Excerpt(samples, RATE)


def test_decibel_counts_from_1_and_ends_below_the_loudest():
    assert decibel(np.array([100, 10, 1e-5, 0], np.float32)) == pytest.approx([20, 10, -50, -60], abs=1e-5)
    assert decibel(np.array([100, 10, 0], np.float32), span=15) == pytest.approx([20, 10, 5], abs=1e-5)
    assert decibel(np.zeros(2, np.float32)) == pytest.approx([-100, -100])


@given(arrays(np.float32, (3, 4), elements=st.floats(0, 2**20, width=32)))
def test_decibel_rises_with_power_within_its_span(power: np.ndarray):
    levels = decibel(power)
    assert levels.max() - levels.min() <= 80.001
    order = np.argsort(power, axis=None)
    assert (np.diff(levels.ravel()[order]) >= 0).all()
