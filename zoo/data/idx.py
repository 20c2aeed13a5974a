"""IDX files, the format of MNIST: a magic number, the sizes, then the values."""

import hashlib
import math
import struct
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from zoo.data.verified_files import read_chunks
from zoo.errors import CorruptFileError
from zoo.formatting import count

MAX_BYTES = 100_000_000  # the largest file of MNIST has 47 million
MAX_FILE_BYTES = 101_000_000  # with a header, or with what gzip adds
UNSIGNED_BYTE = 0x08
TYPES = {UNSIGNED_BYTE: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
Array = npt.NDArray[Any]


def read_idx(
    path: Path, *, dimensions: int, max_bytes: int = MAX_BYTES, any_type: bool = False
) -> tuple[Array, str]:
    """Return the array in the file at `path`, gzipped or not, and its content's SHA-256.

    It is of uint8, or with `any_type` of any type of IDX.
    """
    content = read_chunks(path)
    return parse_idx(content, path, dimensions=dimensions, max_bytes=max_bytes, any_type=any_type)


def parse_idx(
    content: Iterator[bytes],
    path: Path,
    *,
    dimensions: int,
    max_bytes: int = MAX_BYTES,
    any_type: bool = False,
) -> tuple[Array, str]:
    """Return the array in the content of a file, and the content's SHA-256."""
    header_size = 4 + 4 * dimensions
    start = _start(content, header_size)
    header = start[:header_size]
    kinds = _kinds(any_type=any_type)
    dtype, shape = _described(path, header, dimensions, max_bytes, kinds)
    # The header is checked before anything is allocated, and it may declare more than there is.
    number = math.prod(shape)
    size = number * dtype.itemsize
    values = np.empty(min(size, MAX_BYTES), np.uint8)
    digest = hashlib.sha256(header)
    filled = 0
    for piece in chain((start[header_size:],), content):
        end = filled + len(piece)
        if end > size:
            raise CorruptFileError(
                f"{path} continues after the {number:,} values that its header declares."
            )
        if end > len(values):
            values.resize(min(max(end, len(values) * 9 // 8), size), refcheck=False)
        values[filled:end] = np.frombuffer(piece, np.uint8)
        digest.update(piece)
        filled = end
    if filled < size:
        raise CorruptFileError(
            f"{path} ends after {filled // dtype.itemsize:,} of the {number:,} values that its "
            "header declares."
        )
    array = values.view(dtype).reshape(shape)
    return array.astype(dtype.newbyteorder("="), copy=False), digest.hexdigest()


def idx_count(path: Path, *, dimensions: int, any_type: bool = False) -> int:
    """Return the number of images that the header of an IDX file declares; only that is read."""
    header_size = 4 + 4 * dimensions
    start = _start(read_chunks(path), header_size)
    kinds = _kinds(any_type=any_type)
    return _described(path, start[:header_size], dimensions, MAX_BYTES, kinds)[1][0]


def _start(content: Iterator[bytes], size: int) -> bytes:
    """Return the first pieces of a file, up to at least this size."""
    start = b""
    while len(start) < size and (piece := next(content, None)) is not None:
        start += piece
    return start


def _kinds(*, any_type: bool) -> Mapping[int, str]:
    return TYPES if any_type else {UNSIGNED_BYTE: TYPES[UNSIGNED_BYTE]}


def _described(
    path: Path, header: bytes, dimensions: int, max_bytes: int, kinds: Mapping[int, str]
) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Return the type and the sizes in the header, or raise if it is invalid."""
    if len(header) < 4 + 4 * dimensions:
        raise CorruptFileError(
            f"{path} is too short: an IDX header has {4 + 4 * dimensions} bytes, got {len(header)}."
        )
    magic, *shape = struct.unpack(f">I{dimensions}i", header)
    kind = kinds.get(magic >> 8)
    if kind is None or magic & 0xFF != dimensions:
        expected = UNSIGNED_BYTE << 8 | dimensions
        raise CorruptFileError(
            f"{path} is not an IDX file of {'bytes' if len(kinds) == 1 else 'numbers'} in "
            f"{count(dimensions, 'dimension')}: "
            f"expected {expected:#010x} at its start, got {magic:#010x}."
        )
    dtype = np.dtype(kind)
    if min(shape) < 0:
        raise CorruptFileError(f"{path} declares a negative size: {min(shape)}.")
    if math.prod(shape) * dtype.itemsize > max_bytes:
        raise CorruptFileError(
            f"{path} declares {math.prod(shape):,} values; the maximum is "
            f"{max_bytes // dtype.itemsize:,}."
        )
    if shape[0] and not all(shape):
        raise CorruptFileError(f"{path} declares {shape[0]:,} images without pixels.")
    return dtype, tuple(shape)
