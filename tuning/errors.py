"""Errors of searches."""

from competition.errors import KitError


class TuningError(KitError):
    """A search cannot be started, joined or resumed."""
