"""Lines of TOML with a comment beside each value."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import tomlkit

WIDTH = 100


class Setting(NamedTuple):
    """A key, its value, and a comment; a list may have a comment for each of its elements."""

    key: str
    value: object
    comment: str = ""
    comments: Mapping[str, str] = {}


def commented(settings: Sequence[Setting]) -> str:
    """Return a line for each setting, with its comment beside it, or above it if it is long."""
    key_width = max((len(setting.key) for setting in settings), default=0)
    lines = []
    for setting in settings:
        line = f"{setting.key:<{key_width}} = "
        if setting.comments and isinstance(setting.value, list):
            elements = [
                (f"    {_toml(element)},", setting.comments.get(element, ""))
                for element in setting.value
            ]
            lines += [(f"{line}[", setting.comment), *elements, ("]", "")]
        else:
            lines.append((line + _toml(setting.value), setting.comment))
    return "\n".join(_beside(lines))


def _beside(lines: Sequence[tuple[str, str]]) -> list[str]:
    """Return lines with their comments in one column, where they fit."""
    texts = [line for line, comment in lines if comment and len(line) <= WIDTH // 3]
    column = max(map(len, texts), default=0) + 2
    result = []
    for line, text in lines:
        comment = printable(text)
        if not comment:
            result.append(line)
        elif max(column, len(line) + 2) + len(comment) + 2 <= WIDTH:
            result.append(f"{line:<{column}}".ljust(len(line) + 2) + f"# {comment}")
        else:
            indent = line[: len(line) - len(line.lstrip())]
            result += [f"{indent}# {comment}", line]
    return result


def printable(text: str) -> str:
    """Return a comment without line breaks and control characters, which names may have."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_toml(element)}" for key, element in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str):  # tomlkit escapes all that TOML forbids
        return str(tomlkit.string(value).as_string())
    return str(tomlkit.item(value).as_string())
