"""Images or table rows in .npy and .npz files: read in blocks, and never unpickled."""

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from zoo.config.dataset_info import Source
from zoo.data.dataset import Bytes
from zoo.data.images.constants import MAX_PIXELS
from zoo.data.npz import ArchiveError, Open, open_npz
from zoo.errors import CorruptFileError, DataError, ZooError
from zoo.files import not_read
from zoo.formatting import listed, number
from zoo.system.files import open_regular

Shapes = dict[str, tuple[int, ...]]  # by the name of an array
UnitImages = npt.NDArray[np.float32]  # (images, height, width), from 0 to 1
Blocks = Iterator[npt.NDArray[Any]]

# NumPy writes version 3.0 only for names of fields, which images do not have.
HEADER_READERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
MAX_HEADER_BYTES = 10_000
MAX_NUMBER_BYTES = 8  # a longer float has another layout on another processor
BLOCK_BYTES = 16_000_000  # converted at a time, but at least one image
PIECE_BYTES = 1_000_000  # read at a time
MAX_IMAGE_BYTES = 64_000_000
MAX_ARRAY_BYTES = 10_000_000_000  # twelve million images of MNIST
MAX_FILE_BYTES = 10_100_000_000  # with headers, and the list of an archive
MAX_FORTRAN_BYTES = 450_000_000  # an array in Fortran order cannot be read in blocks
MAX_AXES = 64  # of NumPy
MAX_SHOWN = 3  # members without images, in an error


class _ArrayError(Exception):
    """An array does not contain valid images; the message is a phrase."""


@dataclass(frozen=True)
class _Array:
    """Images as they are stored, which are read in blocks (n, height, width)."""

    dtype: np.dtype[Any]
    shape: tuple[int, int, int]  # (images, height, width)
    blocks: Callable[[], Blocks]

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
        for name, array in _arrays(path, source, any_size=any_size):
            for block in _values(array, source):
                yield name, block


def array_shapes(path: Path) -> Shapes:
    """Return the shapes of the arrays in an .npz file; only their headers are read."""
    with _errors_of(path), open_npz(path) as members:
        return {name: _header(member)[1] for name, member in members.items()}


def read_arrays(path: Path, names: Sequence[str], *, max_bytes: int) -> dict[str, npt.NDArray[Any]]:
    """Return these arrays of numbers or texts in an .npz file, each of at most so many bytes."""
    with _errors_of(path), open_npz(path) as members:
        if missing := [name for name in names if name not in members]:
            raise DataError(
                f"{path} has no array {missing[0]!r}.", hint=f"It has {listed(members)}."
            )
        return {name: _whole(name, members[name], max_bytes) for name in names}


def _whole(name: str, open_member: Open, max_bytes: int) -> npt.NDArray[Any]:
    start, shape, is_fortran, dtype = _header(open_member)
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "biufUS" or not size:
        raise _ArrayError(f"{name:.60}: expected numbers or texts, got {dtype} {shape}")
    if size > (min(max_bytes, MAX_FORTRAN_BYTES) if is_fortran else max_bytes):
        raise _ArrayError(f"{name:.60}: its shape {shape} is too large")
    with open_member() as file:
        file.read(start)
        return _read(file, size).view(dtype).reshape(shape, order="F" if is_fortran else "C")


def numpy_count(path: Path, source: Source, *, any_size: bool) -> int:
    """Return the number of images that the headers of a .npy or .npz file declare.

    Those before a damaged header count; if there are none, its error is raised.
    """
    count = 0
    try:
        with _errors_of(path):
            for _, array in _arrays(path, source, any_size=any_size):
                count += array.shape[0]
    except ZooError:
        if not count:
            raise
    return count


def _arrays(path: Path, source: Source, *, any_size: bool) -> Iterator[tuple[str, _Array]]:
    """Yield each array of images in a file, with its name; raise if there is none."""
    if path.suffix.lower() != ".npz":
        yield path.name, _array(lambda: open_regular(path), source, any_size=any_size)
        return
    has_images, problems = False, []
    with open_npz(path) as members:
        for name, open_member in members.items():
            try:
                array = _array(open_member, source, any_size=any_size)
            except _ArrayError as error:  # labels, for instance
                problems.append(f"{name:.60}: {error}")
                continue
            has_images = True
            yield name, array
    if not has_images:
        if len(problems) > MAX_SHOWN:
            problems[MAX_SHOWN:] = [f"and {len(problems) - MAX_SHOWN:,} more"]
        raise _ArrayError(
            f"none of its arrays contains images ({'; '.join(problems) or 'it is empty'})"
        )


