"""Models: ensembles of recipes, how they are trained, kept on disk and used from scikit-learn."""
