"""Rows of a table for a model: its columns are found by their names, in any order."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import TableForm
from zoo.data.own.csv_data import encoded
from zoo.data.own.table import Columns, Table, read_chunks
from zoo.errors import DataError
from zoo.formatting import count, listed

LOG = logging.getLogger(__name__)
Row = npt.NDArray[np.float32]


def named_rows(path: Path, form: TableForm, stream: IO[bytes] | None = None) -> Iterator[Row]:
    """Yield the rows of a file or stream as the network takes them.

    A file without a header has the columns in the order of the model's.
    """
    categories: dict[str, tuple[str, ...]] = {}

    def columns(names: tuple[str, ...]) -> Columns:
        categories.update(
            (name, form.categories[column])
            for column, name in zip(form.columns, names, strict=True)
            if column in form.categories
        )
        return Columns(names, frozenset(categories))

    def select(names: tuple[str, ...]) -> Columns:
        inputs = form.columns
        if names[0] == "1" and not set(inputs) & set(names):  # it has no header
            if len(names) != len(inputs):
                raise DataError(
                    f"{path} has no header, and {count(len(names), 'column')}; the model takes "
                    f"{len(inputs):,}.",
                    hint=f"They are {listed(inputs)}.",
                )
            return columns(names)
        if unused := [name for name in names if name not in {*inputs, *form.ignored}]:
            LOG.warning("%s: the model does not use %s.", path, listed(map(repr, unused)))
        return columns(inputs)

    tables = read_chunks(
        path,
        delimiter=form.delimiter,
        known=form.columns,
        select=select,
        may_be_missing=form.missing == "mean",
        stream=stream,
    )
    for table in tables:
        yield from network_rows(table, form, categories, where=str(path))


def network_rows(
    table: Table, form: TableForm, categories: Mapping[str, tuple[str, ...]], *, where: str
) -> Row:
    """Return the rows of a table (n, inputs) as the network takes them.

    The categories are those of its columns with texts, by the table's names of them.
    """
    rows = encoded(table, categories, where=where)
    return np.where(np.isnan(rows), np.array(form.means, np.float32), rows) if form.means else rows
