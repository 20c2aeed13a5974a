"""PBM, PGM and PPM images, rewritten so that Pillow reads them at once: bytes, and 255 for white.

Pillow reads comments, text and other values for white in Python: up to minutes for 64 MB.
"""

import re
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from zoo.data.images.constants import MAX_LENGTH, MAX_PIXELS
from zoo.errors import CorruptFileError

Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[np.int64]

START = re.compile(rb"P[0-6fy]\w*(?=\s)")
TOKEN = re.compile(rb"(?:\s|#[^\r\n]*[\r\n])*([^\s#]+)")
BITS, GREY, COLOUR = {b"P1", b"P4"}, {b"P2", b"P5"}, {b"P3", b"P6"}
TEXT = {b"P1", b"P2", b"P3"}
MAX_GAP = 10_000  # bytes of the header from one number to the next
MAX_DIGITS = 10
BYTE, MAX_WHITE = 255, 65535
PIECE = 1 << 18  # bytes or values that are converted at a time


def simplify(content: bytes, where: str) -> bytes:
    """Return a PNM file with the same image, without text; any other content as it is."""
    start = START.match(content)
    if not start:
        return content
    kind = start[0]
    tokens, end = _header(content, start.end(), 2 if kind in BITS else 3, where)
    body = memoryview(content)[end:]
    if (
        kind not in TEXT and content[end : end + 1] == b"#"
    ):  # readers differ about where such an image begins
        raise CorruptFileError(f"{where} is a damaged image: its header ends in a comment.")
    if not _is_slow(kind, tokens):
        return b"%s %s\n" % (kind, b" ".join(tokens)) + body[1:]
    width, height, white = (*map(int, tokens), 1)[:3]
    values = _values(body, kind, white, width * height * (3 if kind in COLOUR else 1), where)
    if kind in BITS:
        packed = np.packbits(values.reshape(height, width), axis=1).tobytes()
        return b"P4 %d %d\n" % (width, height) + packed
    if values.itemsize > 1:
        return b"P5 %d %d %d\n" % (width, height, MAX_WHITE) + values.astype(">u2").tobytes()
    rewritten = b"P6" if kind in COLOUR else b"P5"
    return b"%s %d %d %d\n" % (rewritten, width, height, BYTE) + values.tobytes()


def _is_slow(kind: bytes, tokens: list[bytes]) -> bool:
    """Return whether Pillow would read the pixels in Python; it refuses an invalid header."""
    if not all(token.isdigit() and len(token) <= MAX_DIGITS for token in tokens):
        return False
    width, height, white = (*map(int, tokens), 1)[:3]
    if not 0 < width * height <= MAX_PIXELS or max(width, height) > MAX_LENGTH:
        return False
    if kind == b"P5":
        return 0 < white < MAX_WHITE and white != BYTE
    return 0 < white <= MAX_WHITE and (kind in TEXT or (kind == b"P6" and white != BYTE))


def _header(content: bytes, end: int, count: int, where: str) -> tuple[list[bytes], int]:
    """Return the numbers of the header, and where it ends."""
    tokens = []
    for _ in range(count):
        token = TOKEN.match(content, end, end + MAX_GAP)
        if not token:
            raise CorruptFileError(
                f"{where} is a damaged image: its header does not say how large it is."
            )
        tokens.append(token[1])
        end = token.end()
    return tokens, end


def _values(
    body: memoryview, kind: bytes, white: int, count: int, where: str
) -> npt.NDArray[np.uint8 | np.uint16]:
    """Return the values of all pixels (count,), from 0 to 255, to 65,535 or, of bits, to 1."""
    highest = 1 if kind in BITS else MAX_WHITE if kind in GREY and white > BYTE else BYTE
    scaled = np.minimum(np.rint(np.arange(MAX_WHITE + 1) / white * highest), highest)
    table = scaled.astype(np.uint16 if highest > BYTE else np.uint8)
    is_text = kind in TEXT
    stored = 1 if kind in BITS or (white <= BYTE and not is_text) else 2  # bytes, at least
    if len(body) < stored * count:
        raise _truncated(where)
    values = np.empty(count, table.dtype)
    filled = 0
    pieces = _text_pieces(body, where, is_bits=kind in BITS) if is_text else _pieces(body, white)
    for piece in pieces:
        used = piece[: count - filled]
        if is_text and used.max(initial=0) > white:
            raise CorruptFileError(
                f"{where} is a damaged image: a pixel is larger than its {white:,} for white."
            )
        values[filled : filled + len(used)] = table[used]
        filled += len(used)
        if filled == count:
            return values
    raise _truncated(where)


