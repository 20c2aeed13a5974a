"""Tables in Parquet files, which pyarrow reads; what a small file may unpack to is bounded."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from zoo.data.own.table_file import CHUNK_ROWS
from zoo.data.own.table_names import Select, check_columns, checked_names
from zoo.data.own.unpacked_size import max_unpacked
from zoo.errors import ConfigError, CorruptFileError, DataError, install_hint
from zoo.system.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

MAX_FOOTER = 2**26  # bytes of the description of columns and groups of rows
MAX_TEXT = 100_000  # bytes
END = 8  # bytes of the file: the length of the footer, and a mark
BYTES_EACH = 4  # of a number
INDEX = re.compile(r"__index_level_\d+__")  # of a DataFrame that was filtered or sorted


def is_parquet(path: Path) -> bool:
    """Whether a file is a Parquet file, by its name."""
    return path.suffix.lower() == ".parquet"


def parquet_names(path: Path) -> tuple[str, ...]:
    """Return the names of the columns, also of those that are not read."""
    with _opened(path) as file:
        return tuple(_columns(path, file))


def other_columns(path: Path) -> dict[str, str]:
    """Return the names of columns that are not read, such as those of lists, and their types."""
    with _opened(path) as file:
        return _other_columns(file)


def parquet_rows(path: Path) -> int:
    """Return the number of rows."""
    with _opened(path) as file:
        return int(file.metadata.num_rows)


def parquet_frames(path: Path, select: Select) -> Iterator[pd.DataFrame]:
    """Yield the rows with the selected columns."""
    with _opened(path) as file:
        name_in_file = _columns(path, file)
        columns = select(tuple(name_in_file))
        wanted = list(dict.fromkeys((*columns.inputs, *columns.others)))
        others = _other_columns(file)
        if unread := [name for name in wanted if name in others]:
            raise DataError(
                f"{path}, column {unread[0]!r} has values of the type {others[unread[0]]:.40}; "
                "expected numbers or texts.",
                hint="Leave it out of data.columns.",
            )
        check_columns(str(path), columns, tuple(name_in_file))
        in_file = [name_in_file[name] for name in wanted]
        _check_size(path, file.metadata, in_file)
        for batch in file.iter_batches(CHUNK_ROWS, columns=in_file):
            frame = _frame(path, batch)
            yield frame[in_file].set_axis(wanted, axis="columns")


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
        except (ArrowException, ValueError) as error:  # a date beyond the last year is a ValueError
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
    names = set(wanted)
    for group in range(metadata.num_row_groups):
        of_group = metadata.row_group(group)
        columns = map(of_group.column, range(of_group.num_columns))
        unpacked += sum(
            column.total_uncompressed_size for column in columns if column.path_in_schema in names
        )
    if unpacked > max_unpacked(path):
        raise CorruptFileError(
            f"{path} has {metadata.num_rows:,} rows, more than its size allows: they take "
            f"{unpacked:,} bytes."
        )


def _is_text(kind: Any) -> bool:
    """Return whether values are texts or bytes, whose memory rows can share in pandas."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind))


def _is_read(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _is_text(kind.value_type)
    is_number = types.is_primitive(kind) or types.is_decimal(kind) or types.is_null(kind)
    return is_number or _is_text(kind)


def _columns(path: Path, file: Any) -> dict[str, str]:
    """Return the names of the columns, with those in the file, which may be empty.

    The index of pandas is no column if it has no name.
    """
    in_file = [name for name in file.schema_arrow.names if not INDEX.fullmatch(name)]
    return dict(zip(checked_names(str(path), in_file), in_file, strict=True))


def _other_columns(file: Any) -> dict[str, str]:
    return {field.name: str(field.type) for field in file.schema_arrow if not _is_read(field.type)}


def _frame(path: Path, batch: Any) -> pd.DataFrame:
    from pyarrow import types

    # the notes of pandas in the file may be forged, and make an index of a column
    plain = batch.replace_schema_metadata(None)
    frame: pd.DataFrame = plain.to_pandas(integer_object_nulls=True, date_as_object=False)
    texts = [field.name for field in batch.schema if types.is_dictionary(field.type)]
    for name in texts:
        if max(map(len, frame[name].cat.categories), default=0) > MAX_TEXT:
            raise CorruptFileError(
                f"{path}, column {name!r} has a text of more than {MAX_TEXT:,} bytes."
            )
    return frame.astype(dict.fromkeys(texts, object))
