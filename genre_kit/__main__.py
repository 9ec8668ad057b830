"""``python -m genre_kit``."""

from genre_kit.cli import main

if __name__ == "__main__":
    main()
