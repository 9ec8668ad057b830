"""Finished runs and searches in an MLflow store: for people who track the experiments of several tools in one place."""
