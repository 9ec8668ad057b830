"""Editions as TOML files: the built-in ones, and those that lie beside the data or come from elsewhere."""

import fnmatch
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from competition.data.edition import (
    BOARD_METRICS,
    CLASSIC_BOARDS,
    Block,
    Board,
    Edition,
    Files,
    Roles,
    SubmissionForm,
)
from competition.errors import EditionError
from competition.storage import toml

EDITION_FILE = "edition.toml"
DEFAULT_EDITION = "mlbp-2018"
GAPS, REST = "gaps", "rest"
Header = Callable[[Files, Roles], Sequence[str]]
"""Returns the names of the training file's columns, given the files and what is said of their form."""
_BUILT_IN = Path(__file__).parent / "editions"

_check_keys = partial(toml.check_keys, error=EditionError)
_check_text = partial(toml.check_text, error=EditionError)
_check_name = partial(toml.check_name, error=EditionError)
_check_names = partial(toml.check_names, error=EditionError)
_check_whole = partial(toml.check_whole, error=EditionError)


def built_in_editions() -> tuple[str, ...]:
    """Return the names of the editions that come with the kit, in alphabetical order."""
    return tuple(sorted(path.stem for path in _BUILT_IN.glob("*.toml")))


def edition_file(name_or_path: str | Path) -> Path:
    """Return the TOML file of a built-in edition given by name, or of any other given by its path.

    Raises
    ------
    EditionError
        When there is no such edition.
    """
    if str(name_or_path) in built_in_editions():
        return _BUILT_IN / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if not path.is_file():
        raise EditionError(
            f"{name_or_path}: no such edition; expected {' or '.join(built_in_editions())}, "
            "or the path of an edition's TOML file."
        )
    return path


def load_edition(name_or_path: str | Path, header: Header | None = None) -> Edition:
    """Load a built-in edition by name, or any other from the path of its TOML file.

    Parameters
    ----------
    name_or_path : str or path
    header : callable or None
        As for `read_edition`.

    Raises
    ------
    EditionError
        When there is no such edition, or its file is malformed or contradicts itself.

    Examples
    --------
    >>> load_edition("mlbp-2018").columns
    264
    """
    return read_edition(edition_file(name_or_path), header)


def edition_table(edition: Edition) -> dict[str, Any]:
    """Return an edition as a table: what its TOML file holds."""
    table = asdict(edition)
    roles, submission = table.pop("roles"), table.pop("submission")
    if not edition.all_genres:
        del table["all_genres"]
    table["files"] = _said(table["files"], {})
    table["boards"] = boards_table(edition.boards)
    if roles is not None:
        table["columns"] = _said(roles, asdict(Roles(())))
    if edition.submission != SubmissionForm():
        table["submission"] = _said(submission, asdict(SubmissionForm()))
        if edition.submission.first_label is None:
            table["submission"]["labels"] = "names"
        if edition.submission.classes is not None:
            table["submission"]["classes"] = dict(edition.submission.classes)
    return _as_toml(table)


def _as_toml(value: Any) -> Any:
    """Return a value with lists in the places of tuples, as TOML has them."""
    if isinstance(value, Mapping):
        return {key: _as_toml(entry) for key, entry in value.items()}
    return [_as_toml(entry) for entry in value] if isinstance(value, tuple | list) else value


