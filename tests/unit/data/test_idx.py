"""IDX files."""

import gzip
import hashlib
import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.bombs import peak_memory_of_bomb
from zoo.data.idx import read_idx
from zoo.errors import CorruptFileError, DataError

SMALL = struct.pack(">Iiii", 0x803, 2, 1, 3) + bytes([1, 2, 3, 4, 5, 255])
PACKED = gzip.compress(SMALL, mtime=0)  # mtime=0: the same bytes in every test run


def written(folder: Path, content: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_idx_read(tmp_path: Path, pack: type[bytes]) -> None:
    values, sha256 = read_idx(written(tmp_path, pack(SMALL)), dimensions=3)
    assert values.tolist() == [[[1, 2, 3]], [[4, 5, 255]]]
    assert values.dtype == np.uint8
    assert sha256 == hashlib.sha256(SMALL).hexdigest()


def test_idx_gzip_of_two_members(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(SMALL[:7]) + gzip.compress(SMALL[7:]))
    assert read_idx(path, dimensions=3)[1] == hashlib.sha256(SMALL).hexdigest()


def test_idx_gzip_of_many_members(tmp_path: Path) -> None:
    """40 MB of empty members took a minute; each copies what follows it."""
    path = written(tmp_path, gzip.compress(b"") * 10_001)
    with pytest.raises(CorruptFileError, match="it has more than 10,000 members"):
        read_idx(path, dimensions=3)


def test_idx_images_without_pixels(tmp_path: Path) -> None:
    """Sixteen bytes that declare two billion images."""
    path = written(tmp_path, struct.pack(">Iiii", 0x803, 2_000_000_000, 0, 28))
    with pytest.raises(CorruptFileError, match="declares 2,000,000,000 images without pixels"):
        read_idx(path, dimensions=3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is too short: an IDX header has 16 bytes, got 0."),
        (SMALL[:15], "is too short: an IDX header has 16 bytes, got 15."),
        (
            b"<!DOCTYPE html>\n<html>",
            (
                "is not an IDX file of bytes in 3 dimensions: "
                "expected 0x00000803 at its start, got 0x3c21444f."
            ),
        ),
        (
            struct.pack(">Iiii", 0x803, -1, 28, 28),
            "declares a negative size: -1.",
        ),
        (
            struct.pack(">Iiii", 0x803, 2**31 - 1, 2**31 - 1, 2**31 - 1),
            "declares 9,903,520,300,447,984,150,353,281,023 values; the maximum is 100,000,000.",
        ),
        (SMALL[:-1], "ends after 5 of the 6 values that its header declares."),
        (SMALL + b"x", "continues after the 6 values that its header declares."),
        (PACKED[:-1], "is a truncated gzip file."),
        (
            PACKED[:-8] + bytes(8),
            "is a damaged gzip file: Error -3 while decompressing data: incorrect data check.",
        ),
        (
            PACKED + b"x",
            "is a truncated gzip file.",
        ),
    ],
)
@pytest.mark.filterwarnings("error")
def test_idx_corrupt(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(CorruptFileError) as caught:
        read_idx(path, dimensions=3)
    assert str(caught.value) == f"{path} {message}"


def test_idx_bomb(tmp_path: Path) -> None:
    """A decompression bomb of 50 MB raises an error within 3 MB of memory."""
    assert peak_memory_of_bomb(tmp_path / "bomb.gz", megabytes=50) < 3_000_000


def test_idx_header_too_large(tmp_path: Path) -> None:
    """A header with too large sizes raises an error before memory is allocated."""
    path = written(tmp_path, struct.pack(">Ii", 0x801, 2_000_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(CorruptFileError, match="declares 2,000,000,000 values"):
            read_idx(path, dimensions=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_idx_unreadable(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="could not be read: Is a directory"):
        read_idx(tmp_path, dimensions=1)


def reference(content: bytes, dimensions: int) -> list[int] | None:
    """Return the values by the specification: the sizes' product is the length of the rest."""
    is_gzip = content[:2] == b"\x1f\x8b"
    if is_gzip and content[3:] and content[3] & 0xE0:
        return None  # bits that RFC 1952 reserves; Python's gzip ignores them
    try:
        plain = gzip.decompress(content) if is_gzip else content
    except (OSError, EOFError, zlib.error):
        return None
    header = 4 + 4 * dimensions
    if plain[:4] != bytes([0, 0, 8, dimensions]) or len(plain) < header:
        return None
    sizes = [int.from_bytes(plain[i : i + 4], signed=True) for i in range(4, header, 4)]
    product = 1
    for size in sizes:
        product *= size
    has_empty_images = sizes[0] > 0 and product == 0
    if min(sizes) < 0 or has_empty_images or product != len(plain) - header:
        return None
    return list(plain[header:])


def flip(content: bytes, index: int, mask: int) -> bytes:
    index %= len(content)
    return content[:index] + bytes([content[index] ^ mask]) + content[index + 1 :]


CONTENTS = st.one_of(
    st.binary(max_size=60),
    st.builds(
        lambda sizes, body: struct.pack(">I3i", 0x803, *sizes) + body,
        st.tuples(*[st.integers(-2, 4)] * 3),
        st.binary(max_size=64),
    ),
    st.builds(
        flip, st.sampled_from([SMALL, gzip.compress(SMALL)]), st.integers(0), st.integers(1, 255)
    ),
    st.builds(
        lambda content, end: content[:end],
        st.sampled_from([SMALL, gzip.compress(SMALL)]),
        st.integers(0, 60),
    ),
    st.binary(max_size=40).map(gzip.compress),
)


@given(content=CONTENTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_idx_any_bytes(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    expected = reference(content, 3)
    if expected is None:
        with pytest.raises(CorruptFileError):
            read_idx(path, dimensions=3)
    else:
        assert read_idx(path, dimensions=3)[0].ravel().tolist() == expected
