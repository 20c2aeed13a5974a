"""The output of `zoo data list`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from zoo.config.dataset_info import SOURCES, describe_size

from . import tables

if TYPE_CHECKING:
    from rich.table import Table


def data_table(where: dict[str, str | None]) -> Table:
    """Return the table of `zoo data list`: where each dataset is, or how it comes here."""
    made = tables.table("name", "pictures", "shape", "licence", "where", right=("pictures",))
    for source in SOURCES.values():
        made.add_row(
            source.name,
            f"{source.train + source.test:,}",
            describe_size(source.shape),
            source.licence,
            Text(where[source.name] or f"not here: `{source.remedy}`"),
        )
    return made
