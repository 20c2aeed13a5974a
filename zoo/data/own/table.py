"""Tables of the user's, read in chunks by pandas: CSV, gzipped or not, Parquet, and DataFrames.

Columns are found by their names. Rows are counted from 1, without the header.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from zoo.errors import ConfigError, CorruptFileError, DataError
from zoo.formatting import listed
from zoo.system.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

Numbers = npt.NDArray[np.float32]
Codes = npt.NDArray[np.intp]

CHUNK_ROWS = 10_000
MAX_LINE = 1_000_000  # bytes
MAX_COLUMNS = 10_000
MAX_NUMBERS = 2_500_000_000  # of a table: 10 GB
MAX_TEXTS = 5_000  # different texts of a column
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?")
EXTRA = "\n"  # the cell after those of all columns; no column is called so
TOO_WIDE = re.compile(r"Expected \d+ fields in line (\d+), saw \d+")  # pandas
SHOWN = 40  # characters of a cell in an error


@dataclass
class Texts:
    """The different texts of a column, in the order of their first rows, and those of its rows."""

    known: dict[str, int] = field(default_factory=dict)
    chunks: list[Codes] = field(default_factory=list)

    def add(self, texts: Sequence[str]) -> Codes:
        """Return the numbers of these texts; new ones get the next."""
        codes = np.array([self.known.setdefault(text, len(self.known)) for text in texts], np.intp)
        self.chunks.append(codes)
        return codes

    @property
    def codes(self) -> Codes:
        """The number of the text of each row."""
        return np.concatenate(self.chunks) if self.chunks else np.empty(0, np.intp)

    def ordered(self, names: Sequence[str]) -> Codes:
        """Return the code of each row in the order of these names; -1 for other texts."""
        place = {name: number for number, name in enumerate(names)}
        return np.array([place.get(text, -1) for text in self.known], np.intp)[self.codes]


@dataclass(frozen=True)
class Table:
    """A table: the numbers of its columns, NaN where one is missing, and the texts of others."""

    columns: tuple[str, ...]
    numbers: Numbers  # (rows, columns); of a column with texts, the number of the text
    texts: dict[str, Texts]
    before: int = 0  # rows of the file before these

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table, and the number of rows before them."""

    frame: pd.DataFrame
    before: int


class Columns(NamedTuple):
    """The columns to read: those of the inputs, with numbers or texts, and others with texts."""

    inputs: tuple[str, ...]
    texts: frozenset[str]
    others: tuple[str, ...] = ()


Select = Callable[[tuple[str, ...]], Columns]  # of the names of all columns


def header(path: Path, delimiter: str) -> tuple[str, ...]:
    """Return the names of the columns of a table; their numbers from 1 if it has no header."""
    if _is_parquet(path):
        with _errors_of(path), _parquet(path) as file:
            return _checked_names(path, file.schema_arrow.names)
    with _errors_of(path), _text(path) as text:
        return _header(path, text, delimiter)[0]


def first_lines(path: Path, count: int) -> list[str]:
    """Return the first lines of a CSV file, without those that are empty."""
    with _errors_of(path), _text(path) as text:
        lines = (text.readline() for _ in range(count))
        return [line for line in lines if line.strip()]


def frames(path: Path, delimiter: str) -> Iterator[pd.DataFrame]:
    """Yield the rows of a table with all columns: numbers, texts, and NaN for missing values."""
    with _errors_of(path):
        for chunk in _chunks(path, delimiter, lambda names: Columns(names, frozenset()), None):
            yield chunk.frame


def read_table(path: Path, *, delimiter: str, columns: Columns, may_be_missing: bool) -> Table:
    """Return these columns of a table."""
    read = _Reader(str(path), columns, may_be_missing=may_be_missing)
    with _errors_of(path):
        for chunk in _chunks(path, delimiter, lambda _names: columns, None):
            read.add(chunk)
    return read.table()


def read_chunks(
    path: Path,
    *,
    delimiter: str,
    select: Select,
    may_be_missing: bool,
    stream: IO[bytes] | None = None,
) -> Iterator[Table]:
    """Yield the rows of a table in parts; with a stream, `path` is its name in errors."""
    chosen: list[Columns] = []

    def selected(names: tuple[str, ...]) -> Columns:
        chosen.append(select(names))
        return chosen[-1]

    with _errors_of(path):
        for chunk in _chunks(path, delimiter, selected, stream):
            read = _Reader(str(path), chosen[-1], may_be_missing=may_be_missing)
            read.add(chunk)
            yield replace(read.table(), before=chunk.before)


def frame_table(
    frame: pd.DataFrame, columns: Columns, *, may_be_missing: bool, where: str
) -> Table:
    """Return these columns of a DataFrame."""
    _check_columns(where, columns, tuple(map(str, frame.columns)))
    read = _Reader(where, columns, may_be_missing=may_be_missing)
    for first in range(0, len(frame), CHUNK_ROWS):
        read.add(Chunk(frame.iloc[first : first + CHUNK_ROWS], first))
    return read.table()


