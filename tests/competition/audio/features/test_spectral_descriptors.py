import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from competition.audio import spectral_statistics
from competition.audio.features.spectral_descriptors import RATES, describe, measure, sone, sonogram
from competition.audio.signal.excerpt import Excerpt
from competition.errors import DataError
from tests.competition.audio.features import slow_descriptors
from tests.competition.audio.sounds import RATE, music, noise, times, tone

SILENCE = (3 / 40) ** 2.642
HEARD_BELOW_0_DB = slice(13, 18)  # bands that end from 2320 to 4400 Hz
CHORD = {
    1: [4.2129, 1.6472, -0.17145, 1.5378, 4.3505, 2.2382, 5.9016],
    4: [6.0798, 3.4615, -0.17799, 1.5449, 6.2870, 3.2015, 8.5152],
    12: [8.2351, 6.2940, -0.17148, 1.5379, 8.5089, 4.3783, 11.523],
    20: [5.7343, 3.5736, -0.12506, 1.5107, 5.8941, 2.9074, 8.2556],
    23: [SILENCE, 0, 0, 0, SILENCE, SILENCE, SILENCE],
}


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(("seconds", "spectral_masking"), [(2.5, False), (2.5, True), (13.0, True)])
def test_descriptors_are_those_of_the_slow_reckoning(rate: int, spectral_masking: bool, seconds: float):
    """One segment that is shorter than it should be, and two with a rest."""
    sound = music(3, seconds=seconds, rate=rate)
    expected = slow_descriptors.descriptor(sound, rate, spectral_masking=spectral_masking)
    found = spectral_statistics(sound, rate, spectral_masking=spectral_masking).reshape(7, 24)
    varies = expected[6] > expected[5]
    assert varies.sum() >= {11025: 18, 22050: 22, 44100: 24}[rate]
    assert found[:, varies] == pytest.approx(expected[:, varies], rel=1e-3)
    assert found[:, ~varies] == pytest.approx(expected[:, ~varies], rel=1e-5)


@pytest.mark.training
def test_the_first_and_the_last_segment_of_a_long_recording_are_left_out():
    sound = np.concatenate([music(5, seconds=23.0, rate=11025), music(6, seconds=23.0, rate=11025)])
    expected = slow_descriptors.descriptor(sound, 11025, spectral_masking=False)
    found = spectral_statistics(sound, 11025).reshape(7, 24)[:, :18]
    assert found == pytest.approx(expected[:, :18], rel=1e-3)
    segments = [spectral_statistics(sound[first : first + 2**16], 11025) for first in range(0, 7 * 2**16, 2**16)]
    assert spectral_statistics(sound, 11025) == pytest.approx(np.mean(segments[1:-1], axis=0))
    assert spectral_statistics(sound[: 44 * 11025], 11025) == pytest.approx(np.mean(segments, axis=0))


def test_a_chord_has_these_descriptors():
    """Numbers of the slow reckoning, written down: what sound is worth must not move."""
    chord = sum(tone(hertz, seconds=7.0, loudness=0.2) for hertz in (110, 440, 1760, 7040))
    found = spectral_statistics(chord * (0.6 + 0.4 * np.sin(4 * np.pi * times(7.0))), RATE).reshape(7, 24)
    for band, statistics in CHORD.items():
        assert found[:, band] == pytest.approx(statistics, rel=1e-3), band


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("spectral_masking", [False, True])
def test_silence_is_what_cannot_be_heard(rate: int, spectral_masking: bool):
    """It is taken for 0 dB, which is heard where the ear is keenest."""
    mean, variance, skewness, kurtosis, *others = spectral_statistics(
        np.zeros(2 * rate), rate, spectral_masking=spectral_masking
    ).reshape(7, 24)
    quiet = np.ones(24, bool)
    quiet[HEARD_BELOW_0_DB] = False
    assert mean[quiet] == pytest.approx(SILENCE, rel=1e-6)
    assert mean[~quiet] == pytest.approx([0.00251, 0.00581, 0.01273, 0.01099, 0.00477], abs=1e-5)
    assert not variance.any()
    assert not skewness.any()
    assert not kurtosis.any()
    for statistic in others:
        assert np.array_equal(statistic, mean)


def test_a_sone_is_40_phon_and_10_more_are_twice_as_loud():
    """In the band up to 1080 Hz a phon is a decibel, from 20 upwards."""
    bands = np.zeros((6, 24), np.float32)
    bands[:, 8] = 10.0 ** np.array([4, 5, 6, 9, 10, 12])
    assert sone(bands)[:, 8] == pytest.approx([1, 2, 4, 32, 64, 256], rel=1e-5)
    bands[:, 8] = 10.0 ** np.array([2, 3, 3.9, 0.2, 0, -9])
    quiet = [(phon / 40) ** 2.642 for phon in (20, 30, 39, 3, 3, 3)]
    assert sone(bands)[:, 8] == pytest.approx(quiet, rel=1e-5)


