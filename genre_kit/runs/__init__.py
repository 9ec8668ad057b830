"""The files of a run's folder, written and read."""
