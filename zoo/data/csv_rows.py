"""Rows of numbers in a csv."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import Source
from zoo.errors import CorruptFileError, DataError

Row = npt.NDArray[np.float32]

LINE = 1_000_000  # characters of a line
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def csv_rows(path: Path, source: Source) -> Iterator[Row]:
    """Yield the rows of a csv; its first line may name the columns, and `label` is passed over."""
    try:
        with path.open("rb") as file:
            yield from rows_in(file, source, where=str(path))
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None


def rows_in(file: BinaryIO, source: Source, *, where: str) -> Iterator[Row]:
    """Yield the rows of a csv that is open; `where` names it in errors."""
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    lines = enumerate(csv.reader(iter(lambda: text.readline(LINE), "")), start=1)
    filled = ((f"{where}, line {number}", cells) for number, cells in lines if any(cells))
    wanted = list(range(source.shape[1]))
    width = len(wanted)  # of a line, with what is passed over
    try:
        for index, (place, cells) in enumerate(filled):
            if index == 0 and not any(map(_is_number, cells)):
                wanted = [at for at, name in enumerate(cells) if name.strip().lower() != "label"]
                width = len(cells)
                if len(wanted) != source.shape[1]:
                    raise _misfit(place, source, f"{len(wanted):,} columns")
            elif len(cells) != width:
                raise _misfit(place, source, f"{len(cells):,}")
            else:
                yield _row(cells, wanted, place)
    except csv.Error as error:
        raise CorruptFileError(f"{where} is no csv: {error}.") from None
    finally:
        text.detach()  # whoever opened the file closes it


def _misfit(place: str, source: Source, got: str) -> CorruptFileError:
    return CorruptFileError(f"{place}: expected {source.shape[1]:,} numbers, got {got}.")


def _row(cells: list[str], wanted: list[int], place: str) -> Row:
    for at in wanted:
        if not _is_number(cells[at]):
            got = f"{cells[at]!r:.40}"
            raise CorruptFileError(f"{place}, column {at + 1}: expected a number, got {got}.")
    return np.array([float(cells[at]) for at in wanted]).astype(np.float32)


def _is_number(cell: str) -> bool:
    if not NUMBER.fullmatch(cell):
        return False
    with np.errstate(over="ignore"):
        return bool(np.isfinite(np.float32(cell)))
