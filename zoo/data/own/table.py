"""Tables of the user's, read in chunks by pandas: CSV, gzipped or not, Parquet, and DataFrames.

Columns are found by their names. Rows are counted from 1, without the header.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from zoo.errors import ConfigError, CorruptFileError, DataError, install_hint
from zoo.files import not_read
from zoo.formatting import listed
from zoo.system.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    from pandas.io.parsers import TextFileReader

Numbers = npt.NDArray[np.float32]
Codes = npt.NDArray[np.signedinteger[Any]]

CHUNK_ROWS = 10_000  # read at a time
CHUNK_CELLS = 1_000_000  # fewer rows of a wide table, but at least one
CHUNK_BYTES = 50_000_000
PIECE = 1 << 18  # bytes in which line ends are counted
MAX_LINE = 1_000_000  # bytes
MAX_NAME = 200  # characters of a column's name
GZIP = b"\x1f\x8b"
MAX_COLUMNS = 10_000
MAX_NUMBERS = 2_500_000_000  # of a table: 10 GB
MAX_TEXTS = 5_000  # different texts of a column
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?")
TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")  # pandas's error
QUOTED = re.compile('"[^"]*("|$)')
SHOWN = 40  # characters of a cell in an error


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
    group: str | None = None  # one of the others, which may have any number of different texts


Select = Callable[[tuple[str, ...]], Columns]  # of the names of all columns


def header(path: Path, delimiter: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns of a table; their numbers from 1 if it has no header.

    The `known` columns are those that an entry names.
    """
    if _is_parquet(path):
        with _errors_of(path), _parquet(path) as file:
            return _checked_names(str(path), file.schema_arrow.names)
    with _errors_of(path), _text(path) as (text, _):
        return _header(path, text, delimiter, known)[0]


def row_bound(path: Path) -> int:
    """Return a number that the rows of a table do not exceed: those of Parquet, or line ends."""
    if _is_parquet(path):
        with _errors_of(path), _parquet(path) as file:
            return int(file.metadata.num_rows)
    with _errors_of(path), _text(path) as (_, lines):
        count = 0
        while piece := lines.read(PIECE):
            lines.in_chunk = 0
            count += piece.count(b"\n")
        return count


def first_lines(path: Path, count: int) -> list[str]:
    """Return the first lines of a CSV file, without those that are empty."""
    with _errors_of(path), _text(path) as (text, _):
        lines = (text.readline() for _ in range(count))
        return [line for line in lines if line.strip()]


def frames(path: Path, delimiter: str) -> Iterator[pd.DataFrame]:
    """Yield the rows of a table with all columns: numbers, texts, and NaN for missing values."""
    with _errors_of(path):
        for chunk in _chunks(path, delimiter, (), lambda names: Columns(names, frozenset()), None):
            yield chunk.frame


def read_table(path: Path, *, delimiter: str, columns: Columns, may_be_missing: bool) -> Table:
    """Return these columns of a table."""
    read = _Reader(str(path), columns, may_be_missing=may_be_missing)
    known = (*columns.inputs, *columns.others)
    with _errors_of(path):
        for chunk in _chunks(path, delimiter, known, lambda _names: columns, None):
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
    """Yield the rows of a table in parts; with a stream, `path` is its name in errors.

    The `known` columns may be in its header.
    """
    chosen: list[Columns] = []

    def selected(names: tuple[str, ...]) -> Columns:
        chosen.append(select(names))
        return chosen[-1]

    with _errors_of(path):
        for chunk in _chunks(path, delimiter, known, selected, stream):
            read = _Reader(str(path), chosen[-1], may_be_missing=may_be_missing)
            read.add(chunk)
            yield replace(read.table(), before=chunk.before)


def frame_names(frame: pd.DataFrame, where: str) -> tuple[str, ...]:
    """Return the names of the columns of a DataFrame as texts."""
    return _checked_names(where, [str(name).strip() for name in frame.columns])


def frame_table(
    frame: pd.DataFrame, columns: Columns, *, may_be_missing: bool, where: str
) -> Table:
    """Return these columns of a DataFrame."""
    names = frame_names(frame, where)
    _check_columns(where, columns, names)
    frame = frame.set_axis(list(names), axis="columns")
    read = _Reader(where, columns, may_be_missing=may_be_missing)
    for first in range(0, len(frame), CHUNK_ROWS):
        read.add(Chunk(frame.iloc[first : first + CHUNK_ROWS], first))
    return read.table()


