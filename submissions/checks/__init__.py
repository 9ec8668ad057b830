"""Checks of submission files: every mistake with its line and its remedy."""
