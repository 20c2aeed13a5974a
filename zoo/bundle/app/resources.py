"""The bundle's own files, wherever it lies: in an archive or in a folder."""

from __future__ import annotations

import os

from .errors import CorruptError

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib takes its time


def read(path: str) -> bytes:
    """Return what is in a file of the bundle."""
    try:
        found: bytes = __loader__.get_data(os.path.join(HOME, *path.split("/")))  # type: ignore[name-defined] # noqa: PTH118 - Python's own
    except OSError:
        msg = f"{path} is missing in {HOME}."
        raise CorruptError(msg) from None
    return found


def check_whole() -> str:
    """Raise if a byte has changed; return what was looked at."""
    import hashlib

    from .integrity import SUMS, check_seal, sums

    if os.path.isfile(HOME):  # noqa: PTH113 - the same
        with open(HOME, "rb") as file:  # noqa: PTH123 - the same
            content = file.read()
        check_seal(content, HOME)
        return f"{len(content):,} bytes"
    known = sums(read(SUMS).decode(errors="replace"), SUMS)
    for path, digest in known.items():
        if hashlib.sha256(read(path)).hexdigest() != digest:
            msg = f"{path} has changed since it was packed."
            raise CorruptError(msg)
    return f"{len(known)} files"
