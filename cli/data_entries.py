"""Entries for data that the user names in place of an entry: `zoo train iris.csv`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoo.system.commands import quote

from . import terminal

if TYPE_CHECKING:
    from zoo.config.catalog import CatalogEntry


def find_data_entry(name: str) -> CatalogEntry:
    """Return an entry for a file or folder of data, after a look at it; say so on stderr."""
    from zoo.data.own.data_entry import data_entry

    from .output.data_summary import label_of, summarized

    new = data_entry(Path(name))
    label = label_of(new.complete)
    terminal.say(
        f"zoo: the recipe follows from the data; `zoo init NAME --data {quote(name)}` keeps it in "
        "a file"
    )
    if label:
        terminal.say(f"zoo: the label is {label!r}; `zoo init` takes another with --label COLUMN")
    terminal.warn(summarized(new.complete, new.dataset, new.warnings).summary.warnings)
    return new.listed
