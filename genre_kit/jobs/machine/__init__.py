"""What is said of the machine, and tried on it."""
