"""Keras Tuner's Bayesian search over recipes, in which every trial is a full cross-validation."""
