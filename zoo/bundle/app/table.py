"""Rows of a table whose columns are found by their names: zoo/data/own without NumPy and pandas.

Rows are counted from 1, without the header.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
import zlib

from .errors import CorruptError, MissingFileError
from .files import GZIP
from .float32 import rounded
from .texts import listed, warn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import IO, Any

    Cells = list[list[str]]  # those of some rows

CHUNK_CELLS = 1_000_000  # fewer rows of a wide table
CHUNK_ROWS = 10_000  # of a damaged file none of the last of these rows is predicted, as in zoo
DELIMITERS = ",;\t|"
COUNTED = 3  # numbers that count the columns in a header
MAX_LINE = 1_000_000  # characters
MAX_COLUMNS = 10_000
SHOWN = 40  # characters of a cell in an error
FILL_IN = "The model was trained without missing values: fill it in, or leave out the row."
CORRECT = "Correct it, or leave out the row."
MISSING = {"", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?"}
TRUTH = {"True": 1.0, "TRUE": 1.0, "true": 1.0, "False": 0.0, "FALSE": 0.0, "false": 0.0}
NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
LARGEST = 3.4028235677973366e38  # what is not smaller is rounded to infinity


class TableForm:
    """The columns of a table with names, in the order of the network's inputs."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self.columns: list[str] = facts["columns"]
        self.categories: dict[str, list[str]] = facts["categories"]
        self.may_be_missing: bool = facts["missing"] == "mean"
        self.means: list[float] = rounded(facts["means"])  # of the inputs; empty: not known
        self.delimiter: str = facts["delimiter"]
        self.ignored: set[str] = set(facts["ignored"])


class Place:
    """A column of a file: the model's name of it, the file's, and its index there."""

    def __init__(self, column: str, name: str, index: int) -> None:
        self.column, self.name, self.index = column, name, index


def named_rows(
    file: IO[bytes], form: TableForm, where: str
) -> Iterator[list[float] | MissingFileError]:
    """Yield the rows of an open CSV file, gzipped or not, as the network takes them.

    The error of a row is yielded in its place.
    A file without a header has the columns in the order of the model's. `where` names it in errors.
    """
    lines = _Lines(file, where)
    try:
        names, delimiter = _header(lines, form, where)
        places = _places(names, form, where)
        before = 0
        while cells := _chunk(lines, len(names), delimiter, before, where):
            yield from _Chunk(cells, before, where).rows(places, form)
            before += len(cells)
    except UnicodeDecodeError:
        msg = f"{where} is not text in UTF-8."
        raise CorruptError(msg, hint="Save it as CSV in UTF-8.") from None
    except (csv.Error, gzip.BadGzipFile, EOFError, zlib.error) as error:
        msg = f"{where} is not a CSV file: {error}."
        raise CorruptError(msg) from None
    if not before:
        msg = f"{where} has no rows."
        raise MissingFileError(msg)


class _Lines:
    """The lines of a file, which have a limit; the last one taken can be put back."""

    def __init__(self, file: IO[bytes], where: str) -> None:
        from io import BufferedReader, TextIOWrapper

        is_gzip = isinstance(file, BufferedReader) and file.peek(2).startswith(GZIP)
        plain = gzip.open(file) if is_gzip else file  # noqa: SIM115 - `file` is closed
        self._text = TextIOWrapper(plain, "utf-8-sig", newline="")
        self._where = where
        self._next = ""
        self.at_end = False
        self.count = -1  # lines below the header

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line, self._next = self._next or self._text.readline(MAX_LINE + 1), ""
        if len(line) > MAX_LINE:
            msg = f"{self._where} has a line of more than {MAX_LINE:,} bytes."
            raise CorruptError(msg)
        if not line:
            self.at_end = True
            raise StopIteration
        self.count += 1
        return line

    def put_back(self, line: str) -> None:
        """Make this line the next one again."""
        self._next = line