@given(arrays(np.float32, (2, 5, 24), elements=st.floats(0, 2**60, width=32)))
def test_more_power_is_never_less_loud_and_nothing_is_quieter_than_silence(power: np.ndarray):
    ordered = np.sort(power, axis=1)
    loudness = sone(ordered)
    assert loudness.dtype == np.float32
    assert (np.diff(loudness, axis=1) >= 0).all()
    assert loudness.min() >= SILENCE * (1 - 1e-6)
    expected = [[slow_descriptors.phon(10 * np.log10(max(one, 1)), 1080)] for one in ordered[0, :, 8].tolist()]
    assert loudness[0, :, 8] == pytest.approx([slow_descriptors.sone(*phon) for phon in expected], rel=1e-4)


def test_a_tone_is_loudest_in_its_band():
    for band, hertz in enumerate((50, 150, 250, 350, 450, 570, 700, 845, 1000, 1175)):
        assert sonogram(Excerpt(tone(hertz), RATE)).mean(axis=(0, 1)).argmax() == band


def test_masking_lets_a_tone_cover_its_neighbours_above_more_than_below():
    excerpt = Excerpt(tone(1000), RATE)
    plain, masked = (sonogram(excerpt, spectral_masking=masking).mean(axis=(0, 1)) for masking in (False, True))
    assert (masked[9:14] > plain[9:14]).all()
    assert masked[10] > masked[6]


def test_segments_do_not_reach_into_each_other():
    sound = np.concatenate([noise(seconds=6)[: 2**17], np.zeros(2**17 + 700, np.float32)])
    first, second = sonogram(Excerpt(sound, RATE))
    assert first.shape == second.shape == (511, 24)
    assert (first[:, 2] > 0.1).all()
    assert second[:, 2] == pytest.approx(SILENCE, rel=1e-6)


def test_statistics_of_a_few_numbers():
    loudness = np.array([1.0, 5, 1, 1], np.float32)[None, :, None]
    mean, variance, skewness, kurtosis, median, least, largest = describe(loudness)[0, :, 0]
    assert (mean, variance, median, least, largest) == (2, 3, 1, 1, 5)
    assert skewness == pytest.approx(6 / 3**1.5)
    assert kurtosis == pytest.approx(21 / 9)


FRAMES = arrays(
    np.float32, st.tuples(st.just(2), st.integers(1, 40), st.just(3)), elements=st.floats(2**-10, 2000, width=32)
)


@pytest.mark.filterwarnings("ignore:Precision loss")
@given(FRAMES)
def test_statistics_are_scipys(loudness: np.ndarray):
    exact, found = loudness.astype(np.float64), describe(loudness)
    varies = exact.std(axis=1) > 1e-6 * exact.mean(axis=1)
    assert np.isfinite(found).all()
    for place, function in enumerate((np.mean, np.var, scipy.stats.skew, pearson, np.median, np.min, np.max)):
        expected = function(exact, axis=1)
        assert found[:, place][varies] == pytest.approx(expected[varies], rel=1e-6, abs=1e-9)


def pearson(values: np.ndarray, axis: int) -> np.ndarray:
    return scipy.stats.kurtosis(values, axis=axis, fisher=False)


@given(FRAMES, st.integers(0, 99))
def test_statistics_do_not_depend_on_the_order_of_frames(loudness: np.ndarray, seed: int):
    order = np.random.default_rng(seed).permutation(loudness.shape[1])
    assert np.array_equal(describe(loudness[:, order]), describe(loudness))


@given(value=st.floats(2**-10, 2000, width=32), frames=st.integers(1, 600))
def test_a_band_that_never_changes_has_no_spread_and_no_shape(value: float, frames: int):
    loudness = np.full((1, frames, 1), value, np.float32)
    assert describe(loudness)[0, :, 0].tolist() == [value, 0, 0, 0, value, value, value]


def test_pieces_of_whole_segments_joined_are_the_whole():
    sound = music(8, seconds=50.0)
    pieces = [Excerpt(piece, RATE) for piece in np.split(sound, [2 * 2**17, 3 * 2**17])]
    first, second, third = map(measure, pieces)
    assert np.array_equal(first.joined(second).joined(third).values(), measure(Excerpt(sound, RATE)).values())


def test_channels_are_averaged():
    left, right = noise(1), noise(2)
    assert np.array_equal(
        spectral_statistics(np.stack([left, right], axis=1), RATE), spectral_statistics((left + right) / 2, RATE)
    )


@pytest.mark.parametrize(
    ("samples", "rate", "said"),
    [
        (np.zeros(16000), 16000, "the samples are of 16000 Hz; expected 11025, 22050, 44100: bring them to one of "
         "these."),
        (np.zeros(11025), 22050, "the samples are 0.50 s; expected at least 1 s."),
        (np.zeros(0), 22050, "the samples are 0.00 s; expected at least 1 s."),
        (np.zeros((2, 22050)), 22050, "the samples have the shape (2, 22050); expected (samples,) or (samples, "
         "channels)."),
        (np.float32(3), 22050, "the samples have the shape (); expected (samples,) or (samples, channels)."),
        (np.full(22050, 32767, np.int16), 22050, "the samples reach 32767; expected numbers with full scale at -1 and "
         "1: divide whole numbers of 16 bits by 32768."),
    ],
)  # fmt: skip
def test_what_is_no_such_sound_is_refused(samples: np.ndarray, rate: int, said: str):
    with pytest.raises(DataError) as caught:
        spectral_statistics(samples, rate)
    assert str(caught.value) == said
