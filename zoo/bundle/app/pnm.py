"""PBM, PGM and PPM decoder: P1 to P6, as text and as bytes."""

from __future__ import annotations

import re
from array import array

from .errors import CorruptError
from .image import Raster, wide_row
from .limits import check_size
from .png import luma, unpack_bits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Rows = Sequence[Sequence[int]]

# A comment ends with its line: otherwise each # in it might begin another, 2^n ways in all.
TOKEN = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*([^\s#]+)")
COMMENTS = re.compile(rb"#[^\r\n]*(?:[\r\n]+#[^\r\n]*)*")  # on lines of their own, many at once
LINE_END = re.compile(rb"[\r\n]")
MAX_WHITE = 65535
PIECE = 1 << 16  # bytes of text that are split at a time
SPACES = [bytes([code]) for code in b" \t\n\r\x0b\x0c"]
BYTE = 255


def read(content: bytes, where: str) -> Raster:
    """Return the image in a PNM file."""
    kind = content[1] - ord("0")
    is_text, is_bits, is_colour = kind <= 3, kind in {1, 4}, kind in {3, 6}
    header, start = _header(content, 2 if is_bits else 3, where)
    width, height = header[:2]
    white_value = 1 if is_bits else header[2]
    check_size(width, height, where)
    if not 0 < white_value <= MAX_WHITE:
        msg = f"{where} has {white_value:,} for white; 1 to {MAX_WHITE:,} were expected."
        raise CorruptError(msg)
    row_length = width * (3 if is_colour else 1)
    if not is_text and content[start : start + 1] == b"#":
        msg = f"{where} is a damaged image: its header ends in a comment."
        raise CorruptError(msg)
    if is_text:
        rows: Rows = _rows_of_text(content[start:], row_length, height, bits=is_bits, where=where)
    else:
        rows = _rows_of_bytes(
            content[start + 1 :], row_length, height, white_value, bits=is_bits, where=where
        )
    if is_bits:
        return Raster([bytes(0 if bit else BYTE for bit in row) for row in rows])
    if any(max(row) > white_value for row in rows) and is_text:
        msg = f"{where} is a damaged image: a pixel is larger than its {white_value:,} for white."
        raise CorruptError(msg)
    if white_value > BYTE and not is_colour:
        wide = rows
        if white_value != MAX_WHITE:
            wide = [
                array("H", [_scaled(value, white_value, MAX_WHITE) for value in row])
                for row in rows
            ]
        return Raster([], wide=wide)
    grey = [bytes(_scaled(value, white_value, BYTE) for value in row) for row in rows]
    if is_colour:
        grey = [luma(row[::3], row[1::3], row[2::3]) for row in grey]
    return Raster(grey)


def _scaled(value: int, white_value: int, white: int) -> int:
    return value if white_value == white else min(round(value / white_value * white), white)


def _header(content: bytes, count: int, where: str) -> tuple[list[int], int]:
    numbers: list[int] = []
    position = 2
    while len(numbers) < count:
        token = TOKEN.match(content, position, position + 10_000)
        if not token or not token[1].isdigit() or len(token[1]) > 9:
            msg = f"{where} is a damaged image: its header does not say how large it is."
            raise CorruptError(msg)
        numbers.append(int(token[1]))
        position = token.end()
    return numbers, position


def _rows_of_text(text: bytes, row_length: int, height: int, *, bits: bool, where: str) -> Rows:
    count = row_length * height
    values = array("I")  # four bytes for a pixel, of which the text has two or more
    for piece in _pieces(text):
        if len(values) == count:
            break
        tokens = list(map(bytes, zip(b"".join(piece.split())))) if bits else piece.split()
        tokens = tokens[: count - len(values)]
        if not all(token.isdigit() and len(token) < 7 for token in tokens):
            msg = f"{where} is a damaged image: not all of its pixels are numbers."
            raise CorruptError(msg)
        values.extend(map(int, tokens))
    if len(values) < count:
        raise _truncated(where)
    if bits and max(values) > 1:
        msg = f"{where} is a damaged image: not all of its pixels are 0 or 1."
        raise CorruptError(msg)
    view = memoryview(values)
    return [view[first : first + row_length] for first in range(0, count, row_length)]


def _pieces(text: bytes) -> Iterator[bytes]:
    """Yield a text without comments; a piece ends at a space or a comment."""
    start = 0
    while start < len(text):
        if text.startswith(b"#", start):
            end = LINE_END.search(text, start)
            start = end.start() if end else len(text)
            continue
        piece = text[start : start + PIECE]
        if start + PIECE < len(text):
            comment = piece.find(b"#", max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1)
            cut = comment if comment > 0 else max(map(piece.rfind, SPACES)) + 1
            piece = piece[:cut] or piece
        start += len(piece)
        yield COMMENTS.sub(b" ", piece)


def _rows_of_bytes(
    body: bytes, row_length: int, height: int, white_value: int, *, bits: bool, where: str
) -> Rows:
    size = -(-row_length // 8) if bits else row_length * (1 if white_value <= BYTE else 2)
    if len(body) < size * height:
        raise _truncated(where)
    rows = [body[start : start + size] for start in range(0, size * height, size)]
    if bits:
        return [unpack_bits(row, 1, row_length) for row in rows]
    if white_value > BYTE:
        return [wide_row(row) for row in rows]
    return rows


def _truncated(where: str) -> CorruptError:
    return CorruptError(f"{where} is a damaged or truncated image: pixels are missing.")
