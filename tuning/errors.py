"""The mistakes of a search's user."""

from competition.errors import KitError


class TuningError(KitError):
    """A search cannot be started, joined or gone on with."""
