"""Kaggle's CSV files: a header, then lines of 784 pixels, with a label first in train.csv."""

import csv
import hashlib
import io
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from zoo.data.array_cache import load_cache, save_cache
from zoo.data.dataset import LabeledImages
from zoo.errors import CorruptFileError, ZooError
from zoo.files import check_size, not_read
from zoo.system.files import open_regular

MAX_BYTES = 200_000_000  # Kaggle's larger file has 77 million
MAX_LINE = 20_000  # bytes; an image with its label has at most 3,138
CHUNK_ROWS = 2_000  # parsed at a time, which bounds the memory
PIXELS = tuple(f"pixel{number}" for number in range(784))
DIGITS = frozenset(str(value) for value in range(10))
VALUES = frozenset(str(value) for value in range(256))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_csv(path: Path, *, labelled: bool, cache: Path) -> tuple[LabeledImages, str]:
    """Return the images in the file at `path` and its SHA-256; parsed images are cached.

    The images are (n, 784) uint8.
    """
    try:
        check_size(path, MAX_BYTES)
        with open_regular(path) as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise not_read(path, error) from error
    cached = cache / "kaggle" / "parsed" / f"{sha256}.arrays"
    pool = load_cache(cached, labelled=labelled)
    if pool is None:
        pool = parse_csv(path, labelled=labelled)
        with suppress(ZooError):  # without a writable cache only time is lost
            save_cache(cached, pool)
    return pool, sha256


def parse_csv(path: Path, *, labelled: bool) -> LabeledImages:
    """Return the images in the file at `path`, or raise with the line and column of the error."""
    import pandas as pd

    columns = ("label", *PIXELS) if labelled else PIXELS
    tables = []
    with open_regular(path) as file:
        _check_header(path, file, columns)
        _check_lines(path, file, len(columns))
        try:
            # pandas infers the types: with dtype=uint8, it would read `true` as 1.
            frames = pd.read_csv(
                file, header=None, quoting=csv.QUOTE_NONE, low_memory=False, chunksize=CHUNK_ROWS
            )
            for frame in frames:
                table = frame.to_numpy()
                if table.shape[1] != len(columns) or not _fits(table, labelled=labelled):
                    raise _first_error(path, columns)
                tables.append(table.astype(np.uint8))
        except (ValueError, OverflowError) as error:
            raise _first_error(path, columns) from error
    table = np.concatenate(tables)
    if not labelled:
        return LabeledImages(table, None)
    return LabeledImages(np.ascontiguousarray(table[:, 1:]), np.ascontiguousarray(table[:, 0]))


def _check_lines(path: Path, file: BinaryIO, columns: int) -> None:
    """Raise if a line is longer than that of any image: pandas takes 50 bytes for each cell."""
    start = file.tell()
    for number, line in enumerate(iter(partial(file.readline, MAX_LINE), b""), start=2):
        if len(line) == MAX_LINE:
            raise CorruptFileError(f"{path}, line {number} has more than {MAX_LINE:,} bytes.")
        if line.count(b",") >= columns:
            got = line.split(b",")[columns].decode(errors="replace").rstrip("\r\n")
            raise _error(path, number, columns + 1, "the end of the line", got or ",")
    file.seek(start)


def _check_header(path: Path, file: BinaryIO, columns: Sequence[str]) -> None:
    """Check the first line; at most twice the length of a valid one is read."""
    line = file.readline(2 * len(",".join(columns))).removeprefix(BYTE_ORDER_MARK)
    names = line.decode(errors="replace").rstrip("\r\n").split(",")
    for number, (expected, got) in enumerate(zip_longest(columns, names), start=1):
        if expected != got:
            raise _error(path, 1, number, expected or "the end of the line", got)


def _fits(table: npt.NDArray[Any], *, labelled: bool) -> bool:
    """Return whether each value is an integer that fits a byte, and each label a digit."""
    return bool(
        table.dtype == np.int64
        and table.min() >= 0
        and table.max() < len(VALUES)
        and not (labelled and table[:, 0].max() >= len(DIGITS))
    )


def _first_error(path: Path, columns: Sequence[str]) -> CorruptFileError:
    """Return an error with the position of the first invalid cell; pandas does not report it."""
    allowed = [DIGITS if column == "label" else VALUES for column in columns]
    lines = 0
    with io.TextIOWrapper(open_regular(path), "utf-8-sig", "replace") as file:
        next(file)
        for line_number, line in enumerate(file, start=2):
            if not line.strip():
                continue
            lines += 1
            cells = line.rstrip("\n").split(",")
            if (
                len(cells) == len(columns)
                and cells[0] in allowed[0]
                and VALUES.issuperset(cells)  # far faster than checking cell by cell
            ):
                continue
            for number, (column, cell) in enumerate(zip_longest(columns, cells), start=1):
                if cell is None:
                    return _error(path, line_number, number, column, cell)
                if cell not in allowed[number - 1]:
                    expected = f"{column} as an integer from 0 to {len(allowed[number - 1]) - 1}"
                    return _error(path, line_number, number, expected, cell)
    if not lines:
        return CorruptFileError(f"{path} ends after its header; expected at least one image.")
    return CorruptFileError(f"{path} is not a table of integers.")


REMEDY = "Download the file again from the competition's page."


def _error(path: Path, line: int, column: int, expected: str, got: str | None) -> CorruptFileError:
    shown = "nothing" if not got else repr(got[:20])
    return CorruptFileError(
        f"{path}, line {line}, column {column}: expected {expected}, got {shown}.",
        # any other table is the user's own
        hint=REMEDY if path.name in {"train.csv", "test.csv"} else "",
    )
