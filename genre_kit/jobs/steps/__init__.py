"""What several jobs do: read inputs, make folds, plan, keep results."""
