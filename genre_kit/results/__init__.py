"""Results and events of jobs: data only."""
