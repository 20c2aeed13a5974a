"""PNG files of every kind, written byte by byte: Pillow writes but a few of them."""

import struct
import zlib
from collections.abc import Callable, Sequence

DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7 = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)
MAGIC = b"\x89PNG\r\n\x1a\n"

Pixels = Sequence[Sequence[Sequence[int]]]  # rows of pixels of samples


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(
    pixels: Pixels,
    *,
    depth: int,
    colour: int,
    laced: bool = False,
    filter_of: Callable[[int], int] = lambda row: row % 5,
    before: bytes = b"",
    size: tuple[int, int] | None = None,
) -> bytes:
    """Return the file; `before` are chunks that stand before the pixels."""
    height, width = len(pixels), len(pixels[0])
    header = struct.pack(">IIBBBBB", *(size or (width, height)), depth, colour, 0, 0, laced)
    rows = b""
    for top, left, down, right in ADAM7 if laced else ((0, 0, 1, 1),):
        part = [line[left::right] for line in pixels[top::down]]
        if part and part[0]:
            rows += _filtered(
                [_packed(line, depth) for line in part], depth * CHANNELS[colour], filter_of
            )
    packed = zlib.compress(rows)
    middle = len(packed) // 2  # in two chunks, as it may be
    body = chunk(b"IDAT", packed[:middle]) + chunk(b"IDAT", packed[middle:])
    return MAGIC + chunk(b"IHDR", header) + before + body + chunk(b"IEND", b"")


def _packed(line: Sequence[Sequence[int]], depth: int) -> bytes:
    samples = [sample for pixel in line for sample in pixel]
    if depth == 16:
        return struct.pack(f">{len(samples)}H", *samples)
    bits = "".join(f"{sample:0{depth}b}" for sample in samples)
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))


def _filtered(rows: Sequence[bytes], bits: int, filter_of: Callable[[int], int]) -> bytes:
    step, above, found = max(bits // 8, 1), bytes(len(rows[0])), b""
    for number, row in enumerate(rows):
        kind = filter_of(number)
        found += bytes([kind])
        for place, value in enumerate(row):
            left = row[place - step] if place >= step else 0
            corner = above[place - step] if place >= step else 0
            upper = above[place]
            guess = (0, left, upper, (left + upper) // 2, _paeth(left, upper, corner))[kind]
            found += bytes([(value - guess) % 256])
        above = row
    return found


def _paeth(left: int, upper: int, corner: int) -> int:
    return min((left, upper, corner), key=lambda one: abs(left + upper - corner - one))
