"""Images with captions, as many side by side as the width allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table as Grid

from zoo.control_characters import plain

from ..terminal_images import render_image
from .escape import styled

if TYPE_CHECKING:  # these import NumPy
    from collections.abc import Iterable, Sequence

    from zoo.config.dataset_info import Source
    from zoo.data.dataset import Values

GAP = 3


def captioned(
    images: Iterable[tuple[Values, Sequence[str]]], source: Source, *, colour: bool, width: int
) -> Grid:
    """Return images (rows, columns) below the lines of their captions, or rows of a table."""
    cells = []
    for image, caption in images:
        lines = styled("\n".join([*map(plain, caption), ""]))
        cells.append(lines.append_text(render_image(image, source, colour=colour)))
    cell_width = max((line.cell_len for cell in cells for line in cell.split()), default=1)
    if not source.has_images:  # a row of many columns wraps
        cell_width = min(cell_width, width)
    columns = max(1, (width + GAP) // (cell_width + GAP))
    grid = Grid.grid(padding=(0, GAP, 0, 0))
    for _ in range(columns):
        grid.add_column(width=cell_width, no_wrap=source.has_images)
    for start in range(0, len(cells), columns):
        if start:
            grid.add_row()
        grid.add_row(*cells[start : start + columns])
    return grid
