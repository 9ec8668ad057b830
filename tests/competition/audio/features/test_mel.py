import numpy as np
import pytest

from competition.audio.features.mel import measure, mel
from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.mel import to_hertz, to_mel
from tests.competition.audio.sounds import RATE, music, noise, tone

CENTRES = to_hertz(np.linspace(0, to_mel(np.array(RATE / 2)), 42))[1:-1]


@pytest.mark.parametrize("band", [2, 10, 20, 30, 39])
def test_a_tone_is_loudest_in_the_band_around_it(band: int):
    mean = measure(Excerpt(tone(CENTRES[band]), RATE)).values()[0]
    assert mean.shape == (40,)
    assert mean.argmax() == band


def test_levels_are_decibels_of_power():
    """White noise has the same power in every band, because filters are of one area."""
    levels = mel(Excerpt(noise(), RATE))
    window = np.sum(np.hanning(2049)[:-1] ** 2)
    assert levels[2:-2].mean() == pytest.approx(10 * np.log10(0.01 * window * 2048 / RATE), abs=0.5)
    assert mel(Excerpt(10 * noise(), RATE)) == pytest.approx(levels + 20, abs=1e-3)


def test_nothing_is_more_than_80_decibel_below_the_loudest():
    levels = mel(Excerpt(np.concatenate([music(1), np.zeros(RATE, np.float32)]), RATE))
    assert levels.min() == pytest.approx(levels.max() - 80)
