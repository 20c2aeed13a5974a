"""The columns of a table of the user's: numbers, categories, and those that are no inputs."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zoo.data.own.ids import ID_ROWS, is_id
from zoo.data.own.table import as_text, numbers_in
from zoo.data.own.table_chunks import first_lines, frames
from zoo.data.own.table_names import DELIMITERS
from zoo.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

SNIFFED = 20  # lines from which the delimiter follows
MAX_DIFFERENT = 1000  # different texts of a column that are kept
MAX_CATEGORIES = 50  # different texts of a column that becomes an input
DATE = re.compile(r"\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?[./]\d\d?[./](\d\d){1,2}([T ].*)?")
NUMBER = re.compile(  # as it is written for people: 13,2 and 1,234.50 and 5 %
    r"[-+]?[$€£]?\d{1,3}([,.' ]\d{3})*([.,]\d+)?\s?[%$€£]?|[-+]?\d+,\d+\s?[%$€£]?"
)
ROWS_EACH = 2  # of a category, on average; a column with fewer says little


@dataclass
class Column:
    """What is in a column, row by row."""

    name: str
    rows: int = 0
    missing: int = 0
    numbers: int = 0  # of rows
    low: float = np.inf
    high: float = -np.inf
    texts: dict[str, None] = field(default_factory=dict)  # in the order of their first rows
    has_repeats: bool = False
    whole: list[npt.NDArray[np.float64]] = field(default_factory=list)

    def add(self, series: pd.Series[Any]) -> None:
        """Add the values of some rows."""
        import pandas as pd

        types = pd.api.types
        is_text = types.is_object_dtype(series) or types.is_string_dtype(series)
        values = numbers_in(series) if is_text else series
        if types.is_numeric_dtype(values) or types.is_bool_dtype(values):
            found = values.to_numpy(np.float64, na_value=np.nan)
        else:
            found = np.full(len(series), np.nan)
        present = series.notna().to_numpy()
        finite = found[np.isfinite(found)]
        self.rows += len(series)
        self.missing += int((~present).sum())
        self.numbers += len(finite)
        if len(finite):
            self.low, self.high = min(self.low, finite.min()), max(self.high, finite.max())
        self._add_texts(series[present & np.isnan(found)])
        self._add_whole(finite)

    def _add_texts(self, series: pd.Series[Any]) -> None:
        before = len(self.texts)
        different = list(dict.fromkeys(map(as_text, series.unique())))
        self.texts |= dict.fromkeys(different)
        self.has_repeats |= len(self.texts) < before + len(different) or len(different) < len(
            series
        )
        if len(self.texts) > MAX_DIFFERENT:
            self.texts = dict.fromkeys(list(self.texts)[:MAX_DIFFERENT])

    def _add_whole(self, values: npt.NDArray[np.float64]) -> None:
        """Keep whole numbers as long as all are different, as the numbers of rows are."""
        if self.has_repeats or not len(values):
            return
        if (values != np.floor(values)).any() or len(np.unique(values)) < len(values):
            self.has_repeats, self.whole = True, []
            return
        self.whole.append(values)

    @property
    def is_number(self) -> bool:
        """Whether most of the values are numbers."""
        return self.numbers > (self.rows - self.missing) / 2

    @property
    def is_category(self) -> bool:
        """Whether the values are texts, few of which are different."""
        return 0 < len(self.texts) <= min(MAX_CATEGORIES, (self.rows - self.missing) / ROWS_EACH)

    @property
    def is_constant(self) -> bool:
        """Whether all rows have the same value."""
        if self.is_number:
            return self.low == self.high  # missing values get the mean
        return len(self.texts) == 1 and not self.missing and not self.numbers

    @property
    def is_id(self) -> bool:
        """Whether the values only tell the rows apart: all are different, and none measures."""
        if self.rows < ID_ROWS or self.missing or self.has_repeats:
            return False
        if not self.is_number:
            return True
        return bool(self.whole) and is_id(self.name, np.concatenate(self.whole))

    @property
    def unused(self) -> str:
        """Why the column is no input; empty if it is one."""
        return next(self._problems(), "")

    def _problems(self) -> Iterator[str]:
        if self.missing == self.rows:
            yield "it is empty"
        if not self.numbers and not self.texts:
            yield "it has no finite number"
        if not self.is_number and (text := self._first_if_all(DATE)):
            yield f"its values are dates, such as {text!r}"
        if not self.is_number and (text := self._first_if_all(NUMBER)):
            yield f"it has numbers in another form, such as {text!r}; expected one such as 1234.5"
        if self.is_id:
            yield "all of its values are different, as those of an id"
        if self.is_constant:
            yield "all of its values are the same"
        if not self.is_number and not self.is_category:
            yield "it has many different texts"

    def _first_if_all(self, pattern: re.Pattern[str]) -> str:
        """Return the first text if all texts match a pattern; else an empty one."""
        texts = list(self.texts)
        return texts[0] if texts and all(map(pattern.fullmatch, texts)) else ""


def read_columns(path: Path, delimiter: str) -> list[Column]:
    """Return the columns of a table."""
    columns: dict[str, Column] = {}
    for frame in frames(path, delimiter):
        for name in frame.columns:
            columns.setdefault(name, Column(str(name))).add(frame[name])
    if not any(column.rows for column in columns.values()):
        raise DataError(f"{path} has no rows.")
    return list(columns.values())


def find_delimiter(path: Path) -> str:
    """Return the delimiter that divides the first lines of a file into the most columns."""
    lines = first_lines(path, SNIFFED)

    def columns(delimiter: str) -> int:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        except csv.Error:  # a line without this delimiter is a cell that is too long
            return 0
        return min(widths, default=0)

    return max(DELIMITERS, key=columns)
