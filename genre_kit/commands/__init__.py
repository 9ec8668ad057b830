"""One module a command: its options, and what is done with them."""
