"""One network at a time, clear and slow: what tests and benchmarks compare the packed engine with."""
