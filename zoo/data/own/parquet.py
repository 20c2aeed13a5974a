"""Tables in Parquet files, which pyarrow reads; what a small file may unpack to is bounded."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from zoo.data.own.table_names import Select, check_columns, checked_names
from zoo.data.own.unpacked_size import max_unpacked
from zoo.errors import ConfigError, CorruptFileError, install_hint
from zoo.system.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

CHUNK_ROWS = 10_000  # read at a time
MAX_FOOTER = 2**26  # bytes of the description of columns and groups of rows
MAX_TEXT = 100_000  # bytes
END = 8  # bytes of the file: the length of the footer, and a mark
BYTES_EACH = 4  # of a number
INDEX = re.compile(r"__index_level_\d+__")  # of a DataFrame that was filtered or sorted


def is_parquet(path: Path) -> bool:
    """Whether a file is a Parquet file, by its name."""
    return path.suffix.lower() == ".parquet"


def parquet_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns."""
    with _opened(path) as file:
        return _names(path, file)


def parquet_rows(path: Path) -> int:
    """Return the number of rows."""
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def parquet_frames(path: Path, select: Select) -> Iterator[pd.DataFrame]:
    """Yield the rows with the selected columns."""
    with _opened(path) as file:
        names = _names(path, file)
        columns = select(names)
        check_columns(str(path), columns, names)
        wanted = list(dict.fromkeys((*columns.inputs, *columns.others)))
        _check_size(path, file.metadata, wanted)
        for batch in file.iter_batches(CHUNK_ROWS, columns=wanted):
            yield _frame(path, batch)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a file as pyarrow's ParquetFile, which does not repeat the texts of a column."""
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile, read_schema
    except ImportError:
        raise ConfigError(
            f"{path} is a Parquet file, which pyarrow reads; it is not installed.",
            hint=install_hint("parquet"),
        ) from None
    with open_regular(path) as file:
        try:
            _check_footer(path, file)
            texts = [field.name for field in read_schema(file) if _is_text(field.type)]
            yield ParquetFile(file, read_dictionary=texts)
        except ArrowException as error:
            raise _corrupt(path, error) from None
        except OSError as error:
            if error.errno is not None:
                raise
            raise _corrupt(path, error) from None  # pyarrow's own


def _corrupt(path: Path, error: Exception) -> CorruptFileError:
    reason = next(iter(str(error).splitlines()), "").rstrip(" .")
    return CorruptFileError(f"{path} is not a Parquet file: {reason}.")


def _check_footer(path: Path, file: IO[bytes]) -> None:
    """Raise if the footer declares a length that pyarrow would reserve memory for."""
    size = file.seek(0, 2)
    file.seek(max(size - END, 0))
    length = int.from_bytes(file.read(4), "little")
    file.seek(0)
    if length > min(MAX_FOOTER, size):
        raise CorruptFileError(f"{path} is not a Parquet file: its footer has {length:,} bytes.")


def _check_size(path: Path, metadata: Any, wanted: Sequence[str]) -> None:
    """Raise if the wanted columns take much more memory than the file."""
    unpacked = metadata.num_rows * len(wanted) * BYTES_EACH
    for group in range(metadata.num_row_groups):
        of_group = metadata.row_group(group)
        columns = (of_group.column(place) for place in range(of_group.num_columns))
        unpacked += sum(
            column.total_uncompressed_size
            for column in columns
            if column.path_in_schema.partition(".")[0] in wanted
        )
    if unpacked > max_unpacked(path):
        raise CorruptFileError(
            f"{path} has {metadata.num_rows:,} rows, more than its size allows: they take "
            f"{unpacked:,} bytes."
        )


def _is_text(kind: Any) -> bool:
    from pyarrow import types

    return any(
        is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_binary)
    )


def _names(path: Path, file: Any) -> tuple[str, ...]:
    """Return the names of the columns, without the index of pandas if that has no name."""
    names = [name for name in file.schema_arrow.names if not INDEX.fullmatch(name)]
    return checked_names(str(path), names)


def _frame(path: Path, batch: Any) -> pd.DataFrame:
    from pyarrow import types

    # the notes of pandas in the file may be forged, and make an index of a column
    plain = batch.replace_schema_metadata(None)
    frame: pd.DataFrame = plain.to_pandas(integer_object_nulls=True)
    for field in batch.schema:
        if types.is_nested(field.type):  # lists and the like, which are no values of a table
            frame[field.name] = frame[field.name].map(str)
        elif types.is_dictionary(field.type):
            if max(map(len, frame[field.name].cat.categories), default=0) > MAX_TEXT:
                raise CorruptFileError(
                    f"{path}, column {field.name!r} has a text of more than {MAX_TEXT:,} bytes."
                )
            frame[field.name] = frame[field.name].astype(object)
    return frame
