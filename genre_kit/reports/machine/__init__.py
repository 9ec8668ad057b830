"""What is said of the machine."""