def _array(open_file: Open, source: Source, *, any_size: bool) -> _Array:
    """Return the array in a file, if its header declares images."""
    start, shape, is_fortran, dtype = _header(open_file)
    count, height, width = _checked_shape(shape, dtype, source, any_size=any_size)
    image_bytes = height * width * dtype.itemsize
    if is_fortran and count * image_bytes > MAX_FORTRAN_BYTES:
        raise _ArrayError(f"its shape {shape} is too large in Fortran order")
    rows = max(1, BLOCK_BYTES // image_bytes)

    def blocks() -> Blocks:
        with open_file() as file:
            file.read(start)
            if is_fortran:
                values = _read(file, count * image_bytes).view(dtype).reshape(shape, order="F")
                images = values if len(values) == count else values[np.newaxis]
            for first in range(0, count, rows):
                size = min(rows, count - first)
                if is_fortran:
                    block = images[first : first + size]
                else:
                    block = _read(file, size * image_bytes).view(dtype)
                yield block.reshape(size, height, width)

    return _Array(dtype, (count, height, width), blocks)


def _read(file: IO[bytes], size: int) -> npt.NDArray[np.uint8]:
    """Return the next bytes of a file, piece by piece: zipfile copies what it has so far."""
    values = np.empty(min(size, MAX_FORTRAN_BYTES), np.uint8)  # a header may declare more
    filled = 0
    while filled < size:
        piece = file.read(min(size - filled, PIECE_BYTES))
        if not piece:
            raise _ArrayError("it is truncated")
        end = filled + len(piece)
        if end > len(values):
            values.resize(min(max(end, len(values) * 9 // 8), size), refcheck=False)
        values[filled:end] = np.frombuffer(piece, np.uint8)
        filled = end
    return values


def _header(open_file: Open) -> tuple[int, tuple[int, ...], bool, np.dtype[Any]]:
    """Return where the values start, their shape, whether in Fortran order, and their dtype."""
    with open_file() as file:
        # NumPy would read a header of any length before it refuses a long one.
        header = io.BytesIO(file.read(MAX_HEADER_BYTES))
    if not header.getvalue().startswith(np.lib.format.MAGIC_PREFIX):
        raise _ArrayError("it does not begin like a .npy file")
    try:
        read = HEADER_READERS[np.lib.format.read_magic(header)]
        shape, is_fortran, dtype = read(header)
    except Exception:  # noqa: BLE001 - a damaged one raises TokenError, IndexError and others
        raise _ArrayError(
            f"its header is damaged, truncated, or longer than {MAX_HEADER_BYTES:,} bytes"
        ) from None
    if any(isinstance(length, bool) for length in shape):  # which NumPy takes for 0 and 1
        raise _ArrayError(f"its shape {shape} is not one of whole numbers")
    if len(shape) > MAX_AXES:
        raise _ArrayError(f"it has {len(shape):,} axes")
    return header.tell(), shape, is_fortran, dtype


def _checked_shape(
    shape: tuple[int, ...], dtype: np.dtype[Any], source: Source, *, any_size: bool
) -> tuple[int, int, int]:
    """Return the (images, height, width) of an array; raise if it cannot contain images."""
    if dtype.kind not in "biuf" or dtype.itemsize > MAX_NUMBER_BYTES:
        content = "Python objects" if dtype.hasobject else f"{dtype.str!r}"
        raise _ArrayError(f"it contains {content}; expected numbers")
    count, height, width = _image_shape(shape, source, any_size=any_size)
    if min(count, height, width) < 1:
        raise _ArrayError(f"its shape {shape} is empty")
    image_bytes = height * width * dtype.itemsize
    if (
        height * width > MAX_PIXELS
        or image_bytes > MAX_IMAGE_BYTES
        or count * image_bytes > MAX_ARRAY_BYTES
    ):
        raise _ArrayError(f"its shape {shape} is too large")
    return count, height, width


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
        case (count, *axes) if axes in ([height, width], [1, height, width]):
            return count, height, width  # also of three or four columns
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
    if array.shape[1:] == source.shape:
        return source.highest
    return 255 if maximum <= 255 else 65_535


@contextmanager
def _errors_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (_ArrayError, ArchiveError) as error:
        raise CorruptFileError(f"{path} cannot be read: {error}.") from None
    except (  # NotImplementedError: unsupported compression; RuntimeError: a password
        ValueError,
        EOFError,
        NotImplementedError,
        OverflowError,
        RuntimeError,
        struct.error,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise CorruptFileError(f"{path} is damaged or is not a NumPy file: {error}.") from None
    except OSError as error:
        raise not_read(path, error) from None


def array_images(array: npt.NDArray[Any], source: Source) -> Bytes:
    """Return the images of an array in memory as (n, pixels) uint8, by the same rules as a file."""
    try:
        shape = _checked_shape(array.shape, array.dtype, source, any_size=False)
        stored = _Array(array.dtype, shape, lambda: iter([array.reshape(shape)]))
        [images] = _unit_images(stored, source)
    except _ArrayError as error:
        raise DataError(f"Invalid array: {error}.") from None
    return np.rint(images * source.highest).astype(np.uint8).reshape(len(images), -1)
