"""``python -m competition``: the program, which lives in `genre_kit`; the one import that goes up."""

from genre_kit.cli import main

if __name__ == "__main__":
    main()
