"""The commands that reach Kaggle."""
