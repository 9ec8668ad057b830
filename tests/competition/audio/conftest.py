"""What tests of features share."""

import pytest
from tagger import made_up_network

from competition.audio.features import musicnn


@pytest.fixture(autouse=True)
def made_up_tagger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tagger's features hear with made-up weights, so that their tests run where the real ones are not."""
    monkeypatch.setattr(musicnn, "network", made_up_network)
