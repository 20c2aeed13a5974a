"""PNG decoder: every bit depth, colour type and interlacing, transparency; damage is an error.

Colours become grey as in Pillow, and 16-bit colours are cut to the upper 8 bits.
"""

from __future__ import annotations

import struct
import zlib
from array import array

from .errors import CorruptError
from .image import Raster, wide_row
from .limits import check_size

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Row = tuple[Sequence[int], Sequence[int]]  # grey values and alpha

MAGIC = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
# The passes of Adam7: first row and column, and the steps to the next.
PASSES = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)
NOT_INTERLACED = ((0, 0, 1, 1),)
BYTE, WORD = 8, 16  # bits
PIECE = 1 << 16  # bytes that are unpacked at a time
OPAQUE = 255
LOOKED_UP = {GREY, PALETTE}  # colour types whose values are looked up in a table


class _DamagedError(Exception):
    """Damage; the message is the end of a sentence."""


def read(content: bytes, where: str) -> Raster:
    """Return the image in a PNG."""
    try:
        return _Png(content, where).raster()
    except _DamagedError as error:
        msg = f"{where} is a damaged or truncated image: {error}."
        raise CorruptError(msg) from None


class _Unpacker:
    """The filtered rows, unpacked one after the other: with 16 bits all of them are 288 MB."""

    def __init__(self, packed: list[bytes], promised: int) -> None:
        self.pieces = (
            body[start : start + PIECE] for body in packed for start in range(0, len(body), PIECE)
        )
        self.promised, self.done = promised, 0
        self.unpacker = zlib.decompressobj()
        self.waiting = b""  # unpacked, and not yet read

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        while len(self.waiting) < size:
            packed = self.unpacker.unconsumed_tail or next(self.pieces, b"")
            try:
                unpacked = self.unpacker.decompress(packed, PIECE)
            except zlib.error:
                msg = "its pixels cannot be unpacked"
                raise _DamagedError(msg) from None
            if not unpacked and (self.unpacker.eof or not packed):
                end = self.done + len(self.waiting)
                msg = f"it ends after {end:,} of {self.promised:,} bytes of pixels"
                raise _DamagedError(msg)
            self.waiting += unpacked
        row, self.waiting = self.waiting[:size], self.waiting[size:]
        self.done += size
        return row


