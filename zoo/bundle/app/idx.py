"""IDX, the format of MNIST: a magic number, the sizes, then one byte per value."""

from __future__ import annotations

import struct

from .errors import CorruptError
from .files import decompress, read_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CAP = 100_000_000  # bytes; the largest file of MNIST has 47 million
HEADER, MAGIC = 16, 0x00000803


def read(path: str) -> tuple[Iterator[bytes], tuple[int, int]]:
    """Return the images in the file at `path`, gzipped or not, and their (rows, columns)."""
    content = decompress(read_file(path, CAP), CAP, path)
    if len(content) < HEADER:
        msg = f"{path} is too short: an IDX header has {HEADER} bytes, got {len(content)}."
        raise CorruptError(msg)
    magic, count, rows, columns = struct.unpack_from(">Iiii", content)
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
    if count * size != len(content) - HEADER:
        ends = "ends after" if len(content) - HEADER < count * size else "continues after"
        end = min(len(content) - HEADER, count * size)
        msg = f"{path} {ends} {end:,} of the {count * size:,} values that its header declares."
        raise CorruptError(msg)
    starts = range(HEADER, len(content), size or 1)
    return (content[start : start + size] for start in starts), (rows, columns)
