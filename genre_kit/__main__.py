"""``python -m genre_kit``, and ``genre-kit``."""

from competition.runtime import interruption


def main() -> None:
    """Run the command line of this process, and end the process."""
    interruption.end_at_once()  # before the other imports, which take most of the time until the command begins

    from genre_kit.cli import main as run_and_exit

    run_and_exit()


if __name__ == "__main__":
    main()
