"""The output of `zoo data show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import terminal
from ..sheets import first_rows
from .image_grid import captioned
from .result import Result, Table
from .tables import heading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from .data_summary import SummarizedEntry

SHOWN = 10  # classes of which the terminal shows an image


def data_result(seen: SummarizedEntry) -> Result:
    """Return the result: tables, and in a terminal an image of each class."""
    tables = list(seen.tables())
    return Result(
        seen.facts(), rows=seen.class_facts(), tables=tables, page=lambda: _page(seen, tables)
    )


def _page(seen: SummarizedEntry, tables: list[Table]) -> Iterator[RenderableType]:
    for table in tables:
        yield from table.renderables()
    console = terminal.console()
    source, train = seen.entry.data.source, seen.splits.train
    if source.has_images and console.is_terminal:
        yield heading("Images")
        rows = [rows[0] for rows in first_rows(train, each=1)[:SHOWN]]
        images = [
            (train.images[row].reshape(source.shape), [source.names[int(train.labels[row])]])
            for row in rows
        ]
        colour = terminal.has_colour(console)
        yield captioned(images, source, colour=colour, width=console.width)
