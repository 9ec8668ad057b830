"""What all features have in common: the table, finite numbers whatever the sound, the same bytes every time."""

import numpy as np
import pytest

from competition.audio.features.table import CLASSIC, FEATURES, NAMES, blocks_of, checked, measured, scales_of
from competition.audio.signal import spectra
from competition.audio.signal.excerpt import Excerpt
from competition.errors import ArgumentError
from tests.competition.audio.sounds import ODD_SOUNDS, RATE, music

LEVELS = {"mfcc", "mel", "ssd", "rhythm-histogram", "contrast", "tempogram", "musicnn-tags", "musicnn-embedding"}
"""What changes with the volume, and what has a floor."""


@pytest.mark.parametrize("sound", ODD_SOUNDS.values(), ids=ODD_SOUNDS.keys())
@pytest.mark.parametrize("name", FEATURES)
def test_every_feature_of_every_sound_is_a_finite_number(name: str, sound: np.ndarray):
    feature = FEATURES[name]
    values = feature.measure(Excerpt(sound, RATE)).values()
    assert values.shape == (len(feature.statistics), feature.bands)
    assert values.dtype == np.float64
    assert np.isfinite(values).all()
    by_name = dict(zip(feature.statistics, values, strict=True))
    slack = 1e-5 * np.abs(values).max()
    for less, more in (("min", "mean"), ("mean", "max")):
        if less in by_name and more in by_name:
            assert (by_name[less] <= by_name[more] + slack).all()
    for spread in {"variance", "deviation"} & by_name.keys():
        assert (by_name[spread] >= 0).all()


@pytest.mark.parametrize("name", FEATURES)
@pytest.mark.parametrize("sound", ["silence", "a second of silence"])
def test_silence_does_not_vary(name: str, sound: str):
    values = FEATURES[name].measure(Excerpt(ODD_SOUNDS[sound], RATE)).values()
    if "variance" in FEATURES[name].statistics:
        assert values[FEATURES[name].statistics.index("variance")] == pytest.approx(0, abs=1e-6)
    assert name in LEVELS or not values.any()


@pytest.mark.parametrize("name", sorted(set(FEATURES) - LEVELS))
def test_a_volume_of_a_half_changes_no_bit_of_what_is_relative(name: str):
    sound = np.where(music(1) == 0, np.float32(1e-3), music(1))
    loud, soft = (FEATURES[name].measure(Excerpt(one, RATE)).values() for one in (sound, sound / 2))
    assert np.array_equal(loud, soft)


def test_features_measured_together_are_those_measured_alone_and_the_same_every_time():
    together = measured(Excerpt(music(2), RATE), list(FEATURES))
    assert list(together) == list(FEATURES)
    for name, summary in together.items():
        assert np.array_equal(FEATURES[name].measure(Excerpt(music(2), RATE)).values(), summary.values()), name


@pytest.mark.parametrize("batch", [1, 3 * 2048, 2**20])
def test_the_batch_of_spectra_changes_no_bit(batch: int, monkeypatch: pytest.MonkeyPatch):
    names = [name for name in FEATURES if name != "cqt-chroma"]
    expected = measured(Excerpt(music(2), RATE), names)
    monkeypatch.setattr(spectra, "_BATCH", batch)
    for name, summary in measured(Excerpt(music(2), RATE), names).items():
        assert np.array_equal(summary.values(), expected[name].values()), name


def test_the_classic_features_are_the_264_columns_of_2018():
    rhythm, chroma, timbre = blocks_of(CLASSIC)
    assert [(block.name, block.first, block.stop) for block in (rhythm, chroma, timbre)] == [
        ("rhythm", 0, 168),
        ("chroma", 168, 216),
        ("mfcc", 216, 264),
    ]
    assert rhythm.statistics == ("mean", "variance", "skewness", "kurtosis", "median", "min", "max")
    assert chroma.statistics == timbre.statistics == ("mean", "variance", "min", "max")
    assert scales_of(CLASSIC).tolist() == [1000.0] * 168 + [1.0] * 48 + [0.001] * 48


def test_other_selections_are_in_natural_units_in_their_own_order():
    assert (scales_of(["mfcc", "ssd"]) == 1).all()
    assert (scales_of(["chroma", "ssd", "mfcc"]) == 1).all()
    blocks = blocks_of(list(FEATURES))
    assert [block.first for block in blocks[1:]] == [block.stop for block in blocks[:-1]]
    assert len({block.name for block in blocks}) == len(FEATURES)
    assert len(scales_of(list(FEATURES))) == blocks[-1].stop


@pytest.mark.parametrize(("names", "found"), [(["mfcc", "mffc"], '"mffc" is none'), ([], "none is named")])
def test_a_feature_that_there_is_not_is_refused(names: list[str], found: str):
    with pytest.raises(ArgumentError) as caught:
        checked(names)
    assert str(caught.value) == f"`features`: {found}; expected some of {', '.join(NAMES)}."
