"""Damaged journals of a study: bytes, lines and values of JSON that are changed at random."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

# what a value may become
HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2, 99, 0.5, 1.5, 1e308, float("nan"), float("inf"), 10**400, "", "1", "x",
    "\x1b[31m[/]", "é" * 5000, [], {}, [[]], {"a": 1}, [0.5, 0.5], ["0.1"], [None],
)  # fmt: skip


def damaged_journals(content: bytes, seed: int) -> Iterator[bytes]:
    """Yield damaged copies of a journal, without end."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    damages = (_byte, _byte, _lines, _value, _value, _value, _value)
    while True:
        damaged = content
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            damaged = rng.choice(damages)(damaged, rng)
        yield damaged


def _byte(content: bytes, rng: random.Random) -> bytes:
    """Flip a bit, or remove, repeat or insert some bytes."""
    place = rng.randrange(len(content) + 1)
    length = rng.choice((1, 1, 2, 10, 200))
    before, piece, after = (
        content[:place],
        content[place : place + length],
        content[place + length :],
    )
    match rng.randrange(5):
        case 0 | 1:
            piece = bytes([piece[0] ^ 1 << rng.randrange(8)]) + piece[1:] if piece else piece
        case 2:
            piece = b""
        case 3:
            piece = piece * 2
        case 4:
            piece += rng.randbytes(length)
    return before + piece + after


def _lines(content: bytes, rng: random.Random) -> bytes:
    """Remove, repeat or move a line, or cut the file."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    line = lines.pop(rng.randrange(len(lines)))
    match rng.randrange(4):
        case 0:
            lines.insert(rng.randrange(len(lines) + 1), line)
        case 1:
            lines += [line, line]
        case 2:
            return content[: rng.randrange(len(content))]
    return b"".join(lines)


def _value(content: bytes, rng: random.Random) -> bytes:
    """Replace, remove or add a value of one record."""
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    number = rng.randrange(len(lines))
    try:
        record = json.loads(lines[number])
    except ValueError:
        return content
    lines[number] = json.dumps(_mutated(record, rng), separators=(",", ":")).encode() + b"\n"
    return b"".join(lines)


def _mutated(value: Any, rng: random.Random) -> Any:
    """Return a value of JSON with one change somewhere in it; JSON in a text is changed too."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        changed = dict(value)
        key = rng.choice(list(changed))
        match rng.randrange(8):
            case 0:
                del changed[key]
            case 1:
                changed[f"{key}x"] = changed.pop(key)
            case _:
                changed[key] = _mutated(changed[key], rng)
        return changed
    if isinstance(value, list) and value and rng.random() < 0.8:
        items = list(value)
        place = rng.randrange(len(items))
        items[place] = _mutated(items[place], rng)
        return items
    if isinstance(value, str) and value.startswith("{") and rng.random() < 0.8:
        try:
            return json.dumps(_mutated(json.loads(value), rng))
        except ValueError:
            pass
    return copy.deepcopy(rng.choice(HOSTILE))
