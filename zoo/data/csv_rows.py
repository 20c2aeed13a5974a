"""CSV files of table rows.

pandas would not help: it does not report the line of a wrong value, and stdin is read only once.
"""

import csv
import io
import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import Source
from zoo.errors import CorruptFileError
from zoo.files import not_read
from zoo.system.files import open_regular

Row = npt.NDArray[np.float32]

MAX_LINE = 1_000_000  # characters
MAX_FILE_BYTES = 10_000_000_000  # of a file that is read twice
PIECE = 1 << 18  # bytes that are counted at a time


def csv_rows(path: Path, source: Source) -> Iterator[Row | CorruptFileError]:
    """Yield the rows of a CSV file; the first line may be a header, and `label` is skipped.

    Each row is (columns,) float32, or the error of a cell.
    """
    try:
        with open_regular(path) as file:
            yield from rows_in(file, source, where=str(path))
    except OSError as error:
        raise not_read(path, error) from None


def line_count(path: Path) -> int:
    """Return the number of line ends in a CSV file, at least that of its rows but the last."""
    try:
        with open_regular(path) as file:
            return sum(piece.count(b"\n") for piece in iter(partial(file.read, PIECE), b""))
    except OSError as error:
        raise not_read(path, error) from None


def rows_in(file: BinaryIO, source: Source, *, where: str) -> Iterator[Row | CorruptFileError]:
    """Yield the rows of an open CSV file; `where` names it in errors."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    lines = enumerate(iter(lambda: text.readline(MAX_LINE), ""), start=1)
    cells_of_lines = ((f"{where}, line {number}", _cells(line)) for number, line in lines)
    filled = ((line, cells) for line, cells in cells_of_lines if any(cells))
    columns = list(range(source.shape[1]))
    width = len(columns)  # cells of a line, including skipped columns
    row = 0  # counted from 1, without the header
    try:
        for index, (line, cells) in enumerate(filled):
            if index == 0 and not any(math.isfinite(_number(cell)) for cell in cells):
                columns = [i for i, name in enumerate(cells) if name.strip().lower() != "label"]
                width = len(cells)
                if len(columns) != source.shape[1]:
                    raise _wrong_width(line, source, f"{len(columns):,} columns")
            elif len(cells) != width:
                raise _wrong_width(line, source, f"{len(cells):,}")
            else:
                row += 1
                yield _row(cells, columns, f"{where}, row {row:,}")
    except csv.Error as error:
        raise CorruptFileError(f"{where} is not a CSV file: {error}.") from None
    finally:
        text.detach()  # the caller closes the file


def _cells(line: str) -> list[str]:
    """Return the cells of a line; one in quotes ends with its line, so that no row is endless."""
    if len(line) == MAX_LINE:
        raise csv.Error(f"a line has more than {MAX_LINE:,} characters")
    return next(csv.reader([line]), [])


def _wrong_width(line: str, source: Source, got: str) -> CorruptFileError:
    return CorruptFileError(f"{line}: expected {source.shape[1]:,} numbers, got {got}.")


def _row(cells: list[str], columns: list[int], place: str) -> Row | CorruptFileError:
    with np.errstate(over="ignore"):
        row = np.array([_number(cells[column]) for column in columns]).astype(np.float32)
    if not (valid := np.isfinite(row)).all():
        column = columns[valid.argmin()]
        got = f"{cells[column]!r:.40}"
        return CorruptFileError(f"{place}, column {column + 1}: expected a number, got {got}.")
    return row


def _number(cell: str) -> float:
    """Return the number in a cell; NaN for other text, and for 1_000, which Python accepts."""
    try:
        return math.nan if "_" in cell else float(cell)
    except ValueError:
        return math.nan