def _truncated(where: str) -> CorruptFileError:
    return CorruptFileError(f"{where} is a damaged or truncated image: pixels are missing.")


def _pieces(body: memoryview, white: int) -> Iterator[npt.NDArray[np.uint8 | np.uint16]]:
    stored = np.dtype(np.uint8 if white <= BYTE else ">u2")
    for start in range(1, len(body), PIECE):
        piece = body[start : start + PIECE]
        yield np.frombuffer(piece[: len(piece) // stored.itemsize * stored.itemsize], stored)


def _text_pieces(body: memoryview, where: str, *, is_bits: bool) -> Iterator[Values]:
    """Yield the numbers in a text, whose comments end with their line."""
    is_comment, rest = False, np.empty(0, np.uint8)
    for start in range(0, len(body), PIECE):
        piece = np.frombuffer(body[start : start + PIECE], np.uint8).copy()
        is_comment = _blank_comments(piece, is_comment=is_comment)
        text = np.concatenate([rest, piece])
        is_space = (text == ord(" ")) | ((text >= ord("\t")) & (text <= ord("\r")))
        is_digit = (text >= ord("0")) & (text <= ord("9"))
        is_known = is_space | is_digit
        if not is_known.all():
            end = int(is_known.argmin())
            yield _numbers(text[:end], is_digit[:end], where, is_bits=is_bits)
            raise CorruptFileError(
                f"{where} is a damaged image: not all of its pixels are numbers."
            )
        end = len(text) - int(is_space[::-1].argmax()) if is_space.any() else 0
        if start + PIECE >= len(body) or is_bits:
            end = len(text)
        rest = text[end:]
        if len(rest) > MAX_DIGITS:
            raise _too_long(where)
        yield _numbers(text[:end], is_digit[:end], where, is_bits=is_bits)


def _blank_comments(text: Bytes, *, is_comment: bool) -> bool:
    """Replace comments by spaces; return whether the last one may continue in the next piece."""
    is_hash = text == ord("#")
    if not is_comment and not is_hash.any():
        return False
    place = np.arange(1, len(text) + 1)
    is_end = (text == ord("\n")) | (text == ord("\r"))
    last_hash = np.maximum.accumulate(np.where(is_hash, place, 0))
    last_end = np.maximum.accumulate(np.where(is_end, place, -1 if is_comment else 0))
    inside = last_hash > last_end
    text[inside] = ord(" ")
    return bool(inside[-1])


def _numbers(text: Bytes, is_digit: npt.NDArray[np.bool_], where: str, *, is_bits: bool) -> Values:
    """Return the numbers in a text of digits and spaces; each digit is one if they are bits."""
    digits = text.astype(np.int64) - ord("0")
    if is_bits:
        return digits[is_digit]
    place = np.flatnonzero(is_digit & ~np.append(is_digit[1:], False))  # of each last digit
    numbers = np.zeros(len(place), np.int64)
    is_inside = np.ones(len(place), bool)
    for exponent in range(MAX_DIGITS + 1):
        if not is_inside.any():
            return numbers
        numbers += np.where(is_inside, digits[place], 0) * 10**exponent
        is_inside &= place > 0
        place = np.maximum(place - 1, 0)
        is_inside &= is_digit[place]
    raise _too_long(where)


def _too_long(where: str) -> CorruptFileError:
    return CorruptFileError(
        f"{where} is a damaged image: a number has more than {MAX_DIGITS} digits."
    )