class _Reader:
    """The numbers and the texts of the chunks so far."""

    def __init__(self, where: str, columns: Columns, *, may_be_missing: bool) -> None:
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
        return Table(self.columns, self.numbers, self.texts)

    def _codes(self, name: str, chunk: Chunk) -> Codes:
        texts = self.texts[name]
        series = chunk.frame[name]
        codes = texts.add(
            [as_text(value) for value in series.astype(object).where(series.notna(), "")]
        )
        if name in self.columns:
            self._check_missing(codes == texts.known.get("", -1), name, chunk)
        if len(texts.known) > MAX_TEXTS and name != self.group:
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
        found = _numbers_in(series) if is_text else series
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


def _numbers_in(series: pd.Series[Any]) -> pd.Series[Any]:
    """Return the numbers of a column of texts; NaN for other texts."""
    import pandas as pd

    try:
        return pd.to_numeric(series.astype(object), errors="coerce")
    except OverflowError:  # of an integer of hundreds of digits, which is too large in any case
        return pd.Series(
            [value if _is_number(str(value)) else np.nan for value in series], dtype=float
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
    path: Path, delimiter: str, known: Sequence[str], select: Select, stream: IO[bytes] | None
) -> Iterator[Chunk]:
    """Yield the rows of a file with the selected columns."""
    before = 0
    frames = (
        _parquet_frames(path, select)
        if stream is None and _is_parquet(path)
        else _csv_frames(path, delimiter, known, select, stream)
    )
    for frame in frames:
        yield Chunk(frame, before)
        before += len(frame)


def _csv_frames(
    path: Path, delimiter: str, known: Sequence[str], select: Select, stream: IO[bytes] | None
) -> Iterator[pd.DataFrame]:
    import pandas as pd

    with _text(path, stream) as (text, lines):
        names, first = _header(path, text, delimiter, known)
        columns = select(names)
        _check_columns(str(path), columns, names)
        first = first or text.readline()
        # pandas would make an object of each cell too many; several spaces are one delimiter
        if delimiter != " " and QUOTED.sub("", first).count(delimiter) > len(names):
            raise _too_many_cells(path, 0, len(names))
        texts = {*columns.texts, *columns.others}
        numbers = set(columns.inputs) - texts
        # pandas reads all columns, because it ignores what is behind those of `usecols`; a cell in
        # the last one is a cell too many, and more than one is an error of pandas.
        places = [str(number) for number in range(len(names) + 1)]
        place_of = dict(zip(names, places, strict=False))
        number_places = {place_of[name] for name in numbers}
        frames = pd.read_csv(
            cast("IO[str]", _Joined(f"{delimiter.join(places)}\n{first}", text)),
            sep=delimiter,
            index_col=False,
            dtype={place: object for place in places if place not in number_places},
            na_values={place: MISSING if place in number_places else [""] for place in places},
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
            chunksize=min(CHUNK_ROWS, max(CHUNK_CELLS // len(places), 1)),
        )
        before = 0
        for frame in _without_warnings(frames, path, cells=len(names)):
            if (extra := frame[places[-1]].notna()).any():
                raise _too_many_cells(path, before + int(extra.to_numpy().argmax()), len(names))
            lines.in_chunk = 0
            before += len(frame)
            yield frame.iloc[:, :-1].set_axis(list(names), axis="columns")


def _without_warnings(frames: TextFileReader, path: Path, *, cells: int) -> Iterator[pd.DataFrame]:
    """Yield the frames; raise where pandas only warns of cells that it leaves out of row 1.

    The first frame is row 1 alone, because pandas allows all others as many cells as it has.
    """
    import pandas as pd

    size: int | None = 1
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)
                frame = frames.get_chunk(size)
        except pd.errors.ParserWarning:
            raise _too_many_cells(path, 0, cells) from None
        except StopIteration:
            return
        yield frame
        size = None  # as many as in a chunk


def _too_many_cells(path: Path, row: int, expected: int) -> CorruptFileError:
    return CorruptFileError(f"{path}, row {row + 1:,}: expected {expected:,} cells, got more.")


def _parquet_frames(path: Path, select: Select) -> Iterator[pd.DataFrame]:
    with _parquet(path) as file:
        names = _checked_names(str(path), file.schema_arrow.names)
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
            hint=install_hint("parquet"),
        ) from None
    with open_regular(path) as file:
        try:
            yield ParquetFile(file)
        except ArrowException as error:
            raise CorruptFileError(
                f"{path} is not a Parquet file: {str(error).rstrip(' .')}."
            ) from None


