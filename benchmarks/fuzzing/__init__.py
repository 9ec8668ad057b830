"""What `benchmarks.fuzz` tries: how files are spoiled, and who reads them."""
