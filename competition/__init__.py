"""The data of a competition, and how a model learns it: editions, folds, networks, scores."""

from competition import moved

__version__ = "0.1.0"

moved.install()
