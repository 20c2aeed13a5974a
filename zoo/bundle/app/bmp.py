"""BMP decoder: 1 to 32 bits per pixel, with and without palette and run-length encoding."""

from __future__ import annotations

import struct

from .errors import CorruptError
from .image import Raster
from .limits import check_size
from .png import luma, unpack_bits

RAW, RLE8, RLE4, FIELDS, ALPHA_FIELDS = 0, 1, 2, 3, 6
CORE_HEADER, INFO_HEADER = 12, 40  # bytes
DEFAULT_MASKS = 0x7C00, 0x03E0, 0x001F, 0  # the masks of 16-bit pixels


def read(content: bytes, where: str) -> Raster:
    """Return the image in a BMP."""
    try:
        return _read(content, where)
    except (struct.error, IndexError):
        msg = f"{where} is a damaged or truncated image."
        raise CorruptError(msg) from None


def _read(content: bytes, where: str) -> Raster:
    start, size = struct.unpack_from("<II", content, 10)
    packing = colours = 0
    if size == CORE_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", content, 18)
    elif size >= INFO_HEADER:
        header = struct.unpack_from("<iiHHIIiiI", content, 18)
        width, height, _, bits, packing, _, _, _, colours = header
    else:
        msg = f"{where} is a BMP with a header of {size:,} bytes, which is not read."
        raise CorruptError(msg)
    upside_down, height = height > 0, abs(height)
    check_size(width, height, where)
    masks = _masks(content, size, bits, packing)
    if bits in {1, 4, 8}:
        grey = _palette(content, size, start, 1 << bits, colours)
        if packing in {RLE8, RLE4}:
            rows = _decode_runs(content[start:], width, height, half=packing == RLE4)
        else:
            stride = (width * bits + 31) // 32 * 4
            rows = [
                unpack_bits(line, bits, width) if bits < 8 else line[:width]
                for line in _lines(content, start, stride, height)
            ]
        raster = Raster([row.translate(grey) for row in rows])
    elif bits in {16, 24, 32} and packing in {RAW, FIELDS, ALPHA_FIELDS}:
        lines = _lines(content, start, (width * bits + 31) // 32 * 4, height)
        raster = _true_colour(lines, width, bits, masks)
    else:
        msg = f"{where} is a BMP of a kind that is not read: {bits} bits, packed in way {packing}."
        raise CorruptError(msg)
    if upside_down:
        raster = Raster(raster.grey[::-1], raster.alpha and raster.alpha[::-1])
    return raster


def _lines(content: bytes, start: int, stride: int, height: int) -> list[bytes]:
    if len(content) < start + stride * height:
        raise IndexError
    return [content[start + row * stride : start + (row + 1) * stride] for row in range(height)]


def _palette(content: bytes, size: int, start: int, count: int, colours: int) -> bytes:
    """Return the grey value of each colour; missing colours are black."""
    step = 3 if size == CORE_HEADER else 4
    begin = 14 + size
    count = min(colours or count, count, max(start - begin, 0) // step)
    table = content[begin : begin + step * count]
    shades = luma(table[2::step], table[1::step], table[::step])
    return shades + bytes(256 - len(shades))


def _masks(content: bytes, size: int, bits: int, packing: int) -> tuple[int, int, int, int]:
    """Return the bit masks of red, green, blue and alpha."""
    if packing in {FIELDS, ALPHA_FIELDS}:
        has_alpha = size > 52 or packing == ALPHA_FIELDS
        masks = struct.unpack_from("<IIII" if has_alpha else "<III", content, 54)
        return (*masks, 0)[:4]
    if bits == 16:
        return DEFAULT_MASKS
    return 0xFF0000, 0xFF00, 0xFF, 0


def _true_colour(
    lines: list[bytes], width: int, bits: int, masks: tuple[int, int, int, int]
) -> Raster:
    step = bits // 8
    offsets = [_byte_offset(mask) for mask in masks]
    if step > 2 and None not in offsets[:3]:
        end = width * step
        red, green, blue, alpha_offset = offsets
        grey = [
            luma(line[red:end:step], line[green:end:step], line[blue:end:step]) for line in lines
        ]
        alpha = [line[alpha_offset:end:step] for line in lines] if masks[3] else None
        return Raster(grey, alpha)
    kind = {2: "H", 4: "I"}[step]
    rows = (struct.unpack_from(f"<{width}{kind}", line) for line in lines)
    return Raster(
        [
            luma(*(bytes(_channel(pixel, mask) for pixel in row) for mask in masks[:3]))
            for row in rows
        ]
    )


def _byte_offset(mask: int) -> int | None:
    return {0xFF: 0, 0xFF00: 1, 0xFF0000: 2, 0xFF000000: 3}.get(mask)


def _channel(pixel: int, mask: int) -> int:
    if not mask:
        return 0
    low = mask & -mask
    return (pixel & mask) // low * 255 // (mask // low)


def _decode_runs(body: bytes, width: int, height: int, *, half: bool) -> list[bytes]:
    """Return the rows of run-length encoded pixels: a count and a value, or 0 and a command."""
    values = bytearray()
    position = 0

    def expand(packed: bytes, count: int) -> bytes:
        return unpack_bits(packed, 4, count) if half else packed[:count]

    def fill_line() -> None:
        values.extend(bytes(-len(values) % width))

    while len(values) < width * height:
        count, value = body[position], body[position + 1]
        position += 2
        if count:
            run = bytes((value,)) * count
            values += expand(run, count)[: width - len(values) % width]
        elif value == 0:
            fill_line()
        elif value == 1:
            break
        elif value == 2:
            right, down = body[position], body[position + 1]
            position += 2
            values.extend(bytes(min(right + down * width, width * height - len(values))))
        else:
            size = (value + 1) // 2 if half else value
            packed = body[position : position + size]
            if len(packed) < size:
                raise IndexError
            values += expand(packed, value)
            position += size + size % 2
    if len(values) < width * height:
        raise IndexError
    return [bytes(values[row * width : (row + 1) * width]) for row in range(height)]