def _said(table: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    """Return the entries that are not as they would be if nothing were said."""
    return {key: value for key, value in table.items() if value is not None and value != plain.get(key)}


def edition_text(edition: Edition) -> str:
    """Return the TOML text that `read_edition` reads as this edition."""
    return toml.toml_text(edition_table(edition))


def read_edition(path: Path, header: Header | None = None) -> Edition:
    """Read an edition's TOML file.

    Parameters
    ----------
    path : Path
    header : callable or None
        Given the training file's name and what is said of its form, returns the names of its columns, for files that
        name columns by patterns or leave them out.

    Raises
    ------
    EditionError
        As `load_edition` does.
    """
    return edition_from_table(toml.read_toml(path, EditionError), header, where=str(path))


def edition_from_table(table: dict[str, Any], header: Header | None, *, where: str) -> Edition:
    """Return the edition that a table of its file describes.

    Parameters
    ----------
    table : dict
    header : callable or None
        As for `read_edition`.
    where : str
        What messages begin with: the file.

    Raises
    ------
    EditionError
        As `load_edition` does.
    """
    required = ("name", "title", "genres", "fallback", "files")
    _check_keys(table, required, ("all_genres", "blocks", "boards", "columns", "submission"), where=where)
    told_apart = _check_names(table["genres"], 2, where=f"{where}: genres")
    genres = _all_genres(table, told_apart, where=where)
    files = _files(table["files"], where=f"{where}: [files]")
    roles = None
    if "columns" in table:
        _check_described(files, where=where)
        roles = _roles(table, files, header, where=f"{where}: [columns]")
    else:
        _check_plain(table, files, where=where)
    return Edition(
        name=_check_name(table["name"], where=f"{where}: name"),
        title=_check_text(table["title"], where=f"{where}: title"),
        genres=genres,
        fallback=_fallback(table["fallback"], genres, where=f"{where}: fallback"),
        files=files,
        blocks=_blocks(table, roles, where=where),
        boards=read_boards(table.get("boards", {}), where=f"{where}: [boards]"),
        roles=roles,
        submission=_submission(table.get("submission", {}), genres, where=f"{where}: [submission]"),
    ).only(told_apart)


def _all_genres(table: Mapping[str, Any], told_apart: tuple[str, ...], *, where: str) -> tuple[str, ...]:
    """Return all genres of the competition, of which an edition may tell some apart."""
    if "all_genres" not in table:
        return told_apart
    genres = _check_names(table["all_genres"], 2, where=f"{where}: all_genres")
    foreign = [genre for genre in told_apart if genre not in genres]
    if foreign:
        raise EditionError(
            f'{where}: genres: "{foreign[0]}" does not stand in all_genres; expected some of {", ".join(genres)}.'
        )
    return genres


def _fallback(value: Any, genres: tuple[str, ...], *, where: str) -> str:
    if value not in genres:
        raise EditionError(f"{where}: {value!r} is no genre of this edition; expected one of {', '.join(genres)}.")
    return value


def _table(value: Any, *, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise EditionError(f"{where}: expected a table, found {value!r}.")
    return value


def _files(value: Any, *, where: str) -> Files:
    _check_keys(
        _table(value, where=where),
        ("train",),
        ("labels", "test", "groups", "template", "test_groups", "frames", "test_frames"),
        where=where,
    )
    files = {name: _check_text(file, where=f"{where} {name}") for name, file in value.items()}
    for name, file in files.items():
        if Path(file).name != file or file in ("..", EDITION_FILE):
            raise EditionError(f'{where} {name}: "{file}" is no plain file name; all files lie in the data folder.')
        if list(files.values()).count(file) > 1:
            raise EditionError(f'{where} {name}: "{file}" is named twice; expected different files.')
    return Files(**files)


def _check_described(files: Files, *, where: str) -> None:
    """Check the files of an edition that describes its columns."""
    if files.test_groups is not None:
        raise EditionError(
            f"{where}: [files] test_groups: has no effect with [columns]; name a column in group there, and "
            'rows = "songs" in [submission].'
        )


def _check_plain(table: dict[str, Any], files: Files, *, where: str) -> None:
    """Check an edition whose files hold features alone."""
    if "blocks" not in table:
        raise EditionError(f'{where}: the key "blocks" is missing; or describe files that have a header in [columns].')
    for name, file in (("labels", files.labels), ("test", files.test)):
        if file is None:
            raise EditionError(
                f'{where}: [files]: the key "{name}" is missing; or describe files that have a header in [columns].'
            )
    if files.template is not None:
        raise EditionError(f"{where}: [files] template: has no effect without [columns]; leave it out.")


def boards_table(boards: Mapping[str, Board]) -> dict[str, Any]:
    """Return boards as a table: slugs alone where that says all, else a table for each."""
    if all(CLASSIC_BOARDS.get(name) == board.metric and board.slug is not None for name, board in boards.items()):
        return {name: board.slug for name, board in boards.items()}
    return {
        name: ({} if board.slug is None else {"slug": board.slug}) | {"file": board.file, "metric": board.metric}
        for name, board in boards.items()
    }


def read_boards(value: Any, *, where: str) -> dict[str, Board]:
    """Read boards from a table, as `boards_table` returns it.

    Raises
    ------
    EditionError
        When it is no such table; its message begins with `where`.
    """
    by_slug = {name: one for name, one in _table(value, where=where).items() if not isinstance(one, dict)}
    _check_keys(by_slug, (), tuple(CLASSIC_BOARDS), where=where)
    return {
        name: Board(CLASSIC_BOARDS[name], _check_text(one, where=f"{where} {name}"))
        if name in by_slug
        else _board(one, where=f"{where} {_check_name(name, where=where)}")
        for name, one in value.items()
    }


def _board(value: dict[str, Any], *, where: str) -> Board:
    _check_keys(value, ("metric",), ("slug", "file"), where=where)
    slug = _check_text(value["slug"], where=f"{where} slug") if "slug" in value else None
    board = Board(_one_of(value["metric"], tuple(BOARD_METRICS), where=f"{where} metric"), slug)
    if value.get("file", board.file) != board.file:
        raise EditionError(
            f"{where} file: {board.metric} is a metric of {board.file}, found {value['file']!r}; "
            f'write "{board.file}", or another metric.'
        )
    return board


def _submission(value: Any, genres: tuple[str, ...], *, where: str) -> SubmissionForm:
    keys = ("id", "label", "labels", "first_label", "classes", "order", "rows")
    _check_keys(_table(value, where=where), (), keys, where=where)
    plain = SubmissionForm()
    names = _one_of(value.get("labels", "numbers"), ("numbers", "names"), where=f"{where} labels") == "names"
    if names and "first_label" in value:
        raise EditionError(f'{where}: first_label has no effect with labels = "names"; leave one of them out.')
    first = _check_whole(value.get("first_label", 1), 0, where=f"{where} first_label")
    return SubmissionForm(
        id=_check_text(value.get("id", plain.id), where=f"{where} id"),
        label=_check_text(value.get("label", plain.label), where=f"{where} label"),
        first_label=None if names else first,
        classes=_classes(value["classes"], genres, where=f"{where} classes") if "classes" in value else None,
        order=_one_of(value.get("order", plain.order), ("test", "template"), where=f"{where} order"),
        rows=_one_of(value.get("rows", plain.rows), ("rows", "songs"), where=f"{where} rows"),
    )


def _one_of(value: Any, choices: tuple[str | bool, ...], *, where: str) -> Any:
    if value not in choices:
        raise EditionError(f"{where}: expected one of {', '.join(map(str, choices))}, found {value!r}.")
    return value


def _classes(value: Any, genres: tuple[str, ...], *, where: str) -> tuple[tuple[str, str], ...]:
    classes = tuple(_table(value, where=where).items())
    named = [genre for _, genre in classes]
    if sorted(map(str, named)) != sorted(genres):
        odd = next(iter(set(genres).symmetric_difference(map(str, named))), "one of them twice")
        raise EditionError(f'{where}: expected every genre once, as column = "genre"; look at {odd}.')
    return classes


def _roles(edition: dict[str, Any], files: Files, header: Header | None, *, where: str) -> Roles:
    value = edition["columns"]
    texts = ("id", "label", "group", "group_pattern", "separator", "decimal")
    lists = ("features", "leave_out", "gaps")
    optional = (*texts, *lists, "first_label", "missing", "header")
    _check_keys(_table(value, where=where), (), optional, where=where)
    found: dict[str, Any] = {key: _check_text(value[key], where=f"{where} {key}") for key in texts if key in value}
    found |= {key: _check_names(value[key], 0, where=f"{where} {key}") for key in lists if key in value}
    if "first_label" in value:
        found["first_label"] = _check_whole(value["first_label"], 0, where=f"{where} first_label")
    found["missing"] = _one_of(value.get("missing", "refuse"), ("refuse", "median"), where=f"{where} missing")
    if "header" in value:
        found["header"] = bool(_one_of(value["header"], (True, False), where=f"{where} header"))
    _check_pattern(found.get("group_pattern"), where=f"{where} group_pattern")
    wanted = found.pop("features", ("*",))
    roles, named = Roles(features=(), **found), _named_in_blocks(edition.get("blocks"))
    if not named and not any(map(_is_pattern, wanted)):
        both = [name for name in wanted if name in roles.leave_out]
        if both:
            raise EditionError(f'{where} leave_out: "{both[0]}" stands in features, too; take it out of one of them.')
        return replace(roles, features=tuple(wanted))
    if header is None:
        raise EditionError(f"{where}: names features by patterns, which only the data resolve: give `data`.")
    names = header(files, roles)
    in_blocks = [one for pattern in named for one in _like(names, pattern, roles, where=f"{where[:-9]} [[blocks]]")]
    others = features_of(names, wanted, roles, where=f"{where} features")
    return replace(roles, features=tuple(dict.fromkeys([*in_blocks, *others])))


def _named_in_blocks(blocks: Any) -> list[str]:
    """Return the patterns by which blocks name their columns."""
    tables = [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
    lists = [block["columns"] for block in tables if isinstance(block.get("columns"), list)]
    return [pattern for patterns in lists for pattern in patterns if isinstance(pattern, str)]


def _like(names: Sequence[str], pattern: str, roles: Roles, *, where: str) -> list[str]:
    """Return the columns that are named like a pattern: in the order of their numbers, where that tells them apart."""
    found = list(features_of(names, [pattern], roles, where=where))
    first, _, last = pattern.partition("*")
    middles = [name[len(first) : len(name) - len(last)] for name in found]
    return (
        sorted(found, key=lambda name: int(name[len(first) : len(name) - len(last)]))
        if all(map(str.isdecimal, middles))
        else found
    )


def _check_pattern(pattern: str | None, *, where: str) -> None:
    if pattern is None:
        return
    try:
        groups = re.compile(pattern).groups
    except re.error as problem:
        raise EditionError(f"{where}: {pattern!r} is no regular expression: {problem}.") from None
    if groups < 1:
        raise EditionError(f"{where}: {pattern!r} has no group; put what names the song between ( and ).")


def _is_pattern(name: str) -> bool:
    return any(mark in name for mark in "*?[")


def features_of(names: Sequence[str], patterns: Sequence[str], roles: Roles, *, where: str) -> tuple[str, ...]:
    """Return the names of columns that patterns choose, in the order of the patterns; each once.

    Columns that have another role, or are left out, are not chosen.
    """
    others = {roles.id, roles.label, roles.group, *roles.leave_out}
    free = [name for name in names if name not in others]
    chosen: dict[str, None] = {}
    for pattern in patterns:
        found = [name for name in free if name == pattern] or fnmatch.filter(free, pattern)
        if not found:
            raise EditionError(f'{where}: no column is named like "{pattern}"; the first ones are {_some(names)}.')
        chosen |= dict.fromkeys(found)
    return tuple(chosen)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5])


def _blocks(table: dict[str, Any], roles: Roles | None, *, where: str) -> tuple[Block, ...]:
    if roles is None:
        return _placed_blocks(table["blocks"], where=where)
    blocks = _described_blocks(table.get("blocks"), roles, where=where)
    gaps = gaps_block(roles, len(roles.features))
    if gaps is not None and blocks[-1].stop == len(roles.features):
        blocks = (*blocks, gaps)
    expected = len(roles.features) + len(roles.gaps)
    if blocks[-1].stop != expected:
        raise EditionError(f"{where}: the blocks have {blocks[-1].stop} columns, [columns] {expected}; expected equal.")
    return blocks


def _described_blocks(value: Any, roles: Roles, *, where: str) -> tuple[Block, ...]:
    """Return the blocks by their places, or by the names of their columns; what is in none is one more block."""
    if value is None:
        return (everything(roles.features),)
    if not _named_in_blocks(value):
        return _placed_blocks(value, where=where)
    blocks: list[Block] = []
    for number, table in enumerate(value, 1):
        block = _named_block(table, roles, blocks[-1].stop if blocks else 0, where=f"{where}: block {number}")
        blocks.append(block)
    rest = roles.features[blocks[-1].stop :]
    return (*blocks, Block(REST, blocks[-1].stop, 1, rest)) if rest else tuple(blocks)


def _named_block(value: Any, roles: Roles, first: int, *, where: str) -> Block:
    _check_keys(_table(value, where=where), ("name", "columns"), ("statistics",), where=where)
    patterns = _check_names(value["columns"], 1, where=f"{where}, columns")
    found = [_like(roles.features, pattern, replace(roles, features=()), where=where) for pattern in patterns]
    widths = {pattern: len(names) for pattern, names in zip(patterns, found, strict=True)}
    if len(set(widths.values())) > 1:
        counts = ", ".join(f"{pattern} ({width})" for pattern, width in widths.items())
        raise EditionError(
            f"{where}: its patterns match different numbers of columns: {counts}; expected one pattern a statistic, "
            "each with a column for every band."
        )
    if roles.features[first : first + sum(widths.values())] != tuple(name for names in found for name in names):
        raise EditionError(f"{where}: a column of it is in another block already; expected each in one block.")
    statistics = _check_names(value.get("statistics", list(patterns)), 1, where=f"{where}, statistics")
    if len(statistics) != len(patterns):
        raise EditionError(f"{where}: {len(statistics)} statistics for {len(patterns)} patterns; expected one each.")
    return Block(_check_name(value["name"], where=f"{where}, name"), first, len(found[0]), statistics)


def everything(features: Sequence[str]) -> Block:
    """Return one block of all features, without bands."""
    return Block("features", 0, 1, tuple(features))


def gaps_block(roles: Roles, first: int) -> Block | None:
    """Return the block of the columns that say where cells are missing; None where there are none."""
    return Block(GAPS, first, 1, tuple(f"{name} is missing" for name in roles.gaps)) if roles.gaps else None


def _placed_blocks(value: Any, *, where: str) -> tuple[Block, ...]:
    if not isinstance(value, list) or not value:
        raise EditionError(f"{where}: expected at least one [[blocks]] table, found {value!r}.")
    blocks = tuple(_block(table, where=f"{where}: block {number}") for number, table in enumerate(value, 1))
    _check_names([block.name for block in blocks], 1, where=f"{where}: the blocks' names")
    expected = 0
    for block in blocks:
        if block.first != expected:
            kind = "a gap" if block.first > expected else "an overlap"
            raise EditionError(
                f'{where}: block "{block.name}" has first = {block.first}, expected {expected} (from 0): '
                f"there is {kind} between it and what stands before; list the blocks in column order."
            )
        expected = block.stop
    return blocks


def _block(value: Any, *, where: str) -> Block:
    _check_keys(_table(value, where=where), ("name", "first", "bands", "statistics"), (), where=where)
    return Block(
        name=_check_name(value["name"], where=f"{where}, name"),
        first=_check_whole(value["first"], 0, where=f"{where}, first"),
        bands=_check_whole(value["bands"], 1, where=f"{where}, bands"),
        statistics=_check_names(value["statistics"], 1, where=f"{where}, statistics"),
    )
