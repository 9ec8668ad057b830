"""The edition that fits a folder's files."""

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from competition.data.edition import Block, Edition, Files, Missing, Roles
from competition.data.edition_file import gaps_block
from competition.data.formats.table_forms import is_missing
from competition.data.formats.tables import Table
from competition.inference.blocks import find_blocks
from competition.inference.columns import find_columns
from competition.inference.doubts import find_doubts
from competition.inference.files import FilesFound, find_files
from competition.inference.findings import Finding, Inferred, Wishes, command
from competition.inference.folder import read_folder
from competition.inference.groups import find_groups
from competition.inference.plain import MANY
from competition.inference.submission import find_submission, untrained_genres
from competition.scoring.many_genres import named
from competition.storage.toml import name_from

_NOTHING = Wishes()
_WHOLE = re.compile(r"([+-]?\d+)\.0*")


def infer(folder: Path, wishes: Wishes = _NOTHING) -> Inferred:
    """Look at a folder's files and say what they are.

    Parameters
    ----------
    folder : Path
        Or the inside of a zip archive, from `data_place`.
    wishes : Wishes

    Raises
    ------
    DataError
        When the files do not show it, or may be read in two ways.
    """
    place = read_folder(folder)
    files = find_files(place, wishes)
    columns = find_columns(files, wishes)
    counts = _counts(columns.label_texts)
    untrained, genre_doubts = untrained_genres(files.templates, tuple(counts))
    genres = _in_order([*counts, *untrained])
    group, pattern, of_groups, group_doubts = find_groups(files, columns, wishes)
    songs = _songs(files.test, group, pattern)
    form, of_form, form_doubts = find_submission(files, columns, genres, songs)
    features, blocks = find_blocks(tuple(name for name in columns.features if name != group))
    missing, gaps, of_gaps = _missing(files, features, wishes.missing, folder)
    left = tuple(name for name in columns.leave_out if name != group)
    roles = Roles(
        features=features,
        id=columns.id,
        label=columns.label,
        leave_out=left,
        group=group,
        group_pattern=pattern,
        missing=missing,
        gaps=gaps,
        header=_header(files),
    )
    gaps_there = gaps_block(roles, len(features))
    edition = Edition(
        name=name_from(Path(place.path.name or "competition")),
        title=f"Songs of {place.path.name}",
        genres=genres,
        fallback=max(genres, key=lambda genre: counts[genre]),
        files=_files(files),
        blocks=blocks if gaps_there is None else (*blocks, gaps_there),
        roles=roles,
        submission=form,
    )
    of_genres = Finding("genres", f"{len(genres)}: {named([f'{one} {counts[one]}' for one in genres])}")
    of_blocks = Finding("blocks", "; ".join(map(_block_in_words, blocks)))
    unused = [Finding("not used", name, why) for name, why in files.others.items()]
    unused += [Finding("not read", name, why) for name, why in place.unreadable.items()]
    findings = [*files.findings, *columns.findings, of_genres, of_blocks, *of_groups, *of_gaps, *of_form, *unused]
    doubts = find_doubts(files, columns, counts, is_grouped=group is not None or files.groups is not None)
    return Inferred(edition, tuple(findings), (*doubts, *genre_doubts, *group_doubts, *form_doubts))


def _counts(labels: Sequence[str]) -> Counter[str]:
    """Return how many songs each genre has."""
    counts = Counter(_WHOLE.sub(r"\1", label) for label in labels)
    return Counter({genre: count for genre, count in counts.items() if not is_missing(genre)})


def _in_order(genres: Sequence[str]) -> tuple[str, ...]:
    """Return genres by number or in alphabetical order."""
    numbers = all(re.fullmatch(r"[+-]?\d+", genre) for genre in genres)
    return tuple(sorted(genres, key=int if numbers else None))  # type: ignore[type-var]


def _songs(test: Table | None, group: str | None, pattern: str | None) -> list[str] | None:
    if test is None or group is None or group not in test:
        return None
    found = [re.fullmatch(pattern or "(.*)", text) for text in test.texts(group)]
    return None if None in found else [match[1] for match in found if match is not None]


def _header(files: FilesFound) -> bool | None:
    """Return whether files have a header; None where some have and some have not."""
    tables = (files.train, files.test, files.labels)
    found = {table.form.has_header for table in tables if table is not None}
    return found.pop() if len(found) == 1 else None


def _files(files: FilesFound) -> Files:
    def name(table: Table | None) -> str | None:
        """Return the name of a table in the folder, where there is one."""
        return None if table is None else files.name(table)

    template = files.templates[0] if files.templates else None
    return Files(files.name(files.train), name(files.labels), name(files.test), name(files.groups), name(template))


def _missing(
    files: FilesFound, features: Sequence[str], wished: Missing | None, folder: Path
) -> tuple[Missing, tuple[str, ...], list[Finding]]:
    """Return what becomes of missing cells, which features get a column for them, and what was found."""
    test, train = files.test, files.train
    shares = {name: train.count_missing(name) / train.rows for name in features}
    in_test = sum(test.count_missing(name) for name in features if name in test) if test is not None else 0
    cells = round(sum(shares.values()) * train.rows) + in_test
    if not cells:
        return wished or "refuse", (), []
    columns = sum(share > 0 for share in shares.values())
    taken = f"{cells} cells are missing, in {columns} columns of the training file"
    if wished != "median":
        return (
            "refuse",
            (),
            [Finding("missing", taken, f"refused; to fill them: {command(folder, '--missing median --force')}")],
        )
    gaps = tuple(name for name in features if shares[name] > MANY)
    further = f"; {', '.join(gaps)}: a further column says where" if gaps else ""
    why = f"filled by the median inside each fold{further}"
    return "median", gaps, [Finding("missing", taken, why)]


def _block_in_words(block: Block) -> str:
    if block.bands == 1:
        return f"{block.name}: {len(block.statistics)} columns"
    return f"{block.name}: {block.bands} bands x {', '.join(block.statistics)}"
