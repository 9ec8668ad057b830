"""Which of a competition's genres a job tells apart."""

from collections.abc import Sequence
from dataclasses import dataclass

from competition.data.edition import Edition
from competition.errors import ArgumentError
from competition.scoring.many_genres import named

Genres = Sequence[str | int]
"""Genres by their names or labels."""


@dataclass(frozen=True)
class GenreChoice:
    """Which genres are told apart; by default those of the edition.

    Attributes
    ----------
    genres : sequence of str or int, or None
        Only these, by their names or labels.
    without : sequence of str or int, or None
        All but these.
    """

    genres: Genres | None = None
    without: Genres | None = None

    def narrowed(self, edition: Edition) -> Edition:
        """Return an edition with these genres alone.

        Raises
        ------
        ArgumentError
            When both are given, or fewer than two genres are left.
        EditionError
            When a genre is none of the edition's.
        """
        if self.genres is not None and self.without is not None:
            raise ArgumentError(
                "`genres` and `without` contradict each other: one names the genres that stay, the other those that "
                "go. Give one."
            )
        if self.genres is not None:
            chosen = edition.only(_names(edition, self.genres, "genres"))
            _check_enough(chosen, f"`genres` names {_counted(chosen.genres)}", "name more")
            return chosen
        if self.without is None:
            return edition
        gone = _names(edition, self.without, "without")
        chosen = edition.only([genre for genre in edition.whole.genres if genre not in gone])
        _check_enough(chosen, f"`without` leaves {_counted(chosen.genres)}", "leave fewer out")
        return chosen


def _names(edition: Edition, genres: Genres, argument: str) -> list[str]:
    if isinstance(genres, str):
        raise ArgumentError(f'`{argument}` is the text "{genres}"; expected a list of genres, such as ["{genres}"].')
    whole = edition.whole
    return [whole.genres[whole.target_of(str(genre))] for genre in genres]


def _counted(genres: Sequence[str]) -> str:
    return f"{len(genres) or 'no'} genre" + (f", {genres[0]}" if genres else "")


def _check_enough(edition: Edition, what: str, cure: str) -> None:
    if len(edition.genres) < 2:
        raise ArgumentError(
            f"{what}, of the {len(edition.whole.genres)} of {edition.name}; expected at least two that can be told "
            f"apart: {cure}."
        )


ALL_GENRES = GenreChoice()
"""All genres of the edition."""


def without_in_words(genres: Sequence[str], left_out: Sequence[str]) -> str:
    """Return how many of a competition's genres are told apart, and which are left out, for people.

    Examples
    --------
    >>> without_in_words(["jazz", "metal"], ["rock"])
    '2 of 3 genres, without rock'
    """
    return f"{some_in_words(genres, left_out)}, without {named(left_out)}"


def some_in_words(genres: Sequence[str], left_out: Sequence[str]) -> str:
    """Return how many of a competition's genres are told apart, for people: ``2 of 3 genres``."""
    return f"{len(genres)} of {len(genres) + len(left_out)} genres"


def without_as_option(edition: Edition) -> str:
    """Return what an edition leaves out as the command line takes it: names, or labels where names have commas."""
    places = {genre: str(label) for label, genre in enumerate(edition.whole.genres, 1)}
    has_commas = any("," in genre for genre in edition.left_out)
    return ",".join(places[genre] if has_commas else genre for genre in edition.left_out)
