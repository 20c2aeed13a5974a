"""The columns of a table in memory: their ranges, means and missing values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zoo.config.dataset_info import Source
    from zoo.data.dataset import LabeledImages, Values

DIGITS = 7  # of a float32


@dataclass(frozen=True)
class TableColumn:
    """A column of numbers with its range and mean, or one of texts with its categories."""

    name: str
    first: int  # the input of the network that it begins at
    categories: tuple[str, ...]
    missing: int
    low: float | None = None  # of numbers, of which there is at least one
    mean: float | None = None
    high: float | None = None

    def values(self, rows: Values) -> Values:
        """Return its numbers, or the number of the category of each row, -1 where it is missing."""
        if not self.categories:
            column: Values = rows[:, self.first]
            return column
        flags = rows[:, self.first : self.first + len(self.categories)]
        codes: Values = np.where(flags.any(axis=1), flags.argmax(axis=1), -1)
        return codes


def table_columns(source: Source, pool: LabeledImages) -> tuple[TableColumn, ...]:
    """Return the columns of a table; of images, none."""
    return () if source.has_images else tuple(_columns(source, pool.images))


def _columns(source: Source, rows: Values) -> Iterator[TableColumn]:
    form = source.table
    names = form.columns if form else [str(number + 1) for number in range(source.shape[1])]
    first = 0
    for name in names:
        categories = form.categories.get(name, ()) if form else ()
        column = TableColumn(name, first, categories, missing=0)
        yield _counted(column, column.values(rows))
        first += len(categories) or 1


def _counted(column: TableColumn, values: Values) -> TableColumn:
    """Return the column with what its values say."""
    if column.categories:
        missing = int((values < 0).sum())
        return TableColumn(column.name, column.first, column.categories, missing)
    present = values[~np.isnan(values)]
    missing = len(values) - len(present)
    if not len(present):
        return TableColumn(column.name, column.first, (), missing)
    numbers = (present.min(), present.mean(dtype=np.float64), present.max())
    return TableColumn(column.name, column.first, (), missing, *map(_as_written, numbers))


def _as_written(value: np.floating) -> float:
    """Return a float32 with the digits of the file: 0.1 and not 0.10000000149."""
    return float(f"{value:.{DIGITS}g}")
