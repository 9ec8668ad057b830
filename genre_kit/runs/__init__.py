"""What stands in a run's folder: who writes it, who reads it."""
