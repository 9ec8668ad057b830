import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.audio.features.tempogram import BANDS, autocorrelations, measure, onset_strength, tempi, tempogram
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import RATE, music, noise, times


def clicks(beats: float, seconds: float = 12.0) -> np.ndarray:
    """Return bursts of noise at a tempo, in beats a minute."""
    late = times(seconds) % (60 / beats)
    return noise(seconds=seconds) * (np.exp(-late / 0.02) + 0.001).astype(np.float32)


def test_tempi_double_every_twelve_bands():
    assert tempi()[[0, 12, 24]].tolist() == pytest.approx([40, 80, 160])
    assert tempi()[-1] == pytest.approx(226.3, abs=0.1)
    assert len(tempi()) == BANDS


@pytest.mark.parametrize("band", [12, 16, 19, 24, 28])
def test_clicks_repeat_at_their_tempo(band: int):
    mean = measure(Excerpt(clicks(tempi()[band]), RATE)).values()[0]
    assert mean[band] == mean[max(0, band - 6) : band + 7].max()
    assert mean[band] > 0.5


def test_an_onset_stands_at_the_centre_of_its_frame():
    samples = np.zeros(2 * RATE, np.float32)
    samples[40 * 512 :] = noise()[: 2 * RATE - 40 * 512]
    onsets = onset_strength(Excerpt(samples, RATE))
    assert onsets.shape == (1 + len(samples) // 512,)
    assert abs(int(onsets.argmax()) - 40) <= 1


def test_onset_strength_is_a_mean_of_decibels():
    """Every band of the same noise, ten times as loud, is 20 dB louder."""
    sound = np.concatenate([np.float32(0.1) * noise(), noise()])
    onsets = onset_strength(Excerpt(sound, RATE))
    assert onsets[70:106].sum() == pytest.approx(20 + onsets[30:66].sum(), rel=0.1)


@given(seed=st.integers(0, 99), frames=st.integers(1, 900))
def test_autocorrelations_are_at_most_1_which_they_are_without_a_lag(seed: int, frames: int):
    onsets = np.random.default_rng(seed).exponential(size=frames).astype(np.float32)
    correlations = autocorrelations(onsets)
    assert correlations.shape == (frames, 384)
    assert correlations[:, 0] == pytest.approx(1.0, abs=1e-5)
    assert correlations.max() <= 1 + 1e-5
    assert correlations.min() >= -1e-5


def test_autocorrelation_of_two_onsets():
    """In the middle of a Hann window both have nearly the same weight, so half of the products are apart."""
    onsets = np.zeros(500, np.float32)
    onsets[[248, 252]] = 1
    assert autocorrelations(onsets)[250, :6] == pytest.approx([1, 0, 0, 0, 0.5, 0], abs=1e-3)
    assert not autocorrelations(np.zeros(500, np.float32)).any()


@pytest.mark.parametrize("seconds", [1.0, 4.0, 8.9, 20.0])
def test_excerpts_may_be_shorter_than_the_window(seconds: float):
    excerpt = Excerpt(music(3, seconds=seconds), RATE)
    assert tempogram(excerpt).shape == (len(excerpt.power), 31)
    assert np.isfinite(tempogram(excerpt)).all()


def test_between_two_lags_the_tempogram_goes_straight():
    excerpt = Excerpt(music(3), RATE)
    correlations = autocorrelations(onset_strength(excerpt))
    lag = 60 / tempi()[5] * RATE / 512
    expected = [np.interp(lag, np.arange(384), frame) for frame in correlations]
    assert tempogram(excerpt)[:, 5] == pytest.approx(expected, abs=1e-5)
