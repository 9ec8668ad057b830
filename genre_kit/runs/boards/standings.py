"""How things stood on the boards when they were last looked at: ``leaderboards.json``, in the folder of the runs."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

from genre_kit.runs.records import built, read_table, write_record

STANDINGS_FILE = "leaderboards.json"
FORMAT = 1
_CURE = "remove it; python -m competition board --refresh writes it anew"


@dataclass(frozen=True)
class Neighbour:
    """A team near the user's on the public leaderboard, or the user's own."""

    rank: int
    team: str
    score: float | None
    is_own: bool = False


@dataclass(frozen=True)
class ByHand:
    """A submission that none of the runs has sent."""

    reference: int
    sent: str
    file: str
    message: str
    public: float | None = None
    private: float | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How things stood on one board.

    Attributes
    ----------
    slug : str
    seen : str
        When; ISO 8601, UTC.
    metric : str
        What the board ranks by, in its own words; empty where it does not say.
    left : int or None
        Submissions left that day; None where Kaggle does not say.
    is_total : bool
        Whether it is the competition's total that leaves no more.
    deadline : str or None
        ISO 8601, UTC.
    teams : int or None
        On the leaderboard; None where it was not seen.
    neighbours : tuple of Neighbour
        The user's team and those around it, the best first; empty where it is not on the leaderboard.
    by_hand : tuple of ByHand
    """

    slug: str
    seen: str
    metric: str = ""
    left: int | None = None
    is_total: bool = False
    deadline: str | None = None
    teams: int | None = None
    neighbours: tuple[Neighbour, ...] = ()
    by_hand: tuple[ByHand, ...] = ()

    def __post_init__(self) -> None:
        parts = {"neighbours": Neighbour, "by_hand": ByHand}
        for name, kind in parts.items():  # a file's lists are of tables, one level deeper than records are read
            known = {one.name for one in fields(kind)}
            read = (
                kind(**{key: value for key, value in one.items() if key in known}) if isinstance(one, dict) else one
                for one in getattr(self, name)
            )
            object.__setattr__(self, name, tuple(read))


@dataclass(frozen=True)
class StandingsFile:
    """The content of ``leaderboards.json``: one entry a board."""

    boards: tuple[Standing, ...] = ()

    def of(self, slug: str) -> Standing | None:
        """Return the standing of a competition; None where nobody has looked."""
        return next((one for one in self.boards if one.slug == slug), None)

    def with_boards(self, others: Sequence[Standing]) -> "StandingsFile":
        """Return the same with newer standings in the places of older ones."""
        slugs = {one.slug for one in others}
        return StandingsFile((*(one for one in self.boards if one.slug not in slugs), *others))

    def write(self, place: Path) -> None:
        """Write ``leaderboards.json`` into a folder of runs."""
        write_record(place / STANDINGS_FILE, self, FORMAT)

    @classmethod
    def read(cls, place: Path) -> Self:
        """Read ``leaderboards.json`` from a folder of runs; nothing is known where there is none.

        Raises
        ------
        RunError
            When it is damaged, or a newer version of the kit wrote it.
        """
        path = place / STANDINGS_FILE
        if not path.is_file():
            return cls()
        return built(cls, read_table(path, FORMAT, _CURE), path, _CURE)
