"""Sines stay what they are at another rate; what that rate cannot hold vanishes."""

import numpy as np
import pytest

from competition.audio.signal import resampling
from competition.audio.signal.resampling import resampled


def sine(hertz: float, rate: int, seconds: float = 0.5, phase: float = 0.3) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate + phase).astype(np.float32)


@pytest.mark.parametrize(("rate", "wanted"), [(22050, 16000), (44100, 16000), (48000, 16000), (8000, 16000)])
@pytest.mark.parametrize("hertz", [55.0, 1000.0, 3300.0])
def test_a_sine_stays_a_sine(rate: int, wanted: int, hertz: float):
    inside = slice(400, -400)  # beyond the ends there is silence
    assert np.abs(resampled(sine(hertz, rate), rate, wanted)[inside] - sine(hertz, wanted)[inside]).max() < 5e-3


def test_what_the_new_rate_cannot_hold_vanishes():
    assert np.abs(resampled(sine(9000, 22050), 22050, 16000)[400:-400]).max() < 1e-3


def test_the_same_rate_changes_nothing():
    samples = sine(440, 16000)
    assert resampled(samples, 16000, 16000) is samples


@pytest.mark.parametrize("samples", [1, 2, 440, 441, 442, 66150])
def test_there_are_as_many_samples_as_fit(samples: int):
    made = resampled(np.ones(samples, np.float32), 22050, 16000)
    assert len(made) == int(np.ceil(samples * 16000 / 22050))
    assert made.dtype == np.float32


def test_parts_add_up_and_an_echo_is_later():
    first, second = sine(300, 22050), sine(700, 22050)
    together = resampled(first + 2 * second, 22050, 16000)
    assert np.allclose(together, resampled(first, 22050, 16000) + 2 * resampled(second, 22050, 16000), atol=1e-6)
    later = resampled(np.concatenate([np.zeros(441, np.float32), first]), 22050, 16000)
    assert np.allclose(later[320:], resampled(first, 22050, 16000), atol=1e-6)


def test_long_sounds_are_made_in_several_products(monkeypatch: pytest.MonkeyPatch):
    whole = resampled(sine(440, 22050), 22050, 16000)
    monkeypatch.setattr(resampling, "_BATCH", 3)
    assert np.allclose(resampled(sine(440, 22050), 22050, 16000), whole, atol=1e-6)


def slow(samples: np.ndarray, rate: int, wanted: int, place: int) -> float:
    """Return one sample at the new rate: a sum over the old ones, each times the windowed sinc at its distance."""
    scale = min(1.0, wanted / rate)
    jump = int(512 * scale)
    entries = np.arange(64 * 512 + 1)
    table = 0.9475937167399596 * np.sinc(0.9475937167399596 * entries / 512)
    table *= np.kaiser(2 * 64 * 512 + 1, 14.769656459379492)[64 * 512 :]
    here = place * rate / wanted
    whole = int(here)
    total = 0.0
    for index, sample in enumerate(samples):
        steps, near = (whole - index, here - whole) if index <= whole else (index - whole - 1, whole + 1 - here)
        entry = near * scale * 512 + steps * jump
        total += sample * scale * float(np.interp(entry, entries, table, right=0.0))
    return total


@pytest.mark.parametrize(("rate", "wanted"), [(22050, 16000), (8000, 16000)])
def test_it_is_the_sum_over_windowed_sincs(rate: int, wanted: int):
    samples = np.random.default_rng(1).normal(size=600).astype(np.float32)
    made = resampled(samples, rate, wanted)
    places = [0, 1, 7, len(made) // 2, len(made) - 1]
    assert np.allclose(made[places], [slow(samples, rate, wanted, place) for place in places], atol=2e-5)