class _Reader:
    """The numbers and the texts of the chunks so far."""

    def __init__(self, where: str, columns: Columns, *, may_be_missing: bool) -> None:
        self.where, self.columns, self.may_be_missing = where, columns.inputs, may_be_missing
        self.others = columns.others
        self.texts = {name: Texts() for name in (*columns.texts, *columns.others)}
        self.numbers = np.empty((0, len(self.columns)), np.float32)
        self.rows = 0

    def add(self, chunk: Chunk) -> None:
        """Add the rows of a chunk."""
        end = self.rows + len(chunk.frame)
        if end * len(self.columns) > MAX_NUMBERS:
            raise CorruptFileError(f"{self.where} has more than {MAX_NUMBERS:,} numbers.")
        if end > len(self.numbers):  # the memory grows in place
            self.numbers.resize(
                (max(end, 2 * len(self.numbers)), len(self.columns)), refcheck=False
            )
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
            raise DataError(f"{self.where} has no rows below its header.")
        self.numbers.resize((self.rows, len(self.columns)), refcheck=False)
        return Table(self.columns, self.numbers, self.texts)

    def _codes(self, name: str, chunk: Chunk) -> Codes:
        texts = self.texts[name]
        codes = texts.add([as_text(value) for value in chunk.frame[name]])
        if name in self.columns:
            self._check_missing(codes == texts.known.get("", -1), name, chunk)
        if len(texts.known) > MAX_TEXTS:
            raise DataError(
                f"{self.where}, column {name!r} has more than {MAX_TEXTS:,} different texts.",
                hint="Leave it out of the entry's columns, or choose another label.",
            )
        return codes

    def _column(self, name: str, chunk: Chunk) -> Numbers:
        import pandas as pd

        series = chunk.frame[name]
        is_text = not (pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series))
        found = pd.to_numeric(series, errors="coerce") if is_text else series
        with np.errstate(over="ignore"):
            values = found.to_numpy(np.float32, na_value=np.nan)
        wrong = np.isinf(values)
        if is_text:
            wrong |= np.isnan(values) & series.notna().to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            raise DataError(
                f"{self.where}, row {chunk.before + row + 1:,}, column {name!r}: "
                f"expected a number, got {str(series.iloc[row])[:SHOWN]!r}.",
                hint="If the column holds texts, list it in data.categories; else leave it out of "
                "data.columns.",
            )
        self._check_missing(np.isnan(values), name, chunk)
        return values

    def _check_missing(self, missing: npt.NDArray[np.bool_], name: str, chunk: Chunk) -> None:
        if missing.any() and not self.may_be_missing:
            raise DataError(
                f"{self.where}, row {chunk.before + int(missing.argmax()) + 1:,}, "
                f"column {name!r}: the value is missing.",
                hint='Set data.missing = "mean" to use the mean of the column, or leave it out.',
            )


def as_text(value: object) -> str:
    """Return a label or a category as text: 1.0 is "1"; "" if it is missing."""
    if isinstance(value, bytes):
        return value.decode(errors="replace").strip()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else str(value)
    return "" if value is None else str(value).strip()


def _chunks(
    path: Path, delimiter: str, select: Select, stream: IO[bytes] | None
) -> Iterator[Chunk]:
    """Yield the rows of a file with the selected columns."""
    before = 0
    frames = (
        _parquet_frames(path, select)
        if stream is None and _is_parquet(path)
        else _csv_frames(path, delimiter, select, stream)
    )
    for frame in frames:
        yield Chunk(frame, before)
        before += len(frame)


def _csv_frames(
    path: Path, delimiter: str, select: Select, stream: IO[bytes] | None
) -> Iterator[pd.DataFrame]:
    import pandas as pd

    with _text(path, stream) as text:
        names, first = _header(path, text, delimiter)
        columns = select(names)
        _check_columns(str(path), columns, names)
        texts = {*columns.texts, *columns.others}
        wanted = {*columns.inputs, *columns.others}
        missing = {name: [""] if name in texts else list(MISSING) for name in wanted}
        # pandas cuts cells off that are after those of all columns, unless it reads all columns
        is_all = len(wanted) == len(names)
        parts = pd.read_csv(
            cast("IO[str]", _Joined(first, text)),  # it has what pandas needs
            sep=delimiter,
            header=None,
            names=[*names, EXTRA] if is_all else list(names),
            index_col=False,
            usecols=None if is_all else list(wanted),
            dtype=dict.fromkeys((*texts, EXTRA), str),
            na_values=missing,
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
            chunksize=CHUNK_ROWS,
        )
        before = 0
        try:
            for frame in parts:
                if is_all:
                    _check_width(frame.pop(EXTRA), path, before)
                yield frame
                before += len(frame)
        except pd.errors.ParserError as error:
            if (line := TOO_WIDE.search(str(error))) is None:
                raise
            number = int(line[1]) + (not first)  # the header was read before
            raise _too_wide(f"{path}, line {number:,},") from None


