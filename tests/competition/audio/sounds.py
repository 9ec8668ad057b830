"""Sounds made by formulas: what the tests of features share."""

from functools import lru_cache

import numpy as np

RATE = 22050


def tone(hertz: float, *, seconds: float = 2.0, rate: int = RATE, loudness: float = 0.5) -> np.ndarray:
    """Return a sine; float32."""
    return (loudness * np.sin(2 * np.pi * hertz * times(seconds, rate))).astype(np.float32)


def key(number: float) -> float:
    """Return the frequency of a key as MIDI counts them, 60 for C4, in Hz."""
    return 440 * 2 ** ((number - 69) / 12)


def noise(seed: int = 0, *, seconds: float = 2.0, rate: int = RATE) -> np.ndarray:
    """Return white noise, a tenth of full scale; float32."""
    return (0.1 * np.random.default_rng(seed).normal(size=round(seconds * rate))).astype(np.float32)


@lru_cache
def music(seed: int, *, seconds: float = 4.0, rate: int = RATE, tuning: float = 0.0) -> np.ndarray:
    """Return plucked strings over drums, `tuning` semitones above A at 440 Hz; float32, within -1 and 1."""
    generator = np.random.default_rng(seed)
    sound = 0.002 * generator.normal(size=round((seconds + 1) * rate))
    late = times(1.0, rate)
    for start in np.arange(0, seconds, 60 / generator.uniform(80, 160)):
        beat = sound[round(start * rate) :][: len(late)]
        beat += 0.1 * generator.normal(size=len(beat)) * np.exp(-late / 0.03)
        for string in generator.integers(40, 76, size=3):
            beat += 0.2 * _plucked(key(string + tuning), late, generator)
    sound = sound[: round(seconds * rate)]
    return (0.9 * sound / np.abs(sound).max()).astype(np.float32)


def _plucked(hertz: float, late: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    strengths = generator.uniform(0.5, 1, size=6)
    waves = (
        strength / partial * np.sin(2 * np.pi * hertz * partial * late) * np.exp(-3 * late * partial)
        for partial, strength in enumerate(strengths, start=1)
    )
    return sum(waves, np.zeros_like(late))


def times(seconds: float, rate: int = RATE) -> np.ndarray:
    """Return the time of each sample, in seconds; float64."""
    return np.arange(round(seconds * rate)) / rate


def _impulse(samples: int, place: int) -> np.ndarray:
    return (np.arange(samples) == place).astype(np.float32)


ODD_SOUNDS = {
    "silence": np.zeros(2 * RATE, np.float32),
    "a second of silence": np.zeros(RATE, np.float32),
    "a second of noise": noise(seconds=1.0),
    "an odd number of samples": noise(seconds=1.0)[:-1].repeat(2)[: RATE + 1],
    "constant": np.full(2 * RATE, 0.5, np.float32),
    "constant at full scale": np.full(2 * RATE, -1.0, np.float32),
    "one impulse": _impulse(2 * RATE, RATE),
    "an impulse at the start": _impulse(2 * RATE, 0),
    "above full scale": 1000 * noise(seconds=2.0),
    "barely there": np.float32(1e-12) * noise(),
    "smaller than normal numbers": np.float32(1e-39) * noise(),
    "silence, then noise": np.concatenate([np.zeros(RATE, np.float32), noise()]),
    "the highest frequency": np.tile(np.array([0.5, -0.5], np.float32), RATE),
    "clipped": np.clip(30 * noise(), -1, 1),
}
"""All at 22050 Hz."""
