"""Text of others, escaped: it is never markup, a control character or a formula."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from zoo.control_characters import plain_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import OverflowMethod
    from rich.text import Text

FORMULA = ("=", "+", "-", "@")  # the first characters that make a spreadsheet compute a cell


def styled(text: str, style: str = "", *, overflow: OverflowMethod | None = None) -> Text:
    """Return a text for the console, in which [red] is text and not a colour."""
    from rich.text import Text

    return Text(plain_lines(text), style, overflow=overflow)


def joined(*parts: Text) -> Text:
    """Return one text of several; each keeps its style."""
    from rich.text import Text

    return Text.assemble(*parts)


def as_json(value: object, indent: int | None = None) -> str:
    """Return JSON in ASCII without control characters; json.dumps escapes all but DEL."""
    return json.dumps(value, allow_nan=False, indent=indent).replace("\x7f", "\\u007f")


def csv_row(cells: Iterable[Any]) -> str:
    """Return a line of CSV; a spreadsheet shows a cell that begins like a formula as text."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(map(_cell, cells))
    return line.getvalue()


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    is_formula = value.startswith(FORMULA) and not _is_number(value)
    return plain_lines(f"'{value}" if is_formula else value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
