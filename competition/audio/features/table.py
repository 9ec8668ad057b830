"""The table of features."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from competition.audio.features import (
    cepstrum,
    chroma,
    constant_q,
    contrast,
    mel,
    musicnn,
    rhythm_histogram,
    shape,
    spectral_descriptors,
    tempogram,
)
from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.summaries import MOMENTS, Summary
from competition.data.edition import Block
from competition.errors import ArgumentError, listed


@dataclass(frozen=True)
class Feature:
    """One kind of feature: a block of columns, bands x statistics.

    Attributes
    ----------
    block : str
        The block's name in an edition.
    bands : int
    measure : callable
        Given an excerpt, returns its summary, of statistics x bands.
    statistics : tuple of str
    scale_2018 : float
        What the 2018 competition's files hold is this times the natural unit.
    prepare : callable
        Reads what is needed beside the sound; raises KitError where it is not there.
    """

    block: str
    bands: int
    measure: Callable[[Excerpt], Summary]
    statistics: tuple[str, ...] = MOMENTS
    scale_2018: float = 1.0
    prepare: Callable[[], object] = lambda: None


FEATURES: dict[str, Feature] = {
    "ssd": Feature("rhythm", 24, spectral_descriptors.measure, spectral_descriptors.STATISTICS, scale_2018=1000.0),
    "chroma": Feature("chroma", chroma.BANDS, chroma.measure),
    "mfcc": Feature("mfcc", cepstrum.COEFFICIENTS, cepstrum.measure, scale_2018=0.001),
    "centroid": Feature("centroid", 1, shape.measure_centroid),
    "rolloff": Feature("rolloff", 1, shape.measure_rolloff),
    "bandwidth": Feature("bandwidth", 1, shape.measure_bandwidth),
    "zcr": Feature("zcr", 1, shape.measure_zero_crossings),
    "contrast": Feature("contrast", contrast.BANDS, contrast.measure),
    "tempogram": Feature("tempogram", tempogram.BANDS, tempogram.measure),
    "cqt-chroma": Feature("cqt-chroma", chroma.BANDS, constant_q.measure),
    "rhythm-histogram": Feature(
        "rhythm-histogram", rhythm_histogram.BANDS, rhythm_histogram.measure, rhythm_histogram.STATISTICS
    ),
    "mel": Feature("mel", mel.BANDS, mel.measure),
    "musicnn-tags": Feature(
        "tags", len(musicnn.TAGS), musicnn.measure_tags, musicnn.TAG_STATISTICS, prepare=musicnn.prepare
    ),
    "musicnn-embedding": Feature(
        "embedding", musicnn.EMBEDDING, musicnn.measure_embedding, musicnn.EMBEDDING_STATISTICS, prepare=musicnn.prepare
    ),
}
CLASSIC = ("ssd", "chroma", "mfcc")
"""The 264 columns of the 2018 competition, in their order."""
SETS = {"classic": CLASSIC, "musicnn": ("musicnn-tags", "musicnn-embedding")}
"""Names for several features at once."""
NAMES = (*FEATURES, *SETS)
"""All that `checked` knows."""


def checked(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of features, each once; those of a set in its place.

    Raises
    ------
    ArgumentError
        When there is no such feature, or none is named.

    Examples
    --------
    >>> checked(["mfcc", "mfcc", "zcr"])
    ('mfcc', 'zcr')
    >>> checked(["mfcc", "musicnn"])
    ('mfcc', 'musicnn-tags', 'musicnn-embedding')
    """
    unknown = [name for name in names if name not in NAMES]
    if unknown or not names:
        found = f'"{unknown[0]}" is none' if unknown else "none is named"
        raise ArgumentError(f"`features`: {found}; expected some of {listed(NAMES, len(NAMES))}.")
    return tuple(dict.fromkeys(one for name in names for one in SETS.get(name, (name,))))


def prepare(names: Sequence[str]) -> None:
    """Read what features need beside the sound; raises KitError where it is not there."""
    for name in names:
        FEATURES[name].prepare()


def blocks_of(names: Sequence[str]) -> tuple[Block, ...]:
    """Return the blocks of an edition that has these features, in their order.

    Examples
    --------
    >>> [(block.name, block.first, block.stop) for block in blocks_of(["zcr", "mfcc"])]
    [('zcr', 0, 4), ('mfcc', 4, 52)]
    """
    blocks: list[Block] = []
    for name in names:
        feature = FEATURES[name]
        first = blocks[-1].stop if blocks else 0
        blocks.append(Block(feature.block, first, feature.bands, feature.statistics))
    return tuple(blocks)


def scales_of(names: Sequence[str]) -> np.ndarray:
    """Return what natural units are multiplied by in files; float64, shape (columns,).

    Those of the 2018 competition where the features are its own, else 1.

    Examples
    --------
    >>> scales_of(["ssd", "chroma", "mfcc"])[[0, 168, 216]].tolist()
    [1000.0, 1.0, 0.001]
    """
    is_classic = tuple(names) == CLASSIC
    return np.concatenate(
        [
            np.full(block.bands * len(block.statistics), FEATURES[name].scale_2018 if is_classic else 1.0)
            for name, block in zip(names, blocks_of(names), strict=True)
        ]
    )


def measured(excerpt: Excerpt, names: Sequence[str]) -> dict[str, Summary]:
    """Return each feature's summary of an excerpt."""
    return {name: FEATURES[name].measure(excerpt) for name in names}
