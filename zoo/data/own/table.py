"""Tables of the user's, read in chunks by pandas: CSV, gzipped or not, Parquet, and DataFrames.

Columns are found by their names. Rows are counted from 1, without the header.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from zoo.data.own.row_errors import CORRECT, FILL_IN, RowErrors
from zoo.data.own.table_chunks import Chunk, chunks_of
from zoo.data.own.table_file import CHUNK_ROWS, errors_of
from zoo.data.own.table_names import (
    SHOWN,
    Columns,
    Select,
    check_columns,
    checked_names,
    is_number,
)
from zoo.errors import CorruptFileError, DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

Numbers = npt.NDArray[np.float32]
Codes = npt.NDArray[np.signedinteger[Any]]

MAX_NUMBERS = 2_500_000_000  # of a table: 10 GB
MAX_TEXTS = 5_000  # different texts of a column
TRUTH = {"True": 1.0, "TRUE": 1.0, "true": 1.0, "False": 0.0, "FALSE": 0.0, "false": 0.0}


@dataclass
class Texts:
    """The different texts of a column, in the order of their first rows, and those of its rows."""

    known: dict[str, int] = field(default_factory=dict)
    chunks: list[Codes] = field(default_factory=list)

    def add(self, texts: Sequence[str]) -> Codes:
        """Return the numbers of these texts; new ones get the next."""
        numbers = [self.known.setdefault(text, len(self.known)) for text in texts]
        self.chunks.append(np.array(numbers, np.min_scalar_type(-len(self.known) - 1)))
        return self.chunks[-1]

    @property
    def codes(self) -> Codes:
        """The number of the text of each row."""
        if len(self.chunks) != 1:
            self.chunks = [np.concatenate([np.empty(0, np.int8), *self.chunks])]
        return self.chunks[0]

    def numbered(self, number_of: Mapping[str, int]) -> Codes:
        """Return the number of each row's text; -1 for a text without one."""
        most = max(number_of.values(), default=0)
        numbers = [number_of.get(text, -1) for text in self.known]
        return np.array(numbers, np.min_scalar_type(-most - 1))[self.codes]


@dataclass(frozen=True)
class Table:
    """A table: the numbers of its columns, NaN where one is missing, and the texts of others."""

    columns: tuple[str, ...]
    numbers: Numbers  # (rows, columns); of a column with texts, the number of the text
    texts: dict[str, Texts]
    before: int = 0  # rows of the file before these
    errors: RowErrors = field(default_factory=RowErrors)

    def __len__(self) -> int:
        return len(self.numbers)


def read_table(path: Path, *, delimiter: str, columns: Columns, may_be_missing: bool) -> Table:
    """Return these columns of a table."""
    read = _Reader(str(path), columns, may_be_missing=may_be_missing)
    known = (*columns.inputs, *columns.others)
    with errors_of(path):
        for chunk in chunks_of(path, delimiter, known, lambda _names: columns, None):
            read.add(chunk)
    return read.table()


def read_chunks(
    path: Path,
    *,
    delimiter: str,
    known: Sequence[str],
    select: Select,
    may_be_missing: bool,
    stream: IO[bytes] | None = None,
) -> Iterator[Table]:
    """Yield the rows of a table in parts, in which the errors of rows are kept.

    With a stream, `path` is its name in errors. The `known` columns may be in its header; the
    delimiter may be another one.
    """
    chosen: list[Columns] = []

    def selected(names: tuple[str, ...]) -> Columns:
        chosen.append(select(names))
        return chosen[-1]

    with errors_of(path):
        for chunk in chunks_of(path, delimiter, known, selected, stream, has_other=True):
            read = _Reader(
                str(path),
                chosen[-1],
                may_be_missing=may_be_missing,
                errors=RowErrors(are_kept=True),
            )
            read.add(chunk)
            yield replace(read.table(), before=chunk.before)


def frame_names(frame: pd.DataFrame, where: str) -> tuple[str, ...]:
    """Return the names of the columns of a DataFrame as texts."""
    return checked_names(where, [str(name).strip() for name in frame.columns])


def frame_table(
    frame: pd.DataFrame, columns: Columns, *, may_be_missing: bool, where: str
) -> Table:
    """Return these columns of a DataFrame."""
    names = frame_names(frame, where)
    check_columns(where, columns, names)
    frame = frame.set_axis(list(names), axis="columns")
    read = _Reader(where, columns, may_be_missing=may_be_missing)
    for first in range(0, len(frame), CHUNK_ROWS):
        read.add(Chunk(frame.iloc[first : first + CHUNK_ROWS], first))
    return read.table()


