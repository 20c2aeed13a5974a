"""IDX files, the format of MNIST: a magic number, the sizes, then one byte per value."""

import hashlib
import math
import struct
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from zoo.data.dataset import Bytes
from zoo.data.verified_files import read_chunks
from zoo.errors import CorruptFileError

MAX_BYTES = 100_000_000  # the largest file of MNIST has 47 million
MAX_FILE_BYTES = 101_000_000  # with a header, or with what gzip adds
UNSIGNED_BYTE = 0x08


def read_idx(path: Path, *, dimensions: int, max_bytes: int = MAX_BYTES) -> tuple[Bytes, str]:
    """Return the uint8 array in the file at `path`, gzipped or not, and its content's SHA-256."""
    return parse_idx(read_chunks(path), path, dimensions=dimensions, max_bytes=max_bytes)


def parse_idx(
    content: Iterator[bytes], path: Path, *, dimensions: int, max_bytes: int = MAX_BYTES
) -> tuple[Bytes, str]:
    """Return the uint8 array in the content of a file, and the content's SHA-256."""
    header_size = 4 + 4 * dimensions
    start = _start(content, header_size)
    shape = _shape(path, start[:header_size], dimensions, max_bytes)
    # The header is checked before anything is allocated, and it may declare more than there is.
    size = math.prod(shape)
    values = np.empty(min(size, MAX_BYTES), np.uint8)
    digest = hashlib.sha256(start[:header_size])
    filled = 0
    for piece in chain((start[header_size:],), content):
        end = filled + len(piece)
        if end > size:
            raise CorruptFileError(
                f"{path} continues after the {size:,} values that its header declares."
            )
        if end > len(values):
            values.resize(min(max(end, len(values) * 9 // 8), size), refcheck=False)
        values[filled:end] = np.frombuffer(piece, np.uint8)
        digest.update(piece)
        filled = end
    if filled < size:
        raise CorruptFileError(
            f"{path} ends after {filled:,} of the {size:,} values that its header declares."
        )
    return values.reshape(shape), digest.hexdigest()


def idx_count(path: Path, *, dimensions: int) -> int:
    """Return the number of images that the header of an IDX file declares; only that is read."""
    header_size = 4 + 4 * dimensions
    start = _start(read_chunks(path), header_size)
    return _shape(path, start[:header_size], dimensions, MAX_BYTES)[0]


def _start(content: Iterator[bytes], size: int) -> bytes:
    """Return the first pieces of a file, up to at least this size."""
    start = b""
    while len(start) < size and (piece := next(content, None)) is not None:
        start += piece
    return start


def _shape(path: Path, header: bytes, dimensions: int, max_bytes: int) -> tuple[int, ...]:
    """Return the sizes in the header, or raise if it is invalid."""
    if len(header) < 4 + 4 * dimensions:
        raise CorruptFileError(
            f"{path} is too short: an IDX header has {4 + 4 * dimensions} bytes, got {len(header)}."
        )
    magic, *shape = struct.unpack(f">I{dimensions}i", header)
    expected = UNSIGNED_BYTE << 8 | dimensions
    if magic != expected:
        raise CorruptFileError(
            f"{path} is not an IDX file of bytes in {dimensions} "
            f"{'dimension' if dimensions == 1 else 'dimensions'}: "
            f"expected {expected:#010x} at its start, got {magic:#010x}."
        )
    if min(shape) < 0:
        raise CorruptFileError(f"{path} declares a negative size: {min(shape)}.")
    if math.prod(shape) > max_bytes:
        raise CorruptFileError(
            f"{path} declares {math.prod(shape):,} values; the maximum is {max_bytes:,}."
        )
    if shape[0] and not all(shape):
        raise CorruptFileError(f"{path} declares {shape[0]:,} images without pixels.")
    return tuple(shape)
