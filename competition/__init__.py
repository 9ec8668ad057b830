"""The competition and how a model learns it: editions, data, folds, networks, scores, runs."""

__version__ = "0.1.0"
