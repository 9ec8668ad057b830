"""The lines about files that were fetched, and files that are sent."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from genre_kit.reports.data import describe_edition
from genre_kit.reports.lines import WIDTH, labelled
from genre_kit.results.fetched import Fetched
from genre_kit.runs.boards.sent import FAILED, PENDING, SCORED, SENDING, Sent
from genre_kit.runs.boards.shipment import Parcel, Shipment

STATES = {PENDING: "not scored yet", SENDING: "not known whether it arrived", FAILED: "the board cannot score it"}
"""What is said of a submission that has no score."""


def describe_fetched(fetched: Fetched) -> list[str]:
    """Return the lines about a competition's files that were fetched, and what each of them is."""
    count = len(fetched.files)
    said = f"{fetched.slug}: {count} file{'' if count == 1 else 's'}, {_size(fetched.size)}, in {fetched.folder}"
    boards = ", ".join(f"{name} ({one.metric})" for name, one in fetched.found.edition.boards.items())
    return [
        f"fetched   {said}",
        *describe_edition(fetched.found, fetched.edition, fetched.folder),
        *labelled("boards", [f"{boards}; then: python -m competition send RUN"]),
    ]


def describe_shipment(shipment: Shipment) -> list[str]:
    """Return the lines about what is to be sent where, and what the boards are likely to say."""
    lines = [f"run       {shipment.folder}"]
    for parcel in shipment.parcels:
        lines += labelled("send", [f"{parcel.path.name} ({_size(parcel.size)}) to {parcel.board}: {parcel.slug}"])
        lines += labelled("", _wrapped(_expected(parcel)))
    return [*lines, f"message   {shipment.message}"]


def _expected(parcel: Parcel) -> str:
    """Return what a board is likely to say."""
    if parcel.local is None:
        return f"what the board will say is not known: {parcel.path.parent} has no held-out scores of its own"
    local = f"its own {parcel.metric.title}, out of fold, is {parcel.local}"
    if parcel.predicted is None:
        return f"{local}; nothing is foreseen of this board"
    return f"{local}; a board of {parcel.rows} songs is likely to say {parcel.predicted} (95 %)"


def describe_left(allowances: Mapping[str, int]) -> list[str]:
    """Return the line with the submissions left today, by competition; none where that is not known."""
    return labelled("left", [f"{left} today on {slug}" for slug, left in allowances.items()])


def describe_sent(sent: Sequence[Sent], folder: Path) -> list[str]:
    """Return the lines about what boards have said of files just sent."""
    lines: list[str] = []
    for one in sent:
        lines += labelled("board", _wrapped(f"{one.board}: {_said(one)}"))
    if any(one.is_open for one in sent):
        lines += labelled("later", [f"python -m competition board {folder.parent} --refresh asks for the score"])
    return lines


def _said(one: Sent) -> str:
    """Return what a board has said of a submission, beside what was expected."""
    if one.state != SCORED:
        problem = f' ("{one.problem}")' if one.problem else ""
        return f"{STATES[one.state]}{problem}, submission {one.reference}"
    parts = [
        f"{value:g} {kind}{_verdict(one.held(value))}"
        for kind, value in (("public", one.public), ("private", one.private))
        if value is not None
    ]
    named = f" ({one.board_metric})" if one.board_metric and not one.is_comparable else ""
    local = ""
    if one.is_comparable and one.local is not None and one.public is not None:
        local = f"; local minus public is {one.local - one.public:+.4f}"
    return (", ".join(parts) or "scored, and the score is not shown yet") + named + local


def _verdict(held: bool | None) -> str:
    return "" if held is None else ", in the predicted interval" if held else ", outside the predicted interval"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1000:.1f} kB"


def _wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)
