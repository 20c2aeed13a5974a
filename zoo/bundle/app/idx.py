"""IDX, the format of MNIST's files: a magic number, the sizes, then one byte a value."""

from __future__ import annotations

import struct

from .errors import CorruptError
from .files import content, unpacked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CAP = 100_000_000  # bytes; the largest file of MNIST has 47 million
HEADER, MAGIC = 16, 0x00000803


def read(path: str) -> tuple[Iterator[bytes], tuple[int, int]]:
    """Return the pictures in the file at `path`, packed or not, and their rows and columns."""
    found = unpacked(content(path, CAP), CAP, path)
    if len(found) < HEADER:
        msg = f"{path} is too short: an IDX header has {HEADER} bytes, got {len(found)}."
        raise CorruptError(msg)
    magic, count, rows, columns = struct.unpack_from(">Iiii", found)
    if magic != MAGIC:
        msg = (
            f"{path} is not an IDX file of bytes in 3 dimensions: "
            f"expected {MAGIC:#010x} at its start, got {magic:#010x}."
        )
        raise CorruptError(msg)
    if min(count, rows, columns) < 0:
        msg = f"{path} declares a negative size: {min(count, rows, columns)}."
        raise CorruptError(msg)
    size = rows * columns
    if count * size != len(found) - HEADER:
        ends = "ends after" if len(found) - HEADER < count * size else "continues after"
        at = min(len(found) - HEADER, count * size)
        msg = f"{path} {ends} {at:,} of the {count * size:,} values that its header declares."
        raise CorruptError(msg)
    starts = range(HEADER, len(found), size or 1)
    return (found[start : start + size] for start in starts), (rows, columns)
