"""Decompression bombs: small files that declare few values and decompress to many."""

import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest

from tests.helpers.png_writer import MAGIC, chunk
from zoo.data.idx import read_idx
from zoo.errors import CorruptFileError


def peak_memory_of_bomb(path: Path, *, megabytes: int) -> int:
    """Write a gzip file of an IDX header and zeros; return the peak memory of its rejection."""
    packer = zlib.compressobj(9, wbits=31)
    with path.open("wb") as file:
        file.write(packer.compress(struct.pack(">Iiii", 0x803, 2, 1, 3)))
        for _ in range(megabytes):
            file.write(packer.compress(bytes(1_000_000)))
        file.write(packer.flush())
    tracemalloc.start()
    try:
        with pytest.raises(CorruptFileError, match="continues after the 6 values"):
            read_idx(path, dimensions=3)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def png_bomb(megabytes: int) -> bytes:
    """Return a PNG of 2 x 2 black pixels, followed by megabytes of zeros."""
    header = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    packed = zlib.compress(bytes(megabytes * 1_000_000))
    return MAGIC + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
