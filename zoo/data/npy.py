"""Images or table rows in .npy and .npz files: read in blocks, and never unpickled."""

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

UnitImages = npt.NDArray[np.float32]  # (images, height, width), from 0 to 1
Open = Callable[[], IO[bytes]]

MAGIC = b"\x93NUMPY"
VERSIONS = {b"\1\0": 2, b"\2\0": 4, b"\3\0": 4}  # bytes of the header's length field
MAX_HEADER_BYTES = 10_000
NUMERIC_DTYPE = re.compile(r"[<>|=](b1|[ui][1248]|f[248])")
BLOCK_BYTES = 16_000_000  # read at a time, but at least one image
MAX_IMAGE_BYTES = 64_000_000
MAX_ARRAY_BYTES = 10_000_000_000  # twelve million images of MNIST
MAX_FORTRAN_BYTES = 500_000_000  # an array in Fortran order cannot be read in blocks


class _ArrayError(Exception):
    """An array does not contain valid images; the message is a phrase."""


@dataclass(frozen=True)
class _Array:
    """The layout of an array in a file: the offset of its values, and the shape of its images."""

    open: Open
    start: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    is_fortran: bool
    image_shape: tuple[int, int, int]  # (images, height, width)

    def blocks(self) -> Iterator[npt.NDArray[Any]]:
        """Yield blocks of images, (n, height, width), with their stored values."""
        count, height, width = self.image_shape
        image_bytes = height * width * self.dtype.itemsize
        with self.open() as file:
            file.read(self.start)
            if self.is_fortran:
                values = np.frombuffer(_read_exactly(file, count * image_bytes), self.dtype)
                yield values.reshape(self.shape, order="F").reshape(self.image_shape)
                return
            rows = max(1, BLOCK_BYTES // image_bytes)
            for first in range(0, count, rows):
                size = min(rows, count - first)
                values = np.frombuffer(_read_exactly(file, size * image_bytes), self.dtype)
                yield values.reshape(size, height, width)

    def checked_max(self) -> float:
        """Return the maximum; raise if a value is negative, NaN or infinite."""
        maximum = 0.0
        for block in self.blocks():
            low, high = float(block.min()), float(block.max())
            if not (math.isfinite(low) and math.isfinite(high)):
                raise _ArrayError("it contains NaN or infinite values")
            if low < 0:
                raise _ArrayError(
                    f"it contains the value {number(low)}; the minimum of a pixel is 0"
                )
            maximum = max(maximum, high)
        return maximum


def numpy_images(path: Path, source: Source, *, any_size: bool) -> Iterator[tuple[str, UnitImages]]:
    """Yield blocks of images or rows in a .npy or .npz file, each with the name of its array.

    `any_size` accepts images of any size, instead of only the size of the source.
    """
    with _errors_of(path):
        if path.suffix.lower() == ".npz":
            yield from _npz_blocks(path, source, any_size=any_size)
        else:
            array = _array(lambda: path.open("rb"), source, any_size=any_size)
            for block in _values(array, source):
                yield path.name, block


def numpy_count(path: Path, source: Source, *, any_size: bool) -> int:
    """Return the number of images that the headers of a .npy or .npz file declare."""
    with _errors_of(path):
        if path.suffix.lower() != ".npz":
            return _array(lambda: path.open("rb"), source, any_size=any_size).image_shape[0]
        count = 0
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                with suppress(_ArrayError):
                    array = _array(partial(archive.open, name), source, any_size=any_size)
                    count += array.image_shape[0]
        return count


def _npz_blocks(path: Path, source: Source, *, any_size: bool) -> Iterator[tuple[str, UnitImages]]:
    with zipfile.ZipFile(path) as archive:
        has_images, problems = False, []
        for name in archive.namelist():
            if not name.endswith(".npy"):
                continue

            def member(name: str = name) -> IO[bytes]:
                return archive.open(name)

            try:
                array = _array(member, source, any_size=any_size)
            except _ArrayError as error:  # labels, for instance
                problems.append(f"{name.removesuffix('.npy')}: {error}")
                continue
            has_images = True
            for block in _values(array, source):
                yield name.removesuffix(".npy"), block
        if not has_images:
            raise _ArrayError(
                f"none of its arrays contains images ({'; '.join(problems) or 'it is empty'})"
            )


def _array(open_file: Open, source: Source, *, any_size: bool) -> _Array:
    with open_file() as file:
        header = _header(file)
        start = file.tell()
    match header:
        case {"descr": descr, "fortran_order": bool(is_fortran), "shape": tuple(shape)}:
            pass
        case _:
            raise _ArrayError("its header is damaged")
    if not isinstance(descr, str) or not NUMERIC_DTYPE.fullmatch(descr):
        content = "Python objects" if descr == "|O" else f"{descr!r}"
        raise _ArrayError(f"it contains {content}; expected numbers")
    if not all(isinstance(size, int) and size >= 0 for size in shape):
        raise _ArrayError("its header is damaged")
    dtype = np.dtype(descr)
    image_shape = _image_shape(shape, source, any_size=any_size)
    count, height, width = image_shape
    if not count or not height * width:
        raise _ArrayError(f"its shape {shape} is empty")
    image_bytes = height * width * dtype.itemsize
    max_bytes = MAX_FORTRAN_BYTES if is_fortran else MAX_ARRAY_BYTES
    if image_bytes > MAX_IMAGE_BYTES or count * image_bytes > max_bytes:
        raise _ArrayError(f"its shape {shape} is too large")
    return _Array(open_file, start, dtype, shape, is_fortran, image_shape)


def _header(file: IO[bytes]) -> object:
    """Return the parsed header; NumPy's own reader would accept some damaged ones."""
    start = file.read(8)
    if start[:6] != MAGIC or start[6:] not in VERSIONS:
        raise _ArrayError("it does not begin like a .npy file")
    length = int.from_bytes(file.read(VERSIONS[start[6:]]), "little")
    if length > MAX_HEADER_BYTES:
        raise _ArrayError(f"its header of {length:,} bytes is too long")
    try:
        return ast.literal_eval(_read_exactly(file, length).decode())
    except (ValueError, SyntaxError, MemoryError, RecursionError):  # all that literal_eval raises
        raise _ArrayError("its header is damaged") from None


def _image_shape(shape: tuple[int, ...], source: Source, *, any_size: bool) -> tuple[int, int, int]:
    """Return the (images, height, width) of an array of this shape."""
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
            raise _ArrayError(f"its shape {shape} is that of colour images; expected greyscale")
        case (count, rows, columns) | (count, 1, rows, columns) | (count, rows, columns, 1) if (
            any_size or (rows, columns) == source.shape
        ):
            return count, rows, columns
    if not source.has_images:
        raise _ArrayError(f"its shape is {shape}; expected rows of {width} numbers")
    raise _ArrayError(
        f"its shape is {shape}; expected images of {height} x {width}"
        if not any_size
        else f"its shape is {shape}; expected greyscale images"
    )


def _values(array: _Array, source: Source) -> Iterator[npt.NDArray[np.float32]]:
    """Yield blocks of images from 0 to 1, or of a table's unchanged rows, as float32."""
    if source.has_images:
        yield from _unit_images(array, source)
        return
    for block in array.blocks():
        with np.errstate(over="ignore"):
            rows = block.astype(np.float32)
        if not np.isfinite(rows).all():
            raise _ArrayError("it contains NaN or infinite values")
        yield rows


def _unit_images(array: _Array, source: Source) -> Iterator[UnitImages]:
    maximum = array.checked_max()
    white = _white(array, maximum, source)
    if maximum > white:
        raise _ArrayError(
            f"it contains the value {number(maximum)}; the maximum of a pixel is {white}"
        )
    for block in array.blocks():
        yield np.divide(block, white, dtype=np.float32)


def _white(array: _Array, maximum: float, source: Source) -> int:
    """Return the value of white: 1 for fractions, the source's maximum, or 8 or 16 set bits."""
    if array.dtype.kind == "b" or (array.dtype.kind == "f" and maximum <= 1):
        return 1
    if array.image_shape[1:] == source.shape:
        return source.highest
    return 255 if maximum <= 255 else 65_535


def _read_exactly(file: IO[bytes], size: int) -> bytes:
    content = file.read(size)
    if len(content) < size:
        raise _ArrayError("it is truncated")
    return content


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except _ArrayError as error:
        raise CorruptFileError(f"{path} cannot be read: {error}.") from None
    except (  # NotImplementedError: unsupported compression; RuntimeError: a password
        ValueError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise CorruptFileError(f"{path} is damaged or is not a NumPy file: {error}.") from None
    except OSError as error:
        raise DataError(f"{path} could not be read: {error.strerror or error}.") from None


def array_images(array: npt.NDArray[Any], source: Source) -> Bytes:
    """Return the images of an array in memory as (n, pixels) uint8, by the same rules as a file."""
    file = io.BytesIO()
    np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    try:
        stored = _array(lambda: io.BytesIO(file.getvalue()), source, any_size=False)
        blocks = [np.rint(block * source.highest) for block in _unit_images(stored, source)]
    except _ArrayError as error:
        raise DataError(f"Invalid array: {error}.") from None
    rows = np.concatenate(blocks) if blocks else np.empty((0, *source.shape))
    return rows.astype(np.uint8).reshape(len(rows), -1)