@contextmanager
def _text(path: Path, stream: IO[bytes] | None = None) -> Iterator[tuple[IO[str], _BoundedLines]]:
    """Open a CSV file, gzipped or not, or a stream, whose lines have a limit."""
    with nullcontext(stream) if stream else open_regular(path) as file:
        is_gzip = isinstance(file, io.BufferedReader) and file.peek(2).startswith(GZIP)
        lines = _BoundedLines(gzip.open(file) if is_gzip else file)  # type: ignore[arg-type]  # noqa: SIM115 - `file` is closed
        yield io.TextIOWrapper(lines, "utf-8-sig", newline=""), lines  # type: ignore[type-var]


class _BoundedLines(io.BufferedIOBase):
    """A file whose lines have at most about MAX_LINE bytes: pandas takes 50 for each cell.

    A chunk of them has at most CHUNK_BYTES.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._since = 0  # bytes since the last end of a line
        self.in_chunk = 0  # bytes, which whoever takes a chunk sets to 0

    def readable(self) -> bool:
        """Whether it can be read, as io asks."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes."""
        piece = self._file.read(-1 if size is None else size)
        end = piece.rfind(b"\n")
        self._since = self._since + len(piece) if end < 0 else len(piece) - end - 1
        self.in_chunk += len(piece)
        if self._since > MAX_LINE:
            raise _LongLineError(f"a line of more than {MAX_LINE:,} bytes")
        if self.in_chunk > CHUNK_BYTES:
            raise _LongLineError(f"lines of more than {CHUNK_BYTES // CHUNK_ROWS:,} bytes")
        return piece

    read1 = read


class _LongLineError(Exception):
    """Lines are too long; the message is a phrase."""


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


def _header(
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
        return _checked_names(str(path), cells), ""
    return tuple(str(number) for number in range(1, len(cells) + 1)), line


def _are_names(cells: Sequence[str], known: Sequence[str]) -> bool:
    """Return whether the cells of a first line are names: none is a number, or they are known.

    A table that pandas wrote may have columns named 0, 1, 2 and label.
    """
    if not any(_is_number(cell) for cell in cells):
        return True
    if any(cell in known and not _is_number(cell) for cell in cells):
        return True
    are_places = set(known) <= {str(number) for number in range(1, len(cells) + 1)}
    return bool(known) and not are_places and set(known) <= set(cells)


def _checked_names(where: str, cells: Sequence[str]) -> tuple[str, ...]:
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


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return False


def _check_columns(where: str, columns: Columns, names: Sequence[str]) -> None:
    missing = [name for name in (*columns.inputs, *columns.others) if name not in names]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        hint = f"Its columns are {listed(names)}."
        if len(names) == 1 and (others := [mark for mark in ";\t|" if mark in names[0]]):
            hint = f"If {others[0]!r} is between its cells, set data.delimiter to it."
        raise DataError(f"{where} has no {noun} {listed(map(repr, missing))}.", hint=hint)


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
    except _LongLineError as error:
        raise CorruptFileError(f"{path} has {error}.") from None
    except pd.errors.ParserError as error:
        reason = str(error).removeprefix("Error tokenizing data. C error: ").strip(" .\n")
        if found := TOO_MANY.fullmatch(reason):
            reason = f"line {found[2]} has {int(found[3]):,} cells; expected {int(found[1]) - 1:,}"
        raise CorruptFileError(f"{path} is not a CSV file: {reason}.") from None
    except (csv.Error, gzip.BadGzipFile, EOFError, zlib.error, pd.errors.EmptyDataError) as error:
        raise CorruptFileError(f"{path} is not a CSV file: {error}.") from None
    except OSError as error:
        raise not_read(path, error) from None