class _Reader:
    """The numbers and the texts of the chunks so far."""

    def __init__(
        self,
        where: str,
        columns: Columns,
        *,
        may_be_missing: bool,
        errors: RowErrors | None = None,
    ) -> None:
        self.errors = errors or RowErrors()
        self.where, self.columns, self.may_be_missing = where, columns.inputs, may_be_missing
        self.others, self.group = columns.others, columns.group
        self.texts = {name: Texts() for name in (*columns.texts, *columns.others)}
        self.numbers = np.empty((0, len(self.columns)), np.float32)
        self.rows = 0

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        end = self.rows + len(chunk.frame)
        if end * len(self.columns) > MAX_NUMBERS:
            raise CorruptFileError(f"{self.where} has more than {MAX_NUMBERS:,} numbers.")
        if end > len(self.numbers):  # the memory grows in place, and new numbers are written
            rows = max(end, len(self.numbers) * 9 // 8)
            self.numbers.resize((rows, len(self.columns)), refcheck=False)
        for number, name in enumerate(self.columns):
            if name in self.texts:
                values: Any = self._codes(name, chunk)
            else:
                values = self._column(name, chunk)
            self.numbers[self.rows : end, number] = values
        for name in self.others:
            self._codes(name, chunk)
        self.rows = end

    def table(self) -> Table:
        """Return the table of all chunks."""
        if not self.rows:
            raise DataError(f"{self.where} has no rows.")
        self.numbers.resize((self.rows, len(self.columns)), refcheck=False)
        return Table(self.columns, self.numbers, self.texts, errors=self.errors)

    def _codes(self, name: str, chunk: Chunk) -> Codes:
        texts = self.texts[name]
        series = chunk.frame[name]
        codes = texts.add(
            [as_text(value) for value in series.astype(object).where(series.notna(), "")]
        )
        if name in self.columns:
            self._check_missing(codes == texts.known.get("", -1), name, chunk)
        if len(texts.known) > MAX_TEXTS and name != self.group and not self.errors.are_kept:
            raise DataError(
                f"{self.where}, column {name!r} has more than {MAX_TEXTS:,} different texts.",
                hint="Leave it out of the entry's columns, or choose another label.",
            )
        return codes

    def _column(self, name: str, chunk: Chunk) -> Numbers:
        import pandas as pd

        series = chunk.frame[name]
        if series.dtype.kind in "mMc":  # dates and complex numbers, which NumPy would convert
            series = series.astype(str)
        is_text = not (pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series))
        found = numbers_in(series) if is_text else series
        with np.errstate(over="ignore"):
            values = found.to_numpy(np.float32, na_value=np.nan)
        wrong = np.isinf(values)
        if is_text:
            wrong |= np.isnan(values) & series.notna().to_numpy()
        if is_text and wrong.any():  # pandas reads True only in a column of nothing else
            truth = [
                TRUTH.get(value, np.nan) if isinstance(value, str) else np.nan for value in series
            ]
            values = np.where(np.isnan(values), np.array(truth, np.float32), values)
            wrong &= np.isnan(truth)
        self.errors.add(
            np.flatnonzero(wrong).tolist(),
            lambda row: DataError(
                f"{self.where}, row {chunk.before + row + 1:,}, column {name!r}: "
                f"expected a number, got {str(series.iloc[row])[:SHOWN]!r}.",
                hint=CORRECT
                if self.errors.are_kept
                else "If the column holds texts, list it in data.categories; else leave it out of "
                "data.columns.",
            ),
        )
        self._check_missing(np.isnan(values), name, chunk)
        return values

    def _check_missing(self, missing: npt.NDArray[np.bool_], name: str, chunk: Chunk) -> None:
        if self.may_be_missing:
            return
        self.errors.add(
            np.flatnonzero(missing).tolist(),
            lambda row: DataError(
                f"{self.where}, row {chunk.before + row + 1:,}, column {name!r}: "
                "the value is missing.",
                hint=FILL_IN
                if self.errors.are_kept
                else 'Set data.missing = "mean" to use the mean of the column, or leave it out.',
            ),
        )


def numbers_in(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return the numbers of a column of texts; NaN for other texts."""
    import pandas as pd

    try:
        return pd.to_numeric(series.astype(object), errors="coerce")
    except OverflowError:  # of an integer of hundreds of digits, which is too large in any case
        return pd.Series(
            [value if is_number(str(value)) else np.nan for value in series], dtype=float
        )


def as_text(value: object) -> str:
    """Return a label or a category as text: 1.0 is "1"; "" if it is missing."""
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace").strip()  # others stay different
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    return "" if value is None else str(value).strip()
