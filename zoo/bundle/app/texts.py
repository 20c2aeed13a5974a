"""Texts for people: lists of words, warnings, and what may be printed in a terminal."""

from __future__ import annotations

import os
import sys

from . import resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

WIDTH = 80  # columns of texts; measuring the terminal is slow


def listed(words: Iterable[str], *, most: int = 10) -> str:
    """Return the words as text, such as "a, b and c"; of many, the first ones and a number."""
    words = list(words)
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most:,} more"]
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last


def count(number: int, noun: str) -> str:
    """Return such as "1 row" or "2,000 rows"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def warn(text: str) -> None:
    """Write a warning to stderr."""
    program = resources.program()
    indent = " " * (len(program) + 2)
    print_line(f"{program}: warning: {printable(text)}", indent, sys.stderr)


def print_line(text: str, indent: str, stream: TextIO | None = None) -> None:
    """Print a line to stdout or another stream, wrapped at words in a terminal."""
    stream = stream or sys.stdout
    if stream.isatty() or "COLUMNS" in os.environ:
        from textwrap import fill

        text = fill(
            text,
            WIDTH,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    stream.write(f"{text}\n")


def printable(text: str) -> str:
    """Return the text with control characters escaped, which could move a terminal's cursor."""
    return "".join(char if char.isprintable() else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    byte = ord(char) - 0xDC00  # a surrogate: an undecodable byte in a file name
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else repr(char)[1:-1]
