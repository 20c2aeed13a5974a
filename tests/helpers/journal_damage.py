"""Damaged journals of a study: bytes, lines and values of JSON that are changed at random."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from tests.helpers.file_damage import DAMAGES

# what a value may become
HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2, 99, 0.5, 1.5, 1e308, float("nan"), float("inf"), 10**400, "", "1", "x",
    "\x1b[31m[/]", "é" * 5000, [], {}, [[]], {"a": 1}, [0.5, 0.5], ["0.1"], [None],
)  # fmt: skip


def damaged_journals(content: bytes, seed: int) -> Iterator[bytes]:
    """Yield damaged copies of a journal, without end."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    damages = (*DAMAGES, *[_value] * len(DAMAGES))
    while True:
        damaged = content
        for _ in range(rng.choice((1, 1, 1, 2, 5))):
            damaged = rng.choice(damages)(damaged, rng)
        yield damaged


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
