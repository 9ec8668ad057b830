"""Pictures: songs, genres, learning curves, confidence; all in one look."""
