"""Tags and embedding of MSD_musicnn: what a song sounds like to a network that has learned to tag other songs."""

from collections.abc import MutableMapping
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from competition.audio.musicnn.network import Heard, Network, network_of
from competition.audio.musicnn.patches import patches
from competition.audio.musicnn.weights import place, read_weights
from competition.audio.signal.excerpt import Excerpt
from competition.audio.signal.summaries import Moments, moments

# fmt: off
TAGS = (
    "rock", "pop", "alternative", "indie", "electronic", "female vocalists", "dance", "00s", "alternative rock",
    "jazz", "beautiful", "metal", "chillout", "male vocalists", "classic rock", "soul", "indie rock", "Mellow",
    "electronica", "80s", "folk", "90s", "chill", "instrumental", "punk", "oldies", "blues", "hard rock", "ambient",
    "acoustic", "experimental", "female vocalist", "guitar", "Hip-Hop", "70s", "party", "country", "easy listening",
    "sexy", "catchy", "funk", "electro", "heavy metal", "Progressive rock", "60s", "rnb", "indie pop", "sad", "House",
    "happy",
)
# fmt: on
"""In the network's order."""
EMBEDDING = 200
TAG_STATISTICS, EMBEDDING_STATISTICS = ("mean", "deviation", "max"), ("mean",)
_heard: MutableMapping[Excerpt, Heard] = WeakKeyDictionary()  # of excerpts in use, since two features ask for it


@lru_cache(maxsize=1)
def network() -> Network:
    """Return the network, read once in a process; raises KitError where its weights are not there or not sound."""
    return network_of(read_weights(place()))


def prepare() -> None:
    """Read the weights, so that it shows before anything is listened to where they are not there."""
    network()


def heard(excerpt: Excerpt) -> Heard:
    """Return what the network says of each patch of an excerpt; shapes (patches, 50) and (patches, 200)."""
    if excerpt not in _heard:
        said = list(map(network().hear, patches(excerpt)))
        _heard[excerpt] = Heard(np.stack([one.tags for one in said]), np.stack([one.embedding for one in said]))
    return _heard[excerpt]


def measure_tags(excerpt: Excerpt) -> Moments:
    """Return mean, deviation and largest value of each tag over the patches; from 0 to 1."""
    return moments(heard(excerpt).tags, TAG_STATISTICS)


def measure_embedding(excerpt: Excerpt) -> Moments:
    """Return the mean of each unit of the embedding over the patches."""
    return moments(heard(excerpt).embedding, EMBEDDING_STATISTICS)
