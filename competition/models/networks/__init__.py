"""Networks: recipes as data, families, and the engine that trains all folds' networks as one Keras model."""
