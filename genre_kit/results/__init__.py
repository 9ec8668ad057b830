"""What jobs return and tell on their way: data only."""
