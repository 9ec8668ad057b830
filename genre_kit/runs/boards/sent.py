"""What boards have said of a run's files: ``boards.json``, written when a file is sent and when its score is known.

It lies beside the run's other files and is in no list of `DONE`, and so outlasts a run that replaces this one: what a
board has said once is not lost. Each entry has the hash of the file that was sent.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from competition.errors import RunError
from competition.scoring.intervals import Interval
from competition.storage.locks import folder_lock
from genre_kit.runs.manifest import ScoresFile
from genre_kit.runs.records import built, read_table, table_of, write_record
from submissions.layout import LABEL_FILE, PROBABILITY_FILE

BOARDS_FILE = "boards.json"
FORMAT = 1
SENDING, PENDING, SCORED, FAILED = "sending", "pending", "scored", "failed"
"""States of what was sent: not known whether it arrived; not scored yet; scored; refused by the board's scoring."""
FILES = {"labels": LABEL_FILE, "probabilities": PROBABILITY_FILE}
"""Which of a run's files a board scores, by `competition.data.edition.Board.file`."""
_CURE = "remove it; what it knew is on Kaggle's page of your submissions"
Mapper = Callable[[tuple["Sent", ...]], tuple["Sent", ...]]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file that was sent to a board, and what the board has said.

    Attributes
    ----------
    board : str
        Its name in the edition.
    slug : str
        Of the Kaggle competition.
    file, sha256 : str
        The file's name, and the SHA-256 of its bytes, in hexadecimal.
    message : str
    sent : str
        ISO 8601, UTC.
    state : str
    reference : int or None
        Kaggle's number of the submission; None while it is not known whether it arrived.
    public, private : float or None
        Scores on the part of the test songs that the board shows while the competition goes on, and on the others.
    problem : str or None
        Why the board could not score it.
    metric : str
        What the board ranks by, as the edition has it: of `competition.data.edition.BOARD_METRICS`.
    board_metric : str
        The same in the board's own words; empty where it does not say.
    is_comparable : bool
        Whether both are the same, so that local scores and the board's may be compared.
    local, local_se : float or None
        The out-of-fold score and its standard error; None where the run has none.
    predicted : (float, float) or None
        The 95 % interval of what boards of all `rows` test songs were likely to say.
    rows : int or None
    """

    board: str
    slug: str
    file: str
    sha256: str
    message: str
    sent: str
    state: str
    metric: str
    reference: int | None = None
    public: float | None = None
    private: float | None = None
    problem: str | None = None
    board_metric: str = ""
    is_comparable: bool = True
    local: float | None = None
    local_se: float | None = None
    predicted: tuple[float, float] | None = None
    rows: int | None = None

    def __post_init__(self) -> None:
        if self.state not in (SENDING, PENDING, SCORED, FAILED):
            raise ValueError(f"state is {self.state!r}")
        if not all(isinstance(one, int | float | None) for one in (self.public, self.private, self.local)):
            raise ValueError("a score is no number")
        if self.predicted is not None and len(self.predicted) != 2:
            raise ValueError("an interval has other than two ends")

    @property
    def is_open(self) -> bool:
        """Whether the board may still say something."""
        return self.state in (SENDING, PENDING)

    def held(self, score: float | None) -> bool | None:
        """Return whether a score lies in the predicted interval; None where one of them is not known."""
        if score is None or self.predicted is None or not self.is_comparable:
            return None
        return score in Interval(*self.predicted)

    def to_table(self) -> dict[str, Any]:
        """Return it as a JSON-serializable dictionary."""
        return table_of(self)


@dataclass(frozen=True)
class BoardsFile:
    """The content of ``boards.json``: all that was sent, the first first."""

    submissions: tuple[Sent, ...] = ()

    def write(self, folder: Path) -> None:
        """Write ``boards.json`` into a run's folder."""
        write_record(folder / BOARDS_FILE, self, FORMAT)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read ``boards.json`` from a run's folder; a run without one has sent nothing.

        Raises
        ------
        RunError
            When it is damaged, or a newer version of the kit wrote it.
        """
        path = folder / BOARDS_FILE
        if not path.is_file():
            return cls()
        return built(cls, read_table(path, FORMAT, _CURE), path, _CURE)


def change_boards(folder: Path, change: Mapper) -> bool:
    """Change what a run keeps of its boards; return whether anything is different now.

    Raises
    ------
    RunError
        When the file cannot be read or written, or another process is writing in the folder.
    """
    with folder_lock(folder) as is_ours:
        if not is_ours:
            raise RunError(f"{folder}: another process is writing there; wait for it, and try again.")
        known = BoardsFile.read(folder).submissions
        changed = change(known)
        if changed != known:
            BoardsFile(changed).write(folder)
    return changed != known


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def local_score(scores: ScoresFile, score: str) -> tuple[float | None, float | None]:
    """Return what a run expects a board to score by its held-out songs, and the standard error; None where unknown.

    Parameters
    ----------
    scores : ScoresFile
    score : str
        Its name: what the board ranks by. Where lines of the submission are groups, the score by group is the board's.
    """
    table: Mapping[str, Any] = scores.out_of_fold
    if scores.board is not None and scores.board.grouping == "lines" and scores.by_group is not None:
        table = scores.by_group["mean"]
    return table.get(score), table.get(f"{score}_se")


def sent_beside(folder: Path) -> Iterator[tuple[Path, Sent]]:
    """Yield all that was sent of a run and of those beside it, with each one's folder.

    Raises
    ------
    RunError
        As `BoardsFile.read` does.
    """
    for place in sorted({folder, *(path.parent for path in folder.resolve().parent.glob(f"*/{BOARDS_FILE}"))}):
        for one in BoardsFile.read(place).submissions:
            yield place, one
