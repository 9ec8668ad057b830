"""Writing files so that each appears whole or not at all."""

import errno
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from competition.errors import RunError

STAGING_PREFIX = ".partial-"
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and rename it there, so that no reader ever sees half of it.

    Parameters
    ----------
    path : Path
        Replaced when it exists.
    content : str or bytes
        Text is written as UTF-8, its line ends unchanged.

    Raises
    ------
    RunError
        When the file cannot be written; what stood at `path` is then still there.
    """
    data = content.encode() if isinstance(content, str) else content
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with writing(path):
        try:
            beside.write_bytes(data)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's errors while writing at `path` into RunErrors that say what to do."""
    try:
        yield
    except OSError as problem:
        shown = Path(*(part for part in path.parts if not part.startswith(STAGING_PREFIX)))
        cure = "free some space there, or name" if problem.errno in _NO_SPACE else "name"
        raise RunError(f"{shown}: cannot be written: {problem.strerror}; {cure} another place with `out`.") from None
