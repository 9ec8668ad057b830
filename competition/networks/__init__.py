"""Recipes (hyperparameters as data) and the Keras networks built from them."""
