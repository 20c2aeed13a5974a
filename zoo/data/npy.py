"""Pictures, or rows of a table, in NumPy's own .npy and .npz: some at a time, never unpickled."""

import ast
import io
import math
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import Source
from zoo.data.dataset import Bytes
from zoo.errors import CorruptFileError, DataError
from zoo.formatting import number

Shares = npt.NDArray[np.float32]  # (pictures, height, width), from 0 to 1
Open = Callable[[], IO[bytes]]

MAGIC = b"\x93NUMPY"
VERSIONS = {b"\1\0": 2, b"\2\0": 4, b"\3\0": 4}  # how many bytes say how long the header is
HEADER = 10_000  # bytes
NUMBERS = re.compile(r"[<>|=](b1|[ui][1248]|f[248])")
BLOCK = 16_000_000  # bytes that are read at a time, or one picture
LARGEST = 64_000_000  # bytes of a picture
MAX_ARRAY_BYTES = 10_000_000_000  # bytes of an array: twelve million pictures
MAX_FORTRAN_BYTES = 500_000_000  # bytes of an array that lies column by column, and cannot be cut


class _ArrayError(Exception):
    """Why an array holds no pictures; the message is a phrase."""


@dataclass(frozen=True)
class _Array:
    """An array in a file: where it begins, and how its pictures lie in it."""

    open: Open
    start: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    by_columns: bool
    pictures: tuple[int, int, int]

    def blocks(self) -> Iterator[npt.NDArray[Any]]:
        """Yield the pictures some at a time, as they are stored."""
        count, height, width = self.pictures
        each = height * width * self.dtype.itemsize
        with self.open() as file:
            file.read(self.start)
            if self.by_columns:
                values = np.frombuffer(_exactly(file, count * each), self.dtype)
                yield values.reshape(self.shape, order="F").reshape(self.pictures)
                return
            rows = max(1, BLOCK // each)
            for first in range(0, count, rows):
                some = min(rows, count - first)
                values = np.frombuffer(_exactly(file, some * each), self.dtype)
                yield values.reshape(some, height, width)

    def largest(self) -> float:
        """Return the largest value; there must be none below 0, and none that is no number."""
        found = 0.0
        for block in self.blocks():
            low, high = float(block.min()), float(block.max())
            if not (math.isfinite(low) and math.isfinite(high)):
                raise _ArrayError("it holds values that are no finite numbers")
            if low < 0:
                raise _ArrayError(f"it holds the value {number(low)}; no pixel is below 0")
            found = max(found, high)
        return found


def numpy_images(path: Path, source: Source, *, any_size: bool) -> Iterator[tuple[str, Shares]]:
    """Yield the pictures or rows in a .npy or .npz some at a time, with the name of the array.

    `any_size` takes pictures of every size, and not of the data's alone.
    """
    with _refusing(path):
        if path.suffix.lower() == ".npz":
            yield from _archived(path, source, any_size=any_size)
        else:
            array = _array(lambda: path.open("rb"), source, any_size=any_size)
            for block in _values(array, source):
                yield path.name, block


def numpy_count(path: Path, source: Source, *, any_size: bool) -> int:
    """Return how many pictures a .npy or .npz promises; nothing but headers is read."""
    with _refusing(path):
        if path.suffix.lower() != ".npz":
            return _array(lambda: path.open("rb"), source, any_size=any_size).pictures[0]
        count = 0
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with suppress(_ArrayError):
                    array = _array(partial(archive.open, name), source, any_size=any_size)
                    count += array.pictures[0]
        return count


def _archived(path: Path, source: Source, *, any_size: bool) -> Iterator[tuple[str, Shares]]:
    with zipfile.ZipFile(path) as archive:
        found, faults = False, []
        for name in archive.namelist():
            if not name.endswith(".npy"):
                continue

            def member(name: str = name) -> IO[bytes]:
                return archive.open(name)

            try:
                array = _array(member, source, any_size=any_size)
            except _ArrayError as fault:  # labels, for instance
                faults.append(f"{name.removesuffix('.npy')}: {fault}")
                continue
            found = True
            for block in _values(array, source):
                yield name.removesuffix(".npy"), block
        if not found:
            raise _ArrayError(
                f"none of its arrays holds pictures ({'; '.join(faults) or 'it is empty'})"
            )


def _array(open_file: Open, source: Source, *, any_size: bool) -> _Array:
    with open_file() as file:
        header = _header(file)
        start = file.tell()
    match header:
        case {"descr": kind, "fortran_order": bool(by_columns), "shape": tuple(shape)}:
            pass
        case _:
            raise _ArrayError("its header is damaged")
    if not isinstance(kind, str) or not NUMBERS.fullmatch(kind):
        words = "Python objects" if kind == "|O" else f"{kind!r}"
        raise _ArrayError(f"it holds {words}, not numbers")
    if not all(isinstance(size, int) and size >= 0 for size in shape):
        raise _ArrayError("its header is damaged")
    dtype = np.dtype(kind)
    pictures = _image_shape(shape, source, any_size=any_size)
    count, height, width = pictures
    if not count or not height * width:
        raise _ArrayError(f"its shape {shape} has nothing in it")
    each = height * width * dtype.itemsize
    if each > LARGEST or count * each > (MAX_FORTRAN_BYTES if by_columns else MAX_ARRAY_BYTES):
        raise _ArrayError(f"its shape {shape} is too large")
    return _Array(open_file, start, dtype, shape, by_columns, pictures)


def _header(file: IO[bytes]) -> object:
    """Return what stands before the values, read strictly: NumPy's own reader would mend it."""
    start = file.read(8)
    if start[:6] != MAGIC or start[6:] not in VERSIONS:
        raise _ArrayError("it does not begin as a .npy does")
    length = int.from_bytes(file.read(VERSIONS[start[6:]]), "little")
    if length > HEADER:
        raise _ArrayError(f"its header of {length:,} bytes is too long")
    try:
        return ast.literal_eval(_exactly(file, length).decode())
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # what literal_eval is known for
        raise _ArrayError("its header is damaged") from None


def _image_shape(shape: tuple[int, ...], source: Source, *, any_size: bool) -> tuple[int, int, int]:
    """Return how many pictures of which height and width an array of this shape is."""
    height, width = source.shape
    match shape:
        case (features,) if features == height * width:
            return 1, height, width
        case (count, features) if features == height * width:
            return count, height, width
        case (rows, columns) if any_size or shape == source.shape:
            return 1, rows, columns
        case (rows, columns, 1) if any_size or (rows, columns) == source.shape:
            return 1, rows, columns
        case (_, _, 3 | 4) | (_, _, _, 3 | 4):
            raise _ArrayError(f"its shape {shape} is that of colours; grey pictures are taken")
        case (count, rows, columns) | (count, 1, rows, columns) | (count, rows, columns, 1) if (
            any_size or (rows, columns) == source.shape
        ):
            return count, rows, columns
    if not source.has_images:
        raise _ArrayError(f"its shape {shape} is not that of rows of {width} numbers")
    raise _ArrayError(
        f"its shape {shape} is not that of pictures of {height} x {width}"
        if not any_size
        else f"its shape {shape} is not that of grey pictures"
    )


def _values(array: _Array, source: Source) -> Iterator[npt.NDArray[np.float32]]:
    """Yield pictures as shares of their highest value, or the rows of a table as they are."""
    if source.has_images:
        yield from _shares(array, source)
        return
    for block in array.blocks():
        with np.errstate(over="ignore"):
            rows = block.astype(np.float32)
        if not np.isfinite(rows).all():
            raise _ArrayError("it holds values that are no finite numbers")
        yield rows


def _shares(array: _Array, source: Source) -> Iterator[Shares]:
    largest = array.largest()
    ceiling = _ceiling(array, largest, source)
    if largest > ceiling:
        raise _ArrayError(
            f"it holds the value {number(largest)}; the highest of a pixel is {ceiling}"
        )
    for block in array.blocks():
        yield np.divide(block, ceiling, dtype=np.float32)


def _ceiling(array: _Array, largest: float, source: Source) -> int:
    """Return what white is: 1 among fractions, the data's own highest value, or all bits set."""
    if array.dtype.kind == "b" or (array.dtype.kind == "f" and largest <= 1):
        return 1
    if array.pictures[1:] == source.shape:
        return source.highest
    return 255 if largest <= 255 else 65_535


def _exactly(file: IO[bytes], size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise _ArrayError("it is cut short")
    return content


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    try:
        yield
    except _ArrayError as fault:
        raise CorruptFileError(f"{path} cannot be read: {fault}.") from None
    except (  # NotImplementedError is a packing that zipfile cannot undo, RuntimeError a password
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise CorruptFileError(f"{path} is damaged, or no such file: {error}.") from None
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror or error}.") from None


def array_images(values: npt.NDArray[Any], source: Source) -> Bytes:
    """Return the pictures in an array that is at hand, in rows, by the rules of one in a file."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(values), allow_pickle=False)
    try:
        array = _array(lambda: io.BytesIO(file.getvalue()), source, any_size=False)
        blocks = [np.rint(block * source.highest) for block in _shares(array, source)]
    except _ArrayError as fault:
        raise DataError(f"The array is not taken: {fault}.") from None
    rows = np.concatenate(blocks) if blocks else np.empty((0, *source.shape))
    return rows.astype(np.uint8).reshape(len(rows), -1)
