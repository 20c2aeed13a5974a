"""IDX, the format of MNIST's files: a magic number, the sizes, then one byte a value."""

import hashlib
import math
import struct
from itertools import chain
from pathlib import Path

import numpy as np

from zoo.data.dataset import Bytes
from zoo.data.verified_files import read_chunks
from zoo.errors import CorruptFileError

MAX_BYTES = 100_000_000  # bytes; the largest file of MNIST has 47 million
UNSIGNED_BYTE = 0x08


def read_idx(path: Path, *, dimensions: int) -> tuple[Bytes, str]:
    """Return the array in the file at `path`, packed or not, and the SHA-256 of its content."""
    content = read_chunks(path)
    header_size = 4 + 4 * dimensions
    start = b""
    for piece in content:
        start += piece
        if len(start) >= header_size:
            break
    shape = _shape(path, start[:header_size], dimensions)
    # Nothing is allocated before the header is known to be sane.
    values = np.empty(math.prod(shape), np.uint8)
    digest = hashlib.sha256(start[:header_size])
    filled = 0
    for piece in chain((start[header_size:],), content):
        end = filled + len(piece)
        if end > len(values):
            raise CorruptFileError(
                f"{path} goes on after the {len(values):,} values that its header promises."
            )
        values[filled:end] = np.frombuffer(piece, np.uint8)
        digest.update(piece)
        filled = end
    if filled < len(values):
        raise CorruptFileError(
            f"{path} ends after {filled:,} of the {len(values):,} values that its header promises."
        )
    return values.reshape(shape), digest.hexdigest()


def idx_count(path: Path) -> int:
    """Return how many pictures the header of an IDX file promises."""
    start = next(read_chunks(path), b"")
    return int.from_bytes(start[4:8], "big")


def _shape(path: Path, header: bytes, dimensions: int) -> tuple[int, ...]:
    """Return the sizes that the header states, or say what is wrong with it."""
    if len(header) < 4 + 4 * dimensions:
        raise CorruptFileError(
            f"{path} has {len(header)} bytes; an IDX header has {4 + 4 * dimensions}."
        )
    magic, *shape = struct.unpack(f">I{dimensions}i", header)
    expected = UNSIGNED_BYTE << 8 | dimensions
    if magic != expected:
        raise CorruptFileError(
            f"{path} begins with {magic:#010x}; an IDX file of bytes in {dimensions} "
            f"{'dimension' if dimensions == 1 else 'dimensions'} begins with {expected:#010x}."
        )
    if min(shape) < 0:
        raise CorruptFileError(f"{path} promises a size of {min(shape)}; no size is negative.")
    if math.prod(shape) > MAX_BYTES:
        raise CorruptFileError(
            f"{path} promises {math.prod(shape):,} values; at most {MAX_BYTES:,} are read."
        )
    return tuple(shape)
