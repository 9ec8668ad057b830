import numpy as np
import pytest

from competition.audio.features.contrast import contrast, measure
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import RATE, music, noise, tone

CENTRES = [100, 300, 600, 1200, 2400, 4800, 8000]
"""A frequency inside each band, in Hz."""


@pytest.mark.parametrize("band", range(7))
def test_a_tone_over_noise_stands_out_in_its_band(band: int):
    hiss = np.float32(0.01) * noise()
    with_tone = measure(Excerpt(hiss + tone(CENTRES[band]), RATE)).values()[0]
    without = measure(Excerpt(hiss, RATE)).values()[0]
    assert (with_tone - without).argmax() == band
    assert with_tone[band] > without[band] + 20


@pytest.mark.parametrize("rate", [11025, 22050, 44100])
def test_contrast_is_never_below_0_and_does_not_hang_on_the_volume(rate: int):
    loud = contrast(Excerpt(music(1, rate=rate), rate))
    assert loud.shape == (1 + len(music(1, rate=rate)) // 512, 7)
    assert loud.min() >= 0
    assert contrast(Excerpt(music(1, rate=rate) / 2, rate)) == pytest.approx(loud, abs=1e-3)


def test_peaks_and_valleys_are_means_of_a_fiftieth():
    """The last band of this flat spectrum has 431 columns: nine of them are strong, eight weak."""
    excerpt = Excerpt(np.zeros(2048, np.float32), RATE)
    magnitude = np.ones((5, 1025), np.float32)
    magnitude[:, 700:709], magnitude[:, 800:808] = 100, 0.1
    excerpt.__dict__["magnitude"] = magnitude
    assert contrast(excerpt)[:, 6] == pytest.approx(20 - 10 * np.log10((8 * 0.1 + 1) / 9), abs=1e-4)
    assert contrast(excerpt)[:, :6] == pytest.approx(0)