def _check_width(extra: pd.Series[Any], path: Path, before: int) -> None:
    """Raise if a row has a cell after those of all columns."""
    has_cell = extra.fillna("").str.strip() != ""
    if has_cell.any():
        row = before + int(has_cell.to_numpy().argmax()) + 1
        raise _too_wide(f"{path}, row {row:,}")


def _too_wide(where: str) -> DataError:
    return DataError(
        f"{where} has more cells than there are columns.",
        hint="Put cells that contain the delimiter into quotation marks.",
    )


def _parquet_frames(path: Path, select: Select) -> Iterator[pd.DataFrame]:
    with _parquet(path) as file:
        names = _checked_names(path, file.schema_arrow.names)
        columns = select(names)
        _check_columns(str(path), columns, names)
        wanted = list(dict.fromkeys((*columns.inputs, *columns.others)))
        for batch in file.iter_batches(CHUNK_ROWS, columns=wanted):
            yield batch.to_pandas()


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() == ".parquet"


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise ConfigError(
            f"{path} is a Parquet file, which pyarrow reads; it is not installed.",
            hint="Install it: `pip install pyarrow`.",
        ) from None
    with open_regular(path) as file:
        try:
            yield ParquetFile(file)
        except ArrowException as error:
            raise CorruptFileError(f"{path} is not a Parquet file: {error}.") from None


@contextmanager
def _text(path: Path, stream: IO[bytes] | None = None) -> Iterator[IO[str]]:
    """Open a CSV file, gzipped or not, or a stream, whose lines have a limit."""
    with nullcontext(stream) if stream else open_regular(path) as file:
        is_gzip = path.name.lower().endswith(".gz")
        content: IO[bytes] = gzip.open(file) if is_gzip else file  # type: ignore[assignment]  # noqa: SIM115 - `file` is closed
        yield io.TextIOWrapper(_BoundedLines(content), "utf-8-sig", newline="")  # type: ignore[type-var]


class _BoundedLines(io.BufferedIOBase):
    """A file whose lines have at most about MAX_LINE bytes: pandas takes 50 for each cell."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._since = 0  # bytes since the last end of a line

    def readable(self) -> bool:
        """Whether it can be read, as io asks."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        piece = self._file.read(-1 if size is None else size)
        end = piece.rfind(b"\n")
        self._since = self._since + len(piece) if end < 0 else len(piece) - end - 1
        if self._since > MAX_LINE:
            raise _LongLineError
        return piece

    read1 = read


class _LongLineError(Exception):
    """A line is longer than MAX_LINE."""


class _Joined:
    """A text that begins with a line that was read already."""

    def __init__(self, first: str, rest: IO[str]) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int = -1) -> str:
        """Return the next characters."""
        first, self._first = self._first, ""
        return first or self._rest.read(size)

    def __iter__(self) -> Iterator[str]:
        """Yield the lines, as pandas asks."""
        first, self._first = self._first, ""
        if first:
            yield first
        yield from self._rest


def _header(path: Path, text: IO[str], delimiter: str) -> tuple[tuple[str, ...], str]:
    """Return the names of the columns, and the first line if it is a row and not a header."""
    line = text.readline()
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    if not any(cells):
        raise DataError(f"{path} is empty, or its first line is.")
    if not any(_is_number(cell) for cell in cells):
        return _checked_names(path, cells), ""
    return tuple(str(number) for number in range(1, len(cells) + 1)), line


def _checked_names(path: Path, cells: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns; a column without a name is called by its number."""
    if len(cells) > MAX_COLUMNS:
        raise DataError(f"{path} has {len(cells):,} columns; the maximum is {MAX_COLUMNS:,}.")
    names = tuple(cell or str(number) for number, cell in enumerate(cells, start=1))
    twice = next((name for name, number in Counter(names).items() if number > 1), None)
    if twice is not None:
        raise DataError(f"{path} has two columns named {twice!r}.", hint="Rename one of them.")
    return names


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _check_columns(where: str, columns: Columns, names: Sequence[str]) -> None:
    missing = [name for name in (*columns.inputs, *columns.others) if name not in names]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        raise DataError(
            f"{where} has no {noun} {listed(map(repr, missing))}.",
            hint=f"Its columns are {listed(names)}.",
        )


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    """Turn the errors of reading a table into sentences."""
    import pandas as pd

    try:
        yield
    except UnicodeDecodeError:
        raise CorruptFileError(
            f"{path} is not text in UTF-8.", hint="Save it as CSV in UTF-8."
        ) from None
    except _LongLineError:
        raise CorruptFileError(f"{path} has a line of more than {MAX_LINE:,} bytes.") from None
    except pd.errors.ParserError as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip(" .\n")
        raise CorruptFileError(f"{path} is not a CSV file: {reason}.") from None
    except (csv.Error, gzip.BadGzipFile, EOFError, pd.errors.EmptyDataError) as error:
        raise CorruptFileError(f"{path} is not a CSV file: {error}.") from None
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from None
