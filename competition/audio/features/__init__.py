"""The kinds of features: one file each, and the table of them."""
