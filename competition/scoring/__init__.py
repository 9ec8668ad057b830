"""Probabilities and what they score: metrics, intervals, pooling, genre shares."""
