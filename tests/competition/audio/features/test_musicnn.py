"""Columns of the tagger: statistics over patches, however a song is cut; and the tags that were published."""

import csv
from pathlib import Path

import numpy as np
import pytest
from sounds import RATE, music, soundfile, write
from tagger import made_up_network, real_network

from competition.audio import listening
from competition.audio.features import musicnn
from competition.audio.features.table import SETS, blocks_of, checked, measured
from competition.audio.listening import Settings, listen
from competition.audio.musicnn.patches import patches
from competition.audio.signal.excerpt import Excerpt

BOTH = Settings(SETS["musicnn"])


def test_a_set_of_features_is_two_blocks_of_350_columns():
    assert checked(["mfcc", "musicnn", "musicnn-tags"]) == ("mfcc", "musicnn-tags", "musicnn-embedding")
    tags, embedding = blocks_of(checked(["musicnn"]))
    assert (tags.name, tags.first, tags.bands, tags.statistics) == ("tags", 0, 50, ("mean", "deviation", "max"))
    assert (embedding.name, embedding.first, embedding.stop, embedding.statistics) == ("embedding", 150, 350, ("mean",))


def test_columns_are_statistics_over_patches():
    excerpt = Excerpt(music(1, 7.0), RATE)
    heard = [made_up_network().hear(patch) for patch in patches(excerpt)]
    tags = np.array([one.tags for one in heard])
    values = musicnn.measure_tags(excerpt).values()
    assert len(tags) == 2
    assert np.allclose(values, [tags.mean(axis=0), tags.std(axis=0), tags.max(axis=0)], atol=1e-6)
    embedding = np.mean([one.embedding for one in heard], axis=0)
    assert np.allclose(musicnn.measure_embedding(excerpt).values(), [embedding], atol=1e-6)


def test_the_deviation_of_a_single_patch_is_zero():
    assert not musicnn.measure_tags(Excerpt(music(1, 3.0), RATE)).values()[1].any()


def test_two_features_listen_once_and_forget(monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(musicnn, "network", lambda: asked.append(1) or made_up_network())
    excerpt = Excerpt(music(1, 7.0), RATE)
    measured(excerpt, BOTH.features)
    assert len(asked) == 1
    del excerpt
    assert not len(musicnn._heard)


def test_songs_described_piece_by_piece_are_as_whole_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write(tmp_path / "a.wav", music(1, 15.0), subtype="FLOAT")
    segments = listen(path, Settings(BOTH.features, segment_seconds=3.0)).rows
    monkeypatch.setattr(listening, "_LONGEST", 3 * RATE)
    monkeypatch.setattr(listening, "_SEGMENT", RATE)
    row = listen(path, BOTH).rows[0]
    tags = segments[:, :50]
    assert np.allclose(row[:150], np.concatenate([tags.mean(axis=0), tags.std(axis=0), tags.max(axis=0)]))
    assert np.allclose(row[150:], segments[:, 150:].mean(axis=0))


def chord() -> Excerpt:
    """Return three seconds of a chord on a beat."""
    times = np.arange(round(3.1 * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * hertz * times) for hertz in (110.0, 220.0, 277.18, 329.63))
    return Excerpt((0.2 * tone * np.exp(-6 * (times % 0.5))).astype(np.float32), RATE)


def test_the_real_tagger_says_what_it_said():
    (patch,) = patches(chord())
    tags = real_network().hear(patch).tags
    assert {place: float(tags[place]) for place in CHORD} == pytest.approx(CHORD, abs=1e-4)


CHORD = {4: 0.46616, 28: 0.21807, 18: 0.14456, 12: 0.09776}
"""The four surest tags: electronic, ambient, electronica, chillout."""


def test_published_tags_come_out(shared_data: Path):
    network, folder = real_network(), shared_data / "gtzan-audio"
    with (folder / "musicnn_reference.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))[1:]
    for clip in ("jazz.00000", "hiphop.00004"):
        wanted = np.array([line[2:] for line in lines if line[0] == clip], float)
        samples, rate = soundfile.read(folder / clip.partition(".")[0] / f"{clip}.flac", dtype="float32")
        found = [network.hear(patch).tags for patch in patches(Excerpt(samples, rate), 61)]
        assert np.abs(np.array(found[: len(wanted)]) - wanted).max() < 5e-4, clip
