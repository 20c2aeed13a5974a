"""PBM, PGM and PPM: P1 to P6, as text and as bytes."""

from __future__ import annotations

import re
import struct

from .errors import CorruptError
from .image import MAX_PIXELS, Raster
from .png import luma, unpack_bits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Rows = Sequence[Sequence[int]]

TOKEN = re.compile(rb"(?:\s|#[^\r\n]*)*([^\s#]+)")
MOST = 65535
BYTE = 255


def read(content: bytes, where: str) -> Raster:
    """Return the picture in a PNM."""
    kind = content[1] - ord("0")
    is_text, is_bits, is_colour = kind <= 3, kind in {1, 4}, kind in {3, 6}
    found, start = _header(content, 2 if is_bits else 3, where)
    width, height = found[:2]
    most = 1 if is_bits else found[2]
    if not 0 < width * height <= MAX_PIXELS:
        fits = f"at most {MAX_PIXELS:,} are read" if width * height else "there is no picture"
        msg = f"{where} promises {width:,} x {height:,} pixels; {fits}."
        raise CorruptError(msg)
    if not 0 < most <= MOST:
        msg = f"{where} has {most:,} for white; 1 to {MOST:,} were expected."
        raise CorruptError(msg)
    each = width * (3 if is_colour else 1)
    if is_text:
        rows: Rows = _of_text(content[start:], each, height, bits=is_bits, where=where)
    else:
        rows = _of_bytes(content[start + 1 :], each, height, most, bits=is_bits, where=where)
    if is_bits:
        return Raster([bytes(0 if one else BYTE for one in row) for row in rows])
    if any(max(row) > most for row in rows) and is_text:
        msg = f"{where} is a damaged picture: a pixel is larger than its {most:,} for white."
        raise CorruptError(msg)
    if most > BYTE and not is_colour:
        wide = rows if most == MOST else [[_scaled(one, most, MOST) for one in row] for row in rows]
        return Raster([], wide=wide)
    grey = [bytes(_scaled(one, most, BYTE) for one in row) for row in rows]
    if is_colour:
        grey = [luma(row[::3], row[1::3], row[2::3]) for row in grey]
    return Raster(grey)


def _scaled(value: int, most: int, white: int) -> int:
    return value if most == white else min(round(value / most * white), white)


def _header(content: bytes, count: int, where: str) -> tuple[list[int], int]:
    found: list[int] = []
    place = 2
    while len(found) < count:
        token = TOKEN.match(content, place, place + 10_000)
        if not token or not token[1].isdigit() or len(token[1]) > 9:
            msg = f"{where} is a damaged picture: its header does not say how large it is."
            raise CorruptError(msg)
        found.append(int(token[1]))
        place = token.end()
    return found, place


def _of_text(text: bytes, each: int, height: int, *, bits: bool, where: str) -> Rows:
    text = re.sub(rb"#[^\r\n]*", b" ", text)
    words = list(map(bytes, zip(b"".join(text.split())))) if bits else text.split()
    if len(words) < each * height:
        raise _short(where)
    words = words[: each * height]
    if not all(word.isdigit() and len(word) < 7 for word in words):
        msg = f"{where} is a damaged picture: not all of its pixels are numbers."
        raise CorruptError(msg)
    values = list(map(int, words))
    if bits and max(values) > 1:
        msg = f"{where} is a damaged picture: not all of its pixels are 0 or 1."
        raise CorruptError(msg)
    return [values[place : place + each] for place in range(0, each * height, each)]


def _of_bytes(body: bytes, each: int, height: int, most: int, *, bits: bool, where: str) -> Rows:
    size = -(-each // 8) if bits else each * (1 if most <= BYTE else 2)
    if len(body) < size * height:
        raise _short(where)
    rows = [body[place : place + size] for place in range(0, size * height, size)]
    if bits:
        return [unpack_bits(row, 1, each) for row in rows]
    if most > BYTE:
        return [struct.unpack(f">{each}H", row) for row in rows]
    return rows


def _short(where: str) -> CorruptError:
    return CorruptError(
        f"{where} is a damaged picture, or one that was cut short: pixels are missing."
    )
