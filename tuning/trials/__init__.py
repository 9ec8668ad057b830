"""One trial: what may vary, how it is scored, what decides between trials."""
