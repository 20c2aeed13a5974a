"""The files of CSV tables, gzipped or not, whose lines have a limit."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from contextlib import contextmanager, nullcontext
from typing import IO, TYPE_CHECKING

from zoo.data.own.unpacked_size import MAX_RATIO, max_unpacked
from zoo.errors import CorruptFileError
from zoo.files import not_read
from zoo.system.files import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHUNK_ROWS = 10_000  # read at a time
CHUNK_BYTES = 50_000_000
MAX_LINE = 1_000_000  # bytes
GZIP = b"\x1f\x8b"
TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")  # pandas's error


@contextmanager
def open_text(
    path: Path, stream: IO[bytes] | None = None
) -> Iterator[tuple[IO[str], BoundedLines]]:
    """Open a CSV file, gzipped or not, or a stream, whose lines have a limit."""
    with nullcontext(stream) if stream else open_regular(path) as file:
        is_gzip = isinstance(file, io.BufferedReader) and file.peek(2).startswith(GZIP)
        unpacked = gzip.open(file) if is_gzip else file  # noqa: SIM115 - `file` is closed
        lines = BoundedLines(unpacked, max_unpacked(path) if is_gzip and not stream else None)  # type: ignore[arg-type]
        yield io.TextIOWrapper(lines, "utf-8-sig", newline=""), lines  # type: ignore[type-var]


class BoundedLines(io.BufferedIOBase):
    """A file whose lines have at most about MAX_LINE bytes: pandas takes 50 for each cell.

    A chunk of them has at most CHUNK_BYTES, and all have at most `max_bytes` if that is given.
    """

    def __init__(self, file: IO[bytes], max_bytes: int | None) -> None:
        self._file = file
        self._rest = max_bytes
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
        if self._rest is not None:
            self._rest -= len(piece)
            if self._rest < 0:
                raise TooLongError(f"more than {MAX_RATIO} times its size when it is unpacked")
        if self._since > MAX_LINE:
            raise TooLongError(f"a line of more than {MAX_LINE:,} bytes")
        if self.in_chunk > CHUNK_BYTES:
            raise TooLongError(f"lines of more than {CHUNK_BYTES // CHUNK_ROWS:,} bytes")
        return piece

    read1 = read


class TooLongError(Exception):
    """A line or all lines are too long; the message is a phrase."""


class PrefixedText:
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


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """Turn the errors of reading a table into sentences."""
    import pandas as pd

    try:
        yield
    except UnicodeDecodeError:
        raise CorruptFileError(
            f"{path} is not text in UTF-8.", hint="Save it as CSV in UTF-8."
        ) from None
    except TooLongError as error:
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