class _Png:
    """A PNG whose chunks were read and checked."""

    def __init__(self, content: bytes, where: str) -> None:
        self.where = where
        self.palette = self.transparency = b""
        self.orientation, self.frames = 1, 1
        packed = []
        chunks = _chunks(content)
        name, header = next(chunks, (b"", b""))
        if name != b"IHDR":
            msg = "it does not begin with a header"
            raise _DamagedError(msg)
        self._read_header(header)
        for name, body in chunks:
            if name == b"IDAT":
                packed.append(body)
            elif name == b"PLTE":
                self.palette = body
            elif name == b"tRNS":
                self.transparency = body
            elif name == b"acTL":
                self.frames = int.from_bytes(body[:4], "big")
            elif name == b"eXIf":
                from .exif import orientation

                self.orientation = orientation(body)
            elif not name[0] & 0x20 and name not in {b"IHDR", b"IEND"}:
                msg = f"its chunk {name!r} is none that a PNG has"
                raise _DamagedError(msg)
        self.packed = packed
        self.tables = (
            self._tables() if self.colour in LOOKED_UP and not self.is_wide else (b"", b"")
        )

    def _read_header(self, header: bytes) -> None:
        if len(header) != 13:
            msg = f"its header has {len(header)} bytes"
            raise _DamagedError(msg)
        fields = struct.unpack(">IIBBBBB", header)
        self.width, self.height, self.depth, self.colour, packing, filtering, lacing = fields
        if self.depth not in DEPTHS.get(self.colour, ()) or packing or filtering or lacing > 1:
            msg = "its header names a kind of pixels that there is not"
            raise _DamagedError(msg)
        self.passes = PASSES if lacing else NOT_INTERLACED
        self.bits = self.depth * CHANNELS[self.colour]
        self.is_wide = (self.colour, self.depth) == (GREY, WORD)
        check_size(self.width, self.height, self.where)

    def raster(self) -> Raster:
        """Return the grey values and the transparency."""
        lines = (self._grey_and_alpha(line, width) for line, width in self._lines())
        rows = list(lines) if len(self.passes) == 1 else self._deinterlaced(lines)
        orientation, has_frames = self.orientation, self.frames > 1
        if self.is_wide:
            wide = [grey for grey, _ in rows]
            return Raster([], wide=wide, white=65535, orientation=orientation, frames=has_frames)
        grey = [bytes(grey) for grey, _ in rows]
        alpha = [bytes(alpha) for _, alpha in rows] if rows[0][1] else None
        return Raster(grey, alpha, orientation=orientation, frames=has_frames)

    def _deinterlaced(self, lines: Iterator[Row]) -> list[Row]:
        """Return the rows of an interlaced image, which consists of seven smaller ones."""
        kind, blank = ("H", bytes(2 * self.width)) if self.is_wide else ("B", bytes(self.width))
        rows = [(array(kind, blank), bytearray(self.width)) for _ in range(self.height)]
        opaque = True
        for top, left, down, right in self.passes:
            for y in range(top, self.height, down) if left < self.width else ():
                grey, alpha = next(lines)
                rows[y][0][left::right] = array(kind, grey)
                if alpha:
                    opaque = False
                    rows[y][1][left::right] = alpha
        return [(grey, b"" if opaque else alpha) for grey, alpha in rows]

    def _lines(self) -> Iterator[tuple[bytes, int]]:
        """Yield every row of every pass, unfiltered, and its number of pixels."""
        widths = [
            (len(range(left, self.width, right)), top, down)
            for top, left, down, right in self.passes
        ]
        rows = [(width, len(range(top, self.height, down))) for width, top, down in widths if width]
        sizes = [((width * self.bits + 7) // 8, width, count) for width, count in rows]
        stream = _Unpacker(self.packed, sum((size + 1) * count for size, _, count in sizes))
        step = max(self.bits // BYTE, 1)
        for size, width, count in sizes:
            above = bytes(size)
            for _ in range(count):
                line = stream.read(size + 1)
                above = _unfiltered(line[0], line[1:], above, step)
                yield above, width

    def _grey_and_alpha(self, line: bytes, width: int) -> Row:
        """Return the grey values of a row, and its alpha if there is any."""
        step = self.depth // BYTE
        if self.colour in LOOKED_UP and not self.is_wide:
            grey, alpha = self.tables
            if self.depth < BYTE:
                line = unpack_bits(line, self.depth, width)
            return line.translate(grey), line.translate(alpha) if alpha else b""
        if self.is_wide:
            return wide_row(line), b""
        pixel_size = CHANNELS[self.colour] * step
        parts = [line[channel * step :: pixel_size] for channel in range(CHANNELS[self.colour])]
        if self.colour == GREY_ALPHA:
            return parts[0], parts[1]
        alpha = b"" if self.colour == RGB else parts[3]
        if self.colour == RGB and self.transparency:
            hidden = tuple(self.transparency[1:6:2])  # the lower 8 of 16 bits, as in Pillow
            alpha = bytes(0 if pixel == hidden else OPAQUE for pixel in zip(*parts))
        return luma(*parts[:3]), alpha

    def _tables(self) -> tuple[bytes, bytes]:
        """Return the grey value and the alpha of each possible value of a pixel."""
        if self.colour == PALETTE:
            colours = self.palette[: len(self.palette) // 3 * 3][:768]
            shades = luma(colours[::3], colours[1::3], colours[2::3])
            alpha = (self.transparency[:256] + b"\xff" * 256)[:256] if self.transparency else b""
            return shades + bytes(256 - len(shades)), alpha  # missing colours are black
        highest = (1 << self.depth) - 1
        grey = bytes(min(value, highest) * OPAQUE // highest for value in range(256))
        if not self.transparency:
            return grey, b""
        hidden = int.from_bytes(self.transparency[:2], "big")
        if self.depth == 1:
            hidden = OPAQUE if hidden else 0  # Pillow compares the scaled value
        return grey, bytes(0 if shade == hidden else OPAQUE for shade in grey)


def luma(red: bytes, green: bytes, blue: bytes) -> bytes:
    """Return the grey values of colours, by the weights of ITU-R 601 as in Pillow."""
    if red == green == blue:
        return red
    weighed = zip(red, green, blue)
    return bytes([(r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16 for r, g, b in weighed])


def unpack_bits(line: bytes, depth: int, width: int) -> bytes:
    """Return the values of 1, 2 or 4 bits in a line as bytes."""
    mask, per_byte = (1 << depth) - 1, BYTE // depth
    values = bytearray(len(line) * per_byte)
    for index in range(per_byte):
        shift = BYTE - depth * (index + 1)
        values[index::per_byte] = bytes([byte >> shift & mask for byte in line])
    return bytes(values[:width])


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks up to the last; raise if a checksum is wrong."""
    start = len(MAGIC)
    while True:
        head = content[start : start + 8]
        if len(head) < 8:
            msg = "it ends before its last chunk"
            raise _DamagedError(msg)
        size, name = struct.unpack(">I4s", head)
        body = content[start + 8 : start + 8 + size]
        check = content[start + 8 + size : start + 12 + size]
        if len(check) < 4:
            msg = f"it ends within its chunk {name!r}"
            raise _DamagedError(msg)
        if int.from_bytes(check, "big") != zlib.crc32(body, zlib.crc32(name)):
            msg = f"the checksum of its chunk {name!r} is wrong"
            raise _DamagedError(msg)
        yield name, body
        if name == b"IEND":
            return
        start += 12 + size


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """Return the bytes of a row without its filter, which stores differences."""
    if kind == 0:
        return line
    row = bytearray(line)
    if kind == 1:
        for index in range(step, len(row)):
            row[index] = (row[index] + row[index - step]) & 255
    elif kind == 2:
        row = bytearray([(byte + upper) & 255 for byte, upper in zip(line, above)])
    elif kind == 3:
        for index in range(len(row)):
            left = row[index - step] if index >= step else 0
            row[index] = (row[index] + (left + above[index]) // 2) & 255
    elif kind == 4:
        _undo_paeth(row, above, step)
    else:
        msg = f"a row has the filter {kind}"
        raise _DamagedError(msg)
    return bytes(row)


def _undo_paeth(row: bytearray, above: bytes, step: int) -> None:
    """Undo the Paeth filter: add the nearest of the left, upper and upper left byte."""
    for index in range(min(step, len(row))):
        row[index] = (row[index] + above[index]) & 255
    for index in range(step, len(row)):
        left, upper, corner = row[index - step], above[index], above[index - step]
        from_left, from_upper = abs(upper - corner), abs(left - corner)
        from_corner = abs(left + upper - 2 * corner)
        if from_left <= from_upper and from_left <= from_corner:
            nearest = left
        elif from_upper <= from_corner:
            nearest = upper
        else:
            nearest = corner
        row[index] = (row[index] + nearest) & 255
