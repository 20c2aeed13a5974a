"""An entry for data that the user names in its place: `zoo train iris.csv`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.config.catalog import read_catalog
from zoo.config.file_kinds import file_kind, without_ending
from zoo.system.names import is_reserved, separators

if TYPE_CHECKING:
    from zoo.data.own.new_entry import NewEntry

MAX_NAME = 50


def is_data(name: str) -> bool:
    """Return whether a name is that of a file or folder of data, and not of an entry or a run."""
    if os.path.lexists(Path(name, "run.json")):
        return False
    if file_kind(name) or name.endswith(tuple(separators())):
        return True
    if not os.path.isdir(name):  # noqa: PTH112 - Path.is_dir may raise
        return False
    return name not in read_catalog().entries


def data_entry(path: Path) -> NewEntry:
    """Return an entry for a file or folder of data, after a look at it."""
    from zoo.data.own.new_entry import new_entry

    return new_entry(path, entry_name(path), path.parent)


def entry_name(path: Path) -> str:
    """Return a name for the entry of a file or folder, which no entry or device has."""
    stem = without_ending(path.absolute().name)
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower())[:MAX_NAME].strip("-") or "own"
    is_taken = is_reserved(name) or name in read_catalog().entries
    return f"{name}-data" if is_taken else name
