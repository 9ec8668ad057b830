import numpy as np
import pytest

from competition.audio.features.constant_q import chroma, constant_q, measure
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import RATE, key, music, tone

C1, C2, B7 = 24, 36, 107


@pytest.mark.parametrize("number", range(C2, B7 + 1))
def test_a_tone_lands_in_its_pitch_class_in_every_octave_and_its_neighbours_are_lower(number: int):
    shares = measure(Excerpt(tone(key(number), seconds=1.0), RATE)).values()[0]
    own = number % 12
    assert shares.argmax() == own
    assert shares[(own - 1) % 12] < 0.7
    assert shares[(own + 1) % 12] < 0.7
    assert np.delete(shares, [(own - 1) % 12, own, (own + 1) % 12]).max() < 0.15


@pytest.mark.parametrize("number", [C2, 57, 69, 84, B7])
def test_a_semitone_is_as_strong_as_its_tone_wherever_it_is(number: int):
    """A Hann window's mean is a half, and half of a sine's amplitude is at positive frequencies."""
    magnitude = constant_q(Excerpt(tone(key(number), loudness=0.8), RATE))
    middle = magnitude[len(magnitude) // 2]
    assert middle.shape == (84,)
    assert middle.argmax() == number - C1
    assert middle[number - C1] == pytest.approx(0.8 / 4, rel=0.01)


def test_octaves_add_up():
    """C is played in two of them."""
    chord = sum(tone(key(number), loudness=0.2) for number in (48, 60, 64, 67))
    shares = chroma(Excerpt(chord, RATE))[40]
    assert shares[[0, 4, 7]] == pytest.approx([1, 0.5, 0.5], abs=0.02)
    assert shares[[2, 9, 10]].max() < 0.05


@pytest.mark.parametrize("samples", [RATE, 2**14 - 1, 2**14, 2**14 + 1, 512])
def test_excerpts_may_be_shorter_than_the_longest_filter(samples: int):
    shares = chroma(Excerpt(music(1)[:samples], RATE))
    assert shares.shape == (1 + samples // 512, 12)
    assert np.isfinite(shares).all()
    assert (shares.max(axis=1) == 1).all()
