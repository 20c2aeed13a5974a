"""The files of the bundle, in an archive or in a folder."""

from __future__ import annotations

import os

from .errors import CorruptError

HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib is slow to import


def program() -> str:
    """Return the name of the bundle in messages."""
    name = os.path.basename(HOME)  # noqa: PTH119 - pathlib is slow to import
    return f"{name}/run.py" if os.path.isdir(HOME) else name  # noqa: PTH112 - pathlib is slow to import


def read(path: str) -> bytes:
    """Return the content of a file of the bundle."""
    try:
        content: bytes = __loader__.get_data(os.path.join(HOME, *path.split("/")))  # type: ignore[name-defined] # noqa: PTH118 - pathlib is slow to import
    except OSError:
        msg = f"{path} is missing in {HOME}."
        raise CorruptError(msg) from None
    return content
