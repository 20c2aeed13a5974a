"""Rows of a table for a model: its columns are found by their names, in any order."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import TableForm
from zoo.data.own.csv_data import encoded
from zoo.data.own.table import Table, read_chunks
from zoo.data.own.table_names import Columns
from zoo.errors import DataError
from zoo.formatting import count, listed

LOG = logging.getLogger(__name__)
Rows = npt.NDArray[np.float32]


def named_rows(
    path: Path, form: TableForm, stream: IO[bytes] | None = None
) -> Iterator[Rows | DataError]:
    """Yield the rows of a file or stream as the network takes them, or the error of a row.

    A file without a header has the columns in the order of the model's.
    """

    def name_of(columns: tuple[str, ...]) -> dict[str, str]:
        return dict(zip(columns, form.columns, strict=True))

    def select(names: tuple[str, ...]) -> Columns:
        inputs = form.columns
        numbers = tuple(str(place + 1) for place in range(len(names)))
        if names == numbers and not set(inputs) <= set(names):  # it has no header
            if len(names) != len(inputs):
                raise DataError(
                    f"{path} has no header, and {count(len(names), 'column')}; the model takes "
                    f"{len(inputs):,}.",
                    hint=f"They are {listed(inputs)}.",
                )
            texts = (number for number, name in name_of(names).items() if name in form.categories)
            return Columns(names, frozenset(texts))
        if unused := [name for name in names if name not in {*inputs, *form.ignored}]:
            LOG.warning("%s: the model does not use %s.", path, listed(map(repr, unused)))
        return Columns(inputs, frozenset(form.categories))

    tables = read_chunks(
        path,
        delimiter=form.delimiter,
        known=form.columns,
        select=select,
        may_be_missing=form.missing == "mean",
        stream=stream,
    )
    for table in tables:
        names = name_of(table.columns)  # other than the columns if the file has no header
        texts = {names[column]: texts for column, texts in table.texts.items()}
        named = replace(table, columns=form.columns, texts=texts)
        for number, row in enumerate(network_rows(named, form, where=str(path))):
            yield table.errors.by_row.get(number, row)


def network_rows(table: Table, form: TableForm, *, where: str) -> Rows:
    """Return the rows of a table (n, inputs) as the network takes them."""
    rows = encoded(table, form.categories, where=where)
    return np.where(np.isnan(rows), np.array(form.means, np.float32), rows) if form.means else rows
