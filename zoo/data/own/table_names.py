"""The names of a table's columns: those of its header, and those that are read."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, NamedTuple

from zoo.config.own_data import MAX_COLUMNS
from zoo.errors import CorruptFileError, DataError
from zoo.formatting import listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

DELIMITERS = ",;\t|"
MAX_NAME = 200  # characters of a column's name
SHOWN = 40  # characters of a cell in an error
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?")
LABELS = ("label", "class", "target", "species", "y")  # usual names of the column of labels
MAX_SECOND = 100_000  # characters of a second line that is looked at
COUNTED = 3  # numbers that count the columns in a header


class Columns(NamedTuple):
    """The columns to read: those of the inputs, with numbers or texts, and others with texts."""

    inputs: tuple[str, ...]
    texts: frozenset[str]
    others: tuple[str, ...] = ()
    group: str | None = None  # one of the others, which may have any number of different texts


Select = Callable[[tuple[str, ...]], Columns]  # of the names of all columns


class Header(NamedTuple):
    """The names of the columns, and the lines that were read to find them and are rows."""

    names: tuple[str, ...]
    rows: str
    delimiter: str


def header_of(
    path: Path, text: IO[str], delimiter: str, known: Sequence[str], *, has_other: bool = False
) -> Header:
    """Return the header of a table.

    Its delimiter may be another one, with which the `known` columns are found, if `has_other`.
    """
    line, second = text.readline(), text.readline()
    if line.count('"') % 2:
        raise CorruptFileError(f"{path}: a quotation mark in its first line is not closed.")
    if has_other:
        delimiter = delimiter_of(line, known, delimiter)
    cells = _cells(line, delimiter)
    if not any(cells):
        raise DataError(f"{path} is empty, or its first line is.")
    if _are_names(cells, known) or (not known and _are_above(cells, second, delimiter)):
        return Header(checked_names(str(path), cells), second, delimiter)
    numbers = tuple(str(number) for number in range(1, len(cells) + 1))
    return Header(numbers, line + second, delimiter)


def delimiter_of(line: str, columns: Sequence[str], usual: str) -> str:
    """Return the delimiter of a first line, by which most of these columns are found.

    Without names it is that which gives as many cells as there are columns.
    """

    def fit(delimiter: str) -> tuple[int, bool, bool, int]:
        try:
            cells = _cells(line, delimiter)
        except csv.Error:  # the whole line is one cell, which is too long
            return 0, False, False, 0
        is_usual = delimiter == usual and len(cells) > 1
        found = len(set(columns).intersection(cells))
        return found, len(cells) == len(columns) > 1, is_usual, len(cells)

    return max(usual + DELIMITERS, key=fit)


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _are_names(cells: Sequence[str], known: Sequence[str]) -> bool:
    """Return whether the cells of a first line are names: none is a number, or they are known.

    A table that pandas wrote may have columns named 0, 1, 2 and label.
    """
    texts = [cell for cell in cells if not is_number(cell)]
    if len(texts) == len(cells) or any(cell in known for cell in texts):
        return True
    if known:
        are_places = set(known) <= {str(number) for number in range(1, len(cells) + 1)}
        is_order = len(known) >= COUNTED and tuple(cells) == tuple(known)
        return (not are_places or bool(texts) or is_order) and set(known) <= set(cells)
    # a y may be a label itself
    return any(cell.lower() in LABELS[:-1] for cell in texts) or _are_counted(cells)


def _are_above(cells: Sequence[str], line: str, delimiter: str) -> bool:
    """Return whether a cell is a text, and the one below it in the next line is a number."""
    if len(line) > MAX_SECOND or line.count('"') % 2:
        return False
    return any(
        is_number(other) and not is_number(cell) and cell not in MISSING
        for cell, other in zip(cells, _cells(line, delimiter), strict=False)
    )


def _are_counted(cells: Sequence[str]) -> bool:
    """Return whether the numbers count the columns from 0, or among other names from 1."""
    numbers = [(cell, place) for place, cell in enumerate(cells) if is_number(cell)]
    firsts = (0, 1) if len(numbers) < len(cells) else (0,)
    return len(numbers) >= COUNTED and any(
        all(cell == str(place + first) for cell, place in numbers) for first in firsts
    )


def checked_names(where: str, cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns; a column without a name is called by its number."""
    if len(cells) > MAX_COLUMNS:
        raise DataError(f"{where} has {len(cells):,} columns; the maximum is {MAX_COLUMNS:,}.")
    names = tuple(cell or str(number) for number, cell in enumerate(cells, start=1))
    for number, name in enumerate(names, start=1):
        if len(name) > MAX_NAME or not name.isprintable():
            raise CorruptFileError(
                f"{where}: {name[:SHOWN]!r} is not the name of a column ({number:,}); expected at "
                f"most {MAX_NAME} printable characters."
            )
    twice = next((name for name, number in Counter(names).items() if number > 1), None)
    if twice is not None:
        raise DataError(f"{where} has two columns named {twice!r}.", hint="Rename one of them.")
    return names


def is_number(cell: str) -> bool:
    """Whether a cell is a finite number; 1_0 is none, other than in Python."""
    try:
        return "_" not in cell and math.isfinite(float(cell))
    except ValueError:
        return False


def check_columns(where: str, columns: Columns, names: Sequence[str]) -> None:
    """Raise if a column that is to be read is not there."""
    missing = [name for name in (*columns.inputs, *columns.others) if name not in names]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        hint = f"Its columns are {listed(names)}."
        if len(names) == 1 and (others := [mark for mark in ";\t|" if mark in names[0]]):
            hint = f"If {others[0]!r} is between its cells, set data.delimiter to it."
        raise DataError(f"{where} has no {noun} {listed(map(repr, missing))}.", hint=hint)
