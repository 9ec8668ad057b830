"""How a test file differs from its training file, and what to do about it."""
