import numpy as np
import pytest

from competition.audio.features.cepstrum import cepstrum, measure
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import RATE, music, noise


def test_coefficients_are_sums_of_cosines_over_the_mel_bands_in_decibel():
    excerpt = Excerpt(music(1), RATE)
    bands = np.arange(128)
    for place in range(12):
        length = np.sqrt((1 if place == 0 else 2) / 128)
        cosine = length * np.cos(np.pi * place * (bands + 0.5) / 128)
        assert cepstrum(excerpt)[:, place] == pytest.approx(excerpt.mel_decibel @ cosine, abs=1e-3)


def test_ten_times_the_volume_raises_the_zeroth_coefficient_by_20_decibel_in_every_band_and_no_other():
    soft, loud = (cepstrum(Excerpt(volume * noise(), RATE)) for volume in (np.float32(0.1), np.float32(1)))
    difference = loud - soft
    assert difference[:, 0] == pytest.approx(20 * np.sqrt(128), abs=0.01)
    assert difference[:, 1:] == pytest.approx(0, abs=0.01)


def test_silence_is_100_decibel_below_in_every_band():
    mean, variance, least, largest = measure(Excerpt(np.zeros(RATE, np.float32), RATE)).values()
    for statistic in (mean, least, largest):
        assert statistic == pytest.approx([-100 * np.sqrt(128), *11 * [0]], rel=1e-5, abs=1e-3)
    assert variance == pytest.approx(0, abs=1e-6)


def test_more_coefficients_begin_with_the_fewer():
    excerpt = Excerpt(music(1), RATE)
    assert cepstrum(excerpt, 20).shape == (1 + len(excerpt.samples) // 512, 20)
    assert cepstrum(excerpt, 20)[:, :12] == pytest.approx(cepstrum(excerpt), abs=1e-3)
