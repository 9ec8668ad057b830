"""Features that librosa has too are the same as there, within what rounding makes of float32."""

import numpy as np
import pytest

from competition.audio.features import cepstrum, chroma, contrast, mel, shape, tempogram
from competition.audio.signal.excerpt import Excerpt
from tests.competition.audio.sounds import music

librosa = pytest.importorskip("librosa", reason="librosa, which features are compared with, is not installed")
pytestmark = pytest.mark.training  # it compiles what it calls for the first time

PAIRS = {
    "chroma": (chroma.chroma, lambda y, sr: librosa.feature.chroma_stft(y=y, sr=sr), 1e-5),
    "mfcc": (cepstrum.cepstrum, lambda y, sr: librosa.feature.mfcc(y=y, sr=sr, n_mfcc=12), 1e-3),
    "centroid": (shape.centroid, lambda y, sr: librosa.feature.spectral_centroid(y=y, sr=sr), 0.01),
    "bandwidth": (shape.bandwidth, lambda y, sr: librosa.feature.spectral_bandwidth(y=y, sr=sr), 0.02),
    "rolloff": (shape.rolloff, lambda y, sr: librosa.feature.spectral_rolloff(y=y, sr=sr), 0.0),
    "zcr": (shape.zero_crossings, lambda y, sr: librosa.feature.zero_crossing_rate(y), 0.0),
    "contrast": (contrast.contrast, lambda y, sr: librosa.feature.spectral_contrast(y=y, sr=sr), 0.2),
    "onsets": (
        lambda excerpt: tempogram.onset_strength(excerpt)[:, None],
        lambda y, sr: librosa.onset.onset_strength(y=y, sr=sr)[None],
        1e-4,
    ),
    "tempogram": (
        lambda excerpt: tempogram.autocorrelations(tempogram.onset_strength(excerpt)),
        lambda y, sr: librosa.feature.tempogram(y=y, sr=sr),
        1e-5,
    ),
    "mel": (mel.mel, lambda y, sr: librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr, n_mels=40)), 1e-3),
}
"""What is compared, and by how much it may differ, in the feature's own unit."""


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize(
    ("seed", "seconds", "rate", "tuning"),
    [(0, 1.0, 22050, 0.0), (1, 4.0, 22050, 0.2), (2, 10.0, 22050, -0.4), (3, 3.0, 44100, 0.1)],
)
def test_it_is_what_librosa_says(name: str, seed: int, seconds: float, rate: int, tuning: float):
    ours, theirs, tolerance = PAIRS[name]
    sound = music(seed, seconds=seconds, rate=rate, tuning=tuning)
    expected = theirs(sound, rate).T
    found = ours(Excerpt(sound, rate))
    assert found.shape == expected.shape
    assert found == pytest.approx(expected, rel=0, abs=tolerance)


@pytest.mark.parametrize("tuning", [-0.45, -0.1, 0.0, 0.33])
def test_tuning_is_what_librosa_finds(tuning: float):
    excerpt = Excerpt(music(7, tuning=tuning), 22050)
    expected = librosa.estimate_tuning(S=np.abs(librosa.stft(excerpt.samples)) ** 2, sr=22050)
    assert chroma.tuning_of(excerpt.power, 22050) == pytest.approx(expected, abs=1e-9)
