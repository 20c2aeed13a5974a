"""Damaged copies of files of any format: bytes, lengths, numbers and lines that are changed."""

import random
import re
from collections.abc import Callable, Iterator

NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
# what a number of a text may become
HOSTILE_NUMBERS = (
    b"0", b"-1", b"1e999", b"nan", b"-inf", b"1e308", b"1" * 20, b"9" * 400, b"9" * 5000,
    b"", b"null", b"[]", b"true", b'"x"', b"0x10", b"1_0", b"4294967296", b"0.5",
)  # fmt: skip
HOSTILE_PIECES = (
    b"\0", b"\n", b'"', b"'", b",", b"[", b"{", b"[" * 6000, b"\xff\xfe", b"\xef\xbb\xbf",
    b"\x1b[31m", b"../", b"[/]", b"=", b"\\", b"\r\n", b" " * 70_000,
)  # fmt: skip
LENGTHS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**64 - 1)


def damaged_files(content: bytes, rng: random.Random) -> Iterator[bytes]:
    """Yield damaged copies of a file, without end."""
    while True:
        damaged = content
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            damaged = rng.choice(DAMAGES)(damaged, rng)
        yield damaged


Damage = Callable[[bytes, random.Random], bytes]


def _span(content: bytes, rng: random.Random) -> tuple[int, int]:
    """Return the start and the end of a piece; half of them are in the first 200 bytes."""
    start = rng.randrange(min(len(content), rng.choice((200, len(content)))) or 1)
    return start, start + rng.choice((1, 1, 2, 4, 10, 200, len(content) // 2))


def flipped(content: bytes, rng: random.Random) -> bytes:
    """Change a bit."""
    if not content:
        return content
    place, _ = _span(content, rng)
    return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]


def truncated(content: bytes, rng: random.Random) -> bytes:
    """Cut the end off."""
    return content[: _span(content, rng)[0]]


def shortened(content: bytes, rng: random.Random) -> bytes:
    """Remove a piece."""
    start, end = _span(content, rng)
    return content[:start] + content[end:]


def repeated(content: bytes, rng: random.Random) -> bytes:
    """Repeat a piece."""
    start, end = _span(content, rng)
    return content[:end] + content[start:end] * rng.choice((1, 1, 50)) + content[end:]


def inserted(content: bytes, rng: random.Random) -> bytes:
    """Insert random bytes, or some that have a meaning in a format."""
    start, end = _span(content, rng)
    piece = rng.choice((rng.randbytes(min(end - start, 1000)), rng.choice(HOSTILE_PIECES)))
    return content[:start] + piece + content[start:]


def replaced(content: bytes, rng: random.Random) -> bytes:
    """Replace a piece with random bytes."""
    start, end = _span(content, rng)
    return content[:start] + rng.randbytes(len(content[start:end])) + content[end:]


def with_a_length(content: bytes, rng: random.Random) -> bytes:
    """Replace some bytes with a number such as a length field holds."""
    start, _ = _span(content, rng)
    size = rng.choice((1, 2, 4, 8))
    number = rng.choice(LENGTHS) % (1 << 8 * size)
    field = number.to_bytes(size, "little" if rng.random() < 0.5 else "big")
    return content[:start] + field + content[start + size :]


def with_a_number(content: bytes, rng: random.Random) -> bytes:
    """Replace a decimal number of a text."""
    found = list(NUMBER.finditer(content[:20_000]))
    if not found:
        return flipped(content, rng)
    start, end = rng.choice(found).span()
    return content[:start] + rng.choice(HOSTILE_NUMBERS) + content[end:]


def with_moved_lines(content: bytes, rng: random.Random) -> bytes:
    """Move, repeat or remove a line."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    line = lines.pop(rng.randrange(len(lines)))
    for _ in range(rng.choice((0, 1, 2))):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return b"".join(lines)


DAMAGES: tuple[Damage, ...] = (
    flipped, truncated, shortened, repeated, inserted, replaced, with_a_length, with_a_number,
    with_moved_lines,
)  # fmt: skip
