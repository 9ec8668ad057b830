"""Files spoiled at random: their bytes, and the cells, values or members that they are made of."""

import io
import json
import re
import tomllib
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import tomli_w

Spoil = Callable[[bytes, Random], bytes]

TOKENS = (
    "", " ", "0", "-0", "-1", "1", "1e999", "-1e999", "1e-999", "nan", "-inf", "NA", "1" * 400, "9" * 5000,
    "2147483648", "9223372036854775808", "-9223372036854775809", "1e308", "4e38", "0x10", "1_000", "1,5", "٣",
    "½", "１", "True", "null", "None", '"', '""', "'", '"a\nb"', ",", ";", "\t", ",,,,", "\n\n", "\r", "\r\n",
    "\r\r\n", "\0", "\x1b[2J", "\x07", "\u202e", "\u2028", "\ufeff", "\x85", "é", "日本", "👩‍🎤", "=1+1",
    "=cmd|' /C calc'!A0", "+1", "@x", "-x", "<script>alert(1)</script>", '" onerror="alert(1)', "{{ 7 * 7 }}",
    "$x^{$", "%s%n", "../../etc/passwd",     "/etc/passwd", "C:\\x", "~", "a" * 100_000, "[" * 2000,
    "{" * 2000, "a." * 2000, "# END", "[[blocks]]", "__class__", "os.system", "builtins.eval", "Lambda",
)  # fmt: skip
"""Texts that readers stumble over."""
_RAW = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\x1f\x8b", b"PK\x03\x04", b"\x80", b"\xed\xa0\x80", b"\xc0\xaf")
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 2**64, -(2**63), 10**30, 0.5, -0.0, 1e308, float("inf"), float("nan"),
    "", " ", [], {}, [[]], [None], [1, "a"], {"a": {}}, {"": 0}, [[[[1]]]],
)  # fmt: skip
_MEMBERS = ("../../out", "/etc/passwd", "a/../../b", "a\\..\\..\\b", "", "a/", "\x1b[2J", "__MACOSX/x", "songs.csv")


def spoil_bytes(content: bytes, random: Random) -> bytes:
    """Return bytes with some of them flipped, cut off, doubled, moved, or with a text in between."""
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        content = random.choice(_CHANGES)(content, random)
    return content


def _flip(content: bytes, random: Random) -> bytes:
    place = _place(content, random)
    return content[:place] + bytes([random.randrange(256)]) + content[place + 1 :]


def _cut(content: bytes, random: Random) -> bytes:
    return content[: _place(content, random)]


def _remove(content: bytes, random: Random) -> bytes:
    place = _place(content, random)
    return content[:place] + content[place + random.randint(1, 64) :]


def _insert(content: bytes, random: Random) -> bytes:
    place = _place(content, random)
    token = random.choice(_RAW) if random.random() < 0.2 else random.choice(TOKENS).encode()
    return content[:place] + token + content[place:]


def _double(content: bytes, random: Random) -> bytes:
    lines = content.splitlines(keepends=True) or [b""]
    place = random.randrange(len(lines))
    return b"".join([*lines[: place + 1], *lines[random.randrange(len(lines)) :]])


def _swap(content: bytes, random: Random) -> bytes:
    first, last = sorted((_place(content, random), _place(content, random)))
    return content[last:] + content[first:last] + content[:first]


def _encode(content: bytes, random: Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(random.choice(("utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig")), "replace")


def _line_ends(content: bytes, random: Random) -> bytes:
    return content.replace(b"\n", random.choice((b"\r\n", b"\r", b"\r\r\n", b"", b"\n\n", b"\x0b")))


_CHANGES: tuple[Spoil, ...] = (_flip, _flip, _cut, _remove, _insert, _insert, _double, _swap, _encode, _line_ends)


def _place(content: bytes, random: Random) -> int:
    return random.randrange(len(content) + 1)


def spoil_cells(content: bytes, random: Random) -> bytes:
    """Return a table in which some cells are something else, or its bytes are spoiled."""
    if random.random() < 0.4:
        return spoil_bytes(content, random)
    lines = content.decode("utf-8", "replace").split("\n")
    for _ in range(random.choice((1, 1, 3))):
        place = random.choice((0, random.randrange(len(lines))))
        cells = lines[place].split(",")
        cells[random.randrange(len(cells))] = random.choice(TOKENS)
        lines[place] = ",".join(cells)
    return "\n".join(lines).encode()


def spoil_json(content: bytes, random: Random) -> bytes:
    """Return JSON in which some values are others, or its bytes are spoiled."""
    if random.random() < 0.2:
        return spoil_bytes(content, random)
    table = json.loads(content)
    for _ in range(random.choice((1, 1, 2, 4))):
        table = _other(table, random)
    return json.dumps(table).encode()


def spoil_toml(content: bytes, random: Random) -> bytes:
    """Return TOML in which some values are others, or its bytes are spoiled."""
    if random.random() < 0.4:
        return spoil_bytes(content, random)
    table = tomllib.loads(content.decode())
    for _ in range(random.choice((1, 1, 2))):
        table = _other(table, random)
    try:
        return tomli_w.dumps(table).encode()
    except (TypeError, AttributeError, ValueError):  # TOML has no null, and begins with a table
        return spoil_bytes(content, random)


def _other(value: Any, random: Random) -> Any:
    """Return a value in which something, at any depth, is another: of another type, missing, double, or a neighbour."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        return _other_table(dict(value), random)
    if isinstance(value, list) and value and random.random() < 0.8:
        return _other_list(list(value), random)
    return random.choice(_VALUES) if random.random() < 0.6 else random.choice(TOKENS)


def _other_table(table: dict[str, Any], random: Random) -> dict[str, Any]:
    key = random.choice(list(table))
    kind = random.random()
    if kind < 0.1:
        del table[key]
    elif kind < 0.15:
        table[random.choice(TOKENS)] = table.pop(key)
    elif kind < 0.2:
        table[key] = table[random.choice(list(table))]
    else:
        table[key] = _other(table[key], random)
    return table


def _other_list(values: list[Any], random: Random) -> list[Any]:
    place = random.randrange(len(values))
    kind = random.random()
    if kind < 0.1:
        del values[place]
    elif kind < 0.2:
        values.insert(place, values[place])
    else:
        values[place] = _other(values[place], random)
    return values


def spoil_archive(content: bytes, random: Random) -> bytes:
    """Return a zip archive with a member spoiled, renamed, missing or double, or its bytes spoiled."""
    if random.random() < 0.2:
        return spoil_bytes(content, random)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    place = random.randrange(len(members))
    name, inside = members[place]
    kind = random.random()
    if kind < 0.7:
        spoil = spoil_json if name.endswith((".json", "schema")) else spoil_cells if ".csv" in name else spoil_bytes
        members[place] = name, spoil(inside, random)
    elif kind < 0.85:
        members[place] = random.choice(_MEMBERS), inside
    elif kind < 0.9:
        del members[place]
    else:
        members.append((random.choice((name, *_MEMBERS)), inside))
    return packed(members, random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))


def packed(members: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive of members, whose names may be any, also the same."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, inside in members:
            archive.writestr(zipfile.ZipInfo(re.sub("\0", "", name) or "-"), inside, method)
    return buffer.getvalue()
