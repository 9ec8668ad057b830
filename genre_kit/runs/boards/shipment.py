"""What is to be sent to boards: files of a run, and what was expected of them."""

from dataclasses import dataclass
from pathlib import Path

from competition.scoring.boards import Metric
from competition.scoring.intervals import Interval
from competition.scoring.metrics import Estimate
from genre_kit.runs.boards.sent import Sent
from submissions.checks.findings import Finding


@dataclass(frozen=True)
class Parcel:
    """A file and the board that it goes to.

    Attributes
    ----------
    board : str
        Its name in the edition.
    slug : str
        Of the Kaggle competition.
    metric : Metric
        What the board ranks by.
    path : Path
    sha256 : str
    size : int
        Bytes.
    local : Estimate or None
        The run's own score, out of fold; None where it has none.
    predicted : Interval or None
        What the board is likely to say, 95 %; None where that is not known.
    rows : int or None
        Of how many songs that holds.
    before : (Path, Sent) or None
        Where and when the same bytes were sent to the same board.
    """

    board: str
    slug: str
    metric: Metric
    path: Path
    sha256: str
    size: int
    local: Estimate | None = None
    predicted: Interval | None = None
    rows: int | None = None
    before: tuple[Path, Sent] | None = None


@dataclass(frozen=True, eq=False)
class Shipment:
    """What is to be sent.

    Attributes
    ----------
    folder : Path
        The run's.
    message : str
    parcels : tuple of Parcel
    left_out : tuple of Parcel
        Those that were sent before, and are not sent again.
    notes : tuple of Finding
        What the check found, and lets pass.
    """

    folder: Path
    message: str
    parcels: tuple[Parcel, ...]
    left_out: tuple[Parcel, ...] = ()
    notes: tuple[Finding, ...] = ()
