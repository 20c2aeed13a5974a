"""The rows of a table's file, in chunks that pandas reads.

Rows are counted from 1, without the header.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from zoo.data.own.parquet import (
    is_parquet,
    other_columns,
    parquet_frames,
    parquet_names,
    parquet_rows,
)
from zoo.data.own.table_file import (
    CHUNK_ROWS,
    PrefixedText,
    errors_of,
    open_text,
)
from zoo.data.own.table_names import (
    MISSING,
    Columns,
    Select,
    check_columns,
    delimiter_of,
    header_of,
)
from zoo.errors import CorruptFileError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from pandas.io.parsers import TextFileReader

CHUNK_CELLS = 1_000_000  # fewer rows of a wide table, but at least one
PIECE = 1 << 18  # bytes in which line ends are counted
LINE_END = re.compile("\r|\n")
QUOTED = re.compile('"[^"]*("|$)')


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table, and the number of rows before them."""

    frame: pd.DataFrame
    before: int


def header(path: Path, delimiter: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the names of the columns of a table; their numbers from 1 if it has no header.

    The `known` columns are those that an entry names.
    """
    if is_parquet(path):
        with errors_of(path):
            return parquet_names(path)
    with errors_of(path), open_text(path) as (text, _):
        return header_of(path, text, delimiter, known).names


def delimiter_in(path: Path, columns: Sequence[str], usual: str) -> str:
    """Return the delimiter of a table, by which these columns are found."""
    if is_parquet(path):
        return usual
    with errors_of(path), open_text(path) as (text, _):
        return delimiter_of(text.readline(), columns, usual)


def row_bound(path: Path) -> int:
    """Return a number that the rows of a table do not exceed: those of Parquet, or line ends."""
    if is_parquet(path):
        with errors_of(path):
            return parquet_rows(path)
    with errors_of(path), open_text(path) as (_, lines):
        count = 0
        while piece := lines.read(PIECE):
            lines.in_chunk = 0
            count += max(piece.count(b"\n"), piece.count(b"\r"))
        return count


def first_lines(path: Path, count: int) -> list[str]:
    """Return the first lines of a CSV file, without those that are empty."""
    with errors_of(path), open_text(path) as (text, _):
        lines = (text.readline() for _ in range(count))
        return [line for line in lines if line.strip()]


def frames(path: Path, delimiter: str) -> Iterator[pd.DataFrame]:
    """Yield the rows of a table with all columns: numbers, texts, and NaN for missing values.

    Columns of a Parquet file that are not read, such as those of lists, are left out.
    """
    with errors_of(path):
        others = other_columns(path) if is_parquet(path) else {}

        def select(names: tuple[str, ...]) -> Columns:
            return Columns(tuple(name for name in names if name not in others), frozenset())

        for chunk in chunks_of(path, delimiter, (), select, None):
            yield chunk.frame


def chunks_of(
    path: Path,
    delimiter: str,
    known: Sequence[str],
    select: Select,
    stream: IO[bytes] | None,
    *,
    has_other: bool = False,
) -> Iterator[Chunk]:
    """Yield the rows of a file with the selected columns.

    Its delimiter may be another one, with which the `known` columns are found, if `has_other`.
    """
    before = 0
    frames = (
        parquet_frames(path, select)
        if stream is None and is_parquet(path)
        else _csv_frames(path, delimiter, known, select, stream, has_other=has_other)
    )
    for frame in frames:
        yield Chunk(frame, before)
        before += len(frame)


def _csv_frames(
    path: Path,
    delimiter: str,
    known: Sequence[str],
    select: Select,
    stream: IO[bytes] | None,
    *,
    has_other: bool,
) -> Iterator[pd.DataFrame]:
    import pandas as pd

    with open_text(path, stream) as (text, lines):
        names, rows, delimiter = header_of(path, text, delimiter, known, has_other=has_other)
        columns = select(names)
        check_columns(str(path), columns, names)
        # pandas would make an object of each cell too many; several spaces are one delimiter
        first = LINE_END.split(rows, maxsplit=1)[0]
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
            cast("IO[str]", PrefixedText(f"{delimiter.join(places)}\n{rows}", text)),
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
