"""The files of the bundle, in an archive or in a folder."""

from __future__ import annotations

import os

from .errors import CorruptError

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is slow to import


def read(path: str) -> bytes:
    """Return the content of a file of the bundle."""
    try:
        content: bytes = __loader__.get_data(os.path.join(HOME, *path.split("/")))  # type: ignore[name-defined] # noqa: PTH118 - pathlib is slow to import
    except OSError:
        msg = f"{path} is missing in {HOME}."
        raise CorruptError(msg) from None
    return content


def check_unchanged() -> str:
    """Raise if a byte of the bundle has changed; return what was checked."""
    import hashlib

    from .integrity import SUMS, check_seal, parse_sums

    if os.path.isfile(HOME):  # noqa: PTH113 - pathlib is slow to import
        with open(HOME, "rb") as file:  # noqa: PTH123 - pathlib is slow to import
            content = file.read()
        check_seal(content, HOME)
        return f"{len(content):,} bytes"
    digests = parse_sums(read(SUMS).decode(errors="replace"), SUMS)
    for path, digest in digests.items():
        if hashlib.sha256(read(path)).hexdigest() != digest:
            msg = f"{path} has changed since it was packed."
            raise CorruptError(msg)
    return f"{len(digests)} files"