def _header(lines: _Lines, form: TableForm, where: str) -> tuple[list[str], str]:
    """Return the names of the columns, or their numbers from 1, and the delimiter."""
    line = next(lines, "")
    delimiter = _delimiter_of(line, form.columns, form.delimiter)
    cells = _cells(line, delimiter)
    if not any(cells):
        msg = f"{where} is empty, or its first line is."
        raise MissingFileError(msg)
    if not _are_names(cells, form.columns):
        lines.put_back(line)
        return _numbers(cells), delimiter
    if len(cells) > MAX_COLUMNS:
        msg = f"{where} has {len(cells):,} columns; the maximum is {MAX_COLUMNS:,}."
        raise MissingFileError(msg)
    names = [cell or str(number) for number, cell in enumerate(cells, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        msg = f"{where} has two columns named {twice!r}."
        raise MissingFileError(msg, hint="Rename one of them.")
    return names, delimiter


def _are_names(cells: list[str], columns: list[str]) -> bool:
    """Return whether the cells of a first line are names: none is a number, or they are known."""
    texts = [cell for cell in cells if not math.isfinite(_number(cell))]
    if len(texts) == len(cells) or any(cell in columns for cell in texts):
        return True
    are_places = set(columns) <= set(_numbers(cells))
    is_order = len(columns) >= COUNTED and cells == list(columns)
    return (not are_places or bool(texts) or is_order) and set(columns) <= set(cells)


def _numbers(cells: list[str]) -> list[str]:
    return [str(number) for number in range(1, len(cells) + 1)]


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


def _delimiter_of(line: str, columns: list[str], usual: str) -> str:
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


def _places(names: list[str], form: TableForm, where: str) -> list[Place]:
    """Return the places of the model's columns, in their order."""
    if names == _numbers(names) and not set(form.columns) <= set(names):  # it has no header
        if len(names) != len(form.columns):
            noun = "column" if len(names) == 1 else "columns"
            msg = (
                f"{where} has no header, and {len(names):,} {noun}; the model takes "
                f"{len(form.columns):,}."
            )
            raise MissingFileError(msg, hint=f"They are {listed(form.columns)}.")
        return [Place(*both, index) for index, both in enumerate(zip(form.columns, names))]
    known = {*form.columns, *form.ignored}
    if unused := [name for name in names if name not in known]:
        warn(f"{where}: the model does not use {listed(map(repr, unused))}.")
    if missing := [name for name in form.columns if name not in names]:
        noun = "column" if len(missing) == 1 else "columns"
        msg = f"{where} has no {noun} {listed(map(repr, missing))}."
        raise MissingFileError(msg, hint=f"Its columns are {listed(names)}.")
    return [Place(name, name, names.index(name)) for name in form.columns]


def _chunk(lines: _Lines, width: int, delimiter: str, before: int, where: str) -> Cells:
    """Return the cells of the next rows, those that a row does not have empty."""
    cells: Cells = []
    # as in zoo, the first row is a part of its own
    most = min(CHUNK_ROWS, max(CHUNK_CELLS // (width + 1), 1)) if before else 1
    line = lines.count + 2  # of the file: the header is the first
    for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True):
        if lines.at_end:  # the reader asked for another line: a quotation mark is not closed
            number = before + len(cells) + 1
            msg = f"{where} is not a CSV file: EOF inside string starting at row {number}."
            raise CorruptError(msg)
        if before and len(row) > width + 1:
            msg = f"{where} is not a CSV file: line {line} has {len(row)} cells; expected {width}."
            raise CorruptError(msg)
        line = lines.count + 2
        if len(row) > 1 or (row and row[0].strip()):
            cells.append(row)
        if len(cells) == most:
            break
    for number, row in enumerate(cells, before + 1):
        if row[width:] not in ([], [""]):
            msg = f"{where}, row {number:,}: expected {width:,} cells, got more."
            raise CorruptError(msg)
    return [row + [""] * (width - len(row)) for row in cells]


class _Chunk:
    """Some rows of a file, and the number of rows before them."""

    def __init__(self, cells: Cells, before: int, where: str) -> None:
        self.cells, self.before, self.where = cells, before, where
        self.errors: dict[int, MissingFileError] = {}  # the first one of each row

    def rows(
        self, places: list[Place], form: TableForm
    ) -> Iterable[list[float] | MissingFileError]:
        """Return the inputs of the network for each row, or its error."""
        numbers: dict[str, list[float]] = {}
        texts: dict[str, list[str]] = {}
        for place in places:
            if place.column in form.categories:
                texts[place.column] = self._texts(place, form)
            else:
                numbers[place.column] = self._numbers(place, form)
        inputs: list[Sequence[float]] = []
        for place in places:
            known = form.categories.get(place.column)
            if known:
                inputs += self._one_hot(texts[place.column], place, known)
            else:
                inputs.append(numbers[place.column])
        for number, row in enumerate(map(list, zip(*inputs))):
            yield self.errors.get(number) or (_filled(row, form.means) if form.means else row)

    def _texts(self, place: Place, form: TableForm) -> list[str]:
        texts = [row[place.index].strip() for row in self.cells]
        self._check_missing([not text for text in texts], place, form)
        return texts

    def _one_hot(
        self, texts: Sequence[str], place: Place, known: list[str]
    ) -> list[Sequence[float]]:
        """Return a column for each category: 1 where the text is that; 0 where it is missing."""
        for number, text in enumerate(texts):
            if text and text not in known:
                problem = f"{text[:SHOWN]!r} is none of its categories."
                self._add_error(number, place, problem, f"They are {listed(known)}.")
        return [[float(text == category) for text in texts] for category in known]

    def _numbers(self, place: Place, form: TableForm) -> list[float]:
        """Return the numbers in a column as float32; NaN where one is missing."""
        cells = [row[place.index] for row in self.cells]
        present = [cell for cell in cells if cell not in MISSING]
        values = [
            math.nan if cell in MISSING else TRUTH[cell] if cell in TRUTH else _number(cell)
            for cell in cells
        ]
        for number, (cell, value) in enumerate(zip(cells, values)):
            if cell not in MISSING and not abs(value) < LARGEST:  # NaN, too
                has_texts = any(math.isnan(_number(other)) for other in present)
                got = (cell if has_texts else str(value))[:SHOWN]  # pandas has read numbers
                self._add_error(number, place, f"expected a number, got {got!r}.", CORRECT)
        self._check_missing([math.isnan(value) for value in values], place, form)
        return rounded(values)

    def _check_missing(self, missing: list[bool], place: Place, form: TableForm) -> None:
        if not form.may_be_missing:
            for number in (number for number, is_missing in enumerate(missing) if is_missing):
                self._add_error(number, place, "the value is missing.", FILL_IN)

    def _add_error(self, number: int, place: Place, problem: str, hint: str) -> None:
        if number not in self.errors:
            row = self.before + number + 1
            msg = f"{self.where}, row {row:,}, column {place.name!r}: {problem}"
            self.errors[number] = MissingFileError(msg, hint=hint)


def _filled(row: list[float], means: list[float]) -> list[float]:
    """Return the row with the means in place of missing values."""
    return [mean if math.isnan(value) else value for value, mean in zip(row, means)]


def _number(cell: str) -> float:
    """Return the number in a cell; NaN for other text, and for 1_000, which Python accepts."""
    return float(cell) if NUMBER.fullmatch(cell) else math.nan
