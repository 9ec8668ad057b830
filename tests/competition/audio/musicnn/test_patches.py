"""Patches: mel bands as librosa has them, cut into equal parts."""

import numpy as np
import pytest
from sounds import RATE, music

from competition.audio.musicnn.patches import BANDS, FRAMES, mel, patches
from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.resampling import resampled


def test_mel_bands_are_those_of_librosa():
    librosa = pytest.importorskip("librosa")
    samples = music(1, 2.0, 16000)
    power = librosa.feature.melspectrogram(
        y=samples, sr=16000, n_fft=512, hop_length=256, n_mels=96, center=True, pad_mode="reflect"
    )
    assert np.allclose(mel(samples), np.log10(10000 * power.T + 1), atol=1e-4)


def test_silence_is_zero_and_a_tone_is_in_its_band():
    assert not mel(np.zeros(16000, np.float32)).any()
    tone = np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000).astype(np.float32)
    bands = mel(tone)
    assert bands.shape == (63, 96)
    assert set(bands[2:-2].argmax(axis=1)) == {31}  # 1000 Hz are 15 mel, 8000 Hz 45.2: band 15 / 45.2 x 97 - 1


@pytest.mark.parametrize(("seconds", "count"), [(1.0, 1), (2.9, 1), (3.0, 1), (5.9, 1), (6.0, 2), (30.0, 10)])
def test_a_patch_is_three_seconds_and_a_rest_is_dropped(seconds: float, count: int):
    made = list(patches(Excerpt(np.ones(round(seconds * RATE), np.float32), RATE)))
    assert [patch.shape for patch in made] == [(FRAMES, BANDS)] * count


def test_patches_follow_each_other_or_overlap():
    excerpt = Excerpt(music(1, 7.0), RATE)
    frames = mel(resampled(excerpt.samples, RATE, 16000))
    assert np.array_equal(list(patches(excerpt)), [frames[:187], frames[187:374]])
    assert np.array_equal(list(patches(excerpt, 61)), [frames[at : at + 187] for at in range(0, len(frames) - 186, 61)])


def test_a_short_sound_is_repeated():
    (patch,) = patches(Excerpt(music(1, 1.5), RATE))
    frames = len(mel(resampled(music(1, 1.5), RATE, 16000)))
    assert frames == 94
    assert np.array_equal(patch[frames:], patch[: FRAMES - frames])
