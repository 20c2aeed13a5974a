"""PNG: every bit depth, colour type and interlacing, transparency, and nothing that is not sound.

Grey comes of colours as it does in Pillow, and of 16 bits a colour keeps the upper 8.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from .faults import Corrupt
from .raster import PIXELS_CAP, Raster

if TYPE_CHECKING:
    from collections.abc import Iterator

MAGIC = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
# of Adam7: the first row and column of each pass, and the steps to the next
PASSES = (
    (0, 0, 8, 8),
    (0, 4, 8, 8),
    (4, 0, 8, 4),
    (0, 2, 4, 4),
    (2, 0, 4, 2),
    (0, 1, 2, 2),
    (1, 0, 2, 1),
)
WHOLE = ((0, 0, 1, 1),)
BYTE, WORD = 8, 16  # bits


class _Damaged(Exception):  # noqa: N818 - what was found
    """What is wrong; the end of a sentence."""


def read(content: bytes, where: str) -> Raster:
    """Return the picture in a PNG."""
    try:
        return _Png(content, where).raster()
    except _Damaged as error:
        msg = f"{where} is a damaged picture, or one that was cut short: {error}."
        raise Corrupt(msg) from None


class _Png:
    """The chunks of a PNG, as far as they matter."""

    def __init__(self, content: bytes, where: str) -> None:
        self.where = where
        self.palette = self.transparency = b""
        self.orientation, self.frames = 1, 1
        packed = []
        chunks = _chunks(content)
        name, header = next(chunks, (b"", b""))
        if name != b"IHDR":
            msg = "it does not begin with a header"
            raise _Damaged(msg)
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
                raise _Damaged(msg)
        self.packed = packed

    def _read_header(self, header: bytes) -> None:
        if len(header) != 13:  # noqa: PLR2004 - bytes
            msg = f"its header has {len(header)} bytes"
            raise _Damaged(msg)
        found = struct.unpack(">IIBBBBB", header)
        self.width, self.height, self.depth, self.colour, packing, filtering, lacing = found
        if self.depth not in DEPTHS.get(self.colour, ()) or packing or filtering or lacing > 1:
            msg = "its header names a kind of pixels that there is not"
            raise _Damaged(msg)
        self.passes = PASSES if lacing else WHOLE
        self.bits = self.depth * CHANNELS[self.colour]
        if not self.width or not self.height:
            sizes = f"{self.width:,} x {self.height:,}"
            msg = f"{self.where} promises {sizes} pixels; there is no picture."
            raise Corrupt(msg)
        if self.width * self.height > PIXELS_CAP:
            sizes = f"{self.width:,} x {self.height:,}"
            msg = f"{self.where} promises {sizes} pixels; at most {PIXELS_CAP:,} are read."
            raise Corrupt(msg)

    def raster(self) -> Raster:
        """Return the grey values and the transparency."""
        convert = self._converter()
        lines = self._lines()
        rows: list[tuple[bytes | tuple[int, ...], bytes]]
        if len(self.passes) == 1:
            rows = [convert(line, self.width) for line in lines]
        else:
            rows = self._woven(convert, lines)
        grey = [row[0] for row in rows]
        alpha = [row[1] for row in rows] if rows[0][1] else None
        known = {"orientation": self.orientation, "frames": self.frames > 1}
        if self.colour == GREY and self.depth == WORD:
            return Raster([], wide=grey, white=65535, **known)
        return Raster(grey, alpha, **known)

    def _woven(self, convert, lines):
        """Return the rows of an interlaced picture, put together from seven smaller ones."""
        wide = self.colour == GREY and self.depth == WORD
        empty = (lambda: [0] * self.width) if wide else (lambda: bytearray(self.width))
        rows = [(empty(), bytearray(self.width)) for _ in range(self.height)]
        has_alpha = False
        for top, left, down, right in self.passes:
            width = len(range(left, self.width, right))
            if not width:
                continue
            for row in range(top, self.height, down):
                grey, alpha = convert(next(lines), width)
                rows[row][0][left::right] = grey
                if alpha:
                    has_alpha = True
                    rows[row][1][left::right] = alpha
        if wide:
            return [(tuple(grey), b"") for grey, _ in rows]
        return [(bytes(grey), bytes(alpha) if has_alpha else b"") for grey, alpha in rows]

    def _lines(self) -> Iterator[bytes]:
        """Yield every row of every pass, unfiltered; never is more unpacked than there may be."""
        sizes = []
        for top, left, down, right in self.passes:
            width = len(range(left, self.width, right))
            if width:
                sizes += [(width * self.bits + 7) // 8] * len(range(top, self.height, down))
                sizes.append(0)  # a pass begins with nothing above it
        promised = sum(size + 1 for size in sizes if size)
        pixels = self._unpacked(promised)
        start, above = 0, b""
        for size in sizes:
            if not size:
                above = b""
                continue
            above = _unfiltered(
                pixels[start], pixels[start + 1 : start + 1 + size], above, max(self.bits // 8, 1)
            )
            start += size + 1
            yield above

    def _unpacked(self, promised: int) -> bytes:
        unpacker = zlib.decompressobj()
        try:
            pixels = unpacker.decompress(b"".join(self.packed), promised)
        except zlib.error:
            msg = "its pixels cannot be unpacked"
            raise _Damaged(msg) from None
        if len(pixels) < promised:
            msg = f"it ends after {len(pixels):,} of {promised:,} bytes of pixels"
            raise _Damaged(msg)
        return pixels

    def _converter(self):
        """Return what makes grey and transparency of the bytes of a row."""
        depth, colour, transparency = self.depth, self.colour, self.transparency
        if colour == PALETTE:
            grey = bytes(range(256))
            colours = self.palette[: len(self.palette) // 3 * 3][:768]
            shades = luma(colours[::3], colours[1::3], colours[2::3])
            grey = shades + grey[len(shades) :]
            alpha = (transparency[:256] + b"\xff" * 256)[:256]
            return self._by_table(grey, alpha if transparency else b"")
        if colour == GREY and depth < WORD:
            most = (1 << depth) - 1
            grey = bytes(min(value, most) * 255 // most for value in range(256))
            if not transparency:
                return self._by_table(grey, b"")
            hidden = int.from_bytes(transparency[:2], "big")
            if depth == 1:  # which Pillow compares with what is shown
                hidden = 255 if hidden else 0
            return self._by_table(grey, bytes(0 if shade == hidden else 255 for shade in grey))
        if colour == GREY:
            return lambda line, width: (struct.unpack(f">{width}H", line), b"")
        step = depth // BYTE
        if colour == GREY_ALPHA:
            return lambda line, _: (line[:: 2 * step], line[step :: 2 * step])
        if colour == RGBA:
            each = 4 * step
            return lambda line, _: (
                luma(line[::each], line[step::each], line[2 * step :: each]),
                line[3 * step :: each],
            )
        return self._of_colours

    def _by_table(self, grey: bytes, alpha: bytes):
        depth = self.depth

        def convert(line: bytes, width: int):
            if depth < BYTE:
                line = spread(line, depth, width)
            return line.translate(grey), line.translate(alpha) if alpha else b""

        return convert

    def _of_colours(self, line: bytes, _width: int):
        step = self.depth // BYTE
        red, green, blue = (line[place * step :: 3 * step] for place in range(3))
        alpha = b""
        if self.transparency:
            hidden = tuple(self.transparency[1:6:2])  # of 16 bits, as Pillow does, the lower
            alpha = bytes(0 if one == hidden else 255 for one in zip(red, green, blue))
        return luma(red, green, blue), alpha


def luma(red: bytes, green: bytes, blue: bytes) -> bytes:
    """Return the grey of colours, by the weights of ITU-R 601 as Pillow has them."""
    if red == green == blue:
        return red
    weighed = zip(red, green, blue)
    return bytes([(r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16 for r, g, b in weighed])


def spread(line: bytes, depth: int, width: int) -> bytes:
    """Return so many values of fewer bits than a byte has, a byte each."""
    most, each = (1 << depth) - 1, BYTE // depth
    values = bytearray(len(line) * each)
    for place in range(each):
        shift = BYTE - depth * (place + 1)
        values[place::each] = bytes([byte >> shift & most for byte in line])
    return bytes(values[:width])


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the chunks whose checksums are right, up to the last."""
    start = len(MAGIC)
    while True:
        head = content[start : start + 8]
        if len(head) < 8:  # noqa: PLR2004 - the length and the name
            msg = "it ends before its last chunk"
            raise _Damaged(msg)
        size, name = struct.unpack(">I4s", head)
        body = content[start + 8 : start + 8 + size]
        check = content[start + 8 + size : start + 12 + size]
        if len(check) < 4:  # noqa: PLR2004 - its bytes
            msg = f"it ends within its chunk {name!r}"
            raise _Damaged(msg)
        if int.from_bytes(check, "big") != zlib.crc32(body, zlib.crc32(name)):
            msg = f"the checksum of its chunk {name!r} is wrong"
            raise _Damaged(msg)
        yield name, body
        if name == b"IEND":
            return
        start += 12 + size


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """Return the bytes of a row, of which the file holds the differences to those around them."""
    if kind == 0:
        return line
    if not above:
        above = bytes(len(line))
    row = bytearray(line)
    if kind == 1:
        for place in range(step, len(row)):
            row[place] = (row[place] + row[place - step]) & 255
    elif kind == 2:  # noqa: PLR2004 - the numbers of the filters
        row = bytearray([(one + other) & 255 for one, other in zip(line, above)])
    elif kind == 3:  # noqa: PLR2004
        for place in range(len(row)):
            left = row[place - step] if place >= step else 0
            row[place] = (row[place] + (left + above[place]) // 2) & 255
    elif kind == 4:  # noqa: PLR2004
        _unpaeth(row, above, step)
    else:
        msg = f"a row has the filter {kind}"
        raise _Damaged(msg)
    return bytes(row)


def _unpaeth(row: bytearray, above: bytes, step: int) -> None:
    """Add to each byte whichever of the left, the upper and the one between is nearest to it."""
    for place in range(min(step, len(row))):
        row[place] = (row[place] + above[place]) & 255
    for place in range(step, len(row)):
        left, upper, corner = row[place - step], above[place], above[place - step]
        from_left, from_upper = abs(upper - corner), abs(left - corner)
        from_corner = abs(left + upper - 2 * corner)
        if from_left <= from_upper and from_left <= from_corner:
            nearest = left
        elif from_upper <= from_corner:
            nearest = upper
        else:
            nearest = corner
        row[place] = (row[place] + nearest) & 255
