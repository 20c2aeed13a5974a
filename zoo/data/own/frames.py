"""DataFrames of pandas, whose columns are found by their names like those of a table's file."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from zoo.config.load import check
from zoo.data.own.csv_data import find_in_table
from zoo.data.own.load import content_dataset, with_facts
from zoo.data.own.named_rows import network_rows
from zoo.data.own.table import frame_names, frame_table
from zoo.data.own.table_names import Columns
from zoo.errors import DataError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from zoo.config.dataset_info import TableForm
    from zoo.config.entry import Entry
    from zoo.config.own_data import CsvData
    from zoo.data.dataset import Dataset

WHERE = "The DataFrame"


def is_frame(value: object) -> TypeGuard[pd.DataFrame]:
    """Return whether this is a DataFrame; pandas is not imported for the answer."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def frame_of(rows: object, labels: object, data: CsvData) -> pd.DataFrame:
    """Return rows and their labels as a DataFrame with the columns of the data."""
    import pandas as pd

    if is_frame(rows):
        frame = rows.copy(deep=False)
    else:
        values = np.asarray(rows)
        if values.ndim != 2:
            raise DataError(f"Invalid array: expected rows (n, columns), got {values.shape}.")
        names = data.columns or tuple(str(place + 1) for place in range(values.shape[1]))
        if len(names) != values.shape[1]:
            raise DataError(f"Expected {len(names):,} columns, got {values.shape[1]:,}.")
        frame = pd.DataFrame(values, columns=list(names))
    given = np.asarray(labels)
    if given.shape != (len(frame),):
        raise DataError(f"Invalid labels: expected {len(frame):,} of them, got {given.shape}.")
    return frame.assign(**{str(data.label): given})


def with_frame(entry: Entry, data: CsvData, frame: pd.DataFrame) -> tuple[Entry, Dataset]:
    """Return an entry for a DataFrame in place of its files, and the dataset."""
    changes: dict[str, Any] = {"rows": None, "test_rows": None, "test_file": None}
    names = frame_names(frame, WHERE)
    read = partial(frame_table, frame, may_be_missing=data.missing == "mean", where=WHERE)
    found = find_in_table(data.model_copy(update=changes), names, read, where=WHERE)
    raw = entry.without_learned.model_dump(mode="json", exclude_none=True)
    changed = check(with_facts(raw, found, {"test_file": None}), where=entry.name)
    return changed, content_dataset(data, found, where=WHERE)


def frame_rows(frame: pd.DataFrame, form: TableForm) -> npt.NDArray[np.float32]:
    """Return the rows of a DataFrame (n, inputs) as the network takes them."""
    columns = Columns(form.columns, frozenset(form.categories))
    may_be_missing = form.missing == "mean"
    table = frame_table(frame, columns, may_be_missing=may_be_missing, where=WHERE)
    return network_rows(table, form, where=WHERE)
