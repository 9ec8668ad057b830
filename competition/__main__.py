"""``python -m competition``: the program, which lives in `genre_kit`; the only import from the layer above."""

from genre_kit.__main__ import main

if __name__ == "__main__":
    main()
