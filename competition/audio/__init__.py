"""From sound to feature tables. Reading files needs soundfile and soxr: requirements-audio.txt."""

from competition.audio.features.spectral_descriptors import spectral_statistics

__all__ = ["spectral_statistics"]
