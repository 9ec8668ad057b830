"""Networks that are trained one after the other: those that read frames, and convolutions over blocks of columns."""
