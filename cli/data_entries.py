"""Entries for data that the user names in place of an entry: `zoo train iris.csv`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.config.file_kinds import file_kind, without_ending
from zoo.system.commands import quote
from zoo.system.names import is_reserved, separators

from . import terminal

if TYPE_CHECKING:
    from zoo.config.catalog import CatalogEntry

MAX_NAME = 50


def is_data(name: str) -> bool:
    """Whether a name is that of a file or folder of data, and not of an entry or a run."""
    if os.path.lexists(Path(name, "run.json")):
        return False
    if file_kind(name) or name.endswith(tuple(separators())):
        return True
    if not os.path.isdir(name):  # noqa: PTH112 - Path.is_dir may raise
        return False
    from zoo.config.catalog import read_catalog

    return name not in read_catalog().entries


def find_data_entry(name: str) -> CatalogEntry:
    """Return an entry for a file or folder of data, after a look at it; say so on stderr."""
    from zoo.data.own.new_entry import new_entry

    from .output.data_summary import label_of, summarized

    path = Path(name)
    new = new_entry(path, entry_name(path), path.parent)
    label = label_of(new.complete)
    terminal.say(
        f"zoo: the recipe follows from the data; `zoo init NAME --data {quote(name)}` keeps it in "
        "a file"
    )
    if label:
        terminal.say(f"zoo: the label is {label!r}; `zoo init` takes another with --label COLUMN")
    terminal.warn(summarized(new.complete, new.dataset, new.warnings).summary.warnings)
    return new.listed


def entry_name(path: Path) -> str:
    """Return a name for the entry of a file or folder, which no entry or device has."""
    from zoo.config.catalog import read_catalog

    stem = without_ending(path.absolute().name)
    name = re.sub(r"[^a-z0-9]+", "-", stem.lower())[:MAX_NAME].strip("-") or "own"
    is_taken = is_reserved(name) or name in read_catalog().entries
    return f"{name}-data" if is_taken else name
