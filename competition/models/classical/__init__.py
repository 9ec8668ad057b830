"""scikit-learn models as members of an ensemble: recipes as data, cross-fitted on the same folds as the networks."""
