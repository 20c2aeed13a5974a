"""A parser of the YAML in model cards: block mappings and lists, strings in quotes, numbers."""

import json
import re
from typing import Any

BLOCK = re.compile(r"\A---\n(.*?\n)---\n\n", re.DOTALL)
PAIR = re.compile(r"([a-z_-]+):(?: (.+))?")


def parse(card: str) -> dict[str, Any]:
    """Return the front matter of a card; raise AssertionError for other YAML."""
    block = BLOCK.match(card)
    assert block, "no front matter"
    lines = block[1].splitlines()
    content = _parse(lines, 0)
    assert lines == []
    assert isinstance(content, dict)
    return content


def _parse(lines: list[str], indent: int) -> Any:
    """Remove the lines of a mapping or a list from the front; return its value."""
    mapping: dict[str, Any] = {}
    items: list[Any] = []
    while lines and len(lines[0]) - len(lines[0].lstrip()) == indent:
        line = lines[0][indent:]
        if line.startswith("- ") and (scalar := line[2:])[0] in '"0123456789':
            lines.pop(0)
            items.append(json.loads(scalar))
        elif line.startswith("- "):
            lines[0] = f"{' ' * indent}  {line[2:]}"
            items.append(_parse(lines, indent + 2))
        else:
            pair = PAIR.fullmatch(line)
            assert pair, line
            assert pair[1] not in mapping, line
            lines.pop(0)
            mapping[pair[1]] = json.loads(pair[2]) if pair[2] else _parse(lines, indent + 2)
    assert bool(mapping) != bool(items), lines[:1]
    return mapping or items
