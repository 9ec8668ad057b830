"""The report: a page, and the pictures in it and beside it."""
