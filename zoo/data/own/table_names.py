"""The names of a table's columns: those of its header, and those that are read."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, NamedTuple

from zoo.errors import CorruptFileError, DataError
from zoo.formatting import listed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_COLUMNS = 10_000
MAX_NAME = 200  # characters of a column's name
SHOWN = 40  # characters of a cell in an error


class Columns(NamedTuple):
    """The columns to read: those of the inputs, with numbers or texts, and others with texts."""

    inputs: tuple[str, ...]
    texts: frozenset[str]
    others: tuple[str, ...] = ()
    group: str | None = None  # one of the others, which may have any number of different texts


Select = Callable[[tuple[str, ...]], Columns]  # of the names of all columns


def header_of(
    path: Path, text: IO[str], delimiter: str, known: Sequence[str]
) -> tuple[tuple[str, ...], str]:
    """Return the names of the columns, and the first line if it is a row and not a header."""
    line = text.readline()
    if line.count('"') % 2:
        raise CorruptFileError(f"{path}: a quotation mark in its first line is not closed.")
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    if not any(cells):
        raise DataError(f"{path} is empty, or its first line is.")
    if _are_names(cells, known):
        return checked_names(str(path), cells), ""
    return tuple(str(number) for number in range(1, len(cells) + 1)), line


def _are_names(cells: Sequence[str], known: Sequence[str]) -> bool:
    """Return whether the cells of a first line are names: none is a number, or they are known.

    A table that pandas wrote may have columns named 0, 1, 2 and label.
    """
    if not any(is_number(cell) for cell in cells):
        return True
    if any(cell in known and not is_number(cell) for cell in cells):
        return True
    are_places = set(known) <= {str(number) for number in range(1, len(cells) + 1)}
    return bool(known) and not are_places and set(known) <= set(cells)


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
    """Whether a cell is a finite number."""
    try:
        return math.isfinite(float(cell))
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
