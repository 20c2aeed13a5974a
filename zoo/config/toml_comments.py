"""The comments of a TOML by key: the lines right above a key or header, and the one beside it.

In tomlkit, a comment above a header belongs to the table before it.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from zoo.config.issues import KeyPath
from zoo.config.toml_lines import statements

ABOVE = re.compile(r"(?:\A|(?<=\n))(?:[ \t]*#[^\n]*\n)+(?=[ \t]*\Z)")  # a blank line ends it
BESIDE = re.compile(r"[ \t]*#[^\n]*")


class Comments(NamedTuple):
    """The comments of a key or header, with the white space in front of them."""

    above: str = ""
    beside: str = ""


def detach(text: str) -> tuple[str, dict[KeyPath, Comments]]:
    """Return the TOML without the comments of its keys and headers, and these comments.

    A comment within a list stays in the text, and so does one above a blank line.
    """
    parts, comments, position = [], {}, 0
    for path, start, end in statements(text):
        gap = text[position:start]
        above, beside = ABOVE.search(gap), BESIDE.match(text, end)
        comments[path] = Comments(above[0] if above else "", beside[0] if beside else "")
        parts += [ABOVE.sub("", gap), text[start:end]]
        position = beside.end() if beside else end
    return "".join([*parts, text[position:]]), comments


def attach(text: str, comments: Mapping[KeyPath, Comments]) -> str:
    """Return the TOML with comments at its keys and headers; others are left out."""
    parts, position = [], 0
    for path, start, end in statements(text):
        line = text.rfind("\n", 0, start) + 1
        above, beside = comments.get(path, Comments())
        parts += [text[position:line], above, text[line:end], beside]
        position = end
    return "".join([*parts, text[position:]])
