"""The output of `zoo data list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from zoo.config.dataset_info import SOURCES, describe_size

from . import tables

if TYPE_CHECKING:
    from rich.table import Table


def data_table(locations: dict[str, str | None]) -> Table:
    """Return the table of `zoo data list`: the location of each dataset, or how to get it."""
    result = tables.table("name", "images", "shape", "licence", "location", right=("images",))
    for source in SOURCES.values():
        result.add_row(
            source.name,
            f"{source.train + source.test:,}",
            describe_size(source.shape),
            source.licence,
            Text(locations[source.name] or f"missing: `{source.remedy}`"),
        )
    return result
