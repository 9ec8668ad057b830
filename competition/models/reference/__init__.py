"""One network at a time, clear and slow: what tests and benchmarks hold the packed engine against."""
