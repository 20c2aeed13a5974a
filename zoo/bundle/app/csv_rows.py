"""CSV files of table rows whose columns have no names: zoo/data/csv_rows.py without NumPy."""

from __future__ import annotations

import csv
import math

from .errors import CorruptError
from .float32 import rounded
from .table import LARGEST, MAX_LINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO

SHOWN = 40  # characters of the representation of a cell in an error


def rows_in(file: IO[bytes], features: int, where: str) -> Iterator[list[float] | CorruptError]:
    """Yield the rows of an open CSV file, or the error of a cell; `where` names it in errors.

    The first line may be a header, and `label` is skipped.
    """
    from io import TextIOWrapper

    text = TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
    lines = enumerate(iter(lambda: text.readline(MAX_LINE), ""), 1)
    columns = list(range(features))
    width = features  # cells of a line, including skipped columns
    is_first = True
    row = 0  # counted from 1, without the header
    try:
        for number, line in lines:
            cells = _cells(line)
            if not any(cells):
                continue
            place = f"{where}, line {number}"
            if is_first and not any(math.isfinite(_number(cell)) for cell in cells):
                names = [name.strip().lower() for name in cells]
                columns = [index for index, name in enumerate(names) if name != "label"]
                width = len(cells)
                if len(columns) != features:
                    raise _wrong_width(place, features, f"{len(columns):,} columns")
            elif len(cells) != width:
                raise _wrong_width(place, features, f"{len(cells):,}")
            else:
                row += 1
                yield _row(cells, columns, f"{where}, row {row:,}")
            is_first = False
    except csv.Error as error:
        msg = f"{where} is not a CSV file: {error}."
        raise CorruptError(msg) from None


def _cells(line: str) -> list[str]:
    """Return the cells of a line; one in quotes ends with its line, so that no row is endless."""
    if len(line) == MAX_LINE:
        msg = f"a line has more than {MAX_LINE:,} characters"
        raise csv.Error(msg)
    return next(csv.reader([line]), [])


def _wrong_width(place: str, features: int, got: str) -> CorruptError:
    return CorruptError(f"{place}: expected {features:,} numbers, got {got}.")


def _row(cells: Sequence[str], columns: Sequence[int], place: str) -> list[float] | CorruptError:
    values = [_number(cells[column]) for column in columns]
    for column, value in zip(columns, values):
        if not abs(value) < LARGEST:  # NaN, too
            got = f"{cells[column]!r:.{SHOWN}}"
            msg = f"{place}, column {column + 1}: expected a number, got {got}."
            return CorruptError(msg)
    return rounded(values)


def _number(cell: str) -> float:
    """Return the number in a cell; NaN for other text, and for 1_000, which Python accepts."""
    try:
        return math.nan if "_" in cell else float(cell)
    except ValueError:
        return math.nan
