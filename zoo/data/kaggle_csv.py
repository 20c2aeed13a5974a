"""Kaggle's CSV: a header, then 784 pixels a line, behind a label in train.csv."""

import csv
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from zoo.data.array_cache import load_cache, save_cache
from zoo.data.dataset import LabeledImages
from zoo.errors import CorruptFileError, DataError, ZooError

MAX_BYTES = 200_000_000  # bytes; Kaggle's larger file has 77 million
ROWS = 2_000  # parsed at a time, which bounds the memory
PIXELS = tuple(f"pixel{number}" for number in range(784))
DIGITS = frozenset(str(value) for value in range(10))
VALUES = frozenset(str(value) for value in range(256))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_csv(path: Path, *, labelled: bool, cache: Path) -> tuple[LabeledImages, str]:
    """Return the pictures in the file at `path` and its SHA-256; what is parsed is kept."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CorruptFileError(f"{path} has {size:,} bytes; at most {MAX_BYTES:,} are read.")
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror}.") from error
    kept = cache / "kaggle" / "parsed" / f"{sha256}.arrays"
    pool = load_cache(kept, labelled=labelled)
    if pool is None:
        pool = parse_csv(path, labelled=labelled)
        with suppress(ZooError):  # a cache that cannot be written to only costs time
            save_cache(kept, pool)
    return pool, sha256


def parse_csv(path: Path, *, labelled: bool) -> LabeledImages:
    """Return the pictures in the file at `path`, or say in which line and column it is wrong."""
    import pandas as pd

    columns = ("label", *PIXELS) if labelled else PIXELS
    tables = []
    with path.open("rb") as file:
        _check_header(path, file, columns)
        try:
            # pandas finds the types itself: told to make bytes, it takes `true` for 1.
            frames = pd.read_csv(
                file, header=None, quoting=csv.QUOTE_NONE, low_memory=False, chunksize=ROWS
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


def _check_header(path: Path, file: BinaryIO, columns: Sequence[str]) -> None:
    """Read the first line, and not much more of it than a right one has."""
    line = file.readline(2 * len(",".join(columns))).removeprefix(BYTE_ORDER_MARK)
    names = line.decode(errors="replace").rstrip("\r\n").split(",")
    for number, (expected, got) in enumerate(zip_longest(columns, names), start=1):
        if expected != got:
            raise _error(path, 1, number, expected or "the end of the line", got)


def _fits(table: npt.NDArray[Any], *, labelled: bool) -> bool:
    """Return whether every value is a whole number that fits a byte, and every label a digit."""
    return bool(
        table.dtype == np.int64
        and table.min() >= 0
        and table.max() < len(VALUES)
        and not (labelled and table[:, 0].max() >= len(DIGITS))
    )


def _first_error(path: Path, columns: Sequence[str]) -> CorruptFileError:
    """Return what is wrong with the first bad cell: pandas knows that there is one, not where."""
    allowed = [DIGITS if column == "label" else VALUES for column in columns]
    lines = 0
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        next(file)
        for line_number, line in enumerate(file, start=2):
            if not line.strip():
                continue
            lines += 1
            cells = line.rstrip("\n").split(",")
            if (
                len(cells) == len(columns)
                and cells[0] in allowed[0]
                and VALUES.issuperset(cells)  # far faster than one cell after the other
            ):
                continue
            for number, cell in enumerate(cells[: len(columns)], start=1):
                if cell not in allowed[number - 1]:
                    column, highest = columns[number - 1], len(allowed[number - 1]) - 1
                    expected = f"{column} as a whole number from 0 to {highest}"
                    return _error(path, line_number, number, expected, cell)
            if len(cells) < len(columns):
                return _error(path, line_number, len(cells) + 1, columns[len(cells)], None)
            return _error(
                path, line_number, len(columns) + 1, "the end of the line", cells[len(columns)]
            )
    if not lines:
        return CorruptFileError(f"{path} ends after its header; at least one picture was expected.")
    return CorruptFileError(f"{path} is not a table of whole numbers.")


def _error(path: Path, line: int, column: int, expected: str, got: str | None) -> CorruptFileError:
    found = "nothing" if not got else repr(got[:20])
    return CorruptFileError(
        f"{path}, line {line}, column {column}: expected {expected}, got {found}.",
        hint="Take the file again from the competition's page, "
        "or train without it: zoo draws a stand-in from MNIST.",
    )
