import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from competition.audio.features.chroma import chroma, chroma_filters, measure, strongest_as_one, tuning_of
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import RATE, key, music, noise, tone


@pytest.mark.parametrize("rate", [22050, 44100])
@pytest.mark.parametrize("number", [48, 57, 60, 61, 64, 69, 71, 72, 83, 95])
def test_a_tone_is_strongest_in_its_pitch_class_whatever_the_octave(number: int, rate: int):
    mean = measure(Excerpt(tone(key(number), rate=rate), rate)).values()[0]
    assert mean.argmax() == number % 12
    assert mean[number % 12] == pytest.approx(1.0, abs=0.02)


def test_a_chord_has_its_three_pitch_classes():
    chord = tone(key(60)) + tone(key(64)) + tone(key(67))
    mean = measure(Excerpt(chord / 3, RATE)).values()[0]
    assert set(np.argsort(mean)[-3:]) == {0, 4, 7}


@pytest.mark.parametrize("tuning", [-0.4, -0.2, 0.0, 0.25, 0.45])
def test_a_recording_out_of_tune_is_found_and_put_right(tuning: float):
    excerpt = Excerpt(sum(tone(key(number + tuning), loudness=0.2) for number in (81, 85, 88, 93)), RATE)
    found = tuning_of(excerpt.power, RATE)
    assert found == pytest.approx(tuning, abs=0.03)
    assert set(np.argsort(chroma(excerpt).mean(axis=0))[-3:]) == {9, 4, 1}


@given(st.integers(0, 20))
def test_tuning_is_a_hundredth_of_a_semitone_within_a_half(seed: int):
    tuning = tuning_of(Excerpt(noise(seed, seconds=0.2), RATE).power, RATE)
    assert -0.5 <= tuning < 0.5
    assert 100 * tuning == pytest.approx(round(100 * tuning), abs=1e-9)


def test_where_there_are_no_peaks_tuning_is_0():
    assert tuning_of(np.zeros((3, 1025), np.float32), RATE) == 0
    assert tuning_of(np.ones((3, 1025), np.float32), RATE) == 0


def test_a_peak_on_its_own_counts_with_its_place_between_columns():
    power = np.zeros((1, 1025), np.float32)
    power[0, 40:43] = [1, 4, 3]  # the parabola through them has its top a quarter of a column above
    expected = 12 * np.log2(41.25 * RATE / 2048 / 440) % 1.0
    assert tuning_of(power, RATE) == pytest.approx((expected + 0.5) % 1.0 - 0.5, abs=0.01)


@pytest.mark.parametrize("tuning", [-0.5, 0.0, 0.3])
def test_weights_of_a_frequency_have_length_1_where_they_are_strongest_and_fade(tuning: float):
    filters = chroma_filters(RATE, tuning)
    assert filters.shape == (12, 1025)
    lengths = np.linalg.norm(filters, axis=0)
    assert lengths.argmax() == pytest.approx(key(81 + tuning) * 2048 / RATE, abs=1)
    assert lengths.max() == pytest.approx(1.0, abs=1e-4)
    assert (np.diff(lengths[1:75]) > 0).all()
    assert (np.diff(lengths[90:]) < 0).all()


@given(arrays(np.float32, (4, 3), elements=st.floats(0, 2**40, width=32)))
def test_the_strongest_is_1_or_all_are_0(bands: np.ndarray):
    one = strongest_as_one(bands)
    assert one.dtype == np.float32
    for frame, before in zip(one, bands, strict=True):
        assert frame.max() == (1 if before.max() >= np.finfo(np.float32).tiny else before.max())


def test_values_are_shares_of_the_strongest():
    values = chroma(Excerpt(music(4), RATE))
    assert values.shape == (1 + len(music(4)) // 512, 12)
    assert values.min() >= 0
    assert (values.max(axis=1) == 1).all()
