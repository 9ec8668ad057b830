import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from competition.audio.signal import spectra
from competition.audio.signal.spectra import frequencies, hann_window, power_spectra
from tests.competition.audio.sounds import tone


def test_a_constant_has_all_its_power_at_0_hz():
    assert power_spectra(np.ones(8, np.float32), np.ones(4, np.float32), hop=4).tolist() == [[16, 0, 0], [16, 0, 0]]


def test_an_impulse_has_the_same_power_everywhere():
    samples = np.array([0, 2, 0, 0, 0, 0], np.float32)
    assert power_spectra(samples, np.ones(4, np.float32), hop=1).tolist() == [[4, 4, 4], [4, 4, 4], [0, 0, 0]]


def test_samples_after_the_last_whole_frame_are_left_out():
    window = np.ones(4, np.float32)
    assert len(power_spectra(np.ones(11, np.float32), window, hop=4)) == 2
    assert len(power_spectra(np.ones(4, np.float32), window, hop=4)) == 1


def test_windows_begin_at_0_and_a_symmetric_one_ends_there_too():
    assert hann_window(4, is_periodic=True).tolist() == pytest.approx([0, 0.5, 1, 0.5])
    assert hann_window(5, is_periodic=False).tolist() == pytest.approx([0, 0.5, 1, 0.5, 0])


def test_a_tone_has_its_power_in_the_column_of_its_frequency():
    power = power_spectra(tone(3000, rate=12000), hann_window(256, is_periodic=True), hop=128)
    hertz = frequencies(256, 12000)
    assert hertz[[0, 1, -1]].tolist() == [0, 46.875, 6000]
    assert (hertz[power.argmax(axis=1)] == 3000).all()


@given(seed=st.integers(0, 99), samples=st.integers(64, 900), hop=st.integers(1, 70))
def test_power_is_that_of_the_fourier_transform(seed: int, samples: int, hop: int):
    sound = np.random.default_rng(seed).normal(size=samples).astype(np.float32)
    window = hann_window(64, is_periodic=False)
    frames = [sound[first : first + 64] * window for first in range(0, samples - 63, hop)]
    expected = np.abs(np.fft.rfft(np.array(frames, np.float64), axis=1)) ** 2
    power = power_spectra(sound, window, hop)
    assert power.dtype == np.float32
    assert power.shape == expected.shape
    assert power == pytest.approx(expected, abs=1e-5 * expected.max())


@given(batch=st.integers(1, 5000))
def test_the_batch_changes_no_bit(batch: int):
    sound, window = tone(440, seconds=0.1) + tone(123, seconds=0.1), hann_window(128, is_periodic=True)
    expected = power_spectra(sound, window, hop=32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spectra, "_BATCH", batch)
        assert np.array_equal(power_spectra(sound, window, hop=32), expected)


def test_frames_of_one_frequency_lie_side_by_side():
    """Products with filters are several times slower otherwise."""
    assert power_spectra(tone(440), hann_window(128, is_periodic=True), hop=32).T.flags.c_contiguous
