"""A competition's data: what its files look like, how they are read, which songs are held out together."""
